"""The formats that can be read. A new format is a module here and a row in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ipt_evidence.citations.readers.bibtex import cut_bibtex, find_bibtex, macros_of, read_bibtex
from ipt_evidence.citations.readers.csl_json import find_csl_json, read_csl_json
from ipt_evidence.citations.readers.endnote import (
    cut_endnote_tagged,
    cut_endnote_xml,
    find_endnote_tagged,
    find_endnote_xml,
    read_endnote_tagged,
    read_endnote_xml,
)
from ipt_evidence.citations.readers.nbib import cut_nbib, find_nbib, read_nbib
from ipt_evidence.citations.readers.plain_text import find_references, read_lines, read_plain_text
from ipt_evidence.citations.readers.pubmed_text import (
    cut_pubmed_text,
    find_pubmed_text,
    read_pubmed_text,
)
from ipt_evidence.citations.readers.pubmed_xml import (
    cut_pubmed_xml,
    find_pubmed_xml,
    read_pubmed_xml,
)
from ipt_evidence.citations.readers.ris import cut_ris, find_ris, read_ris
from ipt_evidence.citations.readers.tables import cut_table, find_table, header_of, read_table
from ipt_evidence.citations.readers.tagged_text import (
    cut_tagged_text,
    find_tagged_text,
    read_tagged_text,
)
from ipt_evidence.citations.readers.web_of_science import (
    cut_web_of_science,
    find_web_of_science,
    read_web_of_science,
)
from ipt_evidence.citations.records import ReadResult
from ipt_evidence.errors import CitationError

__all__ = ["FORMATS", "PLAIN", "TITLES", "Format", "format_of"]

_LOOKED_AT = 1_000_000


@dataclass(frozen=True, slots=True)
class Format:
    """A bibliography format: how to know it, how to read it, and how to read it in parts.

    ``find`` gives the place at which the format's first record starts, None where it does not
    occur. ``cut`` gives the place up to which a text holds only whole records; formats without it
    are read as a whole. ``head`` (of the first part) or ``prepare`` (of all parts, None for "read
    it as a whole") give text that every later part, or every part, needs in front.
    """

    name: str
    suffixes: tuple[str, ...]
    find: Callable[[str], int | None]
    read: Callable[[str], ReadResult]
    cut: Callable[[str], int] | None = None
    head: Callable[[str], str] | None = None
    prepare: Callable[[Iterable[str]], str | None] | None = None


_BIBTEX = Format(
    "bibtex",
    (".bib", ".bibtex", ".biblatex"),
    find_bibtex,
    read_bibtex,
    cut_bibtex,
    prepare=macros_of,
)
PLAIN = Format("plain", (".txt", ".text", ".md"), find_references, read_plain_text)
TITLES = Format("titles", (), find_references, read_lines)
"""In the place of `PLAIN` where every line is meant to be a title or a printed reference."""

FORMATS = (
    Format("endnote-xml", (".xml",), find_endnote_xml, read_endnote_xml, cut_endnote_xml),
    Format("pubmed-xml", (".xml",), find_pubmed_xml, read_pubmed_xml, cut_pubmed_xml),
    Format("csl-json", (".json",), find_csl_json, read_csl_json),
    Format("wos", (".ciw",), find_web_of_science, read_web_of_science, cut_web_of_science),
    Format("nbib", (".nbib",), find_nbib, read_nbib, cut_nbib),
    Format("ris", (".ris",), find_ris, read_ris, cut_ris),
    Format("enw", (".enw",), find_endnote_tagged, read_endnote_tagged, cut_endnote_tagged),
    _BIBTEX,
    Format("pubmed-text", (), find_pubmed_text, read_pubmed_text, cut_pubmed_text),
    Format("tagged", (), find_tagged_text, read_tagged_text, cut_tagged_text),
    Format("table", (".csv", ".tsv", ".tab"), find_table, read_table, cut_table, head=header_of),
    PLAIN,
)
"""The format whose first record stands first in a text is the text's; of equals, the first here."""


def format_of(name: str, text: str) -> Format:
    """The format of a text, from what stands in it; the suffix of ``name`` decides nothing else.

    Text in which no format's record occurs is a printed list. Raises CitationError for XML and
    JSON of another kind, and for a table without known columns.
    """
    text = text[:_LOOKED_AT]
    found = [(at, item) for item in FORMATS[:-1] if (at := item.find(text)) is not None]
    if found:
        return min(found, key=lambda pair: pair[0])[1]
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    start = text.lstrip()[:200]
    if start.startswith("<?xml") or (start.startswith("<") and suffix == ".xml"):
        raise CitationError(
            f"{name}: this is XML, but neither EndNote's nor PubMed's. Export RIS or BibTeX."
        )
    if start[:1] in ("{", "[") and suffix == ".json":
        raise CitationError(
            f"{name}: this is JSON, but no list of CSL items. Export CSL-JSON, RIS or BibTeX."
        )
    if suffix in (".csv", ".tsv", ".tab") and start:
        raise CitationError(
            f"{name}: no line names columns such as Title, Authors, Year or DOI. Name the columns "
            "in the first line."
        )
    if not start or suffix in _BIBTEX.suffixes:
        return next((item for item in FORMATS if suffix in item.suffixes), PLAIN)
    return PLAIN
