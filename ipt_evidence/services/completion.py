"""Missing fields filled, and disagreements reported: never one value silently put for another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ipt_evidence.citations.deduplication.titles import (
    compare_journals,
    compare_titles,
    numbers_conflict,
    title_form,
)
from ipt_evidence.citations.records import Person, Record
from ipt_evidence.services.settings import SERVICES
from ipt_evidence.services.works import Work

__all__ = ["ACCEPT", "DIFFERENT", "MISSING", "REVIEW", "Difference", "Match", "compare", "score"]

ACCEPT = 0.90
"""From here a work that was found by its title is taken for the one that was meant."""
REVIEW = 0.60
"""From here a person should look at it; below, it is another publication."""

_TITLE, _AUTHOR, _YEAR = 0.7, 0.15, 0.15
_SHORT_TITLE = 25  # letters; "Interpersonal psychotherapy" alone names hundreds of papers
_UNACCEPTED = REVIEW - 0.01


@dataclass(frozen=True, slots=True)
class Match:
    """Score from 0 (another publication) to 1, and what speaks for and against it."""

    score: float
    reason: str


def score(ours: Mapping[str, Any], theirs: Record) -> Match:
    """How well ``theirs`` fits our record (a row of a citations table).

    The title counts 0.7, the first author 0.15, the year 0.15 (0.1 when it is off by one, as with
    papers that came out online first). What one side does not know counts nothing, and the rest
    more. Caps: titles with different numerals (Part I, Part II), a comment or erratum instead of
    the paper, or a year more than three off are never accepted; nor is a title alone.
    """
    one, two = title_form(_text(ours.get("title"))), title_form(theirs.title)
    kind, likeness = compare_titles(one, two)
    if kind == "unknown":
        return Match(0.0, "no title to compare")
    likeness = {"same": 1.0, "spelling": max(likeness, 0.97), "cut": 0.95}.get(kind, likeness)
    if kind in ("tongue", "contained", "within") and theirs.title:
        likeness = max(likeness, 0.9)
    points, weight = _TITLE * likeness, _TITLE
    reasons = [f"title {likeness:.0%} alike"]
    family = _first_family(ours.get("authors"))
    their_family = _first_family(theirs.authors)
    if family and their_family:
        same = family == their_family or family in their_family or their_family in family
        points, weight = points + _AUTHOR * same, weight + _AUTHOR
        reasons.append("same first author" if same else "another first author")
    year = _year(ours.get("year"))
    gap = abs(year - theirs.year) if year and theirs.year else None
    if gap is not None:
        points += _YEAR * (1.0 if gap == 0 else 2 / 3 if gap == 1 else 0.0)
        weight += _YEAR
        reasons.append("same year" if gap == 0 else f"years {gap} apart")
    total = points / weight
    if numbers_conflict(one, two) or one.marks != two.marks:
        total = min(total, _UNACCEPTED)
        reasons.append("another part, or a notice about it")
    if kind == "different" or (gap is not None and gap > 3):
        total = min(total, ACCEPT - 0.1)
    if weight == _TITLE or len(one.compact) < _SHORT_TITLE:
        total = min(total, ACCEPT - 0.01)
        reasons.append("too little to be sure")
    return Match(round(total, 3), ", ".join(reasons))


def _first_family(authors: Any) -> str:
    if not isinstance(authors, list) or not authors:
        return ""
    plain = unicodedata.normalize("NFKD", str(authors[0].get("family", ""))).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _year(value: Any) -> int | None:
    return (
        int(value) if isinstance(value, int) or getattr(value, "dtype", None) == "int64" else None
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


MISSING, DIFFERENT = "missing", "different"

FIELDS = (
    "title", "authors", "year", "container_title", "volume", "issue", "pages", "doi", "pmid",
    "pmcid", "issn", "type", "registry_ids",
)  # fmt: skip
"""Fields that are filled and compared, in the order in which a reader sees them. Abstracts are
not: they are their publishers' texts."""

