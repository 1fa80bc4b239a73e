"""Citations to CSL-JSON, the form in which citation processors take references."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipt_evidence.citations.readers.csl_json import AUTHORS_INCOMPLETE, CSL_TYPES
from ipt_evidence.citations.writers.rows import (
    Row,
    accessed,
    common_extras,
    editors,
    is_corporate,
    iso_parts,
    one_line,
    raw_origin,
    type_name,
    unnamed_trials,
)

__all__ = ["csl_item", "csl_json_pieces"]

_TYPES = CSL_TYPES | {"collection": "book", "proceedings": "book"}
_TEXTS = {
    "title": "title",
    "container_title": "container-title",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "issn": "ISSN",
    "abstract": "abstract",
    "url": "URL",
    "language": "language",
}
_COLUMN_NAMES = frozenset(
    "id type author issued keyword keywords number pmid doi url issn pmcid subtitle citation-key "
    "article-number published published-print collection-title".split()
) | frozenset(_TEXTS.values())

_CITABLE = frozenset(
    {"title", "author", "editor", "issued", "container-title", "DOI", "PMID", "URL"}
)


def csl_json_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """A JSON list with one item a row, in their order.

    Fields of other formats that CSL has no name for go into ``custom``, which processors pass
    over.
    """
    start = "[\n"
    for row in rows:
        text = json.dumps(csl_item(row), ensure_ascii=False, indent=1, allow_nan=False)
        yield start + "\n".join(f" {line}" for line in text.split("\n"))
        start = ",\n"
    yield "[]\n" if start == "[\n" else "\n]\n"


def csl_item(row: Row) -> dict[str, Any]:
    """One record as CSL's JSON has it."""
    item: dict[str, Any] = {
        "id": row["key"],
        "type": type_name(row, _TYPES, "document"),
    }
    for column, name in _TEXTS.items():
        if value := row.get(column):
            item[name] = one_line(value)
    edited = editors(row)
    if row["authors"] and row["authors"] != edited:
        item["author"] = [_person(person) for person in row["authors"]]
    own = raw_origin(row["raw"]) == "csl-json"  # its fields go out as they came in, below
    if edited and not own:
        item["editor"] = [_person(person) for person in edited]
    if not own and (date := accessed(row)):
        item["accessed"] = {"date-parts": [[int(part) for part in date.split("-")]]}
    if parts := iso_parts(row):
        item["issued"] = {"date-parts": [parts]}
    if row["keywords"]:
        item["keyword"] = _keywords(row["keywords"])
    if not _CITABLE & item.keys():
        item["title"] = ""  # says that it is a reference at all
    item |= {name: value for name, value in _others(row).items() if name not in item}
    more: dict[str, Any] = dict(AUTHORS_INCOMPLETE) if row["et_al"] else {}
    if trials := unnamed_trials(row, item.get("note")):
        more["trial-registration"] = "; ".join(trials)
    if more:
        custom = item.get("custom")
        item["custom"] = (custom if isinstance(custom, dict) else {}) | more
    return item


def _person(person: Mapping[str, str]) -> dict[str, str]:
    if is_corporate(person):
        return {"literal": one_line(person.get("family", ""))}
    names = {
        name: one_line(person[name]) for name in ("family", "given", "suffix") if name in person
    }
    return {name: value for name, value in names.items() if value}


def _keywords(words: list[str]) -> str:
    texts = [one_line(word) for word in words]
    joint = "; " if any("," in word for word in texts) else ", "
    joined = joint.join(texts)
    return f"{joined};" if len(texts) == 1 and "," in joined else joined


def _others(row: Row) -> dict[str, Any]:
    raw = row["raw"]
    if raw_origin(raw) == "csl-json":
        return {n: _value(v) for n, v in raw.items() if n not in _COLUMN_NAMES}
    found: dict[str, Any] = dict(common_extras(row, "csl-json"))
    if not row["container_title"]:  # alone, a series would be taken for the journal
        found.pop("collection-title", None)
    if raw:
        found["custom"] = {str(name): str(value) for name, value in raw.items()}
    return found


def _value(text: str) -> Any:
    """What the reader wrote as text: JSON for everything that was not a text."""
    if (isinstance(text, str) and text[:1] in ("{", "[")) or text in ("true", "false", "null"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text
