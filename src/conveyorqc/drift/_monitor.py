"""`DriftMonitor`: tells when the objects of a line do not look any more as they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

from numpy.typing import ArrayLike

from conveyorqc.core import ImageU8, Mask, StateFields
from conveyorqc.drift._appearance import FEATURES, Appearance, Feature, appearance_of
from conveyorqc.drift._event import DriftEvent
from conveyorqc.drift._tolerances import Tolerances
from conveyorqc.drift._watch import Watch
from conveyorqc.errors import InvalidInput

__all__ = ["DriftMonitor"]

_VERSION = 1
_LEAST_REFERENCE = 100
_COLORS: tuple[Feature, ...] = ("red", "blue")


class DriftMonitor:
    """Watches the objects of one line under one camera, and gives an event when they have changed for good.

    Each feature has a baseline, from a reference or from the first objects, and two cumulative sums of what lies
    beyond half of its tolerance. Small and slow changes, and single odd objects, are forgiven; what stays adds up.
    An alarm is given once, and again only after the feature had come back. A few floats per feature are kept; an object
    costs well below a millisecond, nearly all of it for looking at its picture. Not for several threads.

    Args:
        reference: objects of a time when all was well, in order, at least 100 of them with every feature that is to be
            watched from the start. A feature that fewer of them have is learned from the first objects observed.
        learn: objects to learn from where there is no reference. More, best several lots, finds smaller drift sooner
            and takes less for drift; meanwhile nothing is found.
        tolerances: which change is worth an alarm.
        false_alarm_every: objects of one feature to a false alarm, at the least and by design, also where the mean is
            off by half of what is forgiven. More makes alarms rarer and later.

    Raises:
        InvalidInput: if ``learn`` or the reference is below 100, or ``false_alarm_every`` not above 1.

    >>> import numpy as np
    >>> rng, monitor = np.random.default_rng(0), DriftMonitor(learn=100)
    >>> def look(light):
    ...     return np.full((16, 16, 3), light + rng.normal(0, 4), np.uint8)
    >>> [monitor.observe(look(150)) for _ in range(300)] == [None] * 300
    True
    >>> print(next(event for _ in range(50) if (event := monitor.observe(look(120)))))
    brightness -20% since object 300 (noticed at object 308)
    """

    def __init__(
        self,
        reference: Iterable[Appearance] | None = None,
        *,
        learn: int = 200,
        tolerances: Tolerances | None = None,
        false_alarm_every: float = 1e6,
    ) -> None:
        if learn < _LEAST_REFERENCE:
            raise InvalidInput(f"learn: expected {_LEAST_REFERENCE} objects or more, got {learn}")
        if not 1 < false_alarm_every < float("inf"):
            raise InvalidInput(f"false_alarm_every: expected more than 1, got {false_alarm_every}")
        limits = Tolerances() if tolerances is None else tolerances
        self._watches = {
            feature: Watch(
                feature,
                learn=learn,
                tolerance=limits.color if feature in _COLORS else getattr(limits, feature),
                false_alarm_every=false_alarm_every,
            )
            for feature in FEATURES
        }
        self._objects = 0
        if reference is not None:
            self._refer(list(reference))

    def _refer(self, reference: list[Appearance]) -> None:
        if len(reference) < _LEAST_REFERENCE:
            raise InvalidInput(f"reference: expected {_LEAST_REFERENCE} objects or more, got {len(reference)}")
        for feature, watch in self._watches.items():
            values = [value for one in reference if (value := getattr(one, feature)) is not None]
            if len(values) >= _LEAST_REFERENCE:
                watch.settle(values)

    @property
    def objects(self) -> int:
        """Number of objects observed."""
        return self._objects

    @property
    def watching(self) -> tuple[Feature, ...]:
        """The features that have a baseline; the others are still being learned."""
        return tuple(feature for feature, watch in self._watches.items() if watch.ready)

    def observe(
        self,
        image: ImageU8,
        /,
        mask: Mask | None = None,
        score: float | None = None,
        *,
        box: ArrayLike | None = None,
    ) -> DriftEvent | None:
        """Look at the next object; one view of each, always of the same kind.

        Args:
            image: (H, W, 3) uint8 BGR.
            mask: (H, W) bool, True on the object, so that the belt does not count; give it always or never.
            score: the backend's, higher is worse.
            box: (4,) the object in the frame, px, for its size; give it always or never.

        Returns:
            What has changed, told once; where several features have, the others follow with the next objects.

        Raises:
            InvalidInput: if the picture or one of the others is not what it should be.
        """
        return self.follow(appearance_of(image, mask, score=score, box=box))

    def follow(self, appearance: Appearance, /) -> DriftEvent | None:
        """The same for an object that was measured before, by `appearance_of`."""
        number = self._objects
        self._objects += 1
        for field in fields(appearance):
            value = getattr(appearance, field.name)
            if value is not None:
                self._watches[field.name].observe(value, number=number)  # type: ignore[index] # fields are features
        most = max(self._watches.values(), key=lambda watch: watch.excess)
        return most.tell(number=number) if most.excess >= 1 else None

    def state(self) -> dict[str, object]:
        """All that it remembers, as JSON; see `conveyorqc.core.Resumable`."""
        features: dict[str, object] = {name: watch.state() for name, watch in self._watches.items()}
        return {"version": _VERSION, "objects": self._objects, "features": {"version": _VERSION, **features}}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from what `state` gave, in a monitor with the same settings.

        Raises:
            InvalidInput: if it is not such a state, or of a newer version; nothing has changed then.
        """
        given = StateFields(state, kind="DriftMonitor", version=_VERSION)
        objects = given.whole("objects")
        features = StateFields(given.mapping("features"), kind="DriftMonitor", version=_VERSION)
        watches = {name: watch.restored(features.mapping(name)) for name, watch in self._watches.items()}
        self._objects, self._watches = objects, watches
