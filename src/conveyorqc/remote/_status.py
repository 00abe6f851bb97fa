"""What the status of an HTTP answer means for those who asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from conveyorqc.errors import BackendError, BackendUnavailable, ImageRejected, Throttled

__all__ = ["Reply", "check_status"]

_REJECTED = frozenset({400, 413, 415, 422})
_PASSING = frozenset({502, 503, 504})
_SHOWN = 200
"""Characters of the server's own words in an error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; ``headers`` has the names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check_status(reply: Reply, /, *, source: str, secrets: Iterable[str] = ()) -> None:
    """Nothing for a status of 200-299.

    Args:
        reply: the answer.
        source: names the service in errors.
        secrets: never repeated in errors, even if the server does.

    Raises:
        Throttled: for 429.
        BackendUnavailable: for 502, 503 and 504, which pass.
        ImageRejected: for 400, 413, 415 and 422.
        BackendError: for any other; redirections are not followed.
    """
    if 200 <= reply.status < 300:
        return
    told = f"{source} answered {reply.status}{_phrase(reply.status)}{_words(reply.body, secrets)}"
    if reply.status == 429:
        raise Throttled(told, retry_after_s=_retry_after_s(reply.headers))
    if reply.status in _PASSING:
        raise BackendUnavailable(told, retry_after_s=_retry_after_s(reply.headers))
    if reply.status in _REJECTED:
        raise ImageRejected(told)
    if 300 <= reply.status < 400:
        raise BackendError(f"{told}; it points to {reply.headers.get('location', '')!r:.200}, which is not followed")
    raise BackendError(told)


def _phrase(status: int) -> str:
    return f" {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else ""


def _words(body: bytes, secrets: Iterable[str]) -> str:
    """The beginning of what the server says, on one line."""
    text = body.decode("utf-8", errors="replace")
    for secret in secrets:
        text = text.replace(secret, "***")
    shown = " ".join("".join(one if one.isprintable() else " " for one in text[: 4 * _SHOWN]).split())
    return f": {shown[:_SHOWN]}" if shown else ""


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to be left alone (RFC 9110, 10.2.3).

    A date is taken relative to the server's own, so that no clock needs to be right.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal() and asked.isascii():
        return float(asked[:9])
    try:
        return max(0.0, (parsedate_to_datetime(asked) - parsedate_to_datetime(headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError):  # there is none, or it is no date
        return None
