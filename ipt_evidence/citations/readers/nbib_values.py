"""Fields of one PubMed record → a `Record`."""

from __future__ import annotations

import re
from functools import lru_cache

from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import (
    date_of,
    doi_of,
    keywords_of,
    reading_text,
    short_text,
)
from ipt_evidence.citations.records import (
    Person,
    Record,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
)

__all__ = ["to_record"]

_ELLIPSIS = re.compile(r"(?<!\.)\.{3}$")
_DOI_ENDING = re.compile(r"(\S+)\s*\[doi\]")
_TYPES = (
    ("Book", "book"),
    ("Technical Report", "techreport"),
    ("Preprint", "unpublished"),
    ("Dataset", "dataset"),
    ("Academic Dissertation", "phdthesis"),
    ("Conference Proceedings", "inproceedings"),
)


def to_record(raw: dict[str, str], line: int) -> Record | None:
    """The record of ``raw``, its abstract as the file has it; None when there is nothing in it."""
    if not any(raw.values()):
        return None
    get = raw.get
    pmid = normal_pmid(get("PMID"))
    authors, et_al = _authors(raw)
    year, date = date_of(get("DP") or get("DEP") or get("EDAT") or get("PHST"))
    abstract = get("AB")
    keywords = "\n".join(raw[tag] for tag in ("OT", "MH") if tag in raw)
    return Record(
        key=f"pmid{pmid}" if pmid else "",
        type=_type(get("PT") or "", get("BTI")),
        source_line=line,
        raw=raw,
        title=_title(get("TI") or get("BTI") or get("CTI") or get("TT")),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=short_text(_first_line(get("JT")) or get("BTI") or get("TA")),
        volume=short_text(get("VI")),
        issue=short_text(get("IP")),
        pages=normal_pages(_first_line(get("PG"))),
        doi=_doi(raw),
        pmid=pmid,
        abstract=abstract.replace("\n", " ") if abstract else None,
        keywords=keywords_of(keywords.replace("*", "")) if keywords else [],
        language=_language(get("LA")),
        pmcid=normal_pmcid(get("PMC")),
        issn=normal_issn(get("IS")),
    )


@lru_cache(maxsize=1_000)
def _language(value: str | None) -> str | None:
    return normal_language(_first_line(value))


def _first_line(value: str | None) -> str:
    return value.partition("\n")[0] if value else ""


def _title(value: str | None) -> str | None:
    """The title without PubMed's brackets around translations and its closing full stop.

    Of two full stops one is the title's own; three are its end, and PubMed adds none to them.
    """
    title = reading_text(value)
    if not title:
        return None
    if title[-1] == "." and not _ELLIPSIS.search(title):
        title = title[:-1]
    if title[0] == "[" and title[-1] == "]" and title.count("[") == 1:
        title = title[1:-1].rstrip(".")
    return title or None


def _authors(raw: dict[str, str]) -> tuple[list[Person], bool]:
    full, short = raw.get("FAU"), raw.get("AU")
    names = full.split("\n") if full else []
    if short and short.count("\n") >= len(names):
        names = short.split("\n")  # older records give full names to none
    people, et_al = people_of(names)
    bodies = raw.get("CN")
    if bodies:
        people += [{"family": body, "given": ""} for b in bodies.split("\n") if (body := b.strip())]
    if not people and (editors := raw.get("FED") or raw.get("ED")):
        people, et_al = people_of(editors.split("\n"))
    return people, et_al


def _doi(raw: dict[str, str]) -> str | None:
    for tag in ("LID", "AID"):
        value = raw.get(tag)
        if value and "10." in value:
            match = _DOI_ENDING.search(value)
            found = doi_of(match.group(1) if match else value)
            if found:
                return found
    source = raw.get("SO")
    return doi_of(source[source.find("doi") :]) if source and "doi" in source else None


def _type(types: str, book: str | None) -> str:
    if book:
        return "book"
    for name, kind in _TYPES:
        if name in types:
            return kind
    return "article"
