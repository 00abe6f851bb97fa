"""`tune`: thresholds of a line's detector against labelled boxes, as the article tunes its constants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from conveyorqc.config import LineConfig
from conveyorqc.core import Frame
from conveyorqc.dataset import LabelledBoxes
from conveyorqc.errors import ConfigError, InvalidInput, NotEnoughData
from conveyorqc.tune._parameters import Parameters, Value, changed, default_parameters, own_values
from conveyorqc.tune._score import Score, score_detector
from conveyorqc.tune._search import GridSearch, Search

__all__ = ["Trial", "TuningResult", "labelled_frames", "tune"]

_MOST_PIXELS = 40 * 1920 * 1080
"""Of all frames that are kept together: about 125 MB as planes."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination of values.

    Attributes:
        values: by dotted name.
        score: how well boxes fit the labels with it.
        own: whether it is what the line had.
        taken: whether it is what the tuned line has.
    """

    values: Mapping[str, Value]
    score: Score
    own: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class TuningResult:
    """What tuning gives.

    Attributes:
        line: the line with the best values.
        trials: all combinations in the order they were tried; the line's own comes first.
        parameters: what was to be tried.
        frames: indices of the labelled frames that decided.
    """

    line: LineConfig
    trials: tuple[Trial, ...]
    parameters: Parameters
    frames: tuple[int, ...]

    @property
    def own(self) -> Trial:
        """What the line had."""
        return self.trials[0]

    @property
    def taken(self) -> Trial:
        """What it has now."""
        return next(trial for trial in self.trials if trial.taken)


def tune(
    line: LineConfig,
    frames: Iterable[Frame],
    truth: LabelledBoxes,
    /,
    *,
    parameters: Parameters | None = None,
    search: Search | None = None,
    most_frames: int = 40,
    on_trial: Callable[[Trial], None] | None = None,
) -> TuningResult:
    """Try thresholds of the detector on labelled frames, and keep those that find the objects best.

    What the line has stays unless something is better by more than chance: its F1 lies above the interval of the
    line's own. The best of a hundred equals would be a matter of luck; among better ones that are equal, the middle of
    their values is taken. Tuning asks which boxes there are in single
    frames, so it knows of thresholds below ``detector`` only; an entry strip is left out of account.

    Args:
        line: with the thresholds to start from, such as `conveyorqc.calibrate.calibrate` gives it.
        frames: of the labelled clip, in order; nothing after the last frame that is needed is taken.
        truth: where the objects are; see `conveyorqc.dataset.read_boxes`.
        parameters: what to try; see `default_parameters`, which is taken when None.
        search: which combinations; all of them when None.
        most_frames: labelled frames to look at, evenly spread; fewer where frames are larger than
            1920x1080.
            More is surer and takes longer.
        on_trial: called after each combination, to show progress.

    Raises:
        ConfigError: if a threshold does not exist or a value is not allowed.
        InvalidInput: if there are no parameters, one has no values, or ``most_frames`` is below 1.
        NotEnoughData: if no labelled frame is among ``frames``, or none shows an object.
        VideoError: what the source of ``frames`` raises.
    """
    chosen = default_parameters(line) if parameters is None else dict(parameters)
    _check(line, chosen)
    kept = labelled_frames(frames, truth, most=most_frames)
    table = _Table(line, kept, truth, on_trial)
    own = own_values(line, list(chosen))
    table.score(own)
    (GridSearch() if search is None else search).explore(chosen, table.score, own=own)
    trials = table.judged()
    best = next(trial for trial in trials if trial.taken)
    tuned = line if best.own else changed(line, best.values)
    return TuningResult(tuned, trials, chosen, tuple(frame.index for frame in kept))


def _check(line: LineConfig, parameters: Parameters) -> None:
    if not parameters:
        raise InvalidInput("parameters: expected thresholds to tune, got none")
    for name, values in parameters.items():
        if not name.startswith("detector.") or name.startswith("detector.strip"):
            raise ConfigError(f"{name}: expected a threshold of the detector that decides which boxes a frame has")
        if not values:
            raise InvalidInput(f"{name}: expected values to try, got none")
        for value in values:
            changed(line, {name: value})


def labelled_frames(frames: Iterable[Frame], truth: LabelledBoxes, /, *, most: int) -> list[Frame]:
    """At most ``most`` labelled frames, evenly spread; no frame after the last that is labelled is taken.

    Raises:
        InvalidInput: if ``most`` is below 1.
        NotEnoughData: if there are none, or none shows an object.
    """
    if most < 1:
        raise InvalidInput(f"most_frames: expected 1 or more, got {most}")
    kept: list[Frame] = []
    labelled, met, step = set(truth.frames), 0, 1
    for frame in frames if labelled else ():
        if frame.index in labelled:
            if met % step == step - 1:
                kept.append(frame)
            met += 1
            if len(kept) > max(1, min(most, _MOST_PIXELS // (frame.width * frame.height))):
                kept, step = kept[1::2], 2 * step
        if frame.index >= truth.frames[-1]:
            break
    if not kept:
        raise NotEnoughData("expected labelled frames among those of the clip, got none")
    if not any(len(truth.at(frame.index)) for frame in kept):
        raise NotEnoughData(f"expected objects in labelled frames, but none of {len(kept)} shows one")
    return kept


@dataclass(slots=True)
class _Table:
    """Collects the trials."""

    line: LineConfig
    frames: list[Frame]
    truth: LabelledBoxes
    on_trial: Callable[[Trial], None] | None
    rows: list[Trial] = field(default_factory=list)

    def score(self, values: Mapping[str, Value], /) -> float | None:
        """Try one combination; None when the configuration does not allow it. One that was tried is not tried again."""
        known = next((row for row in self.rows if row.values == values), None)
        if known is None:
            try:
                settings = changed(self.line, values).detector.model_copy(update={"strip": None})
            except ConfigError:
                return None
            detector = settings.build(self.line.direction)
            known = Trial(dict(values), score_detector(detector, self.frames, self.truth), own=not self.rows)
            self.rows.append(known)
        if self.on_trial is not None:
            self.on_trial(known)
        return known.score.f1.value or 0.0

    def judged(self) -> tuple[Trial, ...]:
        """The trials, the best marked."""
        own = self.rows[0]
        better = [row for row in self.rows if (row.score.f1.value or 0.0) > own.score.f1.high]
        most = max(map(_worth, better), default=None)
        best = own if most is None else _middle([row for row in better if _worth(row) == most])
        return tuple(replace(row, taken=row is best) for row in self.rows)


def _worth(trial: Trial) -> tuple[float, int]:
    return trial.score.f1.value or 0.0, -trial.score.merges - trial.score.splits


def _middle(equals: list[Trial]) -> Trial:
    """Of combinations that are worth the same the one in their midst: at their edge the next clip may be worse."""
    ranges = {
        name: sorted({v for row in equals if isinstance(v := row.values[name], int | float)})
        for name in equals[0].values
    }

    def aside(row: Trial) -> float:
        places = [(row.values[name], values) for name, values in ranges.items()]
        return sum(abs(2 * values.index(value) - len(values) + 1) for value, values in places if value in values)

    return min(equals, key=aside)
