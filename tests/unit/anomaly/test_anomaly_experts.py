from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.anomaly._fusion import fit_non_negative_logistic, probability
from conveyorqc.anomaly._gaussian import fit_gaussian, whitening_of
from conveyorqc.anomaly._kernel import fit_kernel_machine, no_kernel_machine

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(0, 1, (60, 6)) @ np.diag([1, 2, 0.5, 1, 1, 3]) + 5
ODD = NORMAL[:20] + np.array([0, 0, 4, 0, 0, 0])


def test_the_usual_is_near_and_the_odd_is_far() -> None:
    expert = fit_gaussian(NORMAL)

    assert np.median(expert.distance(NORMAL)) == pytest.approx(0, abs=0.5)
    assert expert.distance(ODD).min() > np.median(expert.distance(NORMAL))


def test_distance_knows_what_goes_together() -> None:
    together = RNG.normal(0, 1, (200, 1)) * np.array([1.0, 1.0]) + RNG.normal(0, 0.1, (200, 2))
    expert = fit_gaussian(together)

    along, across = expert.distance(np.array([[1.5, 1.5], [1.5, -1.5]]))
    assert across > along + 2


def test_the_distance_is_the_mahalanobis_distance() -> None:
    expert = fit_gaussian(NORMAL)
    standard = (NORMAL[3] - expert.mean) / expert.spread

    expected = np.log(standard @ expert.precision @ standard / 6 + 1e-3)
    assert expert.distance(NORMAL[3:4])[0] == pytest.approx(expected)


def test_a_number_that_never_varied_does_not_make_a_hair_an_anomaly() -> None:
    constant = np.column_stack([NORMAL, np.zeros(60)])
    expert = fit_gaussian(constant)
    nudged = constant.copy()
    nudged[:, 6] = 0.005

    assert np.abs(expert.distance(nudged) - expert.distance(constant)).max() < 0.7


def test_more_numbers_than_pictures_and_wild_values_stay_finite() -> None:
    expert = fit_gaussian(RNG.normal(size=(10, 50)))

    assert np.isfinite(expert.distance(np.full((1, 50), 1e12))).all()
    assert np.isfinite(fit_gaussian(np.zeros((10, 4))).distance(np.ones((2, 4)))).all()


def test_the_machine_decides_as_scikit_learn_does() -> None:
    from sklearn.svm import SVC

    rows = np.concatenate([NORMAL, ODD])
    labels = np.arange(80) >= 60
    machine = fit_kernel_machine(rows, labels, np.ones(80))
    theirs = SVC(C=3.0, gamma=0.5 / 6).fit((rows - machine.mean) / machine.spread, labels)

    expected = theirs.decision_function((rows - machine.mean) / machine.spread)
    assert machine.decide(rows) == pytest.approx(expected, abs=1e-9)
    assert ((machine.decide(rows) > 0) == labels).mean() > 0.9


def test_a_machine_that_saw_no_anomaly_has_no_opinion() -> None:
    assert no_kernel_machine(6).decide(NORMAL).tolist() == [0.0] * 60


def test_probability_is_the_logistic_and_never_quite_certain() -> None:
    columns = np.array([[0.0], [1.0], [1e9], [-1e9]])

    found = probability(columns, np.array([2.0, -1.0]))

    assert found[:2] == pytest.approx([1 / (1 + np.e), 1 / (1 + np.exp(-1))])
    assert 0 < found[3] < 1e-9
    assert 1 - 1e-9 < found[2] < 1


def test_the_logistic_separates_and_ignores_a_column_that_points_the_wrong_way() -> None:
    labels = np.arange(40) >= 20
    columns = np.column_stack([labels + RNG.normal(0, 0.3, 40), RNG.normal(0, 0.3, 40) - labels])

    coefficients = fit_non_negative_logistic(columns, labels, np.ones(40))

    assert coefficients[0] > 0.5
    assert coefficients[1] == 0
    assert ((probability(columns, coefficients) > 0.5) == labels).mean() > 0.9


def test_the_logistic_is_at_the_minimum_of_its_loss() -> None:
    labels = np.arange(30) >= 18
    columns = RNG.normal(size=(30, 2)) + labels[:, None]
    weights = RNG.uniform(0.5, 2, 30)

    def loss(coefficients) -> float:
        margin = np.where(labels, 1, -1) * (columns @ coefficients[:2] + coefficients[2])
        return float(0.5 * (weights * np.log1p(np.exp(-margin))).sum() + 0.5 * (coefficients[:2] ** 2).sum())

    found = fit_non_negative_logistic(columns, labels, weights)

    for step in np.concatenate([np.eye(3), -np.eye(3)]) * 1e-3:
        assert loss(found) <= loss(found + step) + 1e-9


def test_more_strength_claims_more() -> None:
    labels = np.arange(40) >= 20
    columns = (labels + RNG.normal(0, 0.3, 40))[:, None]

    weak, strong = (fit_non_negative_logistic(columns, labels, np.ones(40), strength=s) for s in (0.1, 10.0))

    assert strong[0] > 2 * weak[0]


def test_whitened_rows_have_unit_covariance() -> None:
    rows = NORMAL - NORMAL.mean(axis=0)

    white = rows @ whitening_of(rows, shrink=0.0)

    assert white.T @ white / len(white) == pytest.approx(np.eye(6), abs=1e-3)
