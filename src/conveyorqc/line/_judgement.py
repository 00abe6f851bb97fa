"""From views to a disposition. Backends and policies are third-party code: whatever they do, the object gets a fate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conveyorqc.core import AnomalyBackend, Answer, Crop, Disposition, Verdict, VerdictPolicy
from conveyorqc.errors import BackendError, BadBackendResponse

__all__ = ["DispositionRule", "Judgement", "ask", "judge"]

_log = logging.getLogger(__name__)

DispositionRule: TypeAlias = Callable[[Verdict], tuple[Disposition, str]]
"""What a verdict means for the object, and the reason where there is one to give."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of an object, and what that rests on."""

    disposition: Disposition
    reason: str = ""
    verdict: Verdict | None = None


def ask(backend: AnomalyBackend, object_id: int, crops: Sequence[Crop], /) -> Answer:
    """The backend's answer on one object, whatever it does."""
    images, masks = [crop.image for crop in crops], [crop.mask for crop in crops]
    try:
        return Answer(object_id, _checked(backend.inspect(images, masks=masks), count=len(images)))
    except BackendError as error:
        return Answer(object_id, (), error)
    except Exception as error:  # noqa: BLE001 (third-party code: whatever it raises, the object gets an answer)
        _log.exception("the backend failed on object %d", object_id)
        failure = BackendError(f"{type(error).__name__}: {error}")
        failure.__cause__ = error
        return Answer(object_id, (), failure)


def judge(answer: Answer, /, *, views: int, policy: VerdictPolicy, dispositions: DispositionRule) -> Judgement:
    """The fate of an object of which ``views`` pictures were put to an inspector."""
    if answer.error is not None:
        return _unknown(answer.error)
    try:
        return _decided(_checked(answer.verdicts, count=views), policy, dispositions)
    except BackendError as error:
        return _unknown(error)
    except Exception as error:  # noqa: BLE001 (third-party code: whatever it raises, the object gets a fate)
        _log.exception("the policy failed on object %d", answer.object_id)
        return Judgement(Disposition.UNKNOWN, f"policy failed: {type(error).__name__}: {error}")


def _decided(verdicts: tuple[Verdict, ...], policy: VerdictPolicy, dispositions: DispositionRule) -> Judgement:
    verdict = policy.decide(verdicts)
    if not isinstance(verdict, Verdict):
        raise TypeError(f"expected a Verdict from the policy, got {type(verdict).__name__}")
    disposition, reason = dispositions(verdict)
    if disposition == Disposition.UNKNOWN and not reason:
        raise ValueError("expected a reason with disposition unknown, got none")
    return Judgement(Disposition(disposition), reason, verdict)


def _unknown(error: BackendError) -> Judgement:
    return Judgement(Disposition.UNKNOWN, str(error) or type(error).__name__)


def _checked(verdicts: object, *, count: int) -> tuple[Verdict, ...]:
    """``verdicts`` if they are ``count`` verdicts.

    Raises:
        BadBackendResponse: if they are anything else.
    """
    answers = tuple(verdicts) if isinstance(verdicts, Iterable) else (verdicts,)
    if len(answers) != count or not all(isinstance(answer, Verdict) for answer in answers):
        kinds = sorted({type(answer).__name__ for answer in answers})
        raise BadBackendResponse(f"expected {count} verdicts, got {len(answers)} of {', '.join(kinds) or 'nothing'}")
    return answers
