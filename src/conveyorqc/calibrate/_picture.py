"""A picture that shows people what a calibration found, so that they can see whether it is right."""

from __future__ import annotations

import math

import numpy as np

from conveyorqc.calibrate._calibration import Calibration
from conveyorqc.calibrate._words import figures_of
from conveyorqc.core import Direction, ImageU8
from conveyorqc.detect import EntryStrip
from conveyorqc.imgproc import Bgr, Canvas, pad_image, resize, text_size

__all__ = ["calibration_picture"]

_VIEW = 960, 720
_PANEL = 430
_MARGIN, _LINE, _SMALL_LINE, _LETTER = 16, 25, 19, 10.5
_SWATCH = 26
_WHITE, _GREY, _PLATE = (255, 255, 255), (176, 168, 160), (38, 30, 26)
# Okabe and Ito's palette, made for every kind of colour vision: https://jfly.uni-koeln.de/color/
_BOX, _ARROW, _SIZE, _STRIP, _DOUBT = (233, 180, 86), (66, 228, 240), (115, 158, 0), (167, 121, 204), (0, 159, 230)


def calibration_picture(found: Calibration, /) -> ImageU8:
    """What ``found`` says, (H, W, 3) uint8 BGR.

    On the left a frame with the objects' boxes, an arrow for the way and speed of the belt, a circle as large as a
    typical object, and the entry strip shaded; on the right the figures, what is doubtful, the colours of belt and
    objects, and the empty belt.
    """
    view = _view(found)
    panel = _panel(found, height=view.shape[0])
    height = max(view.shape[0], panel.shape[0])
    left = _filled(view, height)
    return np.ascontiguousarray(np.hstack([left, _filled(panel, height)]))


def _filled(image: ImageU8, height: int) -> ImageU8:
    """``image`` on a plate of ``height`` rows."""
    canvas = Canvas(pad_image(image, left=0, top=0, right=0, bottom=height - image.shape[0]))
    canvas.fill((0, image.shape[0], image.shape[1], height), color=_PLATE)
    return canvas.image


def _view(found: Calibration) -> ImageU8:
    rows, columns = found.view.shape[:2]
    zoom = min(_VIEW[0] / columns, _VIEW[1] / rows)
    width, height = round(columns * zoom), round(rows * zoom)
    canvas = Canvas(resize(found.view, width=width, height=height, method="cubic" if zoom > 1 else "area"))
    strip = EntryStrip(found.line.direction, found.entry_strip).region(width, height)
    if found.entry_strip < 1:
        canvas.fill(strip, color=_STRIP, opacity=0.28)
    for box in found.view_boxes:
        canvas.box(box * zoom, color=_BOX, line_px=2)
    _draw_motion(canvas, found)
    _draw_size(canvas, found, scale=width / found.size[0])
    if found.entry_strip < 1:
        _label(canvas, "entry strip", x=strip[0] + 6, y=strip[3] - 8, color=_STRIP)
    _label(canvas, f"frame {found.view_frame}", x=width - 110, y=height - 8, color=_WHITE)
    return canvas.image


def _draw_motion(canvas: Canvas, found: Calibration) -> None:
    """The way of the belt; the arrow is as long as what the belt moves in half a second, within the picture."""
    height, width = canvas.image.shape[:2]
    x, y = found.line.direction.unit
    extent = width if found.line.direction.horizontal else height
    length = min(max(found.speed.value / 2 * width / found.size[0], 0.12 * extent), 0.6 * extent)
    middle = (width / 2, height / 2)
    start = middle[0] - x * length / 2, middle[1] - y * length / 2
    end = middle[0] + x * length / 2, middle[1] + y * length / 2
    canvas.arrow(start, end, color=_ARROW, line_px=4, head_px=22)
    text = f"{found.speed.value:.0f} px/s"
    aside = text_size(text, height_px=_LETTER)[0] // 2 if x else -16
    _label(canvas, text, x=round(middle[0]) - aside, y=round(middle[1]) - (22 if x else 0), color=_ARROW)


