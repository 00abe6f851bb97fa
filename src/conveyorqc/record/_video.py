"""`AnnotatedVideo`: what a line saw and decided, as a video."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from conveyorqc.annotate import FrameAnnotator
from conveyorqc.core import Disposition, Frame
from conveyorqc.line import Step
from conveyorqc.video import FrameSource, VideoWriter

__all__ = ["AnnotatedVideo"]


class AnnotatedVideo:
    """Draws boxes, identities, verdicts and running counts on every frame and writes them as H.264.

    Use it as a context manager; the file plays in a browser, also when the process dies half-way. Memory is bounded
    by what is on the belt.

    Args:
        path: of the video.
        source: gives size and frame rate.
        annotator: how things look; the usual `FrameAnnotator` when None.

    Raises:
        VideoWriteError: if the file cannot be written.
    """

    def __init__(self, path: Path | str, source: FrameSource, *, annotator: FrameAnnotator | None = None) -> None:
        self._writer = VideoWriter(path, fps=source.fps, width=source.width, height=source.height)
        self._annotator = FrameAnnotator() if annotator is None else annotator
        self._on_belt: set[int] = set()
        self._dispositions: dict[int, tuple[Disposition, float | None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def write(self, frame: Frame, step: Step, /) -> None:
        """Draw what the line's ``step`` at ``frame`` brought; frames come in order.

        Raises:
            InvalidInput: if the frame has another size than the source said.
            VideoWriteError: if the file cannot be written.
        """
        self._on_belt |= set(step.tracks.entered)
        self._on_belt -= set(step.tracks.ended)
        for object_id in step.tracks.ended:
            self._dispositions.pop(object_id, None)
        for event in step.events:
            # Many events come when their object has left already: there is nothing to draw them on.
            if event.object_id in self._on_belt:
                confidence = None if event.verdict is None else event.verdict.confidence
                self._dispositions[event.object_id] = (event.disposition, confidence)
        picture = self._annotator.draw(frame, step.tracks, dispositions=self._dispositions, counts=step.counts)
        self._writer.write(picture, time_s=frame.time_s)

    def close(self) -> None:
        """Finish the file.

        Raises:
            VideoWriteError: if the rest cannot be written, or if there was no frame.
        """
        self._writer.close()
