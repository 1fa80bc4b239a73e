"""What a citation is: the columns of the table, and a record as readers hand it over."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "CITATION_COLUMNS",
    "FILE_COLUMNS",
    "MORE_AUTHORS",
    "REJECTED_COLUMNS",
    "REPAIRED_COLUMNS",
    "Person",
    "ReadResult",
    "Record",
    "Rejected",
    "Repaired",
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

Particles belong to the family name (``van der Berg``); a corporate author has an empty given name.
"""


MORE_AUTHORS = "There are more authors than those listed."
"""The note that stands for ``et_al`` in formats without a sign for it; readers know it again."""


@dataclass(slots=True)
class Record:
    """One bibliographic record. Texts are decoded for reading; ``raw`` keeps what the file says.

    ``type`` uses BibTeX's words (``article``, ``book``, ``incollection``, ...) for every format.
    ``et_al`` is true when there are more authors than ``authors`` names; it is never one of them.
    Writers say so in their format's way: ``and others`` in BibTeX, ``et al.`` or points in printed
    references where the style has them, a field or a note of its own elsewhere. ``date`` is
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


@dataclass(slots=True)
class ReadResult:
    """What a reader makes of one text: records and rejected rows are all that the text holds."""

    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    repaired: list[Repaired] = field(default_factory=list)
    note: str = ""
