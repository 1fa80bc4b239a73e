"""Two records → how surely they are the same one, and why.

Each field that agrees adds points and each that disagrees takes some away; a missing one does
neither. Points are roughly the logarithm (base 2) of how much likelier the finding is in a pair of
duplicates than in a pair of different records that share a block, as in Fellegi and Sunter (1969,
doi:10.1080/01621459.1969.10501049). They were set by hand and are tested on labelled exports.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.features import WHOLE_ARTICLE, Features, Pages
from ipt_evidence.citations.deduplication.titles import (
    compare_journals,
    compare_titles,
    numbers_conflict,
    without_umlauts,
)

__all__ = [
    "MERGE",
    "REVIEW",
    "Comparison",
    "Tally",
    "compare",
    "probability",
]

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
_TITLE_WORDS = {
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
    barred = _identifiers(one, two, title, tally)
    same_entry = one.is_registry and two.is_registry and "same registry id" in tally.agree
    if same_entry and title == "different":
        tally.add(0.0, "registered under another title")
    else:
        _title(one, two, title, tally)
    same_author = add_authors(one, two, tally)
    if not same_entry:
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
    if title == "different" and same_place:
        tally.add(*_translation(one, two, journal, same_author))
    barred = barred or _other_volume(one, two, tally)
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


def _translation(
    one: Features, two: Features, journal: int, same_author: bool
) -> tuple[float, str]:
    """Points and words for two titles in one place: the second may be a translation."""
    if is_whole_article(one, two, journal):
        return 7.0, "the same pages of the same journal (a translated title?)"
    mine, yours = one.pages, two.pages
    if not same_author or one.year != two.year or not (mine and yours):
        return 0.0, "the same place"
    if one.is_translated != two.is_translated:
        same_end = mine.last is not None and mine.last == yours.last
        return (7.0 if same_end else 4.0), "one title is a translation in brackets"
    if mine.last is not None and mine.last - mine.first >= WHOLE_ARTICLE and mine == yours:
        if one.families == two.families and len(one.families) > 1:
            return 4.0, "the same pages and authors (a translated title?)"
    return 0.0, "the same place"


def _other_volume(one: Features, two: Features, tally: Tally) -> str:
    """Why two records of different years are different works, such as yearly reports."""
    if "same DOI" in tally.agree or "same PMID" in tally.agree:
        return ""
    if one.year is None or two.year is None or one.year == two.year:
        return ""
    if "different volumes" in tally.differ:
        return "different years and volumes"
    periodic = "periodic" in one.title.marks and "periodic" in two.title.marks
    return "a title that comes back every year" if periodic else ""


def _identifiers(one: Features, two: Features, title: str, tally: Tally) -> str:
    barred = ""
    if one.doi and two.doi and one.doi == two.doi and _share_supplement(one, two, title):
        tally.add(0.0, "the DOI of a supplement")
        barred = "two abstracts of one supplement"
    elif one.doi and two.doi:
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


def _share_supplement(one: Features, two: Features, title: str) -> bool:
    """Whether two works stand under the one DOI of the supplement that holds them."""
    if title not in ("different", "alike", "within") or one.is_translated != two.is_translated:
        return False
    if not one.title.compact or not two.title.compact:
        return False
    if one.is_supplement or two.is_supplement or (one.is_abstract and two.is_abstract):
        return True
    first_pages = {item.pages.first for item in (one, two) if item.pages}
    strangers = bool(one.families and two.families) and not set(one.families) & set(two.families)
    return title == "different" and (len(first_pages) > 1 or strangers)


def _title(one: Features, two: Features, kind: str, tally: Tally) -> None:
    if kind == "same":
        length = one.title.length
        points = 6.0 if length >= 30 else 4.0 if length >= 18 else 2.0
    else:
        points = _TITLES.get(kind, _DIFFERENT_TITLE)
    tally.add(points, _TITLE_WORDS[kind])
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


_UNRELATED = Comparison(_DIFFERENT_TITLE, "different", (), (_TITLE_WORDS["different"],), "", False)


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


class Tally:
    """Points and words gathered field by field."""

    def __init__(self) -> None:
        self.points = 0.0
        self.agree: list[str] = []
        self.differ: list[str] = []

    def add(self, points: float, words: str) -> None:
        """Add ``points``; ``words`` say what agrees, or differs where points are taken away."""
        self.points += points
        (self.agree if points >= 0 else self.differ).append(words)


def add_authors(one: Features, two: Features, tally: Tally) -> bool:
    """Whether the first authors agree, initials and all."""
    if not one.families or not two.families:
        return False
    if same_family(one.families[0], two.families[0]):
        if one.initial and two.initial and one.initial != two.initial:
            tally.add(0.0, "first authors of the same name")
            return False
        tally.add(2.0, "same first author")
        return True
    few, many = sorted((set(one.families), set(two.families)), key=len)
    shared = len(few & many)
    if shared / len(few) < 0.5:
        shared = sum(any(same_family(name, other) for other in many) for name in few)
    if shared / len(few) >= 0.5:
        tally.add(1.0, "shared authors")
    elif one.families[0] in two.given or two.families[0] in one.given:
        tally.add(1.0, "first authors of the same names")
    elif one.corporate != two.corporate:
        tally.add(0.0, "a group of authors")
    else:
        tally.add(-3.0, "different authors")
    return False


@lru_cache(maxsize=100_000)
def same_family(one: str, two: str) -> bool:
    """Equal but for particles, double names, initials in the wrong place and a slip of spelling."""
    if one == two:
        return True
    mine, yours = one.replace(" ", ""), two.replace(" ", "")
    if mine == yours or without_umlauts(mine) == without_umlauts(yours):
        return True
    few, many = sorted((set(one.split()), set(two.split())), key=len)
    if any(len(word) > 2 for word in few & many):
        return True
    return min(len(mine), len(yours)) >= 5 and fuzz.ratio(mine, yours) >= 85


def add_place(
    one: Features, two: Features, journal: int, title: str, telling: bool, tally: Tally
) -> bool:
    """Volume and pages. True when the first page agrees and nothing about the place disagrees.

    Publishers that number articles instead of pages are exported with an article number, with
    pages from 1 on or with those of the PDF: where a ``telling`` title, author, year, journal and
    volume agree, other pages of a whole article weigh less.
    """
    volume = _compare_volumes(one, two)
    if volume > 0:
        tally.add(1.0, "same volume")
    elif volume < 0:
        tally.add(-1.5, "different volumes")
    if one.issue and two.issue and one.issue != two.issue and volume <= 0:
        tally.add(-0.5, "different issues")
    elif one.issue and two.issue and one.issue != two.issue:
        tally.add(-1.0, "different issues of the volume")
    pages = _compare_pages(one, two, title)
    if pages > 0 and _is_review_number(one, two):
        pages = 0 if one.year == two.year else -1
    if pages > 0 and title == "alike" and not _whole(one, two):
        tally.add(0.0, "same first page")  # abstracts of one group stand side by side
    elif pages > 0:
        tally.add(3.0, "same first page")
    elif pages == 0 and one.pages and two.pages and title in ("contained", "within", "alike"):
        tally.add(-1.0, "pages numbered in different ways")
    elif pages < 0:
        same_issue = not (one.issue and two.issue and one.issue != two.issue)
        same_volume = volume > 0 and journal > 0 and one.year == two.year and same_issue
        numbering = telling and same_volume and _whole(one, two)
        tally.add(-2.0 if numbering else -4.0, "different pages")
    return pages > 0 and volume >= 0 and (volume > 0 or journal > 0)


def _whole(one: Features, two: Features) -> bool:
    """Whether either record's pages belong to a single work."""
    return any(item.pages is not None and item.pages.tells_works_apart for item in (one, two))


