"""`Promotion`: which model was made current, when, and what it followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, get_args

from conveyorqc.errors import CorruptModel

__all__ = ["Action", "Promotion", "stack_of"]

Action: TypeAlias = Literal["promote", "rollback"]
_ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of the current version.

    Attributes:
        number: 1 for the first of the store.
        action: promote, or rollback.
        version: current from then on.
        previous: current before; None for the first.
        fingerprint: of the model.
        at: aware UTC.
        reason: why.
    """

    number: int
    action: Action
    version: int
    previous: int | None
    fingerprint: str
    at: datetime
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], /, *, source: str) -> Promotion:
        """The inverse of `to_dict`.

        Raises:
            CorruptModel: if a field is missing, unknown or wrong; the text names ``source``.
        """
        try:
            made = cls(**{**data, "at": datetime.fromisoformat(data["at"])})
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptModel(f"{source}: expected a promotion, got {error!r}") from error
        wholes = (made.number, made.version, *(() if made.previous is None else (made.previous,)))
        texts: tuple[object, ...] = (made.fingerprint, made.reason)
        sound = all(type(whole) is int and whole >= 1 for whole in wholes) and made.action in _ACTIONS
        if not (sound and all(isinstance(text, str) for text in texts)):
            raise CorruptModel(f"{source}: expected a promotion, got {dict(data)!r:.200}")
        if made.at.utcoffset() != timedelta(0):
            raise CorruptModel(f"{source}: at: expected aware UTC, got {made.at}")
        return made


def stack_of(history: Iterable[Promotion], /) -> list[int]:
    """The versions that a rollback would go through, the current one last."""
    stack: list[int] = []
    for promotion in history:
        if promotion.action == "rollback":
            stack = stack[:-1]
        elif not stack or stack[-1] != promotion.version:
            stack.append(promotion.version)
    return stack
