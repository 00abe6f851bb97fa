"""The page of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.evaluation import Costs, evaluate, evaluation_page, verdicts_from
from conveyorqc.evaluation._curves import cost_chart
from conveyorqc.metrics import Estimate, calibrate_threshold

SCORES = [0.05, 0.2, 0.7, 0.3, 0.1, 0.9, 0.8, 0.25, 0.95]
LABELS = [0, 0, 0, 0, 0, 1, 1, 1, 1]


def paged(scores=SCORES, labels=LABELS, ids=None, *, heat=True, **given):
    done = evaluate(
        verdicts_from(scores, threshold=0.5),
        labels,
        [f"<{row}>" for row in range(len(labels))] if ids is None else ids,
        resamples=50,
        **given,
    )
    asked = []

    def show(row):
        asked.append(row)
        rng = np.random.default_rng(row)
        image = rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)
        return image, rng.random((40, 40), dtype=np.float32) if heat else None

    chosen = calibrate_threshold(scores, labels, 1, 10, resamples=20) if len(set(labels)) == 2 else None
    html = evaluation_page(done, show, title="Cookies", threshold=0.5, costs=Costs(1, 10, chosen), summary="All of it.")
    return html, asked


def test_the_page_holds_figures_curves_and_the_mistakes():
    html, asked = paged()
    for heading in (
        "Worst false passes",
        "Worst false rejects",
        "Precision and recall",
        "ROC curve",
        "Scores",
        "Reliability",
        "Cost",
        "The cheapest threshold",
        "Figures per object",
    ):
        assert f">{heading}</h2>" in html
    assert [7, 2] == asked
    assert "&lt;7&gt;: score 0.250" in html
    assert 2 == html.count("data:image/jpeg;base64,")
    assert 5 == html.count('role="img"')
    assert "Before you believe" not in html
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_warnings_stand_before_the_figures():
    html, _ = paged(background=Estimate(0.9, 9, 0.8, 1.0), own=Estimate(0.6, 9, 0.3, 0.8))
    assert html.index("the background alone tells the label") < html.index("Figures per object")
    assert "this defect is not visible to this model" in html
    assert 2 == html.count('class="badge warn"')


def test_several_views_add_the_figures_per_picture():
    html, asked = paged(ids=[0, 0, 1, 2, 3, 4, 4, 5, 6])
    assert "Figures per picture" in html
    assert [7, 2] == asked


@pytest.mark.parametrize(("scores", "labels"), [([0.1, 0.2], [0, 0]), ([0.9], [1]), ([], [])])
def test_what_cannot_be_drawn_is_said(scores, labels):
    html, asked = paged(scores, labels)
    assert [] == asked
    assert "A cost curve needs normal and anomalous objects." in html
    assert "None on these objects." in html


def test_a_backend_without_heat_maps_shows_the_pictures_alone():
    html, asked = paged(heat=False)
    assert (2, 2) == (len(asked), html.count("data:image/jpeg;base64,"))


def test_a_dozen_of_many_mistakes_is_shown():
    _, asked = paged([0.9] * 20 + [0.95], [0] * 20 + [1])
    assert 12 == len(asked)


@pytest.mark.parametrize(
    ("threshold", "label"), [(0.35, "the model's and the cheapest threshold"), (0.9, "the cheapest")]
)
def test_the_cost_curve_marks_both_thresholds(threshold, label):
    scores, labels = np.array([0.0, 0.1, 0.3, 0.6, 1.0]), [0, 0, 0, 1, 1]
    done = evaluate(verdicts_from(scores, threshold=threshold), labels, range(5), resamples=10)
    chosen = calibrate_threshold(scores, labels, 1, 10, resamples=10)
    chart = cost_chart(done, threshold, chosen, cost_false_reject=1, cost_false_pass=10)
    assert label in [part.text for part in chart.iter("text")]


def test_without_a_cheapest_threshold_the_models_own_is_marked_alone():
    chosen = calibrate_threshold([0.9, 0.1], [0, 1], 1, 10, max_false_reject=0.0, resamples=10)
    done = evaluate(verdicts_from([0.9, 0.1], threshold=0.5), [0, 1], "ab", resamples=10)
    texts = [part.text for part in cost_chart(done, 0.5, chosen, cost_false_reject=1, cost_false_pass=10).iter("text")]
    assert "the model's threshold" in texts
    assert "the cheapest" not in texts
