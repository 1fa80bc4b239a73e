"""Pages and numbers of volumes as databases write them → numbers to compare."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipt_evidence.citations.records import normal_pages

__all__ = ["WHOLE_ARTICLE", "Pages", "issue_number", "parse_pages"]

WHOLE_ARTICLE = 3
"""Pages that two different articles cannot share; shorter items often stand on one page."""


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page: letters before the number, and the numbers. ``last`` may be missing."""

    prefix: str
    first: int
    last: int | None

    @property
    def is_article_number(self) -> bool:
        """Whether it numbers an article instead of a page."""
        return self.last is None and (self.first > 9_999 or self.prefix in ("e", "cd"))

    @property
    def tells_works_apart(self) -> bool:
        """Whether two works cannot share it: an article number, or three pages and more.

        Where articles have numbers, the pages of each begin with 1.
        """
        span = 0 if self.last is None or self.first == 1 else self.last - self.first + 1
        return span >= WHOLE_ARTICLE or self.is_article_number


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(rf"(?:{'|'.join(_MONTHS)})(?=[-/\d]|$)|(?<=[-/])(?:{'|'.join(_MONTHS)})", re.I)
_DATED_PAGES = re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-(\d{{2}})")
_PAGE_COUNT = re.compile(r"(?<=\d)[.,;]?\s+\(?\d{1,4}\s?p\b.*$")
_ARTICLE_NUMBER = re.compile(
    r"^art(?:icles?|n|\.)?[\s.:]*(?:(?:id|no|num|number)\b[\s.:]*)?(?=\w*\d)"
)
_PAGE = re.compile(r"^([a-z]{0,7})[ .]?(\d{1,12})(?:-([a-z]{0,7})[ .]?(\d{1,12}))?")


def parse_pages(text: str) -> Pages | None:
    """``1234-45`` as 1234 to 1245; None for a count of pages or what holds no number.

    CINAHL's ``573-579 7p`` ends in the count of its pages; Web of Science writes ``ARTN e33123``;
    spreadsheets make ``18-Dec`` of 12-18.
    """
    pages = _PAGE_COUNT.sub("", (normal_pages(text) or "").lower())
    dated = _DATED_PAGES.fullmatch(pages)
    if dated is not None:
        pages = _undated(*dated.groups())
    numbered = _ARTICLE_NUMBER.sub("", pages)
    if re.search(r"\d\s*(?:pages?|pp?|seiten)\.?$", pages):
        return None
    found = _PAGE.match(numbered)
    if found is None:
        return None
    prefix, first, _, last = found.groups()
    if numbered != pages and not last:
        prefix = prefix or "e"
    end = int(last) if last else None
    if last and len(last) < len(first):
        end = int(first[: len(first) - len(last)] + last)
    return Pages(prefix, int(first), end if end is None or end >= int(first) else None)


def _undated(day: str | None, month: str, named: str | None, year: str | None) -> str:
    """The pages that a spreadsheet made a date: ``18-Dec`` was 12-18, ``Jan-45`` 1-45."""
    one = _MONTHS.index(named or month) + 1
    two = int(day or year or 0)
    return f"{min(one, two)}-{max(one, two)}"


def issue_number(text: str) -> str:
    """The number that counts in a volume or issue: ``Vol. 12 (Suppl 1)`` is 12.

    The number of a supplement is none, nor is a date that a spreadsheet made of ``2-3``.
    """
    if text and (text[0] in "Ss" or _MONTH.search(text)):
        return ""
    found = re.search(r"\d+", text)
    return found.group().lstrip("0") if found else ""
