"""The error tree: one root, drawn in the docstring as it is, builtin cousins, retryable as told."""

from __future__ import annotations

import re

import pytest

from conveyorqc import errors

CLASSES = [getattr(errors, name) for name in errors.__all__]


def test_every_error_is_public_and_derives_from_one_root():
    defined = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert defined == set(errors.__all__)
    assert all(issubclass(kind, errors.ConveyorQCError) for kind in CLASSES)


def test_the_drawing_shows_the_tree_as_it_is():
    drawn = {}
    path = ["ConveyorQCError"]
    for line in errors.__doc__.splitlines():
        found = re.match(r"^([ │├└─]*)[├└]── (\w+)(?:\s+\((\w+)\))?", line)
        if found:
            depth = line.index(found[2]) // 4 - 1
            path = [*path[:depth], found[2]]
            drawn[found[2]] = (path[-2], found[3])
    assert set(drawn) == set(errors.__all__) - {"ConveyorQCError"}
    for name, (parent, builtin) in drawn.items():
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        assert bases == [parent, builtin][: len(bases)]
        assert (builtin is None) == (len(bases) == 1)


def test_only_what_may_succeed_later_is_retryable():
    assert {kind.__name__ for kind in CLASSES if kind.retryable} == {
        "BackendUnavailable",
        "SinkUnavailable",
        "Throttled",
    }


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.InvalidInput, ValueError),
        (errors.VideoNotFound, FileNotFoundError),
        (errors.TruncatedVideo, OSError),
        (errors.ModelNotFound, FileNotFoundError),
        (errors.CorruptStore, OSError),
        (errors.BadBackendResponse, RuntimeError),
    ],
)
def test_the_builtin_that_a_caller_expects_catches_it_too(kind, builtin):
    assert issubclass(kind, builtin)


def test_a_missing_extra_says_how_to_install_it():
    error = errors.MissingExtraError("boto3", extra="aws")
    assert str(error) == "boto3 is not installed: pip install 'conveyorqc[aws]'"
    assert (error.package, error.extra) == ("boto3", "aws")


def test_a_truncated_video_may_not_know_how_much_is_missing():
    error = errors.TruncatedVideo("belt.mp4", read=6, declared=None)
    assert str(error) == "belt.mp4 ends early: read 6 of an unknown number of frames"
    assert error.declared is None


def test_a_truncated_video_says_how_much_is_missing():
    error = errors.TruncatedVideo("belt.mp4", read=6, declared=300)
    assert str(error) == "belt.mp4 ends early: read 6 of 300 declared frames"
    assert (error.read, error.declared) == (6, 300)
