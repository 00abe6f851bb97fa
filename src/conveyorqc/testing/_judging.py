"""Contract suites for what judges: backends, inspectors, policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from conveyorqc.core import AnomalyBackend, Answer, Crop, ImageU8, Inspector, Mask, Verdict, VerdictPolicy
from conveyorqc.errors import BackendError, BackendUnavailable
from conveyorqc.testing._promises import promise, promised
from conveyorqc.testing._scene import belt_scene

__all__ = ["check_backend", "check_inspector", "check_policy"]


def check_backend(backend: AnomalyBackend, /, *, images: Sequence[ImageU8] | None = None) -> None:
    """Check an `AnomalyBackend`: one verdict per picture in order, masks are hints, pictures untouched.

    The order is checked when the backend answers the same call twice alike.

    Args:
        backend: the plug-in.
        images: two pictures or more, (H, W, 3) uint8 BGR, that it can judge; pieces of `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    pictures = [image.copy() for image in (_pieces() if images is None else images)]
    for picture in pictures:
        picture.flags.writeable = False
    before = [picture.tobytes() for picture in pictures]
    masks = [np.ones(picture.shape[:2], np.bool_) for picture in pictures]
    answers = _inspect(backend, pictures, None)
    for hints in ([None] * len(pictures), masks, [masks[0], *[None] * (len(pictures) - 1)]):
        _inspect(backend, pictures, hints)
    _inspect(backend, pictures[:1], None)
    _inspect(backend, [], None)
    if _gist(_inspect(backend, pictures, None)) == _gist(answers):
        turned = _gist(_inspect(backend, pictures[::-1], None))
        promise(turned[::-1] == _gist(answers), "an AnomalyBackend gives verdict i for picture i")
    promise([picture.tobytes() for picture in pictures] == before, "an AnomalyBackend only reads the pictures")


def check_policy(policy: VerdictPolicy, /) -> None:
    """Check a `VerdictPolicy`: one sound verdict, agreement stays agreement, the same each time.

    Raises:
        AssertionError: naming the broken promise.

    >>> class FirstView:
    ...     def decide(self, verdicts, /):
    ...         return verdicts[0]
    >>> check_policy(FirstView())
    """
    good = [Verdict(is_anomalous=False, confidence=confidence) for confidence in (0.9, 0.6, 1.0)]
    bad = [Verdict(is_anomalous=True, confidence=confidence, score=confidence) for confidence in (0.7, 1.0, 0.8)]
    for count in (1, 2, 3):
        for verdicts in (good, bad):
            decided = _decide(policy, verdicts[:count])
            promise(
                decided.is_anomalous == verdicts[0].is_anomalous,
                f"a VerdictPolicy keeps the label on which {count} verdicts agree",
            )
    for mixed in ([good[0], bad[0]], [bad[0], good[0]], [*good, bad[1]], [*bad, good[2]]):
        decided = _decide(policy, mixed)
        promise(_gist([decided]) == _gist([_decide(policy, mixed)]), "a VerdictPolicy decides the same each time")


def check_inspector(new_inspector: Callable[[AnomalyBackend], Inspector], /) -> None:
    """Check an `Inspector`: every object is answered exactly once, whatever the backend does.

    Args:
        new_inspector: makes an inspector around a backend; it is closed at the end if it has a ``close``.

    Raises:
        AssertionError: naming the broken promise.
    """
    answers = _collect_all(new_inspector, _Brightness())
    for answer in answers:
        shades = [round(verdict.confidence * 255) for verdict in answer.verdicts]
        expected = [int(crop.image[0, 0, 0]) for crop in _crops(answer.object_id)]
        promise(answer.error is None, f"an Inspector hands on what the backend says, got {answer.error!r}")
        promise(shades == expected, f"an Inspector gives verdict i for view i: expected {expected}, got {shades}")
    for failing in (_Raising(BackendUnavailable), _Raising(RuntimeError), _TooFew()):
        for answer in _collect_all(new_inspector, failing):
            promise(
                isinstance(answer.error, BackendError) and not answer.verdicts,
                f"an Inspector answers with an error when the backend fails ({failing!r}), got {answer!r}",
            )


class _Brightness:
    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:
        promise(masks is not None and len(masks) == len(images), "an Inspector passes the masks of the views on")
        return [Verdict(is_anomalous=False, confidence=int(image[0, 0, 0]) / 255) for image in images]


class _Raising:
    def __init__(self, kind: type[Exception]) -> None:
        self._kind = kind

    def __repr__(self) -> str:
        return f"raises {self._kind.__name__}"

    def inspect(self, _images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:  # noqa: ARG002 (the Protocol has it)
        raise self._kind("raised by the contract suite")


class _TooFew:
    def __repr__(self) -> str:
        return "gives one verdict too few"

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:  # noqa: ARG002 (the Protocol has it)
        return [Verdict(is_anomalous=False, confidence=1.0) for _ in images[1:]]


def _crops(object_id: int) -> tuple[Crop, ...]:
    box = np.array([0.0, 0.0, 8.0, 8.0])
    shades = (object_id % 256, (object_id * 7) % 256)
    return tuple(
        Crop(object_id, index, box, np.full((8, 8, 3), shade, np.uint8), None, complete=True)
        for index, shade in enumerate(shades)
    )


def _collect_all(new_inspector: Callable[[AnomalyBackend], Inspector], backend: AnomalyBackend) -> list[Answer]:
    """The answers on six objects, three of them submitted after the first look."""
    inspector = new_inspector(backend)
    answers: list[Answer] = []
    try:
        for object_ids in ((1, 2, 3), (4, 5, 6)):
            for object_id in object_ids:
                with promised("an Inspector takes every object, whatever its backend does"):
                    inspector.submit(object_id, _crops(object_id))
            answers.extend(_gathered(inspector.collect))
        answers.extend(_gathered(inspector.drain))
        promise(not _gathered(inspector.drain), "an Inspector answers each object once: nothing is left after drain")
        promise(not _gathered(inspector.collect), "an Inspector answers each object once: drain collects everything")
    finally:
        getattr(inspector, "close", lambda: None)()
    answered = sorted(answer.object_id for answer in answers)
    promise(answered == [1, 2, 3, 4, 5, 6], f"an Inspector answers each of objects 1 to 6 once, got {answered}")
    return answers


def _gathered(get: Callable[[], Iterable[Answer]]) -> tuple[Answer, ...]:
    with promised("an Inspector can be asked for answers at any time"):
        return tuple(get())


def _pieces() -> list[ImageU8]:
    """A disc, plain belt, and a disc cut in half; of different shapes."""
    picture = belt_scene().frames[24].bgr
    return [picture[40:100, 126:186], picture[10:58, 180:240], picture[20:60, 60:96]]


def _inspect(
    backend: AnomalyBackend, images: Sequence[ImageU8], masks: Sequence[Mask | None] | None
) -> Sequence[Verdict]:
    with promised(f"an AnomalyBackend judges {len(images)} pictures with or without masks and only reads them"):
        verdicts = tuple(backend.inspect(images, masks=masks))
    promise(
        len(verdicts) == len(images) and all(isinstance(verdict, Verdict) for verdict in verdicts),
        f"an AnomalyBackend gives one Verdict per picture, got {len(verdicts)} for {len(images)}",
    )
    return verdicts


def _decide(policy: VerdictPolicy, verdicts: Sequence[Verdict]) -> Verdict:
    with promised(f"a VerdictPolicy decides on {len(verdicts)} verdicts"):
        decided = policy.decide(verdicts)
    promise(isinstance(decided, Verdict), f"a VerdictPolicy gives a Verdict, got {type(decided).__name__}")
    return decided


def _gist(verdicts: Sequence[Verdict]) -> list[tuple[bool, float, float | None]]:
    return [(v.is_anomalous, round(v.confidence, 6), None if v.score is None else round(v.score, 6)) for v in verdicts]
