"""The line of own_line.py as data: a YAML file that is checked when it is read, and builds the same objects."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from conveyorqc import BeltSimulator, load_config
from conveyorqc.errors import ConfigError
from conveyorqc.sinks import read_events
from own_backend import Compactness

LINE = """
line_id: cookies
direction: left_to_right
schedule: {kind: by_travel, distance: 20}
detector:
  kind: color_threshold
  belt:
    - {space: hsv, low: [90, 40, 90], high: [130, 255, 255]}   # blue belt
    - {space: hsv, low: [0, 0, 40], high: [179, 40, 255]}      # steel rails
  shadow:
    - {space: hsv, low: [90, 40, 20], high: [130, 255, 120]}
  blobs: {min_area: 400, diameter: 57}
tracker: {max_distance: 28.5}
policy: {kind: k_of_n, k: 2}
sinks:
  - {kind: sqlite, path: events.db}       # relative to this file
  - {kind: jsonl, path: events.jsonl}
"""


def main() -> None:
    clip = BeltSimulator(width=640, height=360, seconds=8.0, objects=12, speed_px_s=160.0, seed=5)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "line.yaml"
        file.write_text(LINE.replace("distance: 20", "distance: near"), encoding="utf-8")
        try:
            load_config(file)
        except ConfigError as error:
            print(f"refused: {error}")

        file.write_text(LINE, encoding="utf-8")
        with load_config(file).opened(backend=Compactness(), run_id="example") as line:
            for event in line.run(clip.frames()):
                print(f"  {event.event_id}: {event.disposition.value} {event.reason}")
            print(f"the book adds up: {line.counts}")
        print(f"{sum(1 for _ in read_events(Path(folder) / 'events.db'))} events in the database")


if __name__ == "__main__":
    main()
