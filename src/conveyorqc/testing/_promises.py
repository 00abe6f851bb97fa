"""How a contract suite says which promise a plug-in breaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["is_finite_array", "promise", "promised"]


def promise(kept: object, text: str, /) -> None:
    """Raise AssertionError with ``text`` unless ``kept`` is true."""
    if not kept:
        raise AssertionError(f"broken promise: {text}")


@contextmanager
def promised(text: str, /) -> Iterator[None]:
    """Turn whatever the plug-in raises inside into an AssertionError that says what should have worked."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"broken promise: {text}, but it raised {type(error).__name__}: {error}") from error


def is_finite_array(value: object, shape: tuple[int, ...], /) -> bool:
    """Whether ``value`` is an array of finite numbers of this shape."""
    return isinstance(value, np.ndarray) and value.shape == shape and bool(np.isfinite(value).all())
