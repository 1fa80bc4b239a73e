"""Citations to PubMed's text format (nbib, MEDLINE)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ipt_evidence.citations.readers.nbib import NBIB_TYPES
from ipt_evidence.citations.records import MORE_AUTHORS
from ipt_evidence.citations.writers.rows import (
    Row,
    common_extras,
    editors,
    is_corporate,
    iso_parts,
    one_line,
    person_name,
    raw_origin,
    unnamed_trials,
)

__all__ = ["nbib_pieces"]

_TYPES = {kind: name for name, kind in NBIB_TYPES}
_LANGUAGES = {
    "en": "eng", "de": "ger", "es": "spa", "fr": "fre", "pt": "por", "it": "ita", "nl": "dut",
    "sv": "swe", "da": "dan", "no": "nor", "fi": "fin", "pl": "pol", "ru": "rus", "tr": "tur",
    "zh": "chi", "ja": "jpn", "ko": "kor", "fa": "per", "ar": "ara", "he": "heb", "cs": "cze",
    "hu": "hun", "el": "gre",
}  # fmt: skip
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_COLUMN_TAGS = frozenset(
    "PMID OWN TI FAU AU CN BTI CTI DP JT TA VI IP PG LID AID AB OT MH LA PMC IS PT ED FED".split()
)


def nbib_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """Nbib text with one record a row, in their order.

    Keywords go out as other terms (``OT``), but for MeSH headings that PubMed gave, which stay what
    they are. The format has no place for a web address; a record
    without a PMID is marked as not from the National Library of Medicine.
    """
    for number, row in enumerate(rows):
        record = _record(row)
        yield f"\n{record}" if number else record


def _record(row: Row) -> str:
    lines = [
        f"{tag:<4}- {text}"
        for tag, value in chain(_columns(row), _others(row))
        if value is not None and (text := one_line(value))
    ]
    return "\n".join([*lines, ""])


def _columns(row: Row) -> Iterator[tuple[str, object]]:
    if row["pmid"]:
        yield "PMID", row["pmid"]
    else:
        yield "OWN", "NOTNLM"
    yield "IS", row.get("issn")
    yield "VI", row["volume"]
    yield "IP", row["issue"]
    yield "DP", _date(row)
    yield "TI", _title(row["title"])
    yield "PG", row["pages"]
    yield "AID", f"{row['doi']} [doi]" if row["doi"] else None
    yield "AB", row["abstract"]
    edited = editors(row)
    authors = row["authors"] if row["authors"] != edited else []
    for person in edited:
        yield "FED", person_name(person)
    persons = max((n for n, who in enumerate(authors, 1) if not is_corporate(who)), default=0)
    for number, person in enumerate(authors, 1):
        if number > persons:
            yield "CN", person.get("family")
        else:  # bodies among people too: CN, which is read behind all names, would lose their place
            yield "FAU", person_name(person)
    if row["et_al"] and row["authors"]:
        yield "GN", MORE_AUTHORS
    yield "LA", _LANGUAGES.get(row["language"], row["language"])
    yield "PT", _TYPES.get(row["type"], "Journal Article")
    yield ("BTI" if row["type"] == "incollection" else "JT"), row["container_title"]
    yield "PMC", row.get("pmcid")
    registered = str(row["raw"].get("SI", "")) if raw_origin(row["raw"]) == "nbib" else ""
    for trial in unnamed_trials(row, registered):
        yield "SI", trial
    headings = _headings(row["raw"])
    for word in row["keywords"]:
        yield ("MH", headings[word]) if word in headings else ("OT", word)


def _headings(raw: dict[str, str]) -> dict[str, str]:
    """Keyword → the MeSH heading that it was read from, with the star of a major topic."""
    if raw_origin(raw) != "nbib":
        return {}
    lines = str(raw.get("MH", "")).split("\n")
    return {plain: line for line in lines if (plain := line.replace("*", "").strip())}


def _title(title: str | None) -> str | None:
    """PubMed closes every title with a full stop, and readers take it away."""
    return f"{one_line(title)}." if title and title[-1] not in "?!" else title


def _date(row: Row) -> str | None:
    parts = iso_parts(row)
    if not parts:
        return None
    month = f" {_MONTHS[parts[1] - 1]}" if len(parts) > 1 and 1 <= parts[1] <= 12 else ""
    day = f" {parts[2]}" if month and len(parts) > 2 else ""
    return f"{parts[0]}{month}{day}"


def _others(row: Row) -> Iterator[tuple[str, object]]:
    raw = row["raw"]
    if raw_origin(raw) != "nbib":
        for tag, value in common_extras(row, "nbib").items():
            if tag != "IS" or not row.get("issn"):
                yield tag, value
        return
    for tag, value in raw.items():
        if tag not in _COLUMN_TAGS or (tag == "IS" and not row.get("issn")):
            for item in str(value).split("\n"):
                yield tag, item