def _draw_size(canvas: Canvas, found: Calibration, *, scale: float) -> None:
    """A circle as large as a typical object, in a corner at the far end of the belt."""
    height, width = canvas.image.shape[:2]
    radius = found.diameter.value / 2 * scale
    gap = max(radius, 40.0) + 12
    at_start = found.line.direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP)
    x = gap if at_start and found.line.direction.horizontal else width - gap
    y = gap if at_start or found.line.direction.horizontal else height - gap - 20
    canvas.circle((x, y), radius=radius, color=_SIZE, line_px=3)
    if found.other_diameter is not None:
        canvas.circle((x, y), radius=found.other_diameter / 2 * scale, color=_SIZE, line_px=2)
    text = f"{found.diameter.value:.0f} px"
    _label(canvas, text, x=round(x) - text_size(text, height_px=_LETTER)[0] // 2, y=round(y) + 5, color=_SIZE)


def _label(canvas: Canvas, text: str, *, x: int, y: int, color: Bgr) -> None:
    """``text`` with its base line at (x, y), on a dark plate with a rim in ``color``."""
    width, below = text_size(text, height_px=_LETTER)
    height, columns = canvas.image.shape[:2]
    x = max(4, min(x, columns - width - 6))
    y = max(math.ceil(_LETTER) + 4, min(y, height - below - 2))
    plate = (x - 5, y - math.ceil(_LETTER) - 5, x + width + 5, y + below + 1)
    canvas.fill(plate, color=_PLATE, opacity=0.85)
    canvas.fill((plate[0], plate[1], plate[0] + 3, plate[3]), color=color)
    canvas.text(text, x=x, y=y, height_px=_LETTER, color=_WHITE)


def _panel(found: Calibration, *, height: int) -> ImageU8:
    lines = [(name, value, doubt) for name, value, doubt in figures_of(found)]
    wrapped = [_wrapped(doubt, _PANEL - 2 * _MARGIN) for _, _, doubt in lines]
    belt = found.line.detector.belt.image() if found.line.detector.kind == "background" else found.view
    zoom = min((_PANEL - 2 * _MARGIN) / belt.shape[1], 260 / belt.shape[0])
    belt_height = round(belt.shape[0] * zoom)
    needed = _MARGIN + _LINE * (len(lines) + 2) + _SMALL_LINE * sum(map(len, wrapped)) + 2 * (_SWATCH + 10)
    canvas = Canvas(np.zeros((max(height, needed + belt_height + _MARGIN), _PANEL, 3), np.uint8))
    canvas.fill((0, 0, _PANEL, canvas.image.shape[0]), color=_PLATE)
    y = _MARGIN + _LINE // 2
    for (name, value, _), doubt in zip(lines, wrapped, strict=True):
        canvas.text(name, x=_MARGIN, y=y, height_px=_LETTER, color=_GREY)
        canvas.text(value, x=_MARGIN + 130, y=y, height_px=_LETTER, color=_DOUBT if doubt else _WHITE)
        y += _LINE
        for line in doubt:
            canvas.text(line, x=_MARGIN, y=y - 4, height_px=_LETTER - 2, color=_DOUBT)
            y += _SMALL_LINE
    y = _draw_colors(canvas, found, y)
    canvas.text("the empty belt", x=_MARGIN, y=y, height_px=_LETTER, color=_GREY)
    small = resize(belt, width=round(belt.shape[1] * zoom), height=belt_height, method="linear")
    canvas.image[y + 10 : y + 10 + belt_height, _MARGIN : _MARGIN + small.shape[1]] = small
    return canvas.image


def _draw_colors(canvas: Canvas, found: Calibration, y: int) -> int:
    """Swatches of the belt and of the objects; gives the row below them."""
    rows: list[tuple[str, list[tuple[Bgr, str]]]] = [
        ("belt", [(found.belt_color, "")]),
        ("objects", [(kind.bgr, f"{kind.share:.0%}") for kind in found.object_colors]),
    ]
    for name, swatches in rows:
        canvas.text(name, x=_MARGIN, y=y + _SWATCH - 8, height_px=_LETTER, color=_GREY)
        x = _MARGIN + 130
        for color, share in swatches:
            canvas.fill((x, y, x + _SWATCH, y + _SWATCH), color=color)
            canvas.text(share, x=x + _SWATCH + 4, y=y + _SWATCH - 8, height_px=_LETTER - 3, color=_GREY)
            x += _SWATCH + 40
        y += _SWATCH + 10
    return y + _LINE // 2


def _wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines that are at most ``width`` px long."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_size(longer, height_px=_LETTER - 2)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
