"""Makes the pictures of the documentation again: ``python docs/make_pictures.py [FOLDER] [--demo DEMO]``.

All are drawn by the project from simulated clips. The annotated frame is taken from the video that ``conveyorqc demo``
wrote into the folder DEMO, and is left as it is without one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from conveyorqc import BeltSimulator, ColorRange, Frame, SquarePadCropper, Tracks, open_video
from conveyorqc.annotate import FrameAnnotator
from conveyorqc.core import Boxes, ImageU8, IntArray, Mask
from conveyorqc.detect import BeltComparison, BlobFinder, ColorThresholdDetector, EdgeMask, ShadowMask, learn_belt
from conveyorqc.imgproc import Canvas, blur, color_mask, encode_jpeg, resize, small_ycrcb, ycrcb_to_bgr

BELT = ColorRange("hsv", (90, 40, 140), (130, 255, 255))
RAILS = ColorRange("hsv", (0, 0, 40), (179, 40, 255))
SHADOWS = ShadowMask((ColorRange("hsv", (90, 40, 20), (130, 255, 140)),))
EDGES = EdgeMask(low=60, high=160)
DIAMETER = 67.0
BLOBS = BlobFinder(min_area=100)
CUT = BlobFinder(min_area=100, diameter=DIAMETER, join_gap=0)
JOINED = BlobFinder(min_area=100, diameter=DIAMETER)
GROUND = (40, 40, 40)
COLORS = [
    (0, 158, 230),
    (115, 158, 0),
    (233, 180, 86),
    (66, 228, 240),
    (178, 114, 0),
    (0, 94, 213),
    (167, 121, 204),
    (200, 200, 200),
    (120, 120, 250),
    (150, 220, 150),
    (90, 90, 140),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent / "images")
    parser.add_argument("--demo", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    clip = BeltSimulator(
        width=640,
        height=360,
        fps=15.0,
        seconds=20.0,
        objects=40,
        speed_px_s=150.0,
        object_diameter_px=66.0,
        broken_fraction=0.3,
        stacked_fraction=0.12,
        touching_fraction=0.3,
        seed=22,
    )
    frames = list(clip.frames())
    frame = telling(clip, frames)
    pictures = {
        "article-masks": article_masks(frame),
        "separation": separation(frame),
        "belt": belt_learned(frames, frame),
        "half-height": half_height(frames, frame),
        "views": views(clip, frames),
    }
    if asked.demo is not None:
        pictures["annotated-frame"] = annotated(asked.demo / "annotated.mp4")
    for name, picture in pictures.items():
        data = encode_jpeg(picture, quality=85)
        (asked.folder / f"{name}.jpg").write_bytes(data)
        print(f"{name}.jpg: {picture.shape[1]}x{picture.shape[0]} px, {len(data) // 1000} kB")


def telling(clip: BeltSimulator, frames: list[Frame]) -> Frame:
    """The frame that shows most: a cookie that lies in two pieces, pairs that touch, a stack."""
    known = {found.id: found for found in clip.truth.objects}

    def worth(frame: Frame) -> tuple[int, int]:
        ids, _, visible = clip.truth.boxes_at(frame.index)
        whole = [known[number] for number in ids[visible == 1].tolist()]
        touching = sum(other in ids[visible == 1] for found in whole for other in found.touching)
        if not touching or not any(found.kind == "cracked" for found in whole):
            return 0, 0
        mask = object_mask(frame)
        in_pieces = len(CUT.find(mask)[1]) - len(JOINED.find(mask)[1])
        return min(in_pieces, 1), touching + 2 * any(found.label == "stacked" for found in whole)

    return max(frames, key=worth)


def object_mask(frame: Frame) -> Mask:
    """What is neither belt nor rail nor shadow."""
    return different_from_belt(frame) & ~SHADOWS(frame.bgr)


def different_from_belt(frame: Frame) -> Mask:
    return ~color_mask(frame.bgr, color=BELT) & ~color_mask(frame.bgr, color=RAILS)


def article_masks(frame: Frame) -> ImageU8:
    """The article's recipe, step by step."""
    return sheet(
        ("a frame", frame.bgr),
        ("neither belt nor rail", as_picture(different_from_belt(frame))),
        ("less the shadow mask", as_picture(object_mask(frame))),
        ("less the edge mask", as_picture(object_mask(frame) & ~EDGES(frame.bgr))),
    )


