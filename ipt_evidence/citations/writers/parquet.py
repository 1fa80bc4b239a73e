"""Citations to Parquet, part by part: every column, lists as lists, ``raw`` as JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.records import CITATION_COLUMNS

__all__ = ["write_parquet"]

_LISTS = ("keywords", "registry_ids")


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
            writer.write_table(_table(part))
            count += len(part)
    return count


def _schema() -> Any:
    import pyarrow as pa

    person = pa.struct([(name, pa.string()) for name in ("family", "given", "suffix")])
    kinds = {"authors": pa.list_(person), "year": pa.int64(), "source_line": pa.int64()}
    kinds |= {"et_al": pa.bool_(), **dict.fromkeys(_LISTS, pa.list_(pa.string()))}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in CITATION_COLUMNS])


def _table(part: pd.DataFrame) -> Any:
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
