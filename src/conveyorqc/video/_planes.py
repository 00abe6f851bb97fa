"""A decoded picture as a `Frame`: planes as views of the decoder's memory, colour only on demand."""

from __future__ import annotations

from functools import partial

import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from conveyorqc.core import Frame, ImageU8, Planes, Region
from conveyorqc.imgproc import YuvLevels, YuvMatrix, yuv420_to_bgr

__all__ = ["quarter_turns", "to_frame"]

# AVColorSpace and AVColorRange of FFmpeg (libavutil/pixfmt.h); what is not here is taken for BT.601.
_MATRICES: dict[int, YuvMatrix] = {1: "bt709", 9: "bt2020", 10: "bt2020"}
_FULL_RANGE = 2


def to_frame(picture: VideoFrame, /, *, index: int, time_s: float, turns: int) -> Frame:
    """``picture`` as a frame, turned counter-clockwise by ``turns`` quarter turns.

    8-bit 4:2:0 keeps its planes; any other format is converted as a whole by PyAV when someone asks for colour.
    """
    planes = _planes(picture, turns)
    if planes is not None:
        levels: YuvLevels = "full" if _is_full_range(picture) else "limited"
        convert = partial(yuv420_to_bgr, planes, matrix=_MATRICES.get(picture.colorspace, "bt601"), levels=levels)
        return Frame.from_planes(planes, index=index, time_s=time_s, to_bgr=convert)
    width, height = picture.width, picture.height
    if turns % 2:
        width, height = height, width
    return Frame.deferred(width, height, index=index, time_s=time_s, to_bgr=_Reformatted(picture, turns))


def quarter_turns(picture: VideoFrame, /) -> int:
    """How many quarter turns counter-clockwise make ``picture`` upright, from its display matrix; 0 without one."""
    return round(picture.rotation / 90) % 4


class _Reformatted:
    """Converts the whole picture through PyAV, once."""

    def __init__(self, picture: VideoFrame, turns: int) -> None:
        self._picture = picture
        self._turns = turns
        self._bgr: ImageU8 | None = None

    def __call__(self, region: Region, /) -> ImageU8:
        if self._bgr is None:
            whole = np.asarray(self._picture.to_ndarray(format="bgr24"), dtype=np.uint8)
            self._bgr = np.rot90(whole, self._turns)
        x0, y0, x1, y1 = region
        return self._bgr[y0:y1, x0:x1]


def _is_full_range(picture: VideoFrame) -> bool:
    return picture.color_range == _FULL_RANGE or picture.format.name == "yuvj420p"


def _planes(picture: VideoFrame, turns: int) -> Planes | None:
    """Views, which keep the picture's memory alive."""
    kind = picture.format.name
    if kind in ("yuv420p", "yuvj420p"):
        luma, cb, cr = (_view(plane, plane.width) for plane in picture.planes)
    elif kind == "nv12":
        luma, both = _view(picture.planes[0], picture.width), _view(picture.planes[1], 2 * picture.planes[1].width)
        cb, cr = both[:, 0::2], both[:, 1::2]
    else:
        return None
    if turns:
        luma, cb, cr = (np.rot90(plane, turns) for plane in (luma, cb, cr))
    return Planes(luma, cb, cr)


def _view(plane: VideoPlane, width: int) -> NDArray[np.uint8]:
    """The plane without the padding at the end of each line."""
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, :width]
