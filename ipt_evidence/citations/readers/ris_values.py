"""Values of RIS fields that stand in more than one place: identifiers, pages, keys."""

from __future__ import annotations

import re

from ipt_evidence.citations.readers.fields import doi_of, page_range
from ipt_evidence.citations.records import find_doi, normal_pages, normal_pmid

__all__ = ["first_of", "key_of", "pages_of", "ris_doi", "ris_pmid"]

_PMID = re.compile(r"(?:PMID[:\s]*|pubmed(?:\.ncbi[^\s\d]{0,20}|[^\s\d]{0,20})/)(\d{1,9})")


def first_of(raw: dict[str, str], tags: tuple[str, ...]) -> str:
    """Value of the first of ``tags`` that has one; empty when none has."""
    for tag in tags:
        value = raw.get(tag)
        if value and not value.isspace():
            return value
    return ""


def key_of(value: str | None) -> str:
    """The record's own id where it is more than a running number."""
    text = (value or "").strip()
    return text if text and not text.isdigit() and len(text) <= 100 and " " not in text else ""


def pages_of(raw: dict[str, str]) -> str | None:
    """Pages from first and last page, a range, or an article number."""
    start, end = raw.get("SP"), raw.get("EP")
    if start and end and not start.isspace():
        return page_range(start.partition("\n")[0], end.partition("\n")[0])
    return normal_pages(start or end or raw.get("C7") or raw.get("SE"))


def ris_doi(raw: dict[str, str]) -> str | None:
    """DOI of its own field, or of a note or address that says it is one."""
    found = doi_of(raw["DO"]) if "DO" in raw else None
    if found is not None:
        return found
    for tag in ("DI", "M3", "L3", "N1", "UR", "LK", "AN", "ID"):
        value = raw.get(tag)
        if value and "10." in value:
            at = value.lower().find("doi")
            if at >= 0 or tag in ("DI", "M3", "L3"):
                found = find_doi(value[max(at, 0) :])
                if found is not None:
                    return found
    return None


def ris_pmid(raw: dict[str, str]) -> str | None:
    """PubMed identifier: own fields, Medline's accession number, a note or PubMed's address."""
    for tag in ("PM", "C8"):
        if tag in raw and raw[tag].strip().isdigit():
            return normal_pmid(raw[tag])
    for tag in ("AN", "N1", "UR", "M1", "C2"):
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
