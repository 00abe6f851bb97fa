"""Thresholds by name: read, changed, refused, and what is worth trying."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.config import (
    BackgroundSettings,
    BeltSettings,
    BlobSettings,
    ByTravelSettings,
    CentroidSettings,
    ColorRangeSettings,
    ColorThresholdSettings,
    EdgeSettings,
    FillSettings,
    LineConfig,
    MorphologySettings,
)
from conveyorqc.detect import BeltAppearance
from conveyorqc.errors import ConfigError
from conveyorqc.tune import changed, default_parameters, value_at


def line_with(detector) -> LineConfig:
    return LineConfig(
        direction="left_to_right",
        schedule=ByTravelSettings(kind="by_travel", distance=10.0),
        detector=detector,
        tracker=CentroidSettings(max_distance=10.0),
    )


@pytest.fixture(scope="module")
def background() -> LineConfig:
    belt = BeltAppearance(np.full((18, 32, 3), 90, np.uint8), (3.0, 1.0, 1.0))
    return line_with(
        BackgroundSettings(belt=BeltSettings.of(belt), blobs=BlobSettings(min_area=100.0, diameter=30.0, neck=0.6))
    )


@pytest.fixture(scope="module")
def colors() -> LineConfig:
    return line_with(
        ColorThresholdSettings(
            objects=(ColorRangeSettings(space="hsv", low=(5, 60, 0), high=(30, 255, 255)),),
            blobs=BlobSettings(min_area=50.0),
            shadow=(ColorRangeSettings(space="hsv", low=(90, 0, 0), high=(130, 255, 80)),),
            edges=EdgeSettings(low=60.0, high=160.0),
            cleaning=(MorphologySettings(op="opening", size=3), FillSettings(op="fill_holes")),
        )
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("detector.objects.0.low.1", 60),
        ("detector.cleaning.0.size", 3),
        ("detector.cleaning.1.op", "fill_holes"),
        ("detector.blobs.max_area", None),
        ("detector.edges.high", 160.0),
    ],
)
def test_a_name_leads_to_a_value(colors, name, expected):
    assert expected == value_at(colors, name)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("detector.neck", r"expected one of kind, belt, objects, .* in detector, got 'neck'"),
        ("detector.objects.3.low.0", r"expected one of 0 in detector\.objects, got '3'"),
        ("detector.blobs.neck.0", r"expected one of nothing in detector\.blobs\.neck, got '0'"),
        ("colour", r"expected one of line_id, .* in line, got 'colour'"),
        ("detector.blobs", r"expected the name of one threshold, got a group: min_area"),
        ("detector.belt", r"expected the name of one threshold, got a group"),
    ],
)
def test_a_name_that_leads_nowhere_is_answered_with_those_that_do(colors, name, complaint):
    with pytest.raises(ConfigError, match=complaint):
        value_at(colors, name)


def test_a_change_touches_nothing_else(colors):
    other = changed(colors, {"detector.objects.0.low.1": 80, "detector.cleaning.0.size": 5, "detector.blobs.neck": 0.5})
    assert (5, 80, 0) == other.detector.objects[0].low
    assert (5, 0.5) == (other.detector.cleaning[0].size, other.detector.blobs.neck)
    back = changed(
        other,
        {
            "detector.objects.0.low.1": 60,
            "detector.cleaning.0.size": 3,
            "detector.blobs.neck": colors.detector.blobs.neck,
        },
    )
    assert colors == back
    assert (5, 60, 0) == colors.detector.objects[0].low


def test_no_change_is_the_line_itself(background):
    assert background == changed(background, {})


@pytest.mark.parametrize(
    "values",
    [
        {"detector.blobs.neck": 1.5},
        {"detector.sensitivity": 0},
        {"detector.sensitivity": "high"},
    ],
)
def test_what_the_configuration_does_not_allow_is_refused(background, values):
    with pytest.raises(ConfigError, match=r"expected values that the configuration allows, got detector\.\w+"):
        changed(background, values)


def test_values_are_checked_together(colors):
    with pytest.raises(ConfigError, match=r"detector\.edges\.low = 170, detector\.edges\.high = 160"):
        changed(colors, {"detector.edges.low": 170, "detector.edges.high": 160})
    assert 170.0 == changed(colors, {"detector.edges.low": 170, "detector.edges.high": 180}).detector.edges.low


def test_by_default_what_matters_most_is_tried_around_its_value(background):
    found = default_parameters(background)
    assert (3.0, 4.0, 5.0) == found["detector.sensitivity"]
    assert (0.52, 0.6, 0.68) == found["detector.blobs.neck"]
    assert (60.0, 100.0, 170.0) == found["detector.blobs.min_area"]
    assert 120 >= np.prod([len(values) for values in found.values()])
    assert "detector.blobs.clean" in default_parameters(background, most=None)
    assert ["detector.sensitivity"] == list(default_parameters(background, most=3))


def test_values_that_are_not_allowed_are_left_out(background):
    near = changed(background, {"detector.blobs.neck": 0.98})
    assert (0.9, 0.98) == default_parameters(near)["detector.blobs.neck"]


def test_colour_thresholds_and_kernel_sizes_are_tried(colors):
    found = default_parameters(colors, most=None)
    assert (45, 60, 75) == found["detector.objects.0.low.1"]
    assert (15, 30, 45) == found["detector.objects.0.high.0"]
    assert (1, 3, 5) == found["detector.cleaning.0.size"]
    assert (65, 80, 95) == found["detector.shadow.0.high.2"]
    assert {"detector.objects.0.high.1", "detector.objects.0.low.2", "detector.blobs.neck"}.isdisjoint(found)


def test_every_value_that_is_proposed_is_allowed(colors, background):
    for line in (colors, background):
        for name, values in default_parameters(line, most=None).items():
            assert value_at(line, name) in values
            assert [changed(line, {name: value}) for value in values]
