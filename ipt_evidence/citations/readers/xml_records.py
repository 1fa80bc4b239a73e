"""XML bibliographies, one record element at a time.

A file is cut at its record elements before anything is parsed: a fault costs the record that it
stands in, memory does not grow with the file, and what precedes the records (a DOCTYPE with
entities, a billion laughs) is never looked at. Inside a record a DOCTYPE is refused, no entity but
XML's and HTML's named characters is known, and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

__all__ = ["XmlFault", "elements", "parse_element", "text_of"]

MAX_DEPTH = 200
"""A record that is nested deeper is refused."""

_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_LOOSE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9A-Fa-f]{1,6};|(?:amp|lt|gt|quot|apos);)")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_REFERENCE = re.compile(r"&#(?:[0-8]|1[124-9]|2\d|3[01]|x0?[0-8bcBCefEF]|x1[0-9a-fA-F]);")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})


class XmlFault(ValueError):
    """A record element that cannot be parsed; the message is the reason."""


def elements(text: str, names: tuple[str, ...]) -> Iterator[tuple[int, str, bool]]:
    """Line, text and completeness of every element called one of ``names``.

    An element that is not closed ends where the next begins, or at the end of the text.
    """
    opening = re.compile(rf"<({'|'.join(names)})(?=[\s>])")
    line, counted, position = 1, 0, 0
    ends: dict[str, int] = {}  # where each closing tag was last found, so that none is sought twice
    while (match := opening.search(text, position)) is not None:
        start = match.start()
        line += text.count("\n", counted, start)
        counted = start
        closing = f"</{match.group(1)}>"
        end = ends.get(closing, 0)
        if 0 <= end < match.end():
            end = ends[closing] = text.find(closing, match.end())
        following = opening.search(text, match.end(), end if end >= 0 else len(text))
        if end >= 0 and following is None:
            position = end + len(closing)
            yield line, text[start:position], True
        else:
            position = following.start() if following else len(text)
            yield line, text[start:position], False


def parse_element(text: str) -> tuple[Element, bool]:
    """The element that ``text`` is, and whether stray signs had to be repaired first.

    Raises XmlFault when it is not well-formed, holds a DOCTYPE, or is nested beyond `MAX_DEPTH`.
    """
    try:
        return _parse(text), False
    except expat.ExpatError as error:
        repaired = _ENTITY.sub(_character, _CONTROLS.sub(" ", text))
        repaired = _FORBIDDEN_REFERENCE.sub(" ", _LOOSE_AMPERSAND.sub("&amp;", repaired))
        if repaired == text:
            raise XmlFault(f"the record is not well-formed XML: {error}") from error
        try:
            return _parse(repaired), True
        except expat.ExpatError as second:
            raise XmlFault(f"the record is not well-formed XML: {second}") from second


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    return match.group() if name in _XML_OWN else html5.get(f"{name};", match.group())


def _parse(text: str) -> Element:
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise XmlFault(f"the record is nested deeper than {MAX_DEPTH}")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise XmlFault("a DOCTYPE inside a record is refused")

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(text.encode("utf-8", "replace"), True)
    return builder.close()


def text_of(element: Element | None) -> str:
    """All text inside ``element``, on one line; empty when there is no element."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
