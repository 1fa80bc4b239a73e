"""Fields of many RIS records → columns."""

from __future__ import annotations

import re
from collections.abc import Callable

from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.abstracts import finish_texts
from ipt_evidence.citations.readers.fields import (
    date_of,
    doi_of,
    keywords_of,
    page_range,
    same_title,
    short_texts,
)
from ipt_evidence.citations.readers.raw_columns import RawColumns, addresses
from ipt_evidence.citations.readers.ris_tags import (
    AUTHORS,
    EDITORS,
    JOURNALS,
    NOTES,
    RIS_TYPES,
    TITLES,
)
from ipt_evidence.citations.records import (
    Columns,
    find_doi,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
)

__all__ = ["key_of", "ris_columns"]

_PMID = re.compile(r"(?:PMID[:\s]*|pubmed(?:\.ncbi[^\s\d]{0,20}|[^\s\d]{0,20})/)(\d{1,9})")
_DOI_TAGS = ("DI", "M3", "L3", "N1", "UR", "LK", "AN", "ID")
_PMID_NUMBERS = ("PM", "C8", "AN")
_PMID_TAGS = ("AN", "N1", "UR", "M1", "C2")
_TYPES = Memo(lambda kind: RIS_TYPES.get(kind.strip().upper(), "misc"))


def key_of(value: str | None) -> str:
    """The record's own id where it is more than a running number."""
    text = (value or "").strip()
    return text if text and not text.isdigit() and len(text) <= 100 and " " not in text else ""


_SELDOM: tuple[tuple[str, str, Callable[[str | None], str | None]], ...] = (
    ("key", "ID", key_of),
    ("language", "LA", normal_language),
    ("pmcid", "C2", normal_pmcid),
)


def ris_columns(raws: list[dict[str, str]], lines: list[int]) -> Columns:
    """The columns of records, from their raw fields and the lines on which they start."""
    fields = RawColumns(raws)
    people = [people_of(names.split("\n")) for names in _names(fields)]
    dates = [date_of(*row) for row in zip(*map(fields.get, ("PY", "Y1", "DA")), strict=True)]
    columns: Columns = {
        "source_line": lines,
        "raw": raws,
        "type": [_TYPES[kind or ""] for kind in fields.get("TY")],
        "title": _titles(fields),
        "authors": [authors for authors, _ in people],
        "et_al": [et_al for _, et_al in people],
        "year": [year for year, _ in dates],
        "date": [date for _, date in dates],
        "volume": short_texts(fields.either("VL", "VO")),
        "issue": short_texts(fields.either("IS", "CP")),
        "pages": [_pages(raw) for raw in raws],
        "doi": fields.dois("DO", _doi),
        "pmid": _pmids(fields),
        "abstract": fields.either("AB", "N2"),
        "keywords": [keywords_of(words, "\n;") if words else [] for words in fields.get("KW")],
        "url": addresses(fields.either("UR", "L2", "LK")),
        "issn": [normal_issn(text) for text in fields.get("SN")],
    }
    for name, tag, make in _SELDOM:
        if tag in fields.tags:
            columns[name] = [make(text) for text in fields.get(tag)]
    notes = [fields.get(tag) for tag in fields.known(NOTES)]
    finish_texts(columns, ("title", "abstract"), notes)
    containers = short_texts(fields.filled(JOURNALS))
    columns["container_title"] = [
        None if same_title(container, title) else container
        for container, title in zip(containers, columns["title"], strict=True)
    ]
    return columns


def _titles(fields: RawColumns) -> list[str]:
    """Titles as they stand; of what is in no journal, the name of the whole where it has no own."""
    titles = fields.filled(TITLES)
    if "T2" in fields.tags and not all(titles):
        titles = [
            title or ("" if raw.get("JF") or raw.get("JO") else raw.get("T2", ""))
            for title, raw in zip(titles, fields.raws, strict=True)
        ]
    return titles


def _names(fields: RawColumns) -> list[str]:
    """Names of the authors, a line each; of the editors where there are none."""
    names = [value or "" for value in fields.get("AU")]
    if "A1" in fields.tags or not all(names):
        names = [
            "\n".join(raw[tag] for tag in AUTHORS if tag in raw) or _first_of(raw, EDITORS)
            for raw in fields.raws
        ]
    return names


def _first_of(raw: dict[str, str], tags: tuple[str, ...]) -> str:
    """Value of the first of ``tags`` that has one; empty when none has."""
    for tag in tags:
        value = raw.get(tag)
        if value and not value.isspace():
            return value
    return ""


def _pages(raw: dict[str, str]) -> str | None:
    """Pages from first and last page, a range, or an article number."""
    start, end = raw.get("SP"), raw.get("EP")
    if start and end and start.isdigit() and end.isdigit():
        return start if start == end else f"{start}-{end}"
    if start and end and not start.isspace():
        return page_range(start.partition("\n")[0], end.partition("\n")[0])
    return normal_pages(start or end or raw.get("C7") or raw.get("SE"))


def _doi(raw: dict[str, str]) -> str | None:
    """DOI of its own field, or of a note or address that says it is one."""
    found = doi_of(raw["DO"]) if "DO" in raw else None
    if found is not None:
        return found
    for tag in _DOI_TAGS:
        value = raw.get(tag)
        if value and "10." in value:
            at = value.lower().find("doi")
            if at >= 0 or tag in ("DI", "M3", "L3"):
                found = find_doi(value[max(at, 0) :])
                if found is not None:
                    return found
    return None


def _pmids(fields: RawColumns) -> list[str | None]:
    if fields.known(_PMID_NUMBERS):
        return [_pmid(raw) for raw in fields.raws]
    pmids: list[str | None] = [None] * len(fields.raws)
    for tag in fields.known(_PMID_TAGS):
        for position, value in enumerate(fields.get(tag)):
            if value and ("PMID" in value or "pubmed" in value):
                pmids[position] = _pmid(fields.raws[position])
    return pmids


def _pmid(raw: dict[str, str]) -> str | None:
    """PubMed identifier: own fields, Medline's accession number, a note or PubMed's address."""
    for tag in ("PM", "C8"):
        if tag in raw and raw[tag].strip().isdigit():
            return normal_pmid(raw[tag])
    for tag in _PMID_TAGS:
        value = raw.get(tag)
        if not value:
            continue
        if tag == "AN" and value.strip().isdigit():
            source = raw.get("DB", "").lower()
            if any(word in source for word in ("medline", "pubmed", "nlm")):
                return normal_pmid(value)
        elif "PMID" in value or "pubmed" in value:
            match = _PMID.search(value)
            if match:
                return normal_pmid(match.group(1))
    return None
