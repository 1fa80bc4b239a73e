"""Two records → how surely they are the same one, and why.

Each field that agrees adds points and each that disagrees takes some away; a missing one does
neither. Points are roughly the logarithm (base 2) of how much likelier the finding is in a pair of
duplicates than in a pair of different records that share a block, as in Fellegi and Sunter (1969,
doi:10.1080/01621459.1969.10501049). They were set by hand and are tested on labelled exports.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.authors import add_authors
from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.journals import compare_journals
from ipt_evidence.citations.deduplication.placing import add_place, is_whole_article
from ipt_evidence.citations.deduplication.tally import Tally
from ipt_evidence.citations.deduplication.titles import compare_titles, numbers_conflict

__all__ = ["MERGE", "REVIEW", "Comparison", "compare", "probability"]

MERGE = 8.0
"""Points from which two records are merged."""
REVIEW = 5.5
"""Points from which two records are shown for a decision."""

_TITLES = {
    "spelling": 5.5,
    "tongue": 5.0,
    "cut": 5.0,
    "contained": 3.0,
    "within": 3.0,
    "alike": 2.0,
    "unknown": 0.0,
}
_DIFFERENT_TITLE = -6.0
_SAYS = {
    "same": "same title",
    "spelling": "title differs in spelling only",
    "cut": "one title is cut off",
    "tongue": "one title is given in two languages",
    "contained": "one title goes on after the other",
    "within": "one title stands inside the other",
    "alike": "similar title",
    "unknown": "a title is missing",
    "different": "different titles",
}
_TELLING_TITLE = 30
"""Letters from which two works of one author hardly have the same title."""
_UNIQUE_TITLE = 70
"""Letters from which two works of one year hardly have the same title."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing two records gave.

    ``points`` as described above; ``agree`` and ``differ`` name the fields in words; ``title`` is
    the kind of `compare_titles`; ``barred`` says why they must not be merged without a person.
    """

    points: float
    title: str
    agree: tuple[str, ...]
    differ: tuple[str, ...]
    barred: str
    same_place: bool

    @property
    def reason(self) -> str:
        """The finding in words."""
        parts = [", ".join(self.agree)]
        if self.differ:
            parts.append("but " + ", ".join(self.differ))
        return "; ".join(part for part in parts if part)


def probability(points: float) -> float:
    """``points`` on a scale from 0 to 1; 0.5 between what is merged and what is reviewed."""
    return round(1 / (1 + math.exp(-(points - (MERGE + REVIEW) / 2))), 3)


def compare(one: Features, two: Features) -> Comparison:
    """Compare two records field by field. The order of the two does not matter."""
    title, _ = compare_titles(one.title, two.title)
    if title == "different" and _have_nothing_else(one, two):
        return _UNRELATED
    tally = Tally()
    barred = _identifiers(one, two, tally)
    _title(one, two, title, tally)
    same_author = add_authors(one, two, tally)
    _year(one, two, tally)
    journal = _journal(one, two, tally)
    telling = title == "same" and same_author and one.title.length >= _TELLING_TITLE
    same_place = add_place(one, two, journal, title, telling, tally)
    if title == "same" and one.title.length >= _UNIQUE_TITLE and _same_years(one, two):
        if "different volumes" not in tally.differ:
            tally.add(1.0, "a long title")
    if title == "same" and (_is_bare(one) or _is_bare(two)) and one.year == two.year:
        if one.title.length >= _TELLING_TITLE and one.year:
            tally.add(1.0, "nothing more is known of one")
    if title == "different" and same_place and is_whole_article(one, two, journal):
        tally.add(7.0, "the same pages of the same journal (a translated title?)")
    if title == "different" and same_place and _abstracts(one, two) > 0.9:
        tally.add(7.0, "same abstract")
    elif title != "different" and _abstracts(one, two) > 0.9:
        tally.add(1.5, "same abstract")
    if (one.is_abstract and two.is_article) or (one.is_article and two.is_abstract):
        if not same_place:
            tally.add(-2.5, "one is a conference abstract")
    if one.is_thesis != two.is_thesis and not same_place:
        tally.add(-3.0, "one is a thesis")
    if not barred and one.is_registry != two.is_registry:
        barred = "one is a registry entry"
    return Comparison(
        points=tally.points,
        title=title,
        agree=tuple(tally.agree),
        differ=tuple(tally.differ),
        barred=barred,
        same_place=same_place,
    )


def _identifiers(one: Features, two: Features, tally: Tally) -> str:
    barred = ""
    if one.doi and two.doi:
        if one.doi == two.doi and "doi" in one.distrusted:
            tally.add(0.0, "a DOI that several works share")
        elif one.doi == two.doi:
            tally.add(8.0, "same DOI")
        else:
            barred = "different DOIs"
    if one.pmid and two.pmid:
        if one.pmid == two.pmid and "pmid" in one.distrusted:
            tally.add(0.0, "a PMID that several works share")
        elif one.pmid == two.pmid:
            tally.add(6.5, "same PMID")
        else:
            tally.add(-3.0, "different PMIDs")
    if one.registry and two.registry:
        if one.registry == two.registry:
            tally.add(8.0, "same registry id")
        else:
            barred = "different registry ids"
    return barred


def _title(one: Features, two: Features, kind: str, tally: Tally) -> None:
    if kind == "same":
        length = one.title.length
        points = 6.0 if length >= 30 else 4.0 if length >= 18 else 2.0
    else:
        points = _TITLES.get(kind, _DIFFERENT_TITLE)
    tally.add(points, _SAYS[kind])
    if kind not in ("same", "different", "unknown") and numbers_conflict(one.title, two.title):
        tally.add(-6.0, "different numbers in the titles")
    elif kind == "same" and numbers_conflict(one.title, two.title):
        tally.add(-3.0, "different numbers in the titles")
    elif kind in ("contained", "within", "alike") and one.title.numbers != two.title.numbers:
        tally.add(-2.0, "a number in one title only")


def _year(one: Features, two: Features, tally: Tally) -> None:
    if one.year is None or two.year is None:
        return
    apart = abs(one.year - two.year)
    if apart == 0:
        tally.add(1.0, "same year")
    elif apart == 1:
        tally.add(0.0, "a year apart")
    else:
        tally.add(-2.0, f"{apart} years apart")


def _journal(one: Features, two: Features, tally: Tally) -> int:
    journal = 1 if one.issns & two.issns else compare_journals(one.journal, two.journal)
    if journal > 0:
        tally.add(1.0, "same journal")
    elif journal < 0:
        tally.add(-3.0, "different journals")
    return journal


_UNRELATED = Comparison(_DIFFERENT_TITLE, "different", (), (_SAYS["different"],), "", False)


def _have_nothing_else(one: Features, two: Features) -> bool:
    """Whether nothing can make up for different titles: no identifier, page or mark of a part."""
    if (one.doi and one.doi == two.doi) or (one.pmid and one.pmid == two.pmid):
        return False
    if one.registry or two.registry:
        return False
    for title in (one.title, two.title):
        if title.marks or title.numbers:
            return False
    mine, yours = one.pages, two.pages
    if mine is None or yours is None:
        return True
    return mine.first != yours.first and (mine.last is None or mine.last != yours.last)


def _same_years(one: Features, two: Features) -> bool:
    return one.year is not None and two.year is not None and abs(one.year - two.year) <= 1


def _is_bare(record: Features) -> bool:
    """Whether a record has a title and a year alone."""
    return not (record.families or record.journal or record.volume or record.pages)


def _abstracts(one: Features, two: Features) -> float:
    if len(one.abstract) < 150 or len(two.abstract) < 150:
        return 0.0
    length = min(len(one.abstract), len(two.abstract))
    return fuzz.ratio(one.abstract[:length].lower(), two.abstract[:length].lower()) / 100
