from __future__ import annotations

import base64
import gc
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
import pytest
from http_service import SOUND, Told

from conveyorqc.core import AnomalyBackend
from conveyorqc.errors import (
    BackendError,
    BackendUnavailable,
    ConfigError,
    ImageRejected,
    InvalidInput,
)
from conveyorqc.imgproc import decode_image, encode_png
from conveyorqc.remote import HttpBackend, HttpMapping
from conveyorqc.testing import check_backend

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def shade(value: int) -> np.ndarray:
    return np.full((8, 8, 3), value, np.uint8)


def by_brightness(request) -> Told:
    """A service that calls bright pictures anomalous."""
    bright = float(decode_image(request.body).mean()) / 255
    return Told(body={"is_anomalous": bright > 0.5, "confidence": max(bright, 1 - bright), "score": bright})


@pytest.mark.parametrize("encoding", ["png", "jpeg"])
def test_it_keeps_the_promises_of_a_backend(service, encoding):
    service.answer = by_brightness
    with HttpBackend(service.url, encoding=encoding) as backend:
        assert isinstance(backend, AnomalyBackend)
        check_backend(backend)


def test_a_picture_is_posted_and_the_answer_is_the_verdict(service, backend):
    [verdict] = backend.inspect([PICTURE])

    assert (False, 0.75, None) == (verdict.is_anomalous, verdict.confidence, verdict.score)
    assert f"http://127.0.0.1:{service.port}/inspect" == verdict.model
    [request] = service.requests
    assert "/inspect" == request.path
    assert "image/png" == request.headers["Content-Type"]
    assert "application/json" == request.headers["Accept"]
    np.testing.assert_array_equal(PICTURE, decode_image(request.body))


def test_jpeg_is_smaller_and_almost_the_same(service):
    smooth = np.repeat(np.arange(0, 240, 5, dtype=np.uint8)[None, :, None], 48, axis=0).repeat(3, axis=2)
    for quality in (95, 20):
        with HttpBackend(service.url, encoding="jpeg", quality=quality) as backend:
            backend.inspect([smooth])
    fine, coarse = service.requests
    assert "image/jpeg" == fine.headers["Content-Type"]
    assert len(coarse.body) < len(fine.body)
    assert np.abs(decode_image(fine.body).astype(int) - smooth).max() < 6


def test_no_pictures_are_not_sent(service, backend):
    assert backend.inspect([]) == []
    assert service.requests == []


def test_a_batch_is_asked_about_together_and_answered_in_order(service):
    busy, most, lock = 0, 0, Lock()

    def slow(request) -> Told:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        told = by_brightness(request)
        time.sleep(0.05 if told.body["score"] < 0.5 else 0.0)
        with lock:
            busy -= 1
        return told

    service.answer = slow
    shades = [10, 200, 30, 220, 50, 240]
    with HttpBackend(service.url, connections=3) as backend:
        verdicts = backend.inspect([shade(value) for value in shades])
        again = backend.inspect([shade(value) for value in shades])
    expected = pytest.approx([value / 255 for value in shades])
    assert expected == [verdict.score for verdict in verdicts]
    assert expected == [verdict.score for verdict in again]
    assert 2 <= most <= 3
    assert service.connections <= 3


def test_callers_on_many_threads_share_the_connections(service):
    service.answer = by_brightness
    with HttpBackend(service.url, connections=2) as backend, ThreadPoolExecutor(6) as pool:
        rounds = list(pool.map(lambda value: backend.inspect([shade(value)])[0].score, range(0, 240, 10)))
    assert pytest.approx([value / 255 for value in range(0, 240, 10)]) == rounds
    assert service.connections <= 2


def test_connections_are_used_again_after_an_error_too(service, backend):
    backend.inspect([PICTURE])
    service.says({"detail": "busy"}, status=503)
    with pytest.raises(BackendUnavailable):
        backend.inspect([PICTURE])
    service.says(SOUND)
    backend.inspect([PICTURE])
    assert 1 == service.connections


def test_a_connection_that_the_server_closed_is_made_anew(service, backend):
    service.says(SOUND, Connection="close")
    for _ in range(3):
        backend.inspect([PICTURE])
    assert 3 == service.connections


