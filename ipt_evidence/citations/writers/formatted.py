"""Printed references in APA 7, Vancouver and AMA 11, set by a CSL processor (citeproc-py).

The processor follows the styles in ``styles/``. Where it falls short of them (version 0.11: a
title repeated where there is no author, pages 1-16 shortened to 1-6, no space before the month,
``?.`` at the end of a title, ``ed.`` in lower case) its output is corrected here. Journals keep the
names that the records have: Vancouver and AMA want the abbreviations of the NLM catalogue, which
only a record can bring.

"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from citeproc import (  # type: ignore[import-untyped, unused-ignore]
    VARIABLES,
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
    model,  # type: ignore[import-untyped, unused-ignore]
)
from citeproc.source.json import CiteProcJSON  # type: ignore[import-untyped, unused-ignore]

from ipt_evidence.citations.normal_forms import normal_space
from ipt_evidence.citations.writers.csl_json import csl_item
from ipt_evidence.citations.writers.rows import Row, rows_of
from ipt_evidence.errors import CitationError

__all__ = ["STYLES", "reference_pieces", "references"]

_DONE = "caches_its_lookups"


def cache_lookups() -> None:
    """Cache the searches of the processor's elements; a second call does nothing."""
    element = model.CitationStylesElement
    if getattr(element, _DONE, False):
        return
    element.xpath_search = _cached_search(element.xpath_search)
    for kind in vars(model).values():
        if isinstance(kind, type) and "calls_variable" in vars(kind):
            kind.calls_variable = _cached(vars(kind)["calls_variable"])  # type: ignore[attr-defined]
    setattr(element, _DONE, True)


def _cached_search(search: Callable[[Any, str], list[Any]]) -> Callable[[Any, str], list[Any]]:
    found: dict[tuple[Any, str], list[Any]] = {}

    def xpath_search(self: Any, expression: str) -> list[Any]:
        place = (self, expression)
        if place not in found:
            found[place] = search(self, expression)
        return found[place]

    return xpath_search


def _cached(call: Callable[[Any], bool]) -> Callable[[Any], bool]:
    found: dict[Any, bool] = {}

    def calls_variable(self: Any) -> bool:
        if self not in found:
            found[self] = call(self)
        return found[self]

    return calls_variable


STYLES = {"apa": "APA 7", "vancouver": "Vancouver (ICMJE)", "ama": "AMA 11"}
_FOLDER = Path(__file__).parent / "styles"
_NUMBER = re.compile(r"^\[?\d+[.\]]\s*")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_JOINED_MONTH = re.compile(rf"(?<=\d{{4}})(?={_MONTHS})")
_JOINED_DAY = re.compile(rf"(?<=[ \d](?:{_MONTHS}))(?=\d)")
_SUBTITLE = re.compile(r"(?<=[:?!] )[^\W\d_]")
_RANGE = re.compile(r"([A-Za-z]*)(\d+)-[A-Za-z]*(\d+)")
_SEVERAL_PAGES = re.compile(r"\(pp?\. (?=[A-Za-z]*\d+[–,])")
_PAGES = "\ue010"
"""Stands for the pages while the processor works."""
_OMITTED = "\ue011"
"""Stands for authors who are not known while the processor works."""
_MORE_AUTHORS = {"apa": _OMITTED}  # APA 7 has no "et al." in reference lists, but an ellipsis
_OMITTED_NAMES = re.compile(rf",? [&…] {_OMITTED}\.?")
_UNUSED = frozenset({"abstract", "keyword", "custom", "note", "language"})
# The processor warns of every field that CSL does not know.
_USED = (frozenset(name.replace("_", "-") for name in VARIABLES) | {"type"}) - _UNUSED
# What the processor raises on values that it did not expect (its own errors are of these kinds).
_ITS_ERRORS = (AttributeError, IndexError, KeyError, TypeError, ValueError, NotImplementedError)


