"""Records of several files → tables, with keys that are unique across them."""

from __future__ import annotations

import gc
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import pandas as pd

from ipt_evidence.citations.records import (
    CITATION_COLUMNS,
    FILE_COLUMNS,
    REJECTED_COLUMNS,
    REPAIRED_COLUMNS,
    Person,
    ReadResult,
    Record,
)

__all__ = ["MAX_REJECTED_ROWS", "Collector", "LoadResult", "collection_paused", "invented_key"]


@contextmanager
def collection_paused(*, settle: bool = False) -> Iterator[None]:
    """Pause the cycle collector.

    Records are many small objects without a cycle among them; the collector would go through all
    that are there again and again, which takes a third of the time of a load. With ``settle`` all
    objects then count as old ones, which it seldom looks at: otherwise its first step afterwards
    would be to go through every record that was made.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if settle and gc.get_freeze_count() == 0:  # what somebody else froze is to stay so
            gc.freeze()
            gc.unfreeze()  # gives all that was frozen to the oldest generation
        gc.enable()


def invented_key(authors: list[Person], year: int | None, line: int) -> str:
    """A key like ``cuijpers2011`` from the first author and the year, or from the line."""
    letters = _letters(authors[0]["family"]) if authors else ""
    return f"{letters}{year or line}" if letters else f"entry-{line}"


@lru_cache(maxsize=65_536)
def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(sign for sign in plain if sign.isalnum())


MAX_REJECTED_ROWS = 10_000
"""Rows of rejected text that are kept for one file; further ones are only counted."""

_LONG_COLUMNS = frozenset({"abstract", "title"})
_AS_OBJECTS = pd.StringDtype("python", na_value=float("nan"))
"""Text as Python keeps it: most abstracts and titles are the very objects that ``raw`` holds, and
in Arrow's form each would be there twice."""

_LIST_COLUMNS = frozenset({"authors", "keywords", "raw", "registry_ids"})


@dataclass(frozen=True)
class LoadResult:
    """Everything that a load of bibliography files gave.

    Attributes
    ----------
    citations : DataFrame
        One row a record, in file order, columns as `records.CITATION_COLUMNS`. ``key`` is unique.
        ``authors`` is a list of ``{"family", "given"}`` (and ``"suffix"``), ``et_al`` true when the
        source cut the list short, ``year`` Int64, ``keywords`` and ``registry_ids`` lists, ``date``
        ISO 8601 as far as known, ``raw`` every original field as text. Missing texts are NA,
        missing lists empty.
    rejected : DataFrame
        source_file, source_line (from 1), text, reason: records that could not be read. At most
        `MAX_REJECTED_ROWS` rows a file, then one that says how many more there were.
    repaired : DataFrame
        source_file, source_line, key, note: records that were read in spite of a fault.
    files : DataFrame
        file, format, encoding, records, rejected, repaired, note: one row a file.

    For each file, ``records + rejected`` is the number of records that the file holds.
    """

    citations: pd.DataFrame
    rejected: pd.DataFrame
    repaired: pd.DataFrame
    files: pd.DataFrame


@dataclass(slots=True)
class _File:
    name: str
    format: str = ""
    encoding: str = ""
    records: int = 0
    rejected: int = 0
    repaired: int = 0
    notes: str = ""


