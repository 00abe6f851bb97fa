"""What a service can do wrong, each as an error of its own, in time and within bounds."""

from __future__ import annotations

from http.client import HTTPConnection

import numpy as np
import pytest
from http_service import SOUND, Service, Told

from conveyorqc.anomaly import Retrying
from conveyorqc.errors import (
    BackendError,
    BackendUnavailable,
    BadBackendResponse,
    ImageRejected,
    Throttled,
)
from conveyorqc.imgproc import decode_image
from conveyorqc.remote import HttpBackend

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def shade(value: int) -> np.ndarray:
    return np.full((8, 8, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, ImageRejected, False),
        (413, ImageRejected, False),
        (415, ImageRejected, False),
        (422, ImageRejected, False),
        (429, Throttled, True),
        (502, BackendUnavailable, True),
        (503, BackendUnavailable, True),
        (504, BackendUnavailable, True),
        (401, BackendError, False),
        (404, BackendError, False),
        (500, BackendError, False),
        (299 + 300, BackendError, False),
    ],
)
def test_each_status_is_an_error_of_its_own(service, backend, status, kind, retryable):
    service.says({"detail": "line\nbreak\x00"}, status=status)
    with pytest.raises(BackendError, match=rf"http://127\.0\.0\.1:\d+/inspect answered {status}") as caught:
        backend.inspect([PICTURE])
    assert kind is type(caught.value)
    assert retryable == caught.value.retryable
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "Fri, 20 Nov 2026 20:00:30 GMT", "Date": "Fri, 20 Nov 2026 20:00:00 GMT"}, 30.0),
        ({"Retry_After": "Fri, 20 Nov 2026 19:00:00 GMT", "Date": "Fri, 20 Nov 2026 20:00:00 GMT"}, 0.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "-3"}, None),
        ({}, None),
    ],
)
def test_the_pause_that_is_asked_for_is_in_the_error(service, backend, status, header, expected):
    def raw(handler) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in header.items())
        handler.wfile.write(f"HTTP/1.1 {status} Later\r\nContent-Length: 0\r\n{lines}\r\n".encode())

    service.answer = lambda _request: raw
    with pytest.raises(BackendUnavailable) as caught:
        backend.inspect([PICTURE])
    assert expected == caught.value.retry_after_s


def test_retrying_waits_as_long_as_it_is_asked_to(service, backend):
    answers = [Told(429, {}, (("Retry-After", "4"),)), Told(503, {}), Told(body=SOUND)]
    service.answer = lambda _request: answers.pop(0)
    naps = []
    retrying = Retrying(backend, attempts=3, wait_s=0.01, sleep=naps.append)
    assert 1 == len(retrying.inspect([PICTURE]))
    assert 4.0 == naps[0]
    assert 3 == len(service.requests)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirections_are_not_followed(service, backend, status):
    with Service() as elsewhere:
        service.says({}, status=status, Location=elsewhere.url)
        with pytest.raises(BackendError, match=rf"it points to 'http://127\.0\.0\.1:{elsewhere.port}/inspect', which"):
            backend.inspect([PICTURE])
        assert elsewhere.requests == []


def test_a_slow_service_is_unavailable(service):
    service.answer = lambda _request: lambda _handler: service.stopping.wait(1.0)
    with HttpBackend(service.url, timeout_s=0.1) as backend, pytest.raises(BackendUnavailable, match="not in time"):
        backend.inspect([PICTURE])


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_a_service_that_drips_is_unavailable_when_the_time_is_up(service, start):
    def drip(handler) -> None:
        handler.wfile.write(start)
        while not service.stopping.wait(0.02):
            handler.wfile.write(b"H")

    service.answer = lambda _request: drip
    with HttpBackend(service.url, timeout_s=0.3) as backend, pytest.raises(BackendUnavailable, match="not in time"):
        backend.inspect([PICTURE])


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}",
        b"",
    ],
)
def test_an_answer_that_breaks_off_is_worth_another_try(service, backend, data):
    service.writes(data)
    with pytest.raises(BackendUnavailable):
        backend.inspect([PICTURE])


@pytest.mark.parametrize(
    "data",
    [
        b"SMTP ready\r\n\r\n",
        b"HTTP/9 200\r\n\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_bad_response(service, backend, data):
    service.writes(data)
    with pytest.raises(BadBackendResponse, match="expected HTTP"):
        backend.inspect([PICTURE])


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_answer_is_not_read_to_its_end(service, declared):
    sent = []

    def endless(handler) -> None:
        length = b"Content-Length: 900000000\r\n" if declared else b""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        while not service.stopping.is_set() and len(sent) < 4000:
            handler.wfile.write(b" " * 65_536)
            sent.append(1)

    service.answer = lambda _request: endless
    with (
        HttpBackend(service.url, max_response_bytes=100_000) as backend,
        pytest.raises(BadBackendResponse, match="expected an answer of at most 100000 bytes, got more"),
    ):
        backend.inspect([PICTURE])
    assert len(sent) < 4000


@pytest.mark.parametrize("broken", [BrokenPipeError, ConnectionResetError])
def test_an_answer_counts_even_if_the_server_stopped_listening_before(service, backend, broken, monkeypatch):
    send = HTTPConnection.request

    def cut(*told, **more) -> None:
        send(*told, **more)
        raise broken

    monkeypatch.setattr(HTTPConnection, "request", cut)
    service.says({"detail": "too large"}, status=413)
    with pytest.raises(ImageRejected, match="too large"):
        backend.inspect([PICTURE])


def test_nobody_listening_is_unavailable():
    with Service() as gone:
        url = gone.url
    with HttpBackend(url) as backend, pytest.raises(BackendUnavailable, match=r"127\.0\.0\.1"):
        backend.inspect([PICTURE])


def test_one_failure_fails_the_batch(service):
    service.answer = lambda request: Told(500, "no") if decode_image(request.body)[0, 0, 0] == 7 else Told(body=SOUND)
    with HttpBackend(service.url, connections=2) as backend, pytest.raises(BackendError, match="answered 500"):
        backend.inspect([shade(value) for value in range(10)])