def reference_pieces(rows: Iterable[Row], style: str) -> Iterator[str]:
    """A reference list as text, one reference a line; see `references`."""
    texts = (_reference(_item(row, style), style) for row in rows)
    if style == "apa":
        return (f"{text}\n" for text in sorted(texts, key=str.casefold))
    return (f"{number}. {text}\n" for number, text in enumerate(texts, 1))


def references(citations: pd.DataFrame, style: str) -> list[str]:
    """References of ``citations`` in one of `STYLES`.

    APA lists are in alphabetical order; Vancouver and AMA number the records in the order of the
    table. A record that the processor cannot set appears as authors, title, source and year.
    Raises CitationError for an unknown style.
    """
    if style not in STYLES:
        raise CitationError(f"{style} is no known style. Choose one of: {', '.join(STYLES)}.")
    return [text[:-1] for text in reference_pieces(rows_of(citations), style)]


@lru_cache(maxsize=4)
def _style(name: str) -> Any:
    cache_lookups()
    return CitationStylesStyle(str(_FOLDER / f"{name}.csl"), validate=False)


def _item(row: Row, style: str) -> dict[str, Any]:
    """The record for the processor; authors beyond those named appear as the style marks them."""
    item = csl_item(row)
    if row["et_al"] and "author" in item:
        item["author"] = [*item["author"], {"literal": _MORE_AUTHORS.get(style, "et al.")}]
    return item


def _reference(item: dict[str, Any], style: str) -> str:
    item = {name: value for name, value in item.items() if name in _USED} | {"id": "item"}
    title = str(item.get("title", ""))
    if style == "apa" and title:
        title = item["title"] = _SUBTITLE.sub(lambda match: match.group().upper(), title)
    pages = _pages(str(item.get("page", "")), style)
    if pages:
        item["page"] = _PAGES
    try:
        text = _set(item, style).replace(_PAGES, pages)
    except _ITS_ERRORS:
        text = ""
    return _corrected(text, title, style) or _plainly(item)


def _pages(pages: str, style: str) -> str:
    """A page range as the style wants it: 581–592, 581-92 or 581-592."""
    if style == "apa":
        return pages.replace("-", "–")
    found = _RANGE.fullmatch(pages)
    if style == "ama" or found is None:
        return pages
    letters, first, last = found.groups()
    if len(first) != len(last) or last <= first:
        return pages
    same = next(n for n, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
    return f"{letters}{first}-{last[same:]}"


def _set(item: dict[str, Any], style: str) -> str:
    source = CiteProcJSON([item])
    bibliography = CitationStylesBibliography(_style(style), source, formatter.plain)
    bibliography.register(Citation([CitationItem("item")]))
    return "".join(str(entry) for entry in bibliography.bibliography())


def _corrected(text: str, title: str, style: str) -> str:
    text = _NUMBER.sub("", normal_space(text)) if style != "apa" else normal_space(text)
    text = _JOINED_DAY.sub(" ", _JOINED_MONTH.sub(" ", text)) if style == "vancouver" else text
    for sign in "?!":
        text = text.replace(f"{sign}.", sign)
    if style == "apa":
        text = text.replace("(ed.)", "(Ed.)").replace("(eds.)", "(Eds.)")
        text = _OMITTED_NAMES.sub(", …", _SEVERAL_PAGES.sub("(pp. ", text))
    if title and text.startswith(title) and text.count(title) > 1:
        # Without an author the title takes the author's place and must not follow again.
        first = len(title)
        again = text.index(title, first)
        text = f"{text[:again]}{text[again + len(title) :].lstrip('. ')}"
    return text


def _plainly(item: dict[str, Any]) -> str:
    names = [
        " ".join(person[part] for part in ("family", "literal", "given") if part in person)
        for person in item.get("author", [])
    ]
    year = str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""
    parts = [", ".join(names), item.get("title", ""), item.get("container-title", ""), year]
    names = [name for name in names if name != _OMITTED]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return f"{text}." if text else "[a record without authors, title, source and year]"
