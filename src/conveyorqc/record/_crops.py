"""`CropRecorder`: the best views of every object, as a folder that can be labelled and trained on."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from conveyorqc.core import Cropper, Frame, Tracks, ViewSelector
from conveyorqc.dataset import CropWriter

__all__ = ["CropRecorder"]


class CropRecorder:
    """Chooses views as the line does, so that a model learns from pictures like those it will be asked about.

    Use it as a context manager; leaving it stores what is still on the belt.

    Args:
        folder: gets ``images/`` and ``crops.jsonl``, see `conveyorqc.dataset.CropWriter`.
        cropper: cuts views.
        views: chooses among them.
    """

    def __init__(self, folder: Path | str, *, cropper: Cropper, views: ViewSelector) -> None:
        self._writer = CropWriter(folder)
        self._cropper = cropper
        self._views = views
        self._waiting: set[int] = set()
        self.objects = 0
        self.stored = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, frame: Frame, tracks: Tracks, /) -> None:
        """Take what ``frame`` shows of ``tracks``."""
        self._waiting.update(tracks.entered)
        for crop in self._cropper.crop(frame, tracks.only(self._waiting)):
            if crop.object_id in self._waiting:
                self._views.offer(crop)
        for object_id in sorted(self._waiting & {*self._views.ready(), *tracks.ended}):
            self._store(object_id)

    def close(self) -> None:
        """Store the objects that are still on the belt, and finish the files; calling it again does nothing."""
        for object_id in sorted(self._waiting):
            self._store(object_id)
        self._writer.close()

    def _store(self, object_id: int) -> None:
        self._waiting.remove(object_id)
        views = self._views.take(object_id)
        for crop in views:
            self._writer.write(crop)
        self.objects += bool(views)
        self.stored += len(views)