def _compare_volumes(one: Features, two: Features) -> int:
    if not one.volume or not two.volume:
        return 0
    if one.volume == two.volume:
        return 1
    # Some databases put the year or the issue in the place of the volume.
    swapped = {one.volume, two.volume} & {str(one.year), str(two.year), one.issue, two.issue}
    return 0 if swapped else -1


def _is_review_number(one: Features, two: Features) -> bool:
    """Every version of a Cochrane review has the same CD number for a page."""
    return bool(one.pages and two.pages and "cd" in (one.pages.prefix, two.pages.prefix))


def _compare_pages(one: Features, two: Features, title: str) -> int:
    mine, yours = one.pages, two.pages
    if mine is None or yours is None:
        return 0
    if mine.first == yours.first:
        known = mine.prefix and yours.prefix
        return 1 if not known or mine.prefix == yours.prefix else -1
    if mine.last is not None and mine.last == yours.last:
        # One of the first pages is misprinted, or two articles end on one page by chance.
        return 1 if title not in ("contained", "within", "alike") else 0
    if mine.is_article_number != yours.is_article_number:
        return 0
    if _counts(mine, yours) or _counts(yours, mine):
        return 0
    if _ahead_of_print(one) or _ahead_of_print(two):
        return 0
    return -1


def _counts(count: Pages, span: Pages) -> bool:
    """Whether ``count`` is the number of pages that ``span`` has."""
    if count.last is not None or span.last is None or count.prefix:
        return False
    return count.first == span.last - span.first + 1


def _ahead_of_print(record: Features) -> bool:
    """Pages 1 to n without a volume: the article has not yet got its place."""
    return record.pages is not None and record.pages.first == 1 and not record.volume


def is_whole_article(one: Features, two: Features, journal: int) -> bool:
    """Whether one author's records fill the same pages of a volume, three or more."""
    mine, yours = one.pages, two.pages
    if journal <= 0 or mine is None or yours is None or one.year != two.year:
        return False
    if mine.last is None or mine.last != yours.last or not one.volume or one.volume != two.volume:
        return False
    if not one.families or not two.families:
        return False
    return mine.tells_works_apart and same_family(one.families[0], two.families[0])
