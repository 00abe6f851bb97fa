"""Shifts from picture to picture in working px, without drift: a picture is compared with an older one, the key."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.imgproc import PhaseCorrelator, ShiftPeak, Spectrum
from conveyorqc.track._fixed import FixedPart

__all__ = ["PictureShifts", "Step"]

_KEY_REACH = 4.0
"""Px that pictures may be away from their key: errors add up only from key to key."""

_STALE = 0.85
"""Of the response that a key had at first: below it, something came into the picture that the key does not show."""

_FARTHEST = 0.15
"""Share of the longer side that a key is kept for across pictures that told nothing."""

_MOST_MISSES = 3
"""Pictures in a row that tell nothing after which the key is given up."""

_LEAST_CONTRAST = 6.0
"""Standard deviations of noise that a peak must reach; noise alone reaches 4 to 5."""

_AGREEING, _AGREEING_SHARE = 1.5, 0.03
"""Px from the expected shift, or share of it, within which half of the evidence is enough."""

_NEAR, _NEAR_SHARE = 4.0, 0.15
"""Px from it, or share of it, beyond which twice as much is wanted: objects that look alike make peaks too."""

_STANDING = 0.75
"""Px below which a picture that holds fixed things may only seem to stand."""

_CLEAR_CHANGE = 0.25
"""Response from which the shift of mere changes counts."""

_LEARN_EVERY, _REFRESH_EVERY = 5.0, 10.0
"""Px of travel between pictures from which the fixed part is learned, and once it is known."""


@dataclass(frozen=True, slots=True)
class Step:
    """Px since the picture before, and the response it was believed with; 0 where it is only what was expected."""

    dx: float
    dy: float
    response: float


@dataclass(slots=True)
class _Key:
    """An older picture and where the latest one lies against it."""

    spectrum: Spectrum
    dx: float = 0.0
    dy: float = 0.0
    response: float = 0.0


class PictureShifts:
    """Follows what moves through pictures of one size.

    Args:
        correlator: compares two of them.
        least_response: 0-1, below which a shift is not believed; half of it where the shift is the expected one, twice
            as much where it is another.
    """

    def __init__(self, correlator: PhaseCorrelator, *, least_response: float) -> None:
        self._correlator = correlator
        self._least = least_response
        self._fixed = FixedPart()
        self._key: _Key | None = None
        self._before: Spectrum | None = None
        self._unlearned = math.inf
        self._missed = 0
        self._changes = _Changes(correlator)

    def step(self, plane: NDArray[np.uint8], /, *, expected: tuple[float, float] | None) -> Step | None:
        """The shift since the picture before; None for the first.

        Args:
            plane: (height, width) uint8.
            expected: px by which the belt should have moved; None when nothing is known of it.
        """
        whole = self._correlator.spectrum(plane)
        now = self._fixed.removed_from(whole)
        before, self._before = self._before, now
        if before is None or self._key is None:
            self._key = _Key(now)
            self._changes.add(whole)
            return None
        peak, step = self._found(now, before, self._key, expected)
        if not self._fixed.known:
            self._changes.add(whole)
            stands = not step.response or math.hypot(step.dx, step.dy) < _STANDING
            changed = self._changes.shift() if stands else None
            if changed is not None:
                peak, step = None, Step(changed.dx, changed.dy, changed.response)
        if not step.response:
            return self._miss(now, expected)
        self._missed = 0
        self._learn(whole, math.hypot(step.dx, step.dy))
        self._advance(now, peak)
        return step

    def _found(
        self, now: Spectrum, before: Spectrum, key: _Key, expected: tuple[float, float] | None
    ) -> tuple[ShiftPeak | None, Step]:
        """The peak against the key, or None where the picture before had to serve, and the step that it means."""
        aim = None if expected is None else (key.dx + expected[0], key.dy + expected[1])
        peak = self._correlator.shift(now, key.spectrum, expected=self._worth(aim))
        by_key = peak, Step(peak.dx - key.dx, peak.dy - key.dy, self._evidence(peak, aim))
        if key.spectrum is before or peak.response >= _STALE * key.response:
            return by_key
        peak = self._correlator.shift(now, before, expected=self._worth(expected))
        step = Step(peak.dx, peak.dy, self._evidence(peak, expected))
        return (None, step) if step.response else by_key

    def _worth(self, expected: tuple[float, float] | None) -> tuple[float, float] | None:
        """Remains of fixed things make a peak at 0: a belt that stands is no reason to prefer that one."""
        stands = expected is not None and math.hypot(*expected) < _STANDING
        return None if stands else expected

    def _evidence(self, peak: ShiftPeak, aim: tuple[float, float] | None) -> float:
        """The response, or 0 where it is too little to believe: jumps need twice as much, unless they go on."""
        least = self._least
        if aim is not None:
            off, expected = math.dist(aim, (peak.dx, peak.dy)), math.hypot(*aim)
            if off <= max(_AGREEING, _AGREEING_SHARE * expected):
                least /= 2
            elif off > max(_NEAR, _NEAR_SHARE * expected) and self._missed < _MOST_MISSES:
                least *= 2
        return peak.response if peak.response >= least and peak.contrast >= _LEAST_CONTRAST else 0.0

    def _miss(self, now: Spectrum, expected: tuple[float, float] | None) -> Step:
        """Go on as expected; the key stays for a while, so that the next picture can correct it."""
        self._missed += 1
        dx, dy = expected or (0.0, 0.0)
        key = self._key
        if key is not None and expected is not None and self._missed < _MOST_MISSES:
            key.dx, key.dy = key.dx + dx, key.dy + dy
            if math.hypot(key.dx + dx, key.dy + dy) <= _FARTHEST * max(self._correlator.size):
                return Step(dx, dy, 0.0)
        self._key = _Key(now)
        return Step(dx, dy, 0.0)

    def _advance(self, now: Spectrum, peak: ShiftPeak | None) -> None:
        """Remember where the picture lies against the key, or make it the next key."""
        key = self._key
        if key is None or peak is None or math.hypot(peak.dx, peak.dy) >= _KEY_REACH:
            self._key = _Key(now)
            return
        key.dx, key.dy = peak.dx, peak.dy
        key.response = key.response or peak.response

    def _learn(self, whole: Spectrum, moved: float) -> None:
        """Only as the belt moves on: on a stopped belt the objects would be learned as fixed."""
        self._unlearned += moved
        if self._unlearned >= (_REFRESH_EVERY if self._fixed.known else _LEARN_EVERY):
            self._unlearned = 0.0
            self._fixed.learn(whole)


class _Changes:
    """The shift of what changes: differences of successive pictures hold nothing that stands still.

    It serves until the fixed part is known, and counts when three in a row agree, as those of a belt do and those of
    a hand seldom.
    """

    def __init__(self, correlator: PhaseCorrelator) -> None:
        self._correlator = correlator
        self._pictures: list[Spectrum] = []
        self._lasting: list[ShiftPeak] = []

    def add(self, whole: Spectrum) -> None:
        """The next picture."""
        self._pictures = [*self._pictures[-2:], whole]

    def shift(self) -> ShiftPeak | None:
        """The shift of the changes since the picture before, where it is clear."""
        if len(self._pictures) < 3:
            return None
        first, second, third = self._pictures
        peak = self._correlator.shift(third - second, second - first)
        moved = math.hypot(peak.dx, peak.dy)
        clear = peak.response >= _CLEAR_CHANGE and peak.contrast >= _LEAST_CONTRAST and moved >= _STANDING
        self._lasting = [*self._lasting[-2:], peak] if clear else []
        apart = max((math.dist((one.dx, one.dy), (peak.dx, peak.dy)) for one in self._lasting), default=0.0)
        return peak if len(self._lasting) == 3 and apart <= 1.0 + 0.1 * moved else None
