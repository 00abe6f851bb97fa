"""Count the objects of a clip, with no configuration: the clip itself shows how the line works.

    python count_objects.py [VIDEO]

Without a video, a small one is simulated, so that the count can be compared with the truth. Objects that came in during
the last moments are not confirmed yet: the fairer figure is how many crossed the middle of the frame.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from conveyorqc import BeltSimulator, open_video
from conveyorqc.calibrate import calibrate
from conveyorqc.simulate import simulate_clip
from conveyorqc.track import TrackLog


def count(video: Path) -> TrackLog:
    source = open_video(video)
    line = calibrate(source)  # belt, direction, size of the objects and speed
    print(f"{video.name}: {source.width}x{source.height} px, belt runs {line.direction.value.replace('_', ' ')}")
    stages = line.build_stages()
    log = TrackLog(direction=line.direction)
    for frame in source:
        detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
        log.update(frame, stages.tracker.update(frame, detections))
    return log


def main() -> None:
    if len(sys.argv) > 1:
        report(count(Path(sys.argv[1])))
        return
    simulator = BeltSimulator(width=640, height=360, seconds=8.0, objects=12, speed_px_s=160.0, seed=5)
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "belt.mp4"
        simulate_clip(simulator, clip)
        report(count(clip))
    truth = simulator.truth.counts
    print(f"truth: {truth['objects']} entered, {truth['crossed_centre']} crossed the middle")


def report(log: TrackLog) -> None:
    for found in log.objects:
        crossed = "not yet" if found.crossed_frame is None else f"at frame {found.crossed_frame}"
        print(f"  #{found.object_id}: frames {found.first_frame}-{found.last_frame}, crossed the middle {crossed}")
    print(f"counted: {len(log.objects)} entered, {log.crossed} crossed the middle")


if __name__ == "__main__":
    main()
