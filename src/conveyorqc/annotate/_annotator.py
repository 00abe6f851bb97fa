"""`FrameAnnotator`: what the line knows about a frame, drawn on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from conveyorqc.core import Boxes, Disposition, Frame, ImageU8, LedgerCounts, Tracks
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import Bgr, Canvas, text_size

__all__ = ["FrameAnnotator"]

_DESIGN_ROWS = 720  # sizes below are px in a frame this high
_LETTER_PX = 11.0
_WHITE, _BLACK, _PLATE = (255, 255, 255), (0, 0, 0), (38, 30, 26)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one state looks. The word tells it apart where colour does not."""

    word: str
    color: Bgr
    ink: Bgr
    weight: float = 1.0


# Okabe and Ito's palette, made for every kind of colour vision: https://jfly.uni-koeln.de/color/
_STYLES = {
    None: _Style("", (233, 180, 86), _BLACK),
    Disposition.PASS: _Style("PASS", (115, 158, 0), _WHITE),
    Disposition.REJECT: _Style("REJECT", (0, 94, 213), _WHITE, weight=1.6),
    Disposition.UNKNOWN: _Style("UNKNOWN", (0, 190, 240), _BLACK),
}


class FrameAnnotator:
    """Draws boxes, identities, verdicts and running counts.

    Sizes follow the height of the frame, so that the drawing reads the same at any resolution.

    Args:
        line_width: of the boxes, px in a frame of 720 rows; wider hides more of the object's edge.
        font_scale: size of all text; 1 is readable in a frame of 720 rows without hiding neighbours.

    Raises:
        InvalidInput: if a size is not above 0 and at most 10.
    """

    def __init__(self, *, line_width: float = 2.0, font_scale: float = 1.0) -> None:
        for name, value in (("line_width", line_width), ("font_scale", font_scale)):
            if not 0 < value <= 10:
                raise InvalidInput(f"{name}: expected a number in 0-10, got {value}")
        self._line_width = line_width
        self._font_scale = font_scale

    def draw(
        self,
        frame: Frame,
        tracks: Tracks,
        /,
        *,
        dispositions: Mapping[int, tuple[Disposition, float | None]],
        counts: LedgerCounts | None = None,
    ) -> ImageU8:
        """A new picture, (H, W, 3) uint8 BGR: ``frame`` with every object of ``tracks`` marked.

        Args:
            frame: the picture, which stays as it is.
            tracks: where the objects are.
            dispositions: what was decided, and how sure the verdict is in [0, 1] if that is known, by object id;
                objects that are not in it are shown as still in view. Ids that left the frame do no harm.
            counts: shown in a banner along the upper edge, or None for no banner.
        """
        canvas = Canvas(frame.bgr)
        scale = frame.height / _DESIGN_ROWS
        letter = max(6.0, _LETTER_PX * scale * self._font_scale)
        styles = [dispositions.get(object_id, (None, None)) for object_id in tracks.ids.tolist()]
        for box, (disposition, _) in zip(tracks.boxes, styles, strict=True):
            style = _STYLES[disposition]
            line = max(1, round(self._line_width * style.weight * scale))
            canvas.box(box, color=style.color, line_px=line)
        # Labels go on top of all boxes, so that no neighbour's line runs through one.
        for object_id, box, (disposition, confidence) in zip(tracks.ids.tolist(), tracks.boxes, styles, strict=True):
            _draw_label(canvas, _label(object_id, disposition, confidence), box, _STYLES[disposition], letter)
        if counts is not None:
            _draw_banner(canvas, counts, letter * 1.15)
        return canvas.image


def _label(object_id: int, disposition: Disposition | None, confidence: float | None) -> str:
    parts = [f"#{object_id}", _STYLES[disposition].word, "" if confidence is None else f"{confidence:.0%}"]
    return " ".join(part for part in parts if part)


def _draw_label(canvas: Canvas, text: str, box: Boxes, style: _Style, letter: float) -> None:
    """A plate above the box, or just inside it where the frame ends."""
    height, width = canvas.image.shape[:2]
    pad = max(2, round(0.35 * letter))
    text_width, _ = text_size(text, height_px=letter)
    plate_width, plate_height = text_width + 2 * pad, math.ceil(letter) + 2 * pad
    left = max(0, min(round(box[0]), width - plate_width))
    top = round(box[1]) - plate_height
    if top < 0:
        top = max(0, min(round(box[1]), height - plate_height))
    canvas.fill((left, top, left + plate_width, top + plate_height), color=style.color)
    canvas.text(text, x=left + pad, y=top + pad + math.ceil(letter), height_px=letter, color=style.ink)


def _draw_banner(canvas: Canvas, counts: LedgerCounts, letter: float) -> None:
    """One line of figures on a dark plate in the upper left corner, shrunk where the frame is too narrow for it."""
    figures = [
        (f"entered {counts.entered}", _WHITE),
        (f"passed {counts.passed}", _STYLES[Disposition.PASS].color),
        (f"rejected {counts.rejected}", _STYLES[Disposition.REJECT].color),
        (f"unknown {counts.unknown}", _STYLES[Disposition.UNKNOWN].color),
        (f"in flight {counts.in_flight}", _STYLES[None].color),
    ]
    room = canvas.image.shape[1]
    wanted = sum(text_size(text, height_px=letter)[0] + 3.2 * letter for text, _ in figures) + letter
    letter *= min(1.0, room / wanted)
    pad, swatch = round(0.8 * letter), max(2, round(0.7 * letter))
    height = math.ceil(letter) + 2 * pad
    canvas.fill((0, 0, min(room, math.ceil(wanted)), height), color=_PLATE, opacity=0.82)
    x = pad
    for text, color in figures:
        middle = height // 2
        canvas.fill((x, middle - swatch // 2, x + swatch, middle - swatch // 2 + swatch), color=color)
        x += swatch + pad
        canvas.text(text, x=x, y=pad + math.ceil(letter), height_px=letter, color=_WHITE)
        x += text_size(text, height_px=letter)[0] + 2 * pad
