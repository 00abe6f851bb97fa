"""`Inline` and `Background` answer every object exactly once, whatever the backend does."""

from __future__ import annotations

import logging
from threading import Event, Semaphore

import numpy as np
import pytest

from conveyorqc.core import Crop, Verdict
from conveyorqc.errors import BackendError, BackendUnavailable, BadBackendResponse, InvalidInput
from conveyorqc.line import Background, Inline

GOOD = Verdict(is_anomalous=False, confidence=1.0)


def _crops(count=1):
    return [
        Crop(
            1, index, np.array([0.0, 0, 4, 4]), np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.bool_), complete=True
        )
        for index in range(count)
    ]


class _Backend:
    """Answers with what ``reply(images)`` returns or raises."""

    def __init__(self, reply):
        self.reply = reply
        self.calls = []

    def inspect(self, images, /, masks=None):
        self.calls.append((images, masks))
        return self.reply(images)


class _Stuck:
    """Answers only when told."""

    def __init__(self):
        self.asked = Semaphore(0)
        self.go_on = Event()

    def inspect(self, images, /, masks=None):
        self.asked.release()
        self.go_on.wait(30)
        return [GOOD] * len(images)


def _raise(error):
    raise error


@pytest.fixture(params=[Inline, Background], ids=["inline", "background"])
def new_inspector(request):
    made = []

    def make(backend):
        made.append(request.param(backend))
        return made[-1]

    yield make
    for inspector in made:
        getattr(inspector, "close", lambda: None)()


def test_all_views_of_an_object_go_to_the_backend_in_one_call_with_their_masks(new_inspector):
    backend = _Backend(lambda images: [GOOD] * len(images))
    inspector = new_inspector(backend)
    inspector.submit(7, _crops(3))
    [answer] = inspector.drain()
    assert (answer.object_id, answer.verdicts, answer.error) == (7, (GOOD,) * 3, None)
    [(images, masks)] = backend.calls
    assert [image.shape for image in images] == [(4, 4, 3)] * 3
    assert all(mask.all() for mask in masks)


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (lambda _: _raise(BackendUnavailable("no route")), BackendUnavailable, "no route"),
        (lambda _: _raise(ZeroDivisionError("oops")), BackendError, "ZeroDivisionError: oops"),
        (lambda _: [GOOD], BadBackendResponse, "expected 2 verdicts, got 1 of Verdict"),
        (lambda _: [GOOD] * 3, BadBackendResponse, "expected 2 verdicts, got 3 of Verdict"),
        (lambda _: [], BadBackendResponse, "expected 2 verdicts, got 0 of nothing"),
        (lambda _: [GOOD, None], BadBackendResponse, "got 2 of NoneType, Verdict"),
        (lambda _: None, BadBackendResponse, "got 1 of NoneType"),
        (lambda _: "ok", BadBackendResponse, "got 2 of str"),
        (lambda _: [Verdict(is_anomalous=False, confidence=float("nan"))], BackendError, "InvalidInput: confidence"),
    ],
)
def test_whatever_goes_wrong_becomes_an_answer_with_an_error(new_inspector, reply, kind, text):
    inspector = new_inspector(_Backend(reply))
    inspector.submit(7, _crops(2))
    [answer] = inspector.drain()
    assert (answer.object_id, answer.verdicts, type(answer.error)) == (7, (), kind)
    assert text in str(answer.error)


def test_a_foreign_error_is_logged_with_its_traceback_and_chained(new_inspector, caplog):
    bug = ZeroDivisionError("oops")
    inspector = new_inspector(_Backend(lambda _: _raise(bug)))
    with caplog.at_level(logging.ERROR):
        inspector.submit(7, _crops())
        [answer] = inspector.drain()
    assert answer.error.__cause__ is bug
    assert "object 7" in caplog.text
    assert "ZeroDivisionError: oops" in caplog.text


def test_an_answer_is_collected_once(new_inspector):
    inspector = new_inspector(_Backend(lambda images: [GOOD] * len(images)))
    inspector.submit(1, _crops())
    assert len(inspector.drain()) == 1
    assert not inspector.collect()
    assert not inspector.drain()


