"""`SQLiteSink`: durable, idempotent, open to other readers and writers, never silently started empty."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from threading import Thread

import pytest

from conveyorqc.core import Disposition
from conveyorqc.errors import CorruptStore, SinkError, SinkUnavailable
from conveyorqc.sinks import SQLiteSink, read_events
from conveyorqc.testing import example_event


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Ereignisse – 事件 #1 %41.db"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "events.db"
    with SQLiteSink(path) as sink:
        for object_id in range(1, 60):
            sink.write(example_event(object_id))
    return path.read_bytes()


@pytest.fixture
def filled(path, template):
    path.write_bytes(template)
    return path


def _ids(path):
    return [event.object_id for event in read_events(path)]


def test_events_come_back_as_they_were_written(path):
    events = [example_event(object_id, disposition=kind) for object_id, kind in enumerate(Disposition, start=1)]
    with SQLiteSink(path) as sink:
        for event in reversed(events):
            sink.write(event)
        assert [event.to_dict() for event in read_events(path)] == [event.to_dict() for event in reversed(events)]


def test_the_same_event_changes_nothing_also_after_a_restart(filled):
    with SQLiteSink(filled) as sink:
        sink.write(example_event(2, disposition=Disposition.REJECT))
        assert sink.counts() == {Disposition.PASS: 59, Disposition.REJECT: 0, Disposition.UNKNOWN: 0}


def test_scalars_have_columns_for_queries(path):
    with SQLiteSink(path) as sink:
        sink.write(example_event(1, disposition=Disposition.REJECT))
        sink.write(example_event(2, disposition=Disposition.UNKNOWN))
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rejected, unknown = map(dict, connection.execute("SELECT * FROM events ORDER BY captured_at"))
    assert {name: rejected[name] for name in ("object_id", "disposition", "is_anomalous", "confidence", "views")} == {
        "object_id": 1,
        "disposition": "reject",
        "is_anomalous": 1,
        "confidence": 0.75,
        "views": 3,
    }
    assert (unknown["reason"], unknown["is_anomalous"], unknown["score"]) == ("no view", None, None)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("line_id = 'a' AND camera_id = 'b' AND captured_at > '2026'", "events_by_time"),
        ("disposition = 'unknown'", "events_by_disposition"),
    ],
)
def test_the_common_questions_have_an_index(filled, query, index):
    with closing(sqlite3.connect(filled)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM events WHERE {query}").fetchall()
    assert index in str(plan)


def test_every_write_is_synced_to_the_disk(path):
    with SQLiteSink(path) as sink:
        assert sink._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert sink._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_system_without_wal_is_worth_a_warning(path, monkeypatch, caplog):
    class Stubborn(sqlite3.Connection):
        def execute(self, statement, *args):
            return super().execute("SELECT 'delete'" if "journal_mode" in statement else statement, *args)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, **options, factory=Stubborn))
    with SQLiteSink(path) as sink:
        sink.write(example_event(1))
    assert "cannot do WAL" in caplog.text
    assert _ids(path) == [1]


def test_a_file_name_with_a_meaning_to_sqlite_is_still_a_file(tmp_path, monkeypatch):
    opened = []

    def look(path, **_):
        opened.append(path)
        raise sqlite3.OperationalError("seen enough")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sqlite3, "connect", look)
    with pytest.raises(SinkError, match="seen enough"):
        SQLiteSink(":memory:")
    assert opened == [tmp_path / ":memory:"]


def test_others_read_and_write_while_the_sink_is_open(path):
    with SQLiteSink(path) as one, SQLiteSink(path) as two:
        one.write(example_event(1))
        two.write(example_event(2))
        assert _ids(path) == [1, 2]
        one.write(example_event(2))
        assert one.counts()[Disposition.PASS] == 2


def test_a_locked_store_is_unavailable_until_it_is_free(filled):
    with SQLiteSink(filled, busy_timeout_s=0.01) as sink, closing(sqlite3.connect(filled)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SinkUnavailable, match="locked") as caught:
            sink.write(example_event(60))
        assert caught.value.retryable
        with pytest.raises(SinkUnavailable):
            SQLiteSink(filled, busy_timeout_s=0.01)
        other.rollback()
        sink.write(example_event(60))
    assert _ids(filled)[-1] == 60


def test_a_full_disk_is_unavailable_until_there_is_room(filled):
    with SQLiteSink(filled) as sink:
        (pages,) = sink._connection.execute("PRAGMA page_count").fetchone()
        sink._connection.execute(f"PRAGMA max_page_count = {pages}")
        refused = None
        for object_id in range(60, 200):
            try:
                sink.write(example_event(object_id))
            except SinkUnavailable as error:
                refused = (object_id, error)
                break
        assert "full" in str(refused[1])
        sink._connection.execute("PRAGMA max_page_count = 1000000")
        sink.write(example_event(refused[0]))
    assert _ids(filled) == list(range(1, refused[0] + 1))


def test_a_read_only_store_is_an_error_at_opening(filled, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **options: connect(f"{path.as_uri()}?mode=ro", uri=True, **options)
    )
    with pytest.raises(SinkError, match="readonly") as caught:
        SQLiteSink(filled)
    assert type(caught.value) is SinkError


@pytest.mark.parametrize("make", [SQLiteSink, lambda path: next(read_events(path))])
def test_a_missing_folder_is_an_error(tmp_path, make):
    with pytest.raises(SinkError, match="unable to open") as caught:
        make(tmp_path / "missing" / "events.db")
    assert not caught.value.retryable


@pytest.mark.parametrize("open_it", [SQLiteSink, lambda path: list(read_events(path))])
def test_a_text_file_is_no_store_and_stays_as_it_is(path, open_it):
    path.write_text("these are my notes\n" * 99)
    before = path.read_bytes()
    with pytest.raises(CorruptStore, match="not a database"):
        open_it(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("open_it", [SQLiteSink, lambda path: list(read_events(path))])
def test_a_truncated_store_is_corrupt_and_stays_as_it_is(filled, open_it):
    filled.write_bytes(filled.read_bytes()[:-6000])
    before = filled.read_bytes()
    with pytest.raises(CorruptStore):
        open_it(filled)
    assert filled.read_bytes() == before


def test_noise_in_the_middle_of_a_store_is_found_when_it_is_read(filled):
    content = bytearray(filled.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 12288)
    filled.write_bytes(content)
    with pytest.raises(CorruptStore):
        list(read_events(filled))


def test_a_row_that_is_no_event_is_named(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE events SET payload = '{}' WHERE object_id = 3")
        connection.commit()
    events = read_events(filled)
    assert [next(events).object_id, next(events).object_id] == [1, 2]
    with pytest.raises(CorruptStore, match="event line-1/camera-1/run-1/3"):
        next(events)


@pytest.mark.parametrize("open_it", [SQLiteSink, lambda path: list(read_events(path))])
@pytest.mark.parametrize(
    ("statement", "complaint"),
    [("PRAGMA user_version = 7", "version 1 or older, got 7"), ("CREATE TABLE notes (text)", "another program")],
)
def test_a_database_of_others_is_left_alone(path, statement, complaint, open_it):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(SinkError, match=complaint):
        open_it(path)
    assert path.read_bytes() == before


def test_an_empty_file_is_a_new_store(path):
    path.touch()
    assert _ids(path) == []
    with SQLiteSink(path) as sink:
        sink.write(example_event(1))
    assert _ids(path) == [1]


def test_closing_twice_does_nothing_and_using_it_afterwards_is_an_error(path):
    sink = SQLiteSink(path)
    sink.close()
    sink.close()
    for use in (lambda: sink.write(example_event(1)), sink.counts):
        with pytest.raises(SinkError, match="closed"):
            use()


def test_reading_can_stop_early(filled):
    events = read_events(filled)
    assert next(events).object_id == 1
    events.close()


def test_any_thread_may_write(path):
    with SQLiteSink(path) as sink:
        threads = [Thread(target=sink.write, args=(example_event(object_id),)) for object_id in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(_ids(path)) == list(range(8))
