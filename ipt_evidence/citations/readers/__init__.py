"""The formats that can be read. A new format is a module here and a row in `FORMATS`."""

from __future__ import annotations

import re
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
from ipt_evidence.citations.readers.eppi import find_eppi, read_eppi
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
from ipt_evidence.citations.readers.tables import (
    cut_table,
    find_table,
    header_of,
    read_table,
    unknown_headings,
)
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
    Format("eppi", (".json",), find_eppi, read_eppi),
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


_ELEMENTS = {
    "MODS": "mods|modsCollection",
    "RDF, as Zotero writes it": "RDF",
    "JATS, the XML of articles": "article|pmc-articleset",
    "ClinicalTrials.gov's XML (its CSV and JSON are read)": "clinical_study|study_fields",
    "the XML of the WHO's trial search (its CSV is read)": "Trials_downloaded_from_ICTRP",
    "an answer of PubMed's search or summaries": "eSummaryResult|eSearchResult|eLinkResult",
    "Europe PMC's XML": "responseWrapper",
    "MARCXML": "collection|record",
    "OAI-PMH": "OAI-PMH",
    "Word's list of sources": "Sources",
    "TEI": "TEI|TEI.2|biblStruct",
    "DataCite's XML": "resource",
    "Crossref's XML": "doi_records|crossref_result|crossref|doi_batch",
    "EBSCO's XML": "records|ebsco|searchresults",
    "RefWorks's XML": "refworks|reference",
    "DBLP's XML": "dblp",
    "BibTeXML": "file",
    "a web feed, such as arXiv's": "feed|rss",
    "Dublin Core": "dc|metadata",
}
"""Formats that are refused by name: the root element of their XML."""

_NAMES_OF_ELEMENTS = {one: name for name, row in _ELEMENTS.items() for one in row.split("|")}
_ROOT = re.compile(
    r"\s*(?:<\?[^>]*\?>\s*|<!--.{0,2000}?-->\s*|<![^>]{0,500}>\s*)*<(?:\w+:)?([\w.-]+)", re.S
)
_TEXTS = (
    (re.compile(r"\A\s*Scopus\s*\nEXPORT DATE:", re.M), "Scopus's plain text"),
    (re.compile(r"^Record[^\n]{0,40}INSPEC", re.MULTILINE), "Inspec's text"),
    (re.compile(r"^JSTOR CITATION LIST", re.MULTILINE), "JSTOR's citation list"),
    (re.compile(r"^DN: Database Name", re.MULTILINE), "the text of Cambridge Scientific Abstracts"),
    (
        re.compile(r"^(?:---\s*\n)?(?:references:\s*\n)?- (?:id|type): \S+\n\s+\w+:", re.M),
        "CSL-YAML",
    ),
    (
        re.compile(r"^[\w-]+:\s*\n\s+type: \w+\n\s+(?:title|author|date): ", re.M),
        "Hayagriva's YAML",
    ),
    (re.compile(r"\A\s*cff-version: ", re.M), "a CITATION.cff"),
    (re.compile(r"\A\s*\{\\rtf"), "rich text (RTF)"),
    (re.compile(r"^\s*\{\{ ?(?:cite|citation)\b", re.M | re.I), "Wikipedia's citation templates"),
    (re.compile(r"^=LDR +\d", re.M), "MARC's mnemonic text"),
    (re.compile(r"^\d{5}[acdnp][a-z]{2} [a ]22\d{5}"), "MARC"),
)
_TAG = re.compile(r"^[ \t]{0,3}([A-Z][A-Z0-9]{1,3})(?: {0,3}[-:=]+ ?|\t| {2,})(?=\S)", re.MULTILINE)
_USUAL_TAGS = frozenset(
    "TI AU T1 A1 SO PY YR AB JO JF JN VL VO IS PG PT LA DT KW DE UT UI AN PMID DO PB SN SP".split()
)
_LABEL = re.compile(r"^[ \t]*([^\W\d_][\w ()/]{1,24}):[ \t]*\S", re.MULTILINE)
_USUAL_LABELS = frozenset(
    "title titel título titulo titre author authors author(s) autor autores auteur source fonte "
    "fuente journal year ano año abstract resumo resumen résumé doi pmid idioma volume issue "
    "pages".split()
)
_MIN_TAGS, _MIN_USUAL, _TAG_SHARE = 4, 3, 0.4


def _named(text: str) -> str | None:
    """What a text is that no reader knows; None for one that may be a printed list."""
    root = _ROOT.match(text) if text.lstrip()[:1] == "<" else None
    if root is not None and root.group(1) in _NAMES_OF_ELEMENTS:
        return _NAMES_OF_ELEMENTS[root.group(1)]
    for sign, name in _TEXTS:
        if sign.search(text):
            return name
    begin = text[:20_000]
    tags = _TAG.findall(begin)
    lines = sum(1 for line in begin.split("\n") if line.strip())
    several = len(set(tags)) >= _MIN_TAGS and len(_USUAL_TAGS & set(tags)) >= _MIN_USUAL
    if several and len(tags) >= _TAG_SHARE * lines:
        shown = ", ".join(dict.fromkeys(tags[:8]))
        return f"the tagged text of a database ({shown}) that is not known here"
    alone = {line.strip(" \t:").lower() for line in begin.split("\n")} & _USUAL_LABELS
    if len(alone) >= _MIN_USUAL:
        return f"text of a database with headings that lost their form ({', '.join(sorted(alone))})"
    labels = [label.lower() for label in _LABEL.findall(begin)]
    usual = _USUAL_LABELS & set(labels)
    if len(usual) >= _MIN_USUAL and len(labels) >= _TAG_SHARE * lines:
        return (
            f"the labelled text of a database ({', '.join(sorted(usual))}) that is not known here"
        )
    return None


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
    if (known := _named(text)) is not None:
        raise CitationError(f"{name}: this looks like {known}; export RIS instead.")
    if start.startswith("<?xml") or (start.startswith("<") and suffix == ".xml"):
        raise CitationError(
            f"{name}: this is XML, but neither EndNote's nor PubMed's. Export RIS or BibTeX."
        )
    if start[:1] in ("{", "[") and suffix == ".json":
        raise CitationError(
            f"{name}: this is JSON, but no list of CSL items. Export CSL-JSON, RIS or BibTeX."
        )
    if suffix in (".csv", ".tsv", ".tab") and start:
        headings = ", ".join(unknown_headings(text))
        raise CitationError(
            f"{name}: no line names columns such as Title, Authors, Year or DOI"
            + (f" (not understood: {headings})" if headings else "")
            + ". Name the columns in the first line."
        )
    if not start or suffix in _BIBTEX.suffixes:
        return next((item for item in FORMATS if suffix in item.suffixes), PLAIN)
    return PLAIN
