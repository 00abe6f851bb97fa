"""`ModelStore`: every model that was ever trained, and which of them judges now."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from conveyorqc.anomaly import LocalBackend
from conveyorqc.core import Clock, SystemClock
from conveyorqc.errors import CorruptModel, ModelConflict, ModelError, ModelNotFound
from conveyorqc.learning._files import alone, append_line, read_card, read_lines, sync_folder, write_card
from conveyorqc.learning._history import Action, Promotion, stack_of
from conveyorqc.learning._versioned import Model, VersionedModel

__all__ = ["ModelStore"]

_log = logging.getLogger(__name__)


class ModelStore:
    """A folder of models with versions 1, 2, 3, … of which one is current.

    ::

        root/
          versions/0001/   the model's own files, and record.json: what is known of it
          current.json     which version judges, with what it followed; replaced at once and whole
          audit.jsonl      every promotion and rollback, one line each
          lock             held while something is written

    Nothing is overwritten and nothing deleted. What a kill leaves behind is a folder that is no version yet, or a line
    missing in the audit, which the next writer adds. Several processes may use one store on a local disk.

    Args:
        root: the folder; made when something is added.
        name: of the product or line, for the verdicts; that of the folder when None.
        load: reads the model in a folder; `conveyorqc.anomaly.LocalBackend.load` when None.
        clock: where times come from; that of this machine when None.
        busy_timeout_s: how long to wait for another writer.

    >>> import tempfile
    >>> store = ModelStore(tempfile.mkdtemp())
    >>> store.versions, store.history()
    ((), ())
    """

    def __init__(
        self,
        root: Path | str,
        /,
        *,
        name: str | None = None,
        load: Callable[[Path], Model] | None = None,
        clock: Clock | None = None,
        busy_timeout_s: float = 10.0,
    ) -> None:
        self.root = Path(root)
        self.name = self.root.resolve().name if name is None else name
        self._load: Callable[[Path], Model] = LocalBackend.load if load is None else load
        self._clock = SystemClock() if clock is None else clock
        self._busy_timeout_s = busy_timeout_s

    @property
    def versions(self) -> tuple[int, ...]:
        """Of all models in the store, ascending."""
        folder = self.root / "versions"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return tuple(sorted(int(name) for name in names if name.isascii() and name.isdigit() and int(name)))

    @property
    def current_version(self) -> int | None:
        """Which version judges; None when none was promoted.

        Raises:
            CorruptModel: if ``current.json`` is damaged; `promote` writes it anew.
        """
        pointer = self._pointer()
        return None if pointer is None else pointer.version

    def add(self, model: Model, record: Mapping[str, Any] | None = None, /) -> int:
        """Keep a model, without promoting it.

        Args:
            model: is saved.
            record: what is worth knowing of it, as JSON: figures, data, people. `record` gives it back.

        Returns:
            Its version.

        Raises:
            ModelError: if it cannot be written.
            ModelConflict: if another writer does not finish.
        """
        with self._writing():
            version = max(self.versions, default=0) + 1
            making = self.root / "versions" / "making"  # one at a time; what a dead process left is no loss
            try:
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir(parents=True)
                model.save(making)
                card = {"version": version, "fingerprint": model.fingerprint, "added_at": self._now()}
                write_card(making / "record.json", {**card, "record": dict(record or {})})
                making.rename(self._folder(version))
                sync_folder(self.root / "versions")
            except OSError as error:
                raise ModelError(f"{self.root}: cannot be written: {error}") from error
            finally:
                shutil.rmtree(making, ignore_errors=True)
        return version

    def get(self, version: int, /) -> VersionedModel:
        """The model of a version.

        Raises:
            ModelNotFound: if there is no such version.
            CorruptModel: if its files are damaged, or not those that were added.
        """
        expected = self._card(version)["fingerprint"]
        model = self._load(self._folder(version))
        if model.fingerprint != expected:
            raise CorruptModel(f"{self._folder(version)}: expected model {expected:.8}, got {model.fingerprint:.8}")
        return VersionedModel(model, name=self.name, version=version)

    def current(self) -> VersionedModel:
        """The model that judges.

        Raises:
            ModelNotFound: if none was promoted, or its files are missing.
            CorruptModel: if ``current.json`` or the model is damaged.
        """
        version = self.current_version
        if version is None:
            raise ModelNotFound(f"{self.root}: expected a promoted model, got none of {len(self.versions)}")
        return self.get(version)

    def record(self, version: int, /) -> dict[str, Any]:
        """What was recorded when a version was added.

        Raises:
            ModelNotFound: if there is no such version.
            CorruptModel: if the record is damaged.
        """
        record: dict[str, Any] = self._card(version)["record"]
        return record

    def promote(self, version: int, /, *, reason: str = "", expected: int | None = None) -> Promotion:
        """Make a version current, once its model has been read without a fault.

        Args:
            version: which.
            reason: for the audit.
            expected: the version that is current now, as far as the caller knows; None for any.

        Raises:
            ModelNotFound: if there is no such version.
            CorruptModel: if its files, or the audit, are damaged.
            ModelConflict: if another version than ``expected`` is current, or another writer does not finish.
            ModelError: if it cannot be written.
        """
        with self._writing():
            return self._point("promote", version, reason, expected)

    def rollback(self, *, reason: str = "") -> Promotion:
        """Make current what was current before the last promotion that still stands; again, and it goes further back.

        Raises:
            ModelNotFound: if nothing was current before.
            CorruptModel: if the files of that version, or the audit, are damaged.
            ModelConflict: if another writer does not finish.
        """
        with self._writing():
            stack = stack_of(self.history())
            if len(stack) < 2:
                raise ModelNotFound(f"{self.root}: expected a version before the current one, got none")
            return self._point("rollback", stack[-2], reason, None)

    def history(self) -> tuple[Promotion, ...]:
        """Every promotion and rollback, the oldest first.

        Raises:
            CorruptModel: if the audit is damaged.
        """
        audit = self.root / "audit.jsonl"
        told = [Promotion.from_dict(row, source=str(audit)) for row in read_lines(audit)]
        if [one.number for one in told] != list(range(1, len(told) + 1)):
            raise CorruptModel(f"{audit}: expected promotions 1 to {len(told)}, got {[one.number for one in told]}")
        try:
            pointer = self._pointer()
        except CorruptModel:  # the audit is whole without it; who wants the current model is told
            pointer = None
        missing = pointer is not None and pointer.number == len(told) + 1
        return (*told, pointer) if pointer is not None and missing else tuple(told)

    def _point(self, action: Action, version: int, reason: str, expected: int | None) -> Promotion:
        """Replace the pointer, then tell the audit; called while nobody else writes."""
        history = self.history()
        previous = history[-1].version if history else None
        if expected is not None and expected != previous:
            raise ModelConflict(f"{self.root}: expected version {expected} to be current, got {previous}")
        model = self.get(version)
        if history and len(read_lines(self.root / "audit.jsonl")) < len(history):  # a kill came in between
            append_line(self.root / "audit.jsonl", history[-1].to_dict())
        number = len(history) + 1
        made = Promotion(number, action, version, previous, model.fingerprint, self._clock.now(), reason)
        write_card(self.root / "current.json", made.to_dict())
        append_line(self.root / "audit.jsonl", made.to_dict())
        _log.info("%s: %s to version %d (was %s)", self.root, action, version, previous)
        return made

    def _pointer(self) -> Promotion | None:
        path = self.root / "current.json"
        try:
            return Promotion.from_dict(read_card(path), source=str(path))
        except ModelNotFound:
            return None

    def _card(self, version: int) -> dict[str, Any]:
        path = self._folder(version) / "record.json"
        if version not in self.versions:
            raise ModelNotFound(f"{self.root}: expected one of versions {list(self.versions)}, got {version}")
        card = read_card(path)
        if not (card.get("version") == version and isinstance(card.get("fingerprint"), str)):
            raise CorruptModel(f"{path}: expected the record of version {version}, got another")
        if not isinstance(card.get("record"), dict):
            raise CorruptModel(f"{path}: record: expected an object, got {card.get('record')!r:.80}")
        return card

    def _folder(self, version: int) -> Path:
        return self.root / "versions" / f"{version:04d}"

    def _now(self) -> str:
        return self._clock.now().isoformat()

    def _writing(self) -> AbstractContextManager[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(f"{self.root}: cannot be made: {error.strerror or error}") from error
        return alone(self.root / "lock", timeout_s=self._busy_timeout_s)
