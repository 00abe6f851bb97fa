"""How good a model is, said honestly: figures with intervals, what they may rest on, and qualification."""

from conveyorqc.evaluation._background import background_auroc
from conveyorqc.evaluation._evaluate import VISIBLE_AUROC, Evaluation, evaluate, own_auroc, verdicts_from
from conveyorqc.evaluation._figures import FIGURES, Figures
from conveyorqc.evaluation._page import Costs, Show, evaluation_page
from conveyorqc.evaluation._qualify import KnownDefect, Qualification, known_defects_of, qualify
from conveyorqc.evaluation._record import SignedOff, sign_off, verify_record

__all__ = [
    "FIGURES",
    "VISIBLE_AUROC",
    "Costs",
    "Evaluation",
    "Figures",
    "KnownDefect",
    "Qualification",
    "Show",
    "SignedOff",
    "background_auroc",
    "evaluate",
    "evaluation_page",
    "known_defects_of",
    "own_auroc",
    "qualify",
    "sign_off",
    "verdicts_from",
    "verify_record",
]