def test_a_stuck_backend_does_not_stop_who_submits():
    backend = _Stuck()
    with Background(backend, queue=2, timeout_s=5) as inspector:
        inspector.submit(1, _crops())
        backend.asked.acquire()
        for object_id in (2, 3, 4):
            inspector.submit(object_id, _crops())
        [refused] = inspector.collect()
        backend.go_on.set()
        answered = inspector.drain()
    assert (refused.object_id, str(refused.error)) == (4, "queue full: 2 objects wait for the backend")
    assert refused.error.retryable
    assert [(answer.object_id, answer.error) for answer in answered] == [(1, None), (2, None), (3, None)]


def test_a_dead_backend_is_given_up_and_its_late_answer_ignored():
    backend = _Stuck()
    with Background(backend, timeout_s=0.02) as inspector:
        for object_id in (1, 2):
            inspector.submit(object_id, _crops())
        backend.asked.acquire()
        answers = inspector.drain()
        assert sorted(answer.object_id for answer in answers) == [1, 2]
        assert {str(answer.error) for answer in answers} == {"no verdict within 0.02 s"}
        backend.go_on.set()
        inspector.submit(3, _crops())
        backend.asked.acquire()
        inspector._timeout_s = 5
        assert [(answer.object_id, answer.error) for answer in inspector.drain()] == [(3, None)]


def test_draining_waits_as_long_as_answers_keep_coming():
    backend = _Stuck()
    backend.go_on.set()
    with Background(backend, workers=2, timeout_s=5) as inspector:
        for object_id in range(30):
            inspector.submit(object_id, _crops())
        answers = [*inspector.collect(), *inspector.drain()]
    assert sorted(answer.object_id for answer in answers) == list(range(30))
    assert all(answer.error is None for answer in answers)


def test_blocking_waits_for_room():
    backend = _Stuck()
    backend.go_on.set()
    with Background(backend, queue=1, full="block", timeout_s=5) as inspector:
        for object_id in range(20):
            inspector.submit(object_id, _crops())
        answers = inspector.drain()
    assert [answer.error for answer in answers] == [None] * 20


def test_blocking_on_a_dead_backend_ends_too():
    backend = _Stuck()
    with Background(backend, queue=1, full="block", timeout_s=0.02) as inspector:
        inspector.submit(1, _crops())
        backend.asked.acquire()
        inspector.submit(2, _crops())
        inspector.submit(3, _crops())
        [refused] = inspector.collect()
        backend.go_on.set()
    assert (refused.object_id, type(refused.error)) == (3, BackendUnavailable)


def test_closing_answers_what_is_outstanding_and_ends_the_threads():
    backend = _Stuck()
    inspector = Background(backend, timeout_s=5)
    threads = list(inspector._threads)
    for object_id in (1, 2):
        inspector.submit(object_id, _crops())
    backend.asked.acquire()
    backend.go_on.set()
    inspector.close()
    inspector.close()
    inspector.submit(3, _crops())
    answers = inspector.drain()
    assert sorted(answer.object_id for answer in answers) == [1, 2, 3]
    assert all(type(answer.error) is BackendUnavailable for answer in answers if answer.object_id != 1)
    assert not any(thread.is_alive() for thread in threads)


def test_a_thread_that_does_not_end_is_left_behind_with_a_warning(caplog):
    backend = _Stuck()
    inspector = Background(backend, timeout_s=0.02)
    [thread] = inspector._threads
    inspector.submit(1, _crops())
    backend.asked.acquire()
    inspector.close()
    backend.go_on.set()
    thread.join(5)
    assert "inspector-0 is left behind" in caplog.text
    assert [str(answer.error) for answer in inspector.collect()] == [
        "the inspector was closed before the backend answered"
    ]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"workers": 0}, "workers"),
        ({"queue": 0}, "queue"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"full": "drop"}, "full"),
    ],
)
def test_settings_outside_their_range_are_refused(options, field):
    with pytest.raises(InvalidInput, match=field):
        Background(_Stuck(), **options)
