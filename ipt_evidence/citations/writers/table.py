"""Citations to a CSV table that spreadsheets open and never run, and to Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.screening import note_of
from ipt_evidence.citations.writers.rows import (
    Row,
    decisions,
    is_corporate,
    iso_parts,
    one_line,
    person_name,
    raw_origin,
)

__all__ = ["csv_pieces", "formula_safe", "write_parquet"]

# Spreadsheets run a text that starts like this as a formula; OWASP, "CSV Injection".
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_AND = re.compile(r"\sand\s|&")
_COLUMNS: dict[str, Callable[[Row], object]] = {
    "Key": lambda row: row["key"],
    "Item Type": lambda row: row["type"],
    "Title": lambda row: row["title"],
    "Authors": lambda row: _authors(row),
    "Year": lambda row: row["year"],
    "Date": lambda row: row.get("date") if len(iso_parts(row)) > 1 else None,
    "Journal": lambda row: row["container_title"],
    "Volume": lambda row: row["volume"],
    "Issue": lambda row: row["issue"],
    "Pages": lambda row: row["pages"],
    "DOI": lambda row: row["doi"],
    "PMID": lambda row: row["pmid"],
    "PMCID": lambda row: row.get("pmcid"),
    "ISSN": lambda row: row.get("issn"),
    "Abstract": lambda row: row["abstract"],
    "Keywords": lambda row: _keywords(row["keywords"]),
    "URL": lambda row: row["url"],
    "Language": lambda row: row["language"],
    "Trial Registration": lambda row: "; ".join(row["registry_ids"]),
    "Notes": lambda row: _notes(row),
    "Original fields": lambda row: _original(row),
}


def _authors(row: Row) -> str:
    names = [*map(_name, row["authors"]), *(["et al."] if row["et_al"] else [])]
    # A single "Family, Given" needs its semicolon: the comma could part two people.
    alone = len(names) == 1 and ("," in names[0] or _AND.search(names[0]))
    return "; ".join(names) + (";" if alone else "")


def _keywords(words: list[str]) -> str:
    joined = "; ".join(map(one_line, words))
    return f"{joined};" if len(words) == 1 and "," in joined else joined


def _name(person: Mapping[str, str]) -> str:
    """``Family, Given Suffix``: a second comma would make two people of one for some programs."""
    if is_corporate(person):
        return person_name(person)
    given = " ".join(filter(None, (person.get("given"), person.get("suffix"))))
    return person_name({"family": person.get("family", ""), "given": given})


def _notes(row: Row) -> str:
    """The decisions of a screening program as Rayyan writes them, and the notes of the record."""
    own, decided = note_of(row["raw"]), decisions(row)
    if "RAYYAN-" in own:
        return decided
    if raw_origin(row["raw"]) == "bibtex":
        own = decode(own)
    return " | ".join(filter(None, (decided, own)))


def _original(row: Row) -> str:
    """Every original field as one JSON object, but for those that this table wrote itself."""
    written = _COLUMNS.keys() - {"Notes"}
    fields = {name: value for name, value in row["raw"].items() if name not in written}
    return json.dumps(fields, ensure_ascii=False) if fields else ""


def formula_safe(value: object) -> str:
    """``value`` as one line that no spreadsheet runs: an apostrophe goes before ``= + - @``."""
    text = "" if value is None else one_line(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """CSV text: a heading, then one row a record; UTF-8, comma, line feed, missing is empty.

    Columns are those of reference managers, then one with every original field of the record as a
    JSON object. Names are ``Family, Given`` and parted by semicolons.
    """
    yield _csv_line(_COLUMNS)
    for row in rows:
        yield _csv_line(formula_safe(value(row)) for value in _COLUMNS.values())


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


_TEXT_LISTS = ("keywords", "registry_ids")


def write_parquet(parts: Iterable[pd.DataFrame], path: Path) -> int:
    """Write ``parts`` of a table of citations to one Parquet file; returns its number of records.

    Columns are `CITATION_COLUMNS`: ``authors`` a list of structs (family, given, suffix),
    ``keywords`` and ``registry_ids`` lists of texts, ``raw`` a JSON object as text. Only one part
    is held at a time.
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    count = 0
    with pq.ParquetWriter(path, _schema(), compression="zstd") as writer:
        for part in parts:
            writer.write_table(_arrow_table(part))
            count += len(part)
    return count


def _schema() -> Any:
    import pyarrow as pa

    person = pa.struct([(name, pa.string()) for name in ("family", "given", "suffix")])
    kinds = {"authors": pa.list_(person), "year": pa.int64(), "source_line": pa.int64()}
    kinds |= {"et_al": pa.bool_(), **dict.fromkeys(_TEXT_LISTS, pa.list_(pa.string()))}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in CITATION_COLUMNS])


def _arrow_table(part: pd.DataFrame) -> Any:
    import pyarrow as pa

    columns: list[Any] = []
    for field in _schema():
        values: list[Any] = part[field.name].astype(object).tolist()
        if field.name == "raw":
            values = [json.dumps(raw, ensure_ascii=False) for raw in values]
        columns.append(pa.array(map(_known, values), field.type))
    return pa.table(columns, schema=_schema())


def _known(value: Any) -> Any:
    """None for what is missing; a lone surrogate, which UTF-8 cannot hold, as a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    return None if value is pd.NA or value != value else value
