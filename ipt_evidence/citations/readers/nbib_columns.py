"""Fields of many PubMed records → columns."""

from __future__ import annotations

import re

from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.abstracts import finish_texts
from ipt_evidence.citations.readers.fields import date_of, doi_of, keywords_of, short_texts
from ipt_evidence.citations.readers.raw_columns import RawColumns
from ipt_evidence.citations.records import (
    Columns,
    Person,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
)

__all__ = ["key_of", "nbib_columns"]

_REGISTERED = ("SI", "TI", "CN", "GR")
_DOI_ENDING = re.compile(r"(\S+)\s*\[doi\]")
_KINDS = (
    ("Book", "book"),
    ("Technical Report", "techreport"),
    ("Preprint", "unpublished"),
    ("Dataset", "dataset"),
    ("Academic Dissertation", "phdthesis"),
    ("Conference Proceedings", "inproceedings"),
)


def nbib_columns(raws: list[dict[str, str]], lines: list[int]) -> Columns:
    """The columns of records, from their raw fields and the lines on which they start."""
    fields = RawColumns(raws)
    people = [_authors(raw) for raw in raws]
    dates = [date_of(value) for value in fields.either("DP", "DEP", "EDAT", "PHST")]
    columns: Columns = {
        "source_line": lines,
        "raw": raws,
        "key": [key_of(raw) for raw in raws],
        "type": _types(fields),
        "title": fields.either("TI", "BTI", "CTI", "TT"),
        "authors": [authors for authors, _ in people],
        "et_al": [et_al for _, et_al in people],
        "year": [year for year, _ in dates],
        "date": [date for _, date in dates],
        "container_title": _containers(fields),
        "volume": short_texts(fields.get("VI")),
        "issue": short_texts(fields.get("IP")),
        "pages": [normal_pages(_first_line(value)) for value in fields.get("PG")],
        "doi": fields.dois("LID", _doi, " [doi]"),
        "pmid": [normal_pmid(value) for value in fields.get("PMID")],
        "abstract": [text.replace("\n", " ") if text else None for text in fields.get("AB")],
        "keywords": _keywords(fields),
        "language": [_LANGUAGES[value or ""] for value in fields.get("LA")],
        "pmcid": [normal_pmcid(value) for value in fields.get("PMC")],
        "issn": [normal_issn(value) for value in fields.get("IS")],
    }
    notes = [fields.get(tag) for tag in fields.known(_REGISTERED)]
    finish_texts(columns, ("title", "abstract"), notes)
    columns["title"] = [_plain_title(title) if title else None for title in columns["title"]]
    return columns


def key_of(raw: dict[str, str]) -> str:
    """A key from PubMed's identifier; empty without one."""
    pmid = normal_pmid(raw.get("PMID"))
    return f"pmid{pmid}" if pmid else ""


def _containers(fields: RawColumns) -> list[str | None]:
    if "BTI" not in fields.tags and "TA" not in fields.tags:
        return short_texts(map(_first_line, fields.get("JT")))
    return short_texts(
        _first_line(raw.get("JT")) or raw.get("BTI") or raw.get("TA") for raw in fields.raws
    )


def _keywords(fields: RawColumns) -> list[list[str]]:
    tags = fields.known(("OT", "MH"))
    texts = ("\n".join(raw[tag] for tag in tags if tag in raw) for raw in fields.raws)
    return [keywords_of(text.replace("*", "")) if text else [] for text in texts]


def _first_line(value: str | None) -> str:
    return value.partition("\n")[0] if value else ""


def _plain_title(title: str) -> str | None:
    """The title without PubMed's brackets around translations and its closing full stop.

    Of two full stops one is the title's own; three are its end, and PubMed adds none to them.
    """
    if title[-1] == "." and (title[-3:] != "..." or title[-4:] == "...."):
        title = title[:-1]
    if title and title[0] == "[" and title[-1] == "]" and title.count("[") == 1:
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


def _type(types: str) -> str:
    for name, kind in _KINDS:
        if name in types:
            return kind
    return "article"


_TYPES = Memo(_type)
_LANGUAGES = Memo(lambda value: normal_language(_first_line(value)))


def _types(fields: RawColumns) -> list[str]:
    kinds = [_TYPES[types or ""] for types in fields.get("PT")]
    if "BTI" in fields.tags:
        books = fields.get("BTI")
        return ["book" if book else kind for kind, book in zip(kinds, books, strict=True)]
    return kinds
