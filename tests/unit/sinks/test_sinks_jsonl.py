"""`JsonlSink`: one line per event, on the disk before `write` returns, sound again after any crash."""

from __future__ import annotations

import errno
import json
import logging
import os
from threading import Thread

import pytest

from conveyorqc.core import Disposition, InspectionEvent
from conveyorqc.errors import CorruptStore, SinkError, SinkUnavailable
from conveyorqc.sinks import JsonlSink
from conveyorqc.testing import example_event


def _ids(path):
    return [InspectionEvent.from_dict(json.loads(line)).object_id for line in path.read_bytes().splitlines()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Ereignisse – 事件.jsonl"


@pytest.fixture
def filled(path):
    with JsonlSink(path) as sink:
        for object_id in (1, 2):
            sink.write(example_event(object_id))
    return path


def test_each_event_is_one_line_of_json(path):
    with JsonlSink(path) as sink:
        sink.write(example_event(1, disposition=Disposition.UNKNOWN, reason="zu dunkel\nund naß"))
        assert sink.path == path
        [line] = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert json.loads(line)["reason"] == "zu dunkel\nund naß"
    assert "naß" in line


def test_an_event_is_on_the_disk_when_write_returns(path, monkeypatch):
    synced = []
    with JsonlSink(path) as sink:
        monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_bytes()))
        sink.write(example_event(1))
    assert synced == [path.read_bytes()]
    assert synced[0].endswith(b"\n")


def test_the_same_event_changes_nothing_also_after_a_restart(filled):
    with JsonlSink(filled) as sink:
        sink.write(example_event(2, disposition=Disposition.REJECT))
        sink.write(example_event(3))
        sink.write(example_event(3))
    assert _ids(filled) == [1, 2, 3]


@pytest.mark.parametrize("cut", [1, 40, 5000])
def test_a_torn_last_line_is_removed_with_a_warning(filled, caplog, cut):
    whole = filled.read_bytes()
    torn = json.dumps(example_event(3).to_dict()).encode()[:cut]
    filled.write_bytes(whole + torn[:-1] if cut == 5000 else whole + torn)
    with caplog.at_level(logging.WARNING), JsonlSink(filled) as sink:
        assert filled.read_bytes() == whole
        sink.write(example_event(3))
    assert "torn last line" in caplog.text
    assert _ids(filled) == [1, 2, 3]


def test_a_whole_last_line_without_its_end_is_kept(filled, caplog):
    whole = filled.read_bytes()
    filled.write_bytes(whole[:-1])
    with caplog.at_level(logging.WARNING), JsonlSink(filled) as sink:
        sink.write(example_event(2))
        assert filled.read_bytes() == whole
    assert not caplog.records


@pytest.mark.parametrize(
    "line", [b"torn by a crash", b"", b"[1, 2]", b"{}", b'{"event_id": 5}', b"\xff\xfe", b"[" * 99999]
)
def test_a_line_that_is_no_event_is_named(filled, line):
    first, second = filled.read_bytes().splitlines(keepends=True)
    damaged = first + line + b"\n" + second
    filled.write_bytes(damaged)
    with pytest.raises(CorruptStore, match="line 2: expected an event"):
        JsonlSink(filled)
    assert filled.read_bytes() == damaged


def test_a_missing_folder_is_an_error_at_once(tmp_path):
    with pytest.raises(SinkError, match="No such file") as caught:
        JsonlSink(tmp_path / "missing" / "events.jsonl")
    assert not caught.value.retryable
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(SinkError):
        JsonlSink(tmp_path)


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, SinkUnavailable), (errno.EROFS, SinkError), (errno.EIO, SinkUnavailable)]
)
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_an_event_that_the_disk_refuses_is_not_stored_and_can_be_offered_again(filled, monkeypatch, code, kind, call):
    before = filled.read_bytes()
    write = os.write

    def refuse(descriptor, data=b""):
        if call == "write":
            write(descriptor, data[:10])
        raise OSError(code, os.strerror(code))

    with JsonlSink(filled) as sink:
        with monkeypatch.context() as broken:
            broken.setattr(os, call, refuse)
            with pytest.raises(kind) as caught:
                sink.write(example_event(3))
        assert type(caught.value) is kind
        assert filled.read_bytes() == before
        sink.write(example_event(3))
    assert _ids(filled) == [1, 2, 3]


def test_what_could_not_be_removed_after_a_failure_is_removed_later(filled, monkeypatch):
    write = os.write

    def refuse(descriptor, data):
        write(descriptor, data[:10])
        raise OSError(errno.ENOSPC, "full")

    def too_late(*_):
        raise OSError(errno.EIO, "gone")

    with JsonlSink(filled) as sink:
        with monkeypatch.context() as broken:
            broken.setattr(os, "write", refuse)
            broken.setattr(os, "ftruncate", too_late)
            with pytest.raises(SinkUnavailable, match="full"):
                sink.write(example_event(3))
        sink.write(example_event(3))
    assert _ids(filled) == [1, 2, 3]


def test_writes_that_the_system_splits_are_completed(path, monkeypatch):
    write = os.write
    with JsonlSink(path) as sink:
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
        sink.write(example_event(1))
    assert _ids(path) == [1]


def test_two_sinks_on_one_file_know_each_others_events(path):
    with JsonlSink(path) as one, JsonlSink(path) as two:
        for object_id in range(6):
            (one, two)[object_id % 2].write(example_event(object_id))
        one.write(example_event(5))
        two.write(example_event(4))
    assert _ids(path) == [0, 1, 2, 3, 4, 5]


def test_a_file_that_another_writer_holds_is_busy(path):
    from conveyorqc.sinks._file_lock import exclusive

    with JsonlSink(path, busy_timeout_s=0.01) as sink:
        with path.open("ab") as other, exclusive(other.fileno(), timeout_s=1.0):
            with pytest.raises(SinkUnavailable, match="another writer"):
                sink.write(example_event(1))
            with pytest.raises(SinkUnavailable):
                JsonlSink(path, busy_timeout_s=0.01)
        sink.write(example_event(1))
    assert _ids(path) == [1]


def test_a_file_system_without_locks_is_an_error(path, monkeypatch):
    def no_locks(_):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr("conveyorqc.sinks._file_lock._lock", no_locks)
    with pytest.raises(SinkError, match="no locks"):
        JsonlSink(path)


def test_a_file_that_someone_shortened_is_an_error(filled):
    with JsonlSink(filled) as sink:
        filled.write_bytes(b"")
        with pytest.raises(CorruptStore, match="shortened"):
            sink.write(example_event(3))


def test_closing_twice_does_nothing_and_writing_afterwards_is_an_error(path):
    sink = JsonlSink(path)
    sink.close()
    sink.close()
    with pytest.raises(SinkError, match="closed"):
        sink.write(example_event(1))


def test_any_thread_may_write(path):
    with JsonlSink(path) as sink:
        threads = [Thread(target=sink.write, args=(example_event(object_id),)) for object_id in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(_ids(path)) == list(range(8))
