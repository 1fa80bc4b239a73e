"""Bibliography files → one table of citations, with what was rejected and what was repaired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.decoding import MAX_FILE_BYTES, decode_bytes
from ipt_evidence.citations.readers import format_of
from ipt_evidence.citations.records import (
    CITATION_COLUMNS,
    FILE_COLUMNS,
    REJECTED_COLUMNS,
    REPAIRED_COLUMNS,
    Record,
)
from ipt_evidence.errors import CitationError

__all__ = ["LoadResult", "load_citations", "load_text"]

_TEXT_COLUMNS = (
    "key type title container_title volume issue pages doi pmid abstract url language source_file"
).split()


@dataclass(frozen=True)
class LoadResult:
    """Everything that a load of bibliography files gave.

    Attributes
    ----------
    citations : DataFrame
        One row a record, in file order, columns as `records.CITATION_COLUMNS`. ``key`` is unique.
        ``authors`` is a list of ``{"family", "given"}`` (and ``"suffix"``), ``et_al`` true when the
        source cut the list short, ``year`` Int64, ``keywords`` a list, ``raw`` every original field
        as text. Missing texts are NA, missing lists empty.
    rejected : DataFrame
        source_file, source_line (from 1), text, reason: records that could not be read.
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


class _Collector:
    """The rows of several files, with keys made unique across them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.rejected: list[tuple[object, ...]] = []
        self.repaired: list[tuple[object, ...]] = []
        self.files: list[tuple[object, ...]] = []
        self._keys: set[str] = set()
        self._numbers: dict[str, int] = {}

    def add(self, data: bytes, name: str) -> None:
        text, encoding = decode_bytes(data, name)
        reader = format_of(name, text)
        found = reader.read(text)
        before = len(self.repaired)
        for note in found.repaired:
            self.repaired.append((name, note.source_line, note.key, note.note))
        for record in found.records:
            record.source_file = name
            if record.key in self._keys:
                self._rename(record, name)
            self._keys.add(record.key)
        self.records.extend(found.records)
        for item in found.rejected:
            self.rejected.append((name, item.source_line, item.text, item.reason))
        self.files.append(
            (
                name,
                reader.name,
                encoding,
                len(found.records),
                len(found.rejected),
                len(self.repaired) - before,
                found.note,
            )
        )

    def _rename(self, record: Record, name: str) -> None:
        number = self._numbers.get(record.key, 2)
        while (key := f"{record.key}-{number}") in self._keys:
            number += 1
        self._numbers[record.key] = number + 1
        note = f"key {record.key} was taken; this record is now {key}"
        self.repaired.append((name, record.source_line, key, note))
        record.key = key

    def result(self) -> LoadResult:
        return LoadResult(
            citations=_citation_frame(self.records),
            rejected=pd.DataFrame(self.rejected, columns=list(REJECTED_COLUMNS)),
            repaired=pd.DataFrame(self.repaired, columns=list(REPAIRED_COLUMNS)),
            files=pd.DataFrame(self.files, columns=list(FILE_COLUMNS)),
        )


def _citation_frame(records: list[Record]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in CITATION_COLUMNS:
        values = [getattr(record, name) for record in records]
        if name in _TEXT_COLUMNS:
            columns[name] = pd.Series(values, dtype="str")
        elif name == "year":
            columns[name] = pd.array(values, dtype="Int64")
        elif name == "source_line":
            columns[name] = pd.Series(values, dtype="int64")
        elif name == "et_al":
            columns[name] = pd.Series(values, dtype="bool")
        else:
            columns[name] = pd.Series(values, dtype="object")
    return pd.DataFrame(columns)


def load_citations(paths: str | Path | Sequence[str | Path]) -> LoadResult:
    """Load one or several bibliography files into one table.

    Parameters
    ----------
    paths : path or sequence of paths
        BibTeX, biblatex or plain-text reference lists, in any mixture; the format is recognised
        from the content. Encodings are recognised and reported in ``.files``.

    Returns
    -------
    LoadResult
        A key that an earlier record has is replaced by ``key-2`` with a note in ``.repaired``.

    Raises
    ------
    CitationError
        A file is missing, larger than `decoding.MAX_FILE_BYTES`, or not a text bibliography. A
        faulty record never raises: it is repaired or rejected, and its neighbours are kept.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    collector = _Collector()
    for path in paths:
        collector.add(_read_bytes(Path(path)), str(path))
    return collector.result()


def load_text(text: str | bytes, name: str = "pasted text") -> LoadResult:
    """Load a bibliography that is already in memory, such as an upload or pasted text.

    ``name`` stands for the file in every message and table; its suffix helps to recognise the
    format. Raises CitationError as `load_citations` does.
    """
    collector = _Collector()
    collector.add(text.encode("utf-8", "replace") if isinstance(text, str) else text, name)
    return collector.result()


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise CitationError(f"{path} is a folder. Name the bibliography files in it.")
        if size > MAX_FILE_BYTES:
            raise CitationError(
                f"{path}: {size / 1e6:,.0f} MB is more than the {MAX_FILE_BYTES / 1e6:,.0f} MB "
                "that are read at once. Split the file, or export a part of the library."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CitationError(
            f"{path}: there is no such file. Check the path and its spelling."
        ) from error
    except (OSError, ValueError) as error:
        raise CitationError(
            f"{path}: the file cannot be read ({error}). Check its permissions."
        ) from error