def test_a_connection_that_fell_asleep_is_noticed_before_it_is_used(service, backend):
    def hang_up_after(handler) -> None:
        handler._send(Told(body=SOUND))
        handler.close_connection = True

    service.answer = lambda _request: hang_up_after
    for _ in range(2):
        backend.inspect([PICTURE])
        time.sleep(0.1)
    assert 2 == service.connections


def test_closing_twice_and_judging_after_it_is_fine(service, backend):
    backend.inspect([PICTURE])
    backend.close()
    backend.close()
    assert 1 == len(backend.inspect([PICTURE]))
    assert 2 == service.connections


def test_a_backend_that_nobody_closes_closes_itself(service):
    backend = HttpBackend(service.url)
    backend.inspect([PICTURE])
    del backend
    gc.collect()
    assert 1 == service.connections


def test_everything_an_answer_may_hold_is_in_the_verdict(service, backend):
    drawn = np.zeros((12, 16, 3), np.uint8)
    drawn[3:6, 4:8] = (0, 0, 255)
    service.says(
        {
            "is_anomalous": True,
            "confidence": 1,
            "score": 17,
            "anomalies": [{"name": "crack", "area_fraction": 0.25, "color": "#00FF00"}, {"name": "chip"}],
            "mask": base64.b64encode(encode_png(drawn)).decode(),
            "model": "wafer/7",
            "what nobody asked for": [],
        }
    )
    [verdict] = backend.inspect([PICTURE])
    assert (True, 1.0, 17.0, "wafer/7") == (verdict.is_anomalous, verdict.confidence, verdict.score, verdict.model)
    assert [("crack", 0.25, "#00FF00"), ("chip", 0.0, "#FF0000")] == [
        (one.name, one.area_fraction, one.color) for one in verdict.anomalies
    ]
    np.testing.assert_array_equal(np.kron(drawn.any(axis=2), np.ones((2, 2), bool)), verdict.mask)


def test_headers_are_sent_and_secrets_stay_secret(service, monkeypatch, caplog):
    monkeypatch.setenv("QC_TOKEN", "Bearer tell-nobody")
    with (
        HttpBackend(service.url, headers={"X-Line": "4"}, headers_from_env={"Authorization": "QC_TOKEN"}) as backend,
        caplog.at_level(logging.DEBUG),
    ):
        backend.inspect([PICTURE])
        service.says({"detail": "wrong key: Bearer tell-nobody"}, status=401)
        with pytest.raises(BackendError, match=r"answered 401 Unauthorized: .*wrong key: \*\*\*") as caught:
            backend.inspect([PICTURE])
    [sent, _] = service.requests
    assert ("4", "Bearer tell-nobody") == (sent.headers["X-Line"], sent.headers["Authorization"])
    told = f"{caught.value!r} {caught.value} {backend!r} {backend} {caplog.text}"
    assert "tell-nobody" not in told
    assert not caught.value.retryable


def test_a_secret_over_an_open_network_is_warned_about(monkeypatch, caplog):
    monkeypatch.setenv("QC_TOKEN", "tell-nobody")
    with caplog.at_level(logging.WARNING, logger="conveyorqc.remote"):
        HttpBackend("http://qc.example/inspect", headers_from_env={"X-Key": "QC_TOKEN"})
    assert "X-Key is sent without encryption: use https" in caplog.text
    assert "tell-nobody" not in caplog.text


def test_keys_in_the_address_are_sent_and_not_repeated(service):
    with HttpBackend(f"{service.url}?key=tell-nobody") as backend:
        backend.inspect([PICTURE])
        service.says("no", status=403)
        with pytest.raises(BackendError) as caught:
            backend.inspect([PICTURE])
    assert "/inspect?key=tell-nobody" == service.requests[0].path
    assert "tell-nobody" not in f"{caught.value} {backend!r}"


def test_an_answer_of_exactly_the_limit_is_read(service):
    body = b'{"is_anomalous": true, "confidence": 1}'
    service.says(body)
    with HttpBackend(service.url, max_response_bytes=len(body)) as backend:
        assert backend.inspect([PICTURE])[0].is_anomalous


