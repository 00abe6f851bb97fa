"""The ledger settles every object that entered exactly once."""

from __future__ import annotations

import pytest

from conveyorqc.core import Disposition, Ledger, LedgerCounts
from conveyorqc.errors import LedgerError


def test_each_disposition_has_its_own_count():
    ledger = Ledger()
    ledger.enter([1, 2, 3, 4])
    ledger.settle(2, Disposition.REJECT)
    ledger.settle(1, Disposition.PASS)
    ledger.settle(4, Disposition.UNKNOWN)
    assert ledger.counts == LedgerCounts(entered=4, passed=1, rejected=1, unknown=1, in_flight=1)
    assert ledger.in_flight == {3}


@pytest.mark.parametrize("ids", [[1, 1], [2, 1], [-1]])
def test_ids_that_do_not_ascend_are_refused(ids):
    with pytest.raises(LedgerError, match="must ascend"):
        Ledger().enter(ids)


def test_an_id_is_never_reused():
    ledger = Ledger()
    ledger.enter([1])
    ledger.settle(1, Disposition.PASS)
    with pytest.raises(LedgerError, match="must ascend"):
        ledger.enter([1])


def test_an_object_is_settled_once():
    ledger = Ledger()
    ledger.enter([1])
    ledger.settle(1, Disposition.PASS)
    with pytest.raises(LedgerError, match="not in flight"):
        ledger.settle(1, Disposition.REJECT)


def test_an_object_that_never_entered_is_not_settled():
    with pytest.raises(LedgerError, match="not in flight"):
        Ledger().settle(1, Disposition.PASS)


def test_following_an_object_that_never_entered_is_noticed():
    ledger = Ledger()
    ledger.enter([1, 2])
    ledger.require_entered([])
    ledger.require_entered([2, 1])
    with pytest.raises(LedgerError, match="object 3 is followed but never entered"):
        ledger.require_entered([1, 3])


def test_counts_that_do_not_add_up_cannot_be_made():
    with pytest.raises(LedgerError, match="entered = passed"):
        LedgerCounts(entered=2, passed=1, rejected=0, unknown=0, in_flight=0)
