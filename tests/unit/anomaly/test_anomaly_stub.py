from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from conveyorqc.anomaly import StubBackend
from conveyorqc.core import AnomalyBackend, ImageU8, Mask, Verdict
from conveyorqc.errors import BackendUnavailable, InvalidInput

PICTURE = np.zeros((4, 6, 3), np.uint8)
BAD = Verdict(is_anomalous=True, confidence=0.9)
GOOD = Verdict(is_anomalous=False, confidence=0.8)


def test_it_satisfies_the_protocol() -> None:
    assert isinstance(StubBackend(), AnomalyBackend)


def test_without_a_script_everything_is_sound() -> None:
    verdicts = StubBackend().inspect([PICTURE, PICTURE])

    assert [verdict.is_anomalous for verdict in verdicts] == [False, False]
    assert verdicts[0].model == "stub"


def test_no_picture_gets_no_verdict() -> None:
    assert StubBackend([BAD]).inspect([]) == []


def test_answers_are_played_in_order_across_calls_and_then_the_default() -> None:
    default = Verdict(is_anomalous=True, confidence=0.5)
    stub = StubBackend([BAD, GOOD, BAD], default=default)

    assert stub.inspect([PICTURE, PICTURE]) == [BAD, GOOD]
    assert stub.inspect([PICTURE, PICTURE]) == [BAD, default]


def test_an_exception_is_raised_once_and_costs_no_answer() -> None:
    stub = StubBackend([BAD, BackendUnavailable("gone"), GOOD])

    with pytest.raises(BackendUnavailable, match="gone"):
        stub.inspect([PICTURE, PICTURE])
    assert stub.inspect([PICTURE, PICTURE]) == [BAD, GOOD]


def test_an_exception_that_a_call_does_not_reach_waits() -> None:
    stub = StubBackend([BAD, ValueError("later")])

    assert stub.inspect([PICTURE]) == [BAD]
    with pytest.raises(ValueError, match="later"):
        stub.inspect([PICTURE])


def test_a_function_answers_each_picture_with_its_mask() -> None:
    def judge(image: ImageU8, mask: Mask | None) -> Verdict:
        return Verdict(is_anomalous=mask is not None, confidence=float(image[0, 0, 0]) / 255)

    bright = np.full((4, 6, 3), 255, np.uint8)
    verdicts = StubBackend(judge).inspect([PICTURE, bright], masks=[np.ones((4, 6), np.bool_), None])

    assert [(verdict.is_anomalous, verdict.confidence) for verdict in verdicts] == [(True, 0.0), (False, 1.0)]


def test_two_stubs_share_nothing() -> None:
    first, second = StubBackend([BAD]), StubBackend([GOOD])

    assert second.inspect([PICTURE]) == [GOOD]
    assert first.inspect([PICTURE]) == [BAD]


def test_threads_get_every_answer_once() -> None:
    answers = [Verdict(is_anomalous=False, confidence=i / 200) for i in range(200)]
    stub = StubBackend(answers)

    with ThreadPoolExecutor(4) as pool:
        played = [verdict for batch in pool.map(lambda _: stub.inspect([PICTURE] * 2), range(100)) for verdict in batch]

    assert sorted(verdict.confidence for verdict in played) == [answer.confidence for answer in answers]


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        ([PICTURE], [], r"masks: expected 1, one per picture, got 0"),
        ([PICTURE], [np.ones((6, 4), np.bool_)], r"masks\[0\]: expected bool of shape \(4, 6\)"),
        ([PICTURE, PICTURE[..., 0]], None, r"images\[1\]: expected \(H, W, 3\) uint8"),
    ],
)
def test_bad_input_is_refused_and_costs_no_answer(images, masks, message: str) -> None:
    stub = StubBackend([BAD])

    with pytest.raises(InvalidInput, match=message):
        stub.inspect(images, masks=masks)
    assert stub.inspect([PICTURE]) == [BAD]