def test_chunked_answers_are_read(service, backend):
    def chunked(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (b'{"is_anomalous": true, ', b'"confidence": 0.5}', b""):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    service.answer = lambda _request: chunked
    for _ in range(2):
        assert backend.inspect([PICTURE])[0].is_anomalous
    assert 1 == service.connections


def test_a_picture_that_is_too_large_is_not_sent(service):
    with (
        HttpBackend(service.url, max_request_bytes=500) as backend,
        pytest.raises(ImageRejected, match=r"images\[1\]: expected at most 500 bytes as png, got \d+"),
    ):
        backend.inspect([shade(1), PICTURE])
    assert service.requests == []


def test_a_picture_that_cannot_be_encoded_is_rejected(service):
    with HttpBackend(service.url, encoding="jpeg") as backend, pytest.raises(ImageRejected, match=r"images\[0\]"):
        backend.inspect([np.zeros((1, 70_000, 3), np.uint8)])


def test_wrong_pictures_are_refused(backend):
    with pytest.raises(InvalidInput, match=r"images\[0\]"):
        backend.inspect([np.zeros((4, 4))])
    with pytest.raises(InvalidInput, match="masks: expected 1"):
        backend.inspect([PICTURE], masks=[])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "bmp"}, "encoding: expected png or jpeg, got 'bmp'"),
        ({"quality": 101}, "quality: expected a number above 0 and at most 100, got 101"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"connect_timeout_s": float("inf")}, "connect_timeout_s"),
        ({"max_request_bytes": 0}, "max_request_bytes"),
        ({"max_response_bytes": -1}, "max_response_bytes"),
        ({"connections": 0}, "connections"),
        ({"headers": {"X Line": "4"}}, "headers: expected the name of a header that is free to set, got 'X Line'"),
        ({"headers": {"Host": "elsewhere"}}, "headers: expected the name of a header"),
        ({"headers": {"X-Line": "4\r\nX-More: 5"}}, "headers: expected a line of ASCII text for X-Line"),
        ({"ca_file": "missing.pem"}, r"ca_file: expected certificates in PEM, got 'missing\.pem'"),
    ],
)
def test_senseless_options_are_refused(options, message):
    with pytest.raises(InvalidInput, match=message):
        HttpBackend("https://qc.example/", **options)


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("QC_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="expected Authorization in the environment variable QC_TOKEN, got nothing"):
        HttpBackend("https://qc.example/", headers_from_env={"Authorization": "QC_TOKEN"})


def test_a_secret_that_is_no_header_is_not_repeated(monkeypatch):
    monkeypatch.setenv("QC_TOKEN", "tell\nnobody")
    with pytest.raises(InvalidInput, match="headers: expected a line") as caught:
        HttpBackend("https://qc.example/", headers_from_env={"Authorization": "QC_TOKEN"})
    assert "nobody" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "qc.example/inspect",
        "ftp://qc.example/",
        "http://",
        "http:///inspect",
        "http://qc.example:port/",
        "http://qc.example:99999/",
        "http://[::1/",
        "http://qc.example/a b",
        "http://qc.example/\r\nX: y",
        "http://qc.example/ä",
        "http://qc.example/#part",
        "http://user:pass-word@qc.example/",
        f"http://{'a' * 70}.example/",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(InvalidInput, match="url: expected") as caught:
        HttpBackend(url)
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://qc.example", "http://qc.example:80/"),
        ("https://qc.example/a?key=1", "https://qc.example:443/a"),
        ("https://[::1]:8443/a", "https://[::1]:8443/a"),
    ],
)
def test_the_address_is_shown_without_its_query(url, shown):
    assert f"HttpBackend({shown!r})" == repr(HttpBackend(url))


def test_another_shape_of_answer_is_described(service):
    service.says({"result": {"predictions": [{"defect": 0.8}, {"defect": 0.2}]}})
    mapping = HttpMapping(is_anomalous=None, score="result.predictions.0.defect", threshold=0.6)
    with HttpBackend(service.url, mapping=mapping) as backend:
        [verdict] = backend.inspect([PICTURE])
    assert (True, 0.8) == (verdict.is_anomalous, verdict.score)
    assert pytest.approx(0.75) == verdict.confidence
