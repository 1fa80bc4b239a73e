"""Whether two records stand at the same place: volume, issue and pages."""

from __future__ import annotations

from ipt_evidence.citations.deduplication.authors import same_family
from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.pages import Pages
from ipt_evidence.citations.deduplication.tally import Tally

__all__ = ["add_place", "is_whole_article"]


def add_place(
    one: Features, two: Features, journal: int, title: str, telling: bool, tally: Tally
) -> bool:
    """Volume and pages. True when the first page agrees and nothing about the place disagrees.

    Publishers that number articles instead of pages are exported with an article number, with
    pages from 1 on or with those of the PDF: where a ``telling`` title, author, year, journal and
    volume agree, other pages of a whole article weigh less.
    """
    volume = _volumes(one, two)
    if volume > 0:
        tally.add(1.0, "same volume")
    elif volume < 0:
        tally.add(-1.5, "different volumes")
    if one.issue and two.issue and one.issue != two.issue and volume <= 0:
        tally.add(-0.5, "different issues")
    elif one.issue and two.issue and one.issue != two.issue:
        tally.add(-1.0, "different issues of the volume")
    pages = _pages(one, two, title)
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


def _volumes(one: Features, two: Features) -> int:
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


def _pages(one: Features, two: Features, title: str) -> int:
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
