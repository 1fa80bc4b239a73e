"""Citations to RIS, as EndNote, Zotero, Mendeley, Rayyan and Covidence read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ipt_evidence.citations.readers.ris import RIS_TYPES
from ipt_evidence.citations.records import MORE_AUTHORS
from ipt_evidence.citations.writers.rows import (
    Row,
    accessed,
    common_extras,
    editors,
    iso_parts,
    one_line,
    person_name,
    raw_origin,
    type_name,
    unnamed_trials,
)

__all__ = ["ris_pieces"]

# Tags that hold a column; every other tag of a record that came from RIS goes out as it came in.
_COLUMN_TAGS = frozenset(
    "TY ER ID AU A1 TI T1 CT BT T2 JF JO JA J1 J2 PY Y1 DA VL VO IS CP SP EP DO DI AB N2 KW UR LA "
    "SN AN DB C2 PM PMID".split()
)


def ris_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """RIS text with one record a row, in their order; lines end in a line feed.

    Tags of a record that was read from RIS and have no column (notes, custom fields) are kept.
    """
    for number, row in enumerate(rows):
        record = _record(row)
        yield f"\n{record}" if number else record


def _record(row: Row) -> str:
    lines = [
        f"{tag}  - {text}"
        for tag, value in chain(_columns(row), _registered(row, list(_others(row))))
        if value is not None and (text := one_line(value))
    ]
    return "\n".join([*lines, "ER  - ", ""])


def _columns(row: Row) -> Iterator[tuple[str, object]]:
    raw = row["raw"] if raw_origin(row["raw"]) == "ris" else {}
    own = str(raw.get("TY", "")).strip()
    kind = type_name(row, RIS_TYPES, "GEN")
    yield "TY", own if own and row["type"] == "misc" else kind
    yield "ID", row["key"]
    edited = editors(row)
    for person in row["authors"] if row["authors"] != edited else ():
        yield "AU", person_name(person)
    for person in edited if not raw else ():
        yield "ED", person_name(person)
    if row["et_al"] and row["authors"]:
        yield "N1", MORE_AUTHORS
    yield "TI", row["title"]
    in_journal = kind in ("JOUR", "GEN") or not row["title"]
    yield ("JF" if in_journal else "T2"), row["container_title"]
    parts = iso_parts(row)
    if parts:
        yield "PY", f"{parts[0]:04d}"
        if len(parts) > 1:
            yield "DA", "/".join(f"{part:02d}" for part in parts) + "/" * (3 - len(parts))
    yield "VL", row["volume"]
    yield "IS", row["issue"]
    first, _, last = (row["pages"] or "").partition("-")
    single = last.isalnum() and first.isalnum()
    yield "SP", first if single else row["pages"]
    yield "EP", last if single else None
    yield "DO", row["doi"]
    if row["pmid"]:
        yield "AN", row["pmid"]
        yield "DB", "PubMed"
    yield "C2", row.get("pmcid")
    yield "SN", row.get("issn")
    yield "UR", row["url"]
    if not raw and (date := accessed(row)):
        yield "Y2", date.replace("-", "/")
    yield "LA", row["language"]
    for word in row["keywords"]:
        yield "KW", word
    yield "AB", row["abstract"]


def _registered(row: Row, others: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """``others`` and, as notes, the trial registrations that the record names nowhere else."""
    trials = unnamed_trials(row, *(str(value) for _, value in others))
    return [*others, *(("N1", f"Trial registration: {number}") for number in trials)]


def _others(row: Row) -> Iterator[tuple[str, object]]:
    raw = row["raw"]
    if raw_origin(raw) == "ris":
        for tag, value in raw.items():
            kept_number = tag in ("AN", "DB") and not row["pmid"]
            kept_serial = tag == "SN" and not row.get("issn")
            kept_custom = tag == "C2" and not row.get("pmcid")
            if tag not in _COLUMN_TAGS or kept_number or kept_serial or kept_custom:
                for item in str(value).split("\n"):
                    yield tag, item
        return
    for tag, value in common_extras(row, "ris").items():
        if tag == "T3" and not row["container_title"]:
            tag = "N1"  # alone, a series would be taken for the journal
        if tag != "SN" or not row.get("issn"):
            yield tag, value
