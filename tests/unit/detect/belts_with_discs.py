"""Small drawn belts for the tests of this room: discs of one colour on a belt of another."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Frame, Planes
from conveyorqc.imgproc import bgr_to_yuv420, yuv420_to_bgr

WIDTH, HEIGHT, RADIUS = 160, 120, 18
BELT, BISCUIT = (150, 110, 60), (60, 140, 210)  # BGR: a blue belt, hue 107, and orange objects, hue 16


def discs(*centers, radius=RADIUS, width=WIDTH, height=HEIGHT):
    """(height, width) bool, True on the discs around ``centers``."""
    y, x = np.mgrid[:height, :width]
    return np.any([np.hypot(x + 0.5 - cx, y + 0.5 - cy) <= radius for cx, cy in centers], axis=0)


def disc_box(x, y, radius=RADIUS):
    return [x - radius, y - radius, x + radius, y + radius]


def painted(mask, *, belt=BELT, color=BISCUIT, noise=0.0, seed=0):
    """A BGR picture of ``mask``."""
    values = np.where(mask[..., None], np.array(color, float), np.array(belt, float))
    values = values + np.random.default_rng(seed).normal(0, noise, values.shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def frame_of(image, index=0):
    return Frame.from_bgr(image, index=index, time_s=index / 25)


def decoded_frame_of(image):
    """``image`` (of even size) as a frame from a video decoder: planes, and BGR on demand."""
    height, width = image.shape[:2]
    stacked = bgr_to_yuv420(image)
    planes = Planes(stacked[:height], *stacked[height:].reshape(2, height // 2, width // 2))
    return Frame.from_planes(planes, index=0, time_s=0.0, to_bgr=lambda region: yuv420_to_bgr(planes, region))
