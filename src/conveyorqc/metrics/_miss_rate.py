"""What a test on known defects proves: exact binomial bounds on the share that is missed."""

from __future__ import annotations

from conveyorqc.errors import InvalidInput

__all__ = ["defects_needed", "miss_rate_bound"]


def miss_rate_bound(misses: int, n: int, /, *, confidence: float = 0.95) -> float:
    """The miss rate that ``misses`` of ``n`` known defects leave possible at ``confidence``: one-sided, exact.

    Clopper and Pearson (1934), DOI 10.1093/biomet/26.4.404. Were the true rate this high, so few misses would come
    about with probability ``1 - confidence``. The defects must be independent and drawn like those to come.

    Args:
        misses: 0 to ``n``.
        n: known defects that were judged, one per object.
        confidence: between 0 and 1; a higher one gives a higher bound.

    Raises:
        InvalidInput: if ``misses`` is not in 0 to ``n`` or ``confidence`` not between 0 and 1.

    >>> round(miss_rate_bound(0, 59), 4), round(miss_rate_bound(2, 124), 4)
    (0.0495, 0.0499)
    """
    if not 0 <= misses <= n:
        raise InvalidInput(f"misses: expected 0 to {n}, got {misses}")
    _check_share(confidence, name="confidence")
    if misses == n:
        return 1.0
    from scipy.special import betaincinv  # noqa: PLC0415 (slow to load)

    return float(betaincinv(misses + 1, n - misses, confidence))


def defects_needed(max_miss_rate: float, /, *, confidence: float = 0.95, misses: int = 0) -> int:
    """How many known defects prove a miss rate of ``max_miss_rate`` or less, when ``misses`` of them are missed.

    Args:
        max_miss_rate: between 0 and 1; half of it takes twice as many.
        confidence: between 0 and 1.
        misses: 0 or more.

    Raises:
        InvalidInput: if an argument is outside its range.

    >>> [defects_needed(0.05, misses=misses) for misses in (0, 1, 2)]
    [59, 93, 124]
    """
    _check_share(max_miss_rate, name="max_miss_rate")
    if misses < 0:
        raise InvalidInput(f"misses: expected 0 or more, got {misses}")
    enough = misses + 1
    while miss_rate_bound(misses, enough, confidence=confidence) > max_miss_rate:
        enough *= 2
    few = misses  # all missed: proves nothing
    while enough - few > 1:
        middle = (enough + few) // 2
        if miss_rate_bound(misses, middle, confidence=confidence) > max_miss_rate:
            few = middle
        else:
            enough = middle
    return enough


def _check_share(value: float, *, name: str) -> None:
    if not 0 < value < 1:
        raise InvalidInput(f"{name}: expected a number between 0 and 1, got {value}")
