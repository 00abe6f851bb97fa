"""Elements of HTML and SVG: text is escaped by the serializer, never by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

__all__ = ["element", "plain"]

_NOT_IN_MARKUP = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: object) -> str:
    """``text`` with what a page cannot hold (control characters, half surrogates) shown as U+FFFD."""
    return _NOT_IN_MARKUP.sub("\ufffd", str(text))


def element(
    tag: str, attributes: Mapping[str, object] | None = None, /, *children: Element | None, text: str = ""
) -> Element:
    """A new element; attributes and ``text`` may hold anything, children that are None are left out.

    >>> from xml.etree.ElementTree import tostring
    >>> tostring(element("p", {"class": "note"}, text="<b>"), encoding="unicode")
    '<p class="note">&lt;b&gt;</p>'
    """
    made = Element(tag, {name: plain(value) for name, value in (attributes or {}).items()})
    made.text = plain(text) or None
    made.extend(child for child in children if child is not None)
    return made