_ONLY_FILLED = frozenset({"pmcid", "issn", "registry_ids"})  # journals have several ISSNs
_ORDER = tuple(SERVICES)  # publishers' own records first


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which a service says more than our record (``missing``), or something else.

    ``ours`` and ``theirs`` are texts to read; ``source`` is the service, ``date`` (ISO) the day on
    which it said so. ``also`` names further services that say the same.
    """

    key: str
    field: str
    kind: str
    ours: str
    theirs: str
    source: str
    date: str
    also: tuple[str, ...] = ()


def compare(
    ours: Mapping[str, Any],
    works: Sequence[Work],
    today: str,
    *,
    fields: Sequence[str] = FIELDS,
) -> list[Difference]:
    """In which ``fields`` the ``works`` know more than our record (a row), or differ from it.

    A service's value counts as different only where it means something else: case, accents,
    abbreviated journals and ``581-92`` for ``581-592`` do not. Where at least as many services say
    what we say, their difference from the others is not ours to report.
    """
    found = []
    ordered = sorted(works, key=lambda work: _ORDER.index(work.service))
    for field in fields:
        mine = field_text(field, ours.get(field))
        values = [(work.service, work.record, text) for work in ordered
                if (text := field_text(field, getattr(work.record, field)))]  # fmt: skip
        if not values:
            continue
        if field == "authors":
            difference = _authors(ours, values)
        elif not mine:
            difference = (MISSING, values[0][2], values)
        elif field in _ONLY_FILLED:
            difference = None
        else:
            same = _SAME.get(field, _equal)
            others = [one for one in values if not same(mine, one[2])]
            outvoted = len(values) - len(others) >= len(others)
            difference = None if outvoted else (DIFFERENT, others[0][2], others)
        if difference is not None:
            kind, theirs, sources = difference
            agreeing = [one[0] for one in sources[1:] if _SAME.get(field, _equal)(theirs, one[2])]
            found.append(
                Difference(
                    str(ours["key"]), field, kind, mine, theirs, sources[0][0], today,
                    tuple(agreeing),
                )
            )  # fmt: skip
    return found


_Values = list[tuple[str, Record, str]]


def _authors(ours: Mapping[str, Any], values: _Values) -> tuple[str, str, _Values] | None:
    """Authors are filled where ours are none, or "and others"; another first author differs."""
    mine: Sequence[Person] = ours.get("authors") or []
    if not mine:
        return MISSING, values[0][2], values
    first = _plain(mine[0]["family"])
    others = [one for one in values if not _alike(first, _plain(one[1].authors[0]["family"]))]
    if len(others) > len(values) - len(others):
        return DIFFERENT, others[0][2], others
    fuller = [one for one in values if len(one[1].authors) > len(mine) and one not in others]
    if bool(ours.get("et_al")) and fuller:
        return MISSING, fuller[0][2], fuller
    return None


def field_text(field: str, value: Any) -> str:
    """A field's value as a reader sees it; empty when it is missing."""
    if field == "authors":
        names = [f"{p['family']}, {p['given']}".rstrip(", ") for p in value or []]
        return "; ".join(names)
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if value is None or value != value:  # NaN is what pandas calls a missing text
        return ""
    try:
        return str(int(value)) if field == "year" else str(value)
    except (TypeError, ValueError):  # pandas' NA
        return ""


def _equal(one: str, two: str) -> bool:
    return _plain(one) == _plain(two)


def _plain(text: str) -> str:
    return "".join(sign for sign in title_form(text).compact if sign.isalnum()) or text.casefold()


def _alike(one: str, two: str) -> bool:
    return one == two or (min(len(one), len(two)) > 3 and (one in two or two in one))


def _same_titles(one: str, two: str) -> bool:
    return compare_titles(title_form(one), title_form(two))[0] in (
        "same",
        "spelling",
        "cut",
        "tongue",
        "contained",
        "within",
    )


def full_pages(pages: str) -> str:
    """``581-592`` for ``581-92``; anything else as it is, without spaces."""
    pages = re.sub(r"\s", "", pages)
    match = re.fullmatch(r"(\D*)(\d+)-(\D*)(\d+)", pages)
    if match is None:
        return pages.casefold()
    letters, first, more, last = match.groups()
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    if first == last:
        return f"{letters}{first}".casefold()
    return f"{letters}{first}-{more}{last}".casefold()


def _same_pages(one: str, two: str) -> bool:
    return full_pages(one) == full_pages(two)


_SAME: dict[str, Callable[[str, str], bool]] = {
    "title": _same_titles,
    "container_title": lambda one, two: compare_journals(one, two) >= 0,
    "pages": _same_pages,
    "doi": lambda one, two: one.casefold() == two.casefold(),
    "authors": lambda one, two: (
        one.partition(",")[0].casefold() == two.partition(",")[0].casefold()
    ),
}
