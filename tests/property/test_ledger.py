"""The ledger against a list that remembers everything."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conveyorqc.core import Disposition, Ledger
from conveyorqc.errors import LedgerError

IDS = st.integers(0, 30)


class LedgerModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.ledger = Ledger()
        self.fate: dict[int, Disposition | None] = {}

    @rule(object_id=IDS)
    def enter(self, object_id):
        if object_id > max(self.fate, default=-1):
            self.ledger.enter([object_id])
            self.fate[object_id] = None
        else:
            with pytest.raises(LedgerError):
                self.ledger.enter([object_id])

    @rule(object_id=IDS, disposition=st.sampled_from(Disposition))
    def settle(self, object_id, disposition):
        if object_id in self.fate and self.fate[object_id] is None:
            self.ledger.settle(object_id, disposition)
            self.fate[object_id] = disposition
        else:
            with pytest.raises(LedgerError):
                self.ledger.settle(object_id, disposition)

    @invariant()
    def the_books_agree(self):
        fates = list(self.fate.values())
        counts = self.ledger.counts
        assert counts.entered == len(fates)
        assert counts.passed == fates.count(Disposition.PASS)
        assert counts.rejected == fates.count(Disposition.REJECT)
        assert counts.unknown == fates.count(Disposition.UNKNOWN)
        assert self.ledger.in_flight == {object_id for object_id, fate in self.fate.items() if fate is None}
        assert counts.in_flight == len(self.ledger.in_flight)


test_the_ledger_agrees_with_a_book_that_forgets_nothing = LedgerModel.TestCase
