"""Maps of objects laid over one another: turned, shifted and scaled until they fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, Mask
from conveyorqc.imgproc._opencv import cv2

__all__ = ["base_pose", "posed", "refined_pose"]

_Map = NDArray[np.float32]


def base_pose(inside: Mask, /, *, scale: float, by_axis: bool) -> FloatArray:
    """(2, 3) the affine map from a common grid to the cells of one view, so that the centre of the object is in the
    middle.

    Args:
        inside: (g, g) bool, where the object is; at least one cell.
        scale: cells of the view per cell of the common grid.
        by_axis: whether the long axis of the object is laid along x, its heavier half first.
    """  # noqa: D205 (the thought needs its second half)
    y, x = np.nonzero(inside)
    center, turn = np.array([x.mean(), y.mean()]), 0.0
    if by_axis:
        offsets = np.stack([x, y]) - center[:, None]
        _, axes = np.linalg.eigh(offsets @ offsets.T)
        turn = float(np.arctan2(axes[1, 1], axes[0, 1]))
        if ((offsets.T @ axes[:, 1]) ** 3).sum() < 0:
            turn += np.pi
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    middle = (np.array(inside.shape[::-1]) - 1) / 2
    return np.column_stack([linear, center - linear @ middle])


def posed(cells: _Map, pose: FloatArray, /, *, size: int) -> _Map:
    """(size, size, d) the (g, g, d) cells on the common grid, g a multiple of ``size``."""
    side, depth = cells.shape[0], cells.shape[2]
    laid = np.empty((size, size, depth), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for first in range(0, depth, 4):  # OpenCV warps at most four channels at a time
        part = np.ascontiguousarray(cells[..., first : first + 4])
        turned = cv2.warpAffine(part, pose, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        small = cv2.resize(turned, (size, size), interpolation=cv2.INTER_AREA)
        laid[..., first : first + 4] = small.reshape(size, size, -1)
    return laid


def refined_pose(plane: _Map, pose: FloatArray, template: _Map, /) -> FloatArray:
    """``pose`` turned and shifted a little, so that the (g, g) plane of a view fits the template better.

    G. Evangelidis and E. Psarakis (2008), DOI 10.1109/TPAMI.2008.113. Where that finds no fit nearby, the pose stays.
    """
    size = plane.shape[::-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(plane, pose, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    start, stop = np.eye(2, 3, dtype=np.float32), (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 1e-3)
    try:
        _, change = cv2.findTransformECC(template, laid, start, cv2.MOTION_EUCLIDEAN, stop)
    except cv2.error:
        return pose
    if not np.isfinite(change).all() or np.abs(change[:, 2]).max() > plane.shape[0] / 4:
        return pose
    return np.asarray((np.vstack([pose, [0, 0, 1]]) @ np.vstack([change, [0, 0, 1]]))[:2])
