from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import decode_image
from conveyorqc.report import (
    Badge,
    Bar,
    Chart,
    Picture,
    Pictures,
    Series,
    Table,
    Text,
    Tile,
    Tiles,
    bar_chart,
    page,
    xy_chart,
)

HOSTILE = "</style><script>alert('x')</script>\"' onload=x & \x00 \ud800 é 漢 🍪"
VOID = {"meta", "img", "br"}


class Outline(HTMLParser):
    """Checks that tags nest, and keeps tags with their attributes, and all text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(html)
        self.close()
        assert [] == self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def image(width=30, height=20):
    return np.full((height, width, 3), (10, 120, 230), np.uint8)


def every_section(text):
    chart = xy_chart([Series(text, [0, 1], [2, 3])], title=text, x_label=text, y_label=text)
    return [
        Tiles([Tile(text, text, text, "good")], title=text),
        Text(text, text),
        Table(text, [text], [[text], [Badge(text, "bad")]], note=text),
        Chart(text, chart, caption=text),
        Chart(text, bar_chart([Bar(text, 1.0, text)], title=text, x_label=text)),
        Pictures(text, [Picture(image(), text, "warn")], note=text),
    ]


def test_a_page_is_one_well_formed_document():
    html = page("Line 1", every_section("words"), summary="short", facts=[("seed", "7")])
    outline = Outline(html)
    assert html.startswith("<!DOCTYPE html>\n<html")
    assert [{"lang": "en"}] == outline.all("html")
    assert 1 == len(outline.all("title"))
    assert "Line 1" in outline.text


def test_hostile_text_is_shown_and_never_run():
    html = page(HOSTILE, every_section(HOSTILE), summary=HOSTILE, facts=[(HOSTILE, HOSTILE)])
    outline = Outline(html)
    assert [] == outline.all("script")
    assert [] == [name for _, attributes in outline.tags for name in attributes if name.startswith("on")]
    assert HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd") in outline.text
    assert html.encode("utf-8").decode("utf-8") == html


def test_a_page_needs_nothing_from_outside_and_forbids_it():
    html = page("Line 1", every_section("words"))
    policies = [tag["content"] for tag in Outline(html).all("meta") if "http-equiv" in tag]
    assert None is re.search(r"https?:|url\(|@import|<link", html)
    assert [] == [tag["src"] for _, tag in Outline(html).tags if not tag.get("src", "data:").startswith("data:")]
    assert ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"] == policies


def test_pictures_are_inside_the_page_with_their_caption_as_text():
    html = page("Line 1", [Pictures("Views", [Picture(image(), "object 3")])])
    (shown,) = Outline(html).all("img")
    assert "object 3" == shown["alt"]
    decoded = decode_image(base64.b64decode(shown["src"].partition(",")[2]))
    assert (20, 30, 3) == decoded.shape
    assert np.abs(decoded.astype(int) - image()).max() < 12


def test_large_pictures_are_scaled_to_twice_their_width_on_the_page():
    html = page("Line 1", [Pictures("Views", [Picture(image(900, 600)), Picture(image(1000, 1))], width=100)])
    sizes = [(shown["width"], shown["height"]) for shown in Outline(html).all("img")]
    assert [("200", "133"), ("200", "1")] == sizes


def test_empty_sections_say_that_they_are_empty():
    empty = [Tiles([]), Text("", ""), Table("", ["a"], []), Table("", [], []), Pictures("", [])]
    text = Outline(page("", empty)).text
    assert 2 == text.count("no rows")
    assert 1 == text.count("no pictures")


def cells(rows, columns=1):
    html = page("t", [Table("t", ["c"] * columns, rows)])
    return re.findall(r'<td class="(\w+)">(.*?)</td>', html)


def test_columns_of_numbers_stand_right_with_equal_decimals():
    assert [("number", "0.500"), ("number", "12"), ("number", "–"), ("number", "–")] == cells(
        [[0.5], [12], [None], [float("nan")]]
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1234.5, 1.0], ["1,234", "1"]),
        ([99.123, 1.0], ["99.12", "1.00"]),
        ([3.0, 4.0], ["3", "4"]),
        ([0.00012], ["0.00012"]),
        ([2e15], ["2e+15"]),
        ([float("inf")], ["inf"]),
        ([1234567], ["1,234,567"]),
    ],
)
def test_numbers_are_written_to_be_read(values, expected):
    assert expected == [text for _, text in cells([[value] for value in values])]


def test_columns_with_words_stand_left():
    assert [("words", "yes"), ("words", "no"), ("words", "3")] == cells([[True], [False], [3]])


def test_a_badge_is_a_word_with_a_tone():
    assert [("words", '<span class="badge bad">reject</span>')] == cells([[Badge("reject", "bad")]])


def test_two_narrow_charts_share_a_row():
    narrow, wide = (xy_chart([], title="c", x_label="x", y_label="y", width=width) for width in (470, 960))
    classes = [tag["class"] for tag in Outline(page("t", [Chart("", narrow), Chart("", wide)])).all("section")]
    assert ["card half", "card"] == classes


def test_an_empty_line_starts_a_new_paragraph():
    html = page("t", [Text("", "one\nstill one\n\ntwo")])
    assert ["one\nstill one", "two"] == re.findall(r"<p>(.*?)</p>", html, re.DOTALL)


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(InvalidInput, match="expected 2 cells in row 1, got 1"):
        Table("Events", ["a", "b"], [[1, 2], [1]])


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="image: expected"):
        Picture(np.zeros((4, 4)))


def test_pictures_too_small_to_see_are_refused():
    with pytest.raises(InvalidInput, match="expected 16 px or more, got 0"):
        Pictures("t", [], width=0)


def test_what_is_no_section_is_refused():
    with pytest.raises(InvalidInput, match="expected a section, got str"):
        page("t", ["<b>"])