class Collector:
    """Takes what readers give, file after file, and hands over tables."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in CITATION_COLUMNS}
        self._rejected: list[tuple[object, ...]] = []
        self._repaired: list[tuple[object, ...]] = []
        self._files: list[tuple[object, ...]] = []
        self._keys: dict[str, int] = {}  # taken → the number to try for the next of its name
        self._file = _File("")

    def __len__(self) -> int:
        return len(self._columns["source_line"])

    def begin(self, name: str, format_name: str, encoding: str, note: str) -> None:
        """A new file starts."""
        self._file = _File(name, format_name, encoding, notes=note)

    def take(self, found: ReadResult) -> None:
        """What a reader made of one part of the file."""
        file = self._file
        for record in found.records:
            record.source_file = file.name
            self._make_unique(record)
        if found.repaired:
            keys = {record.source_line: record.key for record in found.records}
            for note in found.repaired:
                key = note.key or keys.get(note.source_line, "")
                self._repair(note.source_line, key, note.note)
        for name, values in self._columns.items():
            values += map(attrgetter(name), found.records)
        file.records += len(found.records)
        for item in found.rejected:
            file.rejected += 1
            if file.rejected <= MAX_REJECTED_ROWS:
                self._rejected.append((file.name, item.source_line, item.text, item.reason))
        if found.note and found.note not in file.notes:
            file.notes = "; ".join(filter(None, (file.notes, found.note)))

    def refuse(self, name: str, reason: str) -> None:
        """A file that is not read at all, beside others that are: one rejected row."""
        self.begin(name, "none", "", reason)
        self._file.rejected = 1
        self._rejected.append((name, 1, "", reason))
        self.end()

    def end(self) -> None:
        """The file is finished."""
        file = self._file
        unseen = file.rejected - MAX_REJECTED_ROWS
        if unseen > 0:
            self._rejected.append((file.name, 1, "", f"{unseen:,} more were rejected"))
        self._files.append(astuple(file))

    def _repair(self, line: int, key: str, note: str) -> None:
        self._file.repaired += 1
        self._repaired.append((self._file.name, line, key, note))

    def _make_unique(self, record: Record) -> None:
        """Give ``record`` a key of its own: one that had none silently, others with a note."""
        taken = self._keys
        given = bool(record.key)
        key = record.key or invented_key(record.authors, record.year, record.source_line)
        number = taken.get(key)
        if number is None:
            taken[key] = 2
        else:
            while (numbered := f"{key}-{number}") in taken:
                number += 1
            taken[key] = number + 1
            taken[numbered] = 2
            if given:
                note = f"key {key} was taken; this record is now {numbered}"
                self._repair(record.source_line, numbered, note)
            key = numbered
        record.key = key

    def result(self, rows: int | None = None) -> LoadResult:
        """The tables of what was taken, up to ``rows`` records, which are then forgotten here."""
        cut = len(self) if rows is None else rows
        columns = {name: values[:cut] for name, values in self._columns.items()}
        self._columns = {name: values[cut:] for name, values in self._columns.items()}
        with collection_paused():
            citations = _citation_frame(columns)
        tables = LoadResult(
            citations=citations,
            rejected=pd.DataFrame(self._rejected, columns=list(REJECTED_COLUMNS)),
            repaired=pd.DataFrame(self._repaired, columns=list(REPAIRED_COLUMNS)),
            files=pd.DataFrame(self._files, columns=list(FILE_COLUMNS)),
        )
        self._rejected, self._repaired, self._files = [], [], []
        return tables


def _citation_frame(found: dict[str, list[Any]]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name, values in found.items():
        if name == "year":
            columns[name] = pd.array(values, dtype="Int64")
        elif name == "source_line":
            columns[name] = pd.Series(values, dtype="int64")
        elif name == "et_al":
            columns[name] = pd.Series(values, dtype="bool")
        elif name in _LIST_COLUMNS:
            columns[name] = pd.Series(values, dtype="object")
        elif name in _LONG_COLUMNS:
            columns[name] = pd.Series(values, dtype=_AS_OBJECTS)
        else:
            columns[name] = _texts(values)
    return pd.DataFrame(columns, copy=False)


def _texts(values: list[str | None]) -> pd.Series[str]:
    import pyarrow as pa  # type: ignore[import-untyped]

    try:
        texts = pa.array(values, pa.large_string(), memory_pool=pa.system_memory_pool())
    except UnicodeEncodeError:  # half a character, as JSON can hold it
        whole = [None if value is None else value.encode("utf-8", "replace") for value in values]
        texts = pa.array(whole, pa.large_binary()).cast(pa.large_string())
    return pd.Series(pd.array(texts, dtype="str"))
