"""The loop in your own hands: each step is an object with one verb, and what flows between them is a plain record.

    frame -> detections -> tracks -> crops -> verdicts -> one verdict per object

Take what you need, leave out what you do not, put your own class in the place of any step. `InspectionLine`
(see own_line.py) is this loop with a ledger, sinks, and an answer to everything that can fail.
"""

from __future__ import annotations

from collections import Counter

from conveyorqc import (
    BeltSimulator,
    BestViews,
    ByTravel,
    CentroidTracker,
    ColorRange,
    ColorThresholdDetector,
    Direction,
    MaxPolicy,
    PhaseMotion,
    SquarePadCropper,
)
from conveyorqc.detect import BlobFinder, ShadowMask
from own_backend import Compactness

DIAMETER = 57.0  # px, of a usual object

BLUE_BELT = ColorRange("hsv", (90, 40, 90), (130, 255, 255))
STEEL_RAILS = ColorRange("hsv", (0, 0, 40), (179, 40, 255))
SHADOWS = ShadowMask((ColorRange("hsv", (90, 40, 20), (130, 255, 120)),))


def main() -> None:
    clip = BeltSimulator(width=640, height=360, seconds=8.0, objects=12, speed_px_s=160.0, seed=5)

    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    schedule = ByTravel(motion, distance=0.35 * DIAMETER)
    detector = ColorThresholdDetector(
        belt=[BLUE_BELT, STEEL_RAILS], shadow=SHADOWS, blobs=BlobFinder(min_area=400, diameter=DIAMETER)
    )
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=0.5 * DIAMETER)
    cropper = SquarePadCropper(segmenter=detector)
    views = BestViews(keep=3)
    backend = Compactness()
    policy = MaxPolicy()

    decided = Counter[str]()
    for frame in clip.frames():
        detections = detector.detect(frame) if schedule.due(frame) else None  # None: nobody looked
        tracks = tracker.update(frame, detections)
        for crop in cropper.crop(frame, tracks):
            views.offer(crop)
        for object_id in tracks.ended:
            crops = views.take(object_id)
            verdicts = backend.inspect([crop.image for crop in crops], masks=[crop.mask for crop in crops])
            verdict = policy.decide(verdicts)
            label = "anomaly" if verdict.is_anomalous else "normal"
            decided[label] += 1
            print(f"frame {frame.index}: #{object_id} has left, {len(crops)} views, {label} ({verdict.confidence:.0%})")
    print(f"{decided.total()} objects have passed the camera: {dict(decided)}")
    print(f"truth: {', '.join(found.kind for found in clip.truth.objects if found.gone_frame)}")


if __name__ == "__main__":
    main()
