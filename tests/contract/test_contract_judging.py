"""Backends, inspectors and policies keep their promises; the suites notice who does not."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest

from conveyorqc.anomaly import FewPicturesWarning, LocalBackend, Retrying, StubBackend
from conveyorqc.core import Answer, Verdict
from conveyorqc.errors import BackendUnavailable
from conveyorqc.line import Background, Inline
from conveyorqc.policy import KOfN, MaxPolicy, MeanPolicy
from conveyorqc.testing import belt_scene, check_backend, check_inspector, check_policy

GOOD = Verdict(is_anomalous=False, confidence=0.9)
BAD = Verdict(is_anomalous=True, confidence=0.9)


@pytest.fixture(autouse=True)
def _quiet():
    """The suites plant failures in backends, which are logged with their tracebacks."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    "backend",
    [
        StubBackend(),
        StubBackend(lambda image, mask: Verdict(is_anomalous=bool(image.mean() > 90), confidence=0.8)),
        StubBackend([GOOD, BAD] * 20),
        Retrying(StubBackend([BackendUnavailable("busy"), BAD]), wait_s=0.0),
    ],
)
def test_backends(backend):
    check_backend(backend)


def test_the_local_backend():
    pictures = [belt_scene(seed=seed).frames[24].bgr[36:104, 122:190] for seed in range(11)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewPicturesWarning)
        backend = LocalBackend.fit(pictures, ["normal"] * len(pictures))
    check_backend(backend)
    check_backend(backend, images=pictures[:2])


@pytest.mark.parametrize("policy", [MaxPolicy(), MeanPolicy(), KOfN(1), KOfN(2), KOfN(9)])
def test_policies(policy):
    check_policy(policy)


@pytest.mark.parametrize(
    "new_inspector",
    [
        Inline,
        Background,
        lambda backend: Background(backend, workers=3, queue=1, full="block"),
    ],
)
def test_inspectors(new_inspector):
    check_inspector(new_inspector)


class _Judges:
    """A backend that says what ``answer(images, masks, calls)`` gives."""

    def __init__(self, answer):
        self._answer = answer
        self._calls = 0

    def inspect(self, images, /, masks=None):
        self._calls += 1
        return self._answer(images, masks, self._calls)


def _by_place(images, masks, calls):
    return [Verdict(is_anomalous=False, confidence=place / 10) for place, _ in enumerate(images)]


def _vandal(images, masks, calls):
    for image in images:
        image.flags.writeable = True
        image[:] = 0
    return [GOOD] * len(images)


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda images, masks, calls: None, "TypeError"),
        (lambda images, masks, calls: [GOOD], "one Verdict per picture"),
        (lambda images, masks, calls: [True] * len(images), "one Verdict per picture"),
        (lambda images, masks, calls: [GOOD] * max(1, len(images)), "got 1 for 0"),
        (lambda images, masks, calls: [GOOD for _ in zip(images, masks, strict=True)], "with or without masks"),
        (lambda images, masks, calls: [np.stack(images).mean() > 0] * len(images), "ValueError"),
        (lambda images, masks, calls: [image.fill(0) or GOOD for image in images], "only reads them"),
        (_by_place, "verdict i for picture i"),
        (_vandal, "only reads the pictures"),
    ],
)
def test_a_backend_that_breaks_a_promise_is_told_which(answer, promise):
    with pytest.raises(AssertionError, match=promise):
        check_backend(_Judges(answer))


class _Decides:
    def __init__(self, answer):
        self._answer = answer
        self._calls = 0

    def decide(self, verdicts, /):
        self._calls += 1
        return self._answer(verdicts, self._calls)


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda verdicts, calls: None, "gives a Verdict, got NoneType"),
        (lambda verdicts, calls: GOOD, "the label on which 1 verdicts agree"),
        (lambda verdicts, calls: verdicts[1], "IndexError"),
        (lambda verdicts, calls: Verdict(verdicts[0].is_anomalous, calls / 99), "the same each time"),
    ],
)
def test_a_policy_that_breaks_a_promise_is_told_which(answer, promise):
    with pytest.raises(AssertionError, match=promise):
        check_policy(_Decides(answer))


class _Strict(Inline):
    """Lets the backend's errors through."""

    def __init__(self, backend):
        super().__init__(backend)
        self._raw = backend

    def submit(self, object_id, crops, /):
        self._raw.inspect([crop.image for crop in crops], masks=[crop.mask for crop in crops])
        super().submit(object_id, crops)


class _WithoutMasks(Inline):
    def submit(self, object_id, crops, /):
        self._backend.inspect([crop.image for crop in crops])
        super().submit(object_id, crops)


class _Mixes(Inline):
    def submit(self, object_id, crops, /):
        super().submit(object_id, crops[::-1])


class _Repeats(Inline):
    def collect(self):
        return tuple(self._answers)


class _RepeatsAfterDrain(Inline):
    def drain(self):
        self._answers, answers = [Answer(1, (GOOD,))] if self._answers else [], self._answers
        return answers

    def collect(self):
        return ()


class _Drops(Inline):
    def submit(self, object_id, crops, /):
        if object_id != 5:
            super().submit(object_id, crops)


class _Optimist(Inline):
    def collect(self):
        return [Answer(answer.object_id, answer.verdicts or (GOOD,)) for answer in super().collect()]


class _Pessimist(Inline):
    def collect(self):
        return [Answer(answer.object_id, (), BackendUnavailable("never")) for answer in super().collect()]


@pytest.mark.parametrize(
    ("new_inspector", "promise"),
    [
        (_Strict, "takes every object, whatever its backend does"),
        (_WithoutMasks, "passes the masks of the views on"),
        (_Mixes, "verdict i for view i"),
        (_Repeats, "nothing is left after drain"),
        (_RepeatsAfterDrain, "nothing is left after drain"),
        (_Drops, "objects 1 to 6 once"),
        (_Optimist, "answers with an error when the backend fails"),
        (_Pessimist, "hands on what the backend says"),
    ],
)
def test_an_inspector_that_breaks_a_promise_is_told_which(new_inspector, promise):
    with pytest.raises(AssertionError, match=promise):
        check_inspector(new_inspector)
