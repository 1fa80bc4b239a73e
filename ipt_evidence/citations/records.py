"""What a citation is: its columns, and the normal forms of spaces, pages, years, titles, addresses.

Every reader hands over `Record` objects; `CITATION_COLUMNS` is the order in which they become a
table. Every function here is idempotent: normalising twice is normalising once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from ipt_evidence.citations.dates import iso_date, month_number
from ipt_evidence.citations.identifiers import (
    find_doi,
    normal_doi,
    normal_issn,
    normal_pmcid,
    normal_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.languages import normal_language

__all__ = [
    "CITATION_COLUMNS",
    "FILE_COLUMNS",
    "REJECTED_COLUMNS",
    "REPAIRED_COLUMNS",
    "Columns",
    "Person",
    "ReadResult",
    "Record",
    "Rejected",
    "Repaired",
    "find_doi",
    "iso_date",
    "month_number",
    "normal_doi",
    "normal_issn",
    "normal_language",
    "normal_pages",
    "normal_pmcid",
    "normal_pmid",
    "normal_space",
    "normal_title",
    "normal_url",
    "registry_ids_in",
    "year_in",
]

CITATION_COLUMNS = (
    "key",
    "type",
    "title",
    "authors",
    "et_al",
    "year",
    "container_title",
    "volume",
    "issue",
    "pages",
    "doi",
    "pmid",
    "abstract",
    "keywords",
    "url",
    "language",
    "source_file",
    "source_line",
    "raw",
    "pmcid",
    "issn",
    "registry_ids",
    "date",
)
REJECTED_COLUMNS = ("source_file", "source_line", "text", "reason")
REPAIRED_COLUMNS = ("source_file", "source_line", "key", "note")
FILE_COLUMNS = ("file", "format", "encoding", "records", "rejected", "repaired", "note")

Person = dict[str, str]
"""``{"family": ..., "given": ...}``, with ``"suffix"`` where the name has one.

Particles belong to the family name (``van der Berg``); a body has an empty given name.
"""


@dataclass(slots=True)
class Record:
    """One bibliographic record. Texts are decoded for reading; ``raw`` keeps what the file says.

    ``type`` uses BibTeX's words (``article``, ``book``, ``incollection``, ...) for every format.
    ``et_al`` is true when the source says that there are more authors than it names. ``date`` is
    ISO 8601 as far as it is known (``2011``, ``2011-06``, ``2011-06-01``), ``registry_ids`` are
    trial registrations that the record names.

    ``raw`` maps a format's own names to texts: BibTeX's field names in lower case, tags (``AU``)
    of the tagged formats, column headings of tables, dotted paths of XML, JSON of CSL items. What
    stands more than once is one text with a line each; BibTeX has ``title#2``.
    """

    key: str
    type: str
    source_line: int
    raw: dict[str, str]
    title: str | None = None
    authors: list[Person] = field(default_factory=list)
    et_al: bool = False
    year: int | None = None
    container_title: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    abstract: str | None = None
    keywords: list[str] = field(default_factory=list)
    url: str | None = None
    language: str | None = None
    source_file: str = ""
    pmcid: str | None = None
    issn: str | None = None
    registry_ids: list[str] = field(default_factory=list)
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A stretch of a file that is meant as a record but cannot be read as one."""

    source_line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """A record that was read although something was wrong with it, and what was done."""

    source_line: int
    key: str
    note: str


Columns = dict[str, list[Any]]
"""Name of a column → its values, one a record, as `Record` has them. ``source_line`` is always
there; a column that has no value in any record may be missing."""


@dataclass(slots=True)
class ReadResult:
    """What a reader makes of one text: records and rejected rows are all that the text holds.

    A reader gives ``records``; one that works on many at once gives ``columns`` in their place,
    because a hundred thousand objects that only live until the table is made cost time.
    """

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    repaired: list[Repaired] = field(default_factory=list)
    note: str = ""
    columns: Columns | None = None

    def as_columns(self) -> Columns:
        """The records by column, whichever way the reader gave them."""
        if self.columns is None:
            self.columns = {
                name: list(map(attrgetter(name), self.records)) for name in CITATION_COLUMNS
            }
        return self.columns


_DASHES = re.compile(r"\s*(?:[‐‑‒–—―−]+|-+)\s*")
_PLAIN_PAGES = re.compile(r"[0-9]+(?:-[0-9]+)?")
_PAGE_PREFIX = re.compile(
    r"^\s*(?:pp\.?|pages?\.?|seiten?\.?|[ps]\.|[ps](?=\s))\s*(?=[a-z]{0,2}\d)", re.IGNORECASE
)


def normal_pages(text: str | None) -> str | None:
    """Page ranges with a plain hyphen: ``581--592``, ``581 – 592`` and ``pp. 581-592`` agree."""
    if not text:
        return None
    if _PLAIN_PAGES.fullmatch(text):
        return text
    pages = _PAGE_PREFIX.sub("", _DASHES.sub("-", text)).strip(" .,;")
    return pages or None


_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d|2100)(?!\d)")


def year_in(text: str | None) -> int | None:
    """First year between 1400 and 2100 that stands in ``text``; None when there is none."""
    match = _YEAR.search(text) if text else None
    return int(match.group()) if match else None


_ASCII_SPACES = ("\n", "\t", "  ", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f")
_OTHER_SPACES = tuple("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") + tuple(
    map(chr, range(0x2000, 0x200B))
)


def normal_space(text: str) -> str:
    """``text`` with every run of white space as one space, none at the ends, in Unicode's NFC."""
    for space in _ASCII_SPACES:  # looking for each is far quicker than splitting a long abstract
        if space in text:
            text = " ".join(text.split())
            break
    if text.isascii():
        return text.strip()
    if "\xa0" not in text and _is_latin1(text):  # always in NFC already
        return text.strip()
    for space in _OTHER_SPACES:
        if space in text:
            text = " ".join(text.split())
            break
    return unicodedata.normalize("NFC", text).strip()


def _is_latin1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


_ASCII_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


def normal_title(text: str | None) -> str:
    """A title for comparing, not for reading: letters and digits only, without case or accents."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_SIGNS).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(" " if not c.isalnum() else c for c in folded if not unicodedata.combining(c))
    return " ".join(letters.split())


_WWW = re.compile(r"www\.[a-z0-9-]+\.[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def normal_url(text: str | None) -> str | None:
    """First web address in ``text``; None for anything else, such as ``javascript:`` or a path.

    An address that starts with ``www.`` gets the ``http://`` that browsers would put before it.
    """
    if not text or ("://" not in text and "www." not in text.lower()):
        return None
    match = _URL.search(text)
    if match is None:
        match = _WWW.match(text.strip())
        return f"http://{match.group().rstrip('.,;')}" if match else None
    return match.group().rstrip(".,;")


def text_or_none(value: Any) -> str | None:
    """``value`` as a text without surrounding space, or None when nothing is left of it."""
    return (str(value).strip() or None) if value is not None else None