def separation(frame: Frame) -> ImageU8:
    """From a mask to objects: blobs as they are, cut at necks, and joined."""
    mask = object_mask(frame)
    detector = ColorThresholdDetector(belt=[BELT, RAILS], shadow=SHADOWS, blobs=JOINED)
    return sheet(
        ("blobs of the mask", colored(BLOBS.find(mask)[0])),
        ("cut at their necks", colored(CUT.find(mask)[0])),
        ("pieces joined", colored(JOINED.find(mask)[0])),
        ("objects", boxed(frame, detector.detect(frame).boxes)),
    )


def belt_learned(frames: list[Frame], frame: Frame) -> ImageU8:
    """The empty belt, learned from frames that all show objects."""
    samples = [small(one) for one in frames[100::6]]
    belt = learn_belt(samples)
    different = BeltComparison.of(belt, sensitivity=4.0, reach=1).foreground(small(frame))
    return sheet(
        ("a frame of the clip", frame.bgr),
        (f"the belt, learned from {len(samples)} such frames", ycrcb_to_bgr(belt.picture)),
        ("what differs from it", as_picture(different)),
        ("the same as objects", colored(BlobFinder(min_area=100, diameter=DIAMETER).find(different, scale=2.0)[0])),
    )


def half_height(frames: list[Frame], frame: Frame) -> ImageU8:
    """A blurred frame: neighbours that grow together above the noise come apart at half height."""
    belt = learn_belt([small(one) for one in frames[100::6]])
    soft = np.rint(blur(small(frame), sigma=1.2)).astype(np.uint8)
    luma, red, blue = np.ascontiguousarray(np.moveaxis(soft, 2, 0))
    comparison = BeltComparison.of(belt, sensitivity=4.0, reach=1)
    difference = comparison.difference((luma, red, blue))
    return sheet(
        ("a frame, blurred", ycrcb_to_bgr(soft)),
        ("how far it differs from the belt", np.repeat(difference[..., None], 3, axis=2)),
        ("all that differs", as_picture(difference > 0)),
        ("edges at half height", as_picture(comparison.objects(difference))),
    )


def small(frame: Frame) -> ImageU8:
    """Y Cr Cb at half the resolution."""
    return small_ycrcb(frame, width=frame.width // 2, height=frame.height // 2)


def views(clip: BeltSimulator, frames: list[Frame]) -> ImageU8:
    """Square views as the cropper cuts them: a row of normal and a row of anomalous objects."""
    cropper = SquarePadCropper(size=160)
    rows: dict[bool, list[ImageU8]] = {False: [], True: []}
    for found in clip.truth.objects:
        if found.fully_in_frame is None:
            continue
        frame = frames[min(found.fully_in_frame + 20, len(frames) - 1)]
        ids, boxes, visible = clip.truth.boxes_at(frame.index)
        here = (ids == found.id) & (visible == 1)
        rows[found.anomaly] += [crop.image for crop in cropper.crop(frame, Tracks(ids[here], boxes[here]))]
    return np.vstack([np.hstack(row[:6]) for row in rows.values()])


def annotated(video: Path) -> ImageU8:
    """A frame of an annotated video, three quarters through: there is something of everything by then."""
    source = open_video(video)
    wanted = int(0.747 * (source.declared_frames or 500))
    picture = next(frame.bgr for frame in source if frame.index == wanted)
    return resize(picture, width=960, height=540, method="area")


def boxed(frame: Frame, boxes: Boxes) -> ImageU8:
    numbers = np.arange(1, len(boxes) + 1)
    return FrameAnnotator(line_width=3.0, font_scale=1.6).draw(frame, Tracks(numbers, boxes), dispositions={})


def as_picture(mask: Mask) -> ImageU8:
    return np.repeat(mask[..., None] * np.uint8(255), 3, axis=2)


def colored(labels: IntArray) -> ImageU8:
    """Each label in a colour of its own."""
    palette = np.array([GROUND, *(COLORS[i % len(COLORS)] for i in range(int(labels.max())))], np.uint8)
    return np.asarray(palette[labels])


def sheet(*panels: tuple[str, ImageU8]) -> ImageU8:
    """Four panels, two by two, each under its title."""
    tiles = [titled(title, resize(picture, width=480, height=270, method="area")) for title, picture in panels]
    return np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])


def titled(title: str, picture: ImageU8) -> ImageU8:
    canvas = Canvas(np.pad(picture, ((26, 6), (3, 3), (0, 0)), constant_values=255))
    canvas.text(title, x=6, y=18, height_px=10, color=(40, 40, 40))
    return canvas.image


if __name__ == "__main__":
    main()
