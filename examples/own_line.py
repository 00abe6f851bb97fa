"""The same steps as a line: one event for each object, in every sink, whatever happens to backend or camera."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from conveyorqc import (
    Background,
    BeltSimulator,
    ByTravel,
    CentroidTracker,
    ColorRange,
    ColorThresholdDetector,
    Direction,
    InspectionEvent,
    InspectionLine,
    JsonlSink,
    KOfN,
    PhaseMotion,
    SQLiteSink,
    SquarePadCropper,
)
from conveyorqc.anomaly import Retrying
from conveyorqc.core import LedgerCounts
from conveyorqc.detect import BlobFinder, ShadowMask
from conveyorqc.sinks import read_events
from own_backend import Compactness

DIAMETER = 57.0  # px, of a usual object

BLUE_BELT = ColorRange("hsv", (90, 40, 90), (130, 255, 255))
STEEL_RAILS = ColorRange("hsv", (0, 0, 40), (179, 40, 255))
SHADOWS = ShadowMask((ColorRange("hsv", (90, 40, 20), (130, 255, 120)),))


def inspect(clip: BeltSimulator, folder: Path) -> tuple[list[InspectionEvent], LedgerCounts]:
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    detector = ColorThresholdDetector(
        belt=[BLUE_BELT, STEEL_RAILS], shadow=SHADOWS, blobs=BlobFinder(min_area=400, diameter=DIAMETER)
    )
    backend = Retrying(Compactness(), attempts=3)  # a wrapper is a backend too
    with (
        Background(backend, workers=1, full="block") as inspector,  # judges while the belt goes on
        SQLiteSink(folder / "events.db") as database,
        JsonlSink(folder / "events.jsonl") as lines,
    ):
        line = InspectionLine(
            motion=motion,
            schedule=ByTravel(motion, distance=0.35 * DIAMETER),
            detector=detector,
            tracker=CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=0.5 * DIAMETER),
            cropper=SquarePadCropper(segmenter=detector),
            backend=inspector,
            policy=KOfN(2),
            sinks=[database, lines],
            line_id="cookies",
            run_id="example",
        )
        return list(line.run(clip.frames())), line.counts


def main() -> None:
    clip = BeltSimulator(width=640, height=360, seconds=8.0, objects=12, speed_px_s=160.0, seed=5)
    with TemporaryDirectory() as folder:
        events, counts = inspect(clip, Path(folder))
        for event in events:
            print(f"  {event.event_id}: {event.disposition.value} {event.reason}")
        print(f"the book adds up: {counts}")
        again, _ = inspect(clip, Path(folder))  # the same run: the same events, and nothing is stored twice
        stored = list(read_events(Path(folder) / "events.db"))
        print(f"{len(events)} and {len(again)} events in two runs, {len(stored)} in the database")


if __name__ == "__main__":
    main()
