"""`HttpBackend`: a model behind a URL."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Self

from conveyorqc.core import ImageU8, Mask, Verdict, as_pictures
from conveyorqc.errors import ImageError, ImageRejected, InvalidInput
from conveyorqc.imgproc import encode_jpeg, encode_png
from conveyorqc.remote._address import address_of, checked_headers, secret_headers
from conveyorqc.remote._mapping import HttpMapping, verdict_of
from conveyorqc.remote._status import check_status
from conveyorqc.remote._wire import Wire

__all__ = ["HttpBackend"]

_log = logging.getLogger(__name__)

_ACCEPT = MappingProxyType({"Accept": "application/json"})
_LONGEST_S = 3600.0
_LARGEST_BYTES = 1 << 30
_MOST_CONNECTIONS = 256


class HttpBackend:
    """An `AnomalyBackend` that asks a service over HTTP: one POST with one encoded picture, one JSON answer.

    The answer is ``{"is_anomalous": true, "confidence": 0.93}``, with more where the service knows more; another
    shape is described by an `HttpMapping`. Every call is one try: wrap it in `conveyorqc.anomaly.Retrying` for more.
    Masks are not sent. Connections are kept open; `close`, or leaving a ``with`` block, closes them. Redirections
    are not followed, proxies not used. Safe to use from several threads.

    Args:
        url: of the service; http or https.
        mapping: where in the answer what stands; the shape above when None.
        encoding: ``png`` shows the service what the camera saw; ``jpeg`` is several times smaller and changes it.
        quality: of JPEG, 1-100.
        headers: sent with every request.
        headers_from_env: further headers, whose values are in environment variables: ``{"Authorization":
            "QC_TOKEN"}``. They are read once, here, and appear in no text.
        timeout_s: for one picture, from the first byte sent to the last one received. Longer waits for a slow
            service; shorter lets a line decide in time that an object is unknown.
        connect_timeout_s: for making a connection.
        max_request_bytes: a larger encoded picture is not sent.
        max_response_bytes: a longer answer is not read to its end.
        connections: pictures that are asked about at a time. More is faster if the service works on several.
        ca_file: certificates (PEM) to trust in place of the system's, for services of a plant.

    Raises:
        InvalidInput: if an option is outside these bounds.
        ConfigError: if an environment variable is not set.
    """

    def __init__(
        self,
        url: str,
        /,
        *,
        mapping: HttpMapping | None = None,
        encoding: Literal["png", "jpeg"] = "png",
        quality: int = 95,
        headers: Mapping[str, str] | None = None,
        headers_from_env: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
        connect_timeout_s: float = 3.0,
        max_request_bytes: int = 4 * 1024 * 1024,
        max_response_bytes: int = 4 * 1024 * 1024,
        connections: int = 4,
        ca_file: Path | str | None = None,
    ) -> None:
        if encoding not in ("png", "jpeg"):
            raise InvalidInput(f"encoding: expected png or jpeg, got {encoding!r}")
        _check("quality", quality, most=100)
        _check("timeout_s", timeout_s, most=_LONGEST_S)
        _check("connect_timeout_s", connect_timeout_s, most=_LONGEST_S)
        _check("max_request_bytes", max_request_bytes, most=_LARGEST_BYTES)
        _check("max_response_bytes", max_response_bytes, most=_LARGEST_BYTES)
        _check("connections", connections, most=_MOST_CONNECTIONS)
        self._address = address_of(url)
        self._mapping = HttpMapping() if mapping is None else mapping
        self._encoding = encoding
        self._quality = quality
        self._max_request_bytes = max_request_bytes
        self._connections = connections
        secret = secret_headers(headers_from_env or {})
        if secret and not self._address.secure and not self._address.on_this_machine:
            _log.warning("%s: %s is sent without encryption: use https", self._address, ", ".join(secret))
        self._secrets = tuple(secret.values())
        self._headers = {**_ACCEPT, **checked_headers(headers or {}), **secret, "Content-Type": f"image/{encoding}"}
        self._wire = Wire(
            self._address,
            connections=connections,
            timeout_s=timeout_s,
            connect_timeout_s=connect_timeout_s,
            max_response_bytes=max_response_bytes,
            ca_file=ca_file,
        )
        weakref.finalize(self, self._wire.close)

    def __repr__(self) -> str:
        return f"HttpBackend({str(self._address)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are open; judging again opens new ones."""
        self._wire.close()

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, in order.

        All pictures are encoded and their sizes checked before the first is sent.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each; checked and not used.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
            ImageRejected: if a picture is too large to be sent, or the service will not judge it (400, 413, 415, 422).
            Throttled: if the service asks for a pause (429); ``retry_after_s`` says how long.
            BackendUnavailable: if it cannot be reached, is too slow, or says that it cannot answer (502, 503, 504).
            BadBackendResponse: if its answer is no verdict, or too long.
            BackendError: for every other status, and a certificate that cannot be trusted.
        """
        pictures = [image for image, _ in as_pictures(images, masks)]
        bodies = [self._encoded(image, position) for position, image in enumerate(pictures)]
        sizes = [image.shape[:2] for image in pictures]
        if len(bodies) < 2:
            return [self._judged(body, size) for body, size in zip(bodies, sizes, strict=True)]
        with ThreadPoolExecutor(min(self._connections, len(bodies)), "conveyorqc-http") as pool:
            return list(pool.map(self._judged, bodies, sizes))

    def _encoded(self, image: ImageU8, position: int) -> bytes:
        try:
            body = encode_png(image) if self._encoding == "png" else encode_jpeg(image, quality=self._quality)
        except ImageError as error:
            raise ImageRejected(f"images[{position}]: {error}") from error
        if len(body) > self._max_request_bytes:
            raise ImageRejected(
                f"images[{position}]: expected at most {self._max_request_bytes} bytes as {self._encoding}, "
                f"got {len(body)}"
            )
        return body

    def _judged(self, body: bytes, size: tuple[int, int]) -> Verdict:
        reply = self._wire.post(body, self._headers)
        check_status(reply, source=str(self._address), secrets=self._secrets)
        return verdict_of(reply.body, self._mapping, size=size, source=str(self._address))


def _check(name: str, number: float, *, most: float) -> None:
    if not 0 < number <= most:
        raise InvalidInput(f"{name}: expected a number above 0 and at most {most}, got {number}")
