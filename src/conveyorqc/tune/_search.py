"""In which order values are tried: all combinations, or where a model of what was tried promises most."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol

from conveyorqc.errors import InvalidInput, MissingExtraError
from conveyorqc.tune._parameters import Parameters, Value

__all__ = ["GridSearch", "OptunaSearch", "Scoring", "Search"]


class Scoring(Protocol):
    """Tries one combination."""

    def __call__(self, values: Mapping[str, Value], /) -> float | None:
        """What it is worth, higher is better; None when the configuration does not allow it."""
        ...


class Search(Protocol):
    """A way through the combinations."""

    def trials(self, parameters: Parameters, /) -> int:
        """How many combinations `explore` tries at most."""
        ...

    def explore(self, parameters: Parameters, score: Scoring, /, *, own: Mapping[str, Value]) -> None:
        """Try combinations; ``own`` is what the line has, and was tried before."""
        ...


class GridSearch:
    """Every combination of the values, as the article does.

    Args:
        most: refuse grids with more combinations than this.

    Raises:
        InvalidInput: if ``most`` is below 1. `explore` raises it when there are more combinations.

    >>> GridSearch().trials({"detector.sensitivity": (3, 4, 5), "detector.blobs.neck": (0.6, 0.7)})
    6
    """

    def __init__(self, *, most: int = 5000) -> None:
        if most < 1:
            raise InvalidInput(f"most: expected 1 or more, got {most}")
        self._most = most

    def trials(self, parameters: Parameters, /) -> int:
        """The number of combinations."""
        return math.prod(len(values) for values in parameters.values())

    def explore(self, parameters: Parameters, score: Scoring, /, *, own: Mapping[str, Value]) -> None:
        """Try all but ``own``."""
        combinations = self.trials(parameters)
        if combinations > self._most:
            raise InvalidInput(
                f"parameters: expected at most {self._most} combinations, got {combinations}: fewer values, or Optuna"
            )
        for point in itertools.product(*parameters.values()):
            values = dict(zip(parameters, point, strict=True))
            if values != own:
                score(values)


class OptunaSearch:
    """Optuna's tree-structured Parzen estimator: looks where what was tried so far promises most.

    Numbers are searched from the lowest to the highest of their values, also between them; words, and None, among
    their values. Better than a grid from four or five thresholds on. J. Bergstra et al., Algorithms for
    hyper-parameter optimization (2011); https://optuna.readthedocs.io

    Args:
        count: combinations to try. More is surer and takes longer.
        seed: the same seed tries the same.

    Raises:
        InvalidInput: if ``count`` is below 1 or ``seed`` below 0.
        MissingExtraError: if Optuna is not installed: ``pip install 'conveyorqc[tune]'``.
    """

    def __init__(self, *, count: int = 100, seed: int = 0) -> None:
        if count < 1 or seed < 0:
            raise InvalidInput(f"count, seed: expected 1 or more and 0 or more, got {count} and {seed}")
        self._count = count
        self._seed = seed
        _optuna()

    def trials(self, parameters: Parameters, /) -> int:  # noqa: ARG002 (a Search)
        """The number that was asked for."""
        return self._count

    def explore(self, parameters: Parameters, score: Scoring, /, *, own: Mapping[str, Value]) -> None:
        """Try combinations one after the other, ``own`` first: what is learned starts from it."""
        module = _optuna()
        spaces = {name: _space(module, (own[name], *values)) for name, values in parameters.items()}
        with _quiet(module):
            study = module.create_study(direction="maximize", sampler=module.samplers.TPESampler(seed=self._seed))
            study.enqueue_trial(dict(own))
            for _ in range(self._count):
                trial = study.ask(spaces)
                worth = score(trial.params)
                if worth is None:
                    study.tell(trial, state=module.trial.TrialState.FAIL)
                else:
                    study.tell(trial, worth)


def _optuna() -> ModuleType:
    try:
        import optuna  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise MissingExtraError("optuna", extra="tune") from error
    return optuna


def _space(module: ModuleType, values: tuple[Value, ...]) -> Any:
    """Where Optuna looks, as its distributions say it."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return module.distributions.CategoricalDistribution(tuple(dict.fromkeys(values)))
    whole = all(isinstance(number, int) for number in numbers)
    kind = module.distributions.IntDistribution if whole else module.distributions.FloatDistribution
    return kind(min(numbers), max(numbers))


@contextmanager
def _quiet(module: ModuleType) -> Iterator[None]:
    """Without Optuna's line for each study."""
    before = module.logging.get_verbosity()
    module.logging.set_verbosity(module.logging.WARNING)
    try:
        yield
    finally:
        module.logging.set_verbosity(before)
