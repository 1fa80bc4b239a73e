"""Is this the publication that was meant? Title, author and year as a score with reasons.

A score is used twice: to accept what a search by title finds, and to doubt what an identifier
leads to, since identifiers are mistyped, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipt_evidence.citations.deduplication.titles import compare_titles, numbers_conflict, title_form
from ipt_evidence.citations.records import Record

__all__ = ["ACCEPT", "REVIEW", "Match", "score"]

ACCEPT = 0.90
"""From here a work that was found by its title is taken for the one that was meant."""
REVIEW = 0.60
"""From here a person should look at it; below, it is another publication."""

_TITLE, _AUTHOR, _YEAR = 0.7, 0.15, 0.15
_SHORT_TITLE = 25  # letters; "Interpersonal psychotherapy" alone names hundreds of papers
_DIFFERENT = REVIEW - 0.01


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
    apart = abs(year - theirs.year) if year and theirs.year else None
    if apart is not None:
        points += _YEAR * (1.0 if apart == 0 else 2 / 3 if apart == 1 else 0.0)
        weight += _YEAR
        reasons.append("same year" if apart == 0 else f"years {apart} apart")
    total = points / weight
    if numbers_conflict(one, two) or one.marks != two.marks:
        total = min(total, _DIFFERENT)
        reasons.append("another part, or a notice about it")
    if kind == "different" or (apart is not None and apart > 3):
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
