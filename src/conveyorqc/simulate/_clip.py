"""A simulated clip as files: the video and its ground truth beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conveyorqc.core import Frame
from conveyorqc.simulate._simulator import BeltSimulator
from conveyorqc.video import VideoWriter

__all__ = ["simulate_clip"]


def simulate_clip(
    simulator: BeltSimulator,
    path: Path | str,
    /,
    *,
    crf: float = 23,
    on_frame: Callable[[Frame], None] | None = None,
) -> Path:
    """Write ``OUT.mp4`` (H.264) and ``OUT.gt.json`` (``conveyor-gt/1``) beside it.

    Args:
        simulator: what to write.
        path: of the video.
        crf: quality of the video, 0-51; lower is better and larger.
        on_frame: called after each frame that was written, to show progress.

    Returns:
        The path of the ground truth.

    Raises:
        VideoWriteError: if the video cannot be written.
        DatasetError: if the ground truth cannot be written.
    """
    truth = simulator.truth
    with VideoWriter(path, fps=truth.fps, width=truth.width, height=truth.height, crf=crf) as writer:
        for frame in simulator.frames():
            writer.write(frame.bgr, time_s=frame.time_s)
            if on_frame is not None:
                on_frame(frame)
    beside = Path(path).with_suffix(".gt.json")
    truth.save(beside)
    return beside
