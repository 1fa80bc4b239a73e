"""Bibliography files → one table of citations, with what was rejected and what was repaired."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from ipt_evidence.citations.collecting import Collector, LoadResult, collection_paused
from ipt_evidence.citations.decoding import (
    PIECE_CHARACTERS,
    TextFile,
    open_text,
)
from ipt_evidence.citations.readers import PLAIN, TITLES, Format, format_of
from ipt_evidence.citations.readers.workbooks import read_workbook
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired
from ipt_evidence.citations.sources import Refused, Source, sources_in, sources_of
from ipt_evidence.errors import CitationError

__all__ = [
    "MAX_PLAIN_CHARACTERS",
    "MAX_RECORD_CHARACTERS",
    "LoadResult",
    "iter_citations",
    "iter_titles",
    "load_citations",
    "load_text",
    "load_titles",
]

Paths = str | Path | Sequence[str | Path]
_PART = 2_000
_LARGE_PART = 5_000  # of what is put together at once: fewer tables to join


def load_citations(paths: Paths) -> LoadResult:
    """Load one or several bibliography files into one table.

    Parameters
    ----------
    paths : path or sequence of paths
        Bibliographies of any format in `readers.FORMATS`, Excel workbooks and ZIP archives of all
        these, in any mixture; ``-`` is standard input. The format is recognised from the content.
        Encodings are recognised and reported in ``.files``.

    Returns
    -------
    LoadResult
        A key that an earlier record has is replaced by ``key-2`` with a note in ``.repaired``.

    Raises
    ------
    CitationError
        A file is missing, larger than `decoding.MAX_FILE_BYTES`, or not a bibliography; an archive
        breaks a limit of `sources`. A faulty record never raises: it is repaired or rejected, and
        its neighbours are kept; so is a file in an archive beside the others.
    """
    return _joined(iter_citations(paths, chunk=_LARGE_PART))


def iter_citations(paths: Paths, *, chunk: int = _PART) -> Iterator[LoadResult]:
    """Load as `load_citations` does, ``chunk`` records at a time.

    Memory does not grow with the files but for the keys, which stay unique across all parts.
    Rejected and repaired rows come with the part in which they were met, a row of ``files`` with
    the part in which its file ends. At least one part is given, which may be empty.
    """
    return _parts(_sources(paths), _positive(chunk), titles=False)


def load_text(text: str | bytes, name: str = "pasted text") -> LoadResult:
    """Load a bibliography that is already in memory, such as an upload or pasted text.

    ``name`` stands for the file in every message and table. Archives and workbooks are read as
    `load_citations` reads them. Raises CitationError as `load_citations` does.
    """
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return _joined(_parts(sources_in(io.BytesIO(data), name), _LARGE_PART, titles=False))


def load_titles(paths: Paths) -> LoadResult:
    """Load plain lists with one title or one printed reference a line.

    Every line that is not empty becomes a record. A file that holds a bibliography of another
    format is read as `load_citations` reads it. Raises CitationError as `load_citations` does.
    """
    return _joined(iter_titles(paths, chunk=_LARGE_PART))


def iter_titles(paths: Paths, *, chunk: int = _PART) -> Iterator[LoadResult]:
    """Load as `load_titles` does, ``chunk`` records at a time, as `iter_citations` gives them."""
    return _parts(_sources(paths), _positive(chunk), titles=True)


def _positive(chunk: int) -> int:
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1, not {chunk}")
    return chunk


def _sources(paths: Paths) -> Iterator[Source | Refused]:
    several = [paths] if isinstance(paths, str | Path) else paths
    return (source for path in several for source in sources_of(path))


def _parts(
    sources: Iterator[Source | Refused], chunk: int, *, titles: bool
) -> Iterator[LoadResult]:
    collector = Collector()
    given = False
    for source in sources:
        if isinstance(source, Refused):
            collector.refuse(source.name, source.reason)
            continue
        for _ in _collect(source, collector, titles=titles):
            while len(collector) >= chunk:
                yield collector.result(chunk)
                given = True
    last = collector.result()
    if not given or len(last.citations) or len(last.files) or len(last.rejected):
        yield last


def _collect(source: Source, collector: Collector, *, titles: bool) -> Iterator[None]:
    """Read ``source`` into ``collector``, pausing after every part."""
    try:
        if source.workbook:
            found = read_workbook(source.file.read(), source.name)
            collector.begin(source.name, "xlsx", "xlsx", "")
            collector.take(found)
            yield
        else:
            text = open_text(source.file, source.name)
            reader, results = _read_pieces(text, titles=titles)
            collector.begin(source.name, reader.name, text.encoding, text.note)
            for result in results:
                collector.take(result)
                yield
    except CitationError as error:
        if not source.member:
            raise
        collector.refuse(source.name, str(error).removeprefix(f"{source.name}: "))
        return
    except _OF_READERS as error:
        reason = (
            f"the file holds what its reader cannot take ({type(error).__name__}: "
            f"{str(error)[:200]}). Export it again, as RIS or BibTeX"
        )
        if not source.member:
            raise CitationError(f"{source.name}: {reason}.") from error
        collector.refuse(source.name, reason)
        return
    collector.end()


def _joined(results: Iterator[LoadResult]) -> LoadResult:
    with collection_paused(settle=True):
        parts = list(results)
        if len(parts) == 1:
            return parts[0]
        return LoadResult(
            citations=_together([part.citations for part in parts]),
            rejected=_together([part.rejected for part in parts]),
            repaired=_together([part.repaired for part in parts]),
            files=_together([part.files for part in parts]),
        )


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else tables[0]


MAX_RECORD_CHARACTERS = 16_000_000
"""Where no record ends within this much text, it is cut and read as far as it goes."""

MAX_WHOLE_CHARACTERS = 400_000_000
"""Formats that cannot be cut (JSON, BibTeX with ``crossref``) are read up to this size."""

MAX_PLAIN_CHARACTERS = 10_000_000
"""A printed list may be this long: about 50,000 references."""

_LONGEST_OPENING = 200
"""How much of a text may be needed to see that a record starts at its end."""

_STEP = 4_096

_OF_READERS = (ArithmeticError, LookupError, RecursionError, ValueError)
"""What the libraries below the readers raise at values that no format allows."""


def _read_pieces(text: TextFile, *, titles: bool) -> tuple[Format, Iterator[ReadResult]]:
    """The format of ``text``, and what its reader makes of each part, with lines of the file.

    Raises CitationError where the format has to be read as a whole and is too large for that, or
    is none that is known.
    """
    pieces = text.pieces(PIECE_CHARACTERS)
    first = next(pieces, "")
    try:
        reader = format_of(text.name, first)
    except CitationError:
        pieces.close()  # while its file is open
        raise
    if titles and reader is PLAIN:
        reader = TITLES
    second = next(pieces, None)
    if second is None:
        return reader, iter([_read(reader, first)])
    context, head = "", ""
    if reader.prepare is not None:
        pieces.close()
        prepared = reader.prepare(text.pieces(PIECE_CHARACTERS))
        pieces = text.pieces(PIECE_CHARACTERS)
        first, second = next(pieces, ""), next(pieces, "")
        if prepared is None:
            return reader, iter([_read(reader, _whole(first + second, pieces, reader, text.name))])
        context = prepared
    elif reader.head is not None:
        head = reader.head(first)
    if reader.cut is None:
        return reader, iter([_read(reader, _whole(first + second, pieces, reader, text.name))])
    return reader, _results(reader, first, second, pieces, context, head)


def _read(reader: Format, text: str) -> ReadResult:
    with collection_paused():
        return reader.read(text)


def _whole(text: str, pieces: Iterator[str], reader: Format, name: str) -> str:
    plain = reader in (PLAIN, TITLES)
    limit = MAX_PLAIN_CHARACTERS if plain else MAX_WHOLE_CHARACTERS
    parts = [text]
    size = len(text)
    while size <= limit and (piece := next(pieces, None)) is not None:
        parts.append(piece)
        size += len(piece)
    if size > limit:
        what = f"in the format {reader.name}"
        what = "looks like no known format, and as a printed list" if plain else what
        raise CitationError(
            f"{name}: the file {what} is longer than the {limit / 1e6:,.0f} million characters "
            "that are read at once. Split it, or export RIS."
        )
    return "".join(parts)


def _results(
    reader: Format, buffer: str, following: str, pieces: Iterator[str], context: str, head: str
) -> Iterator[ReadResult]:
    if reader.cut is None:
        return
    lines = 0
    more: str | None = following
    front = context
    passing_over = False
    while more is not None:
        if passing_over:
            at = _first_cut(reader.cut, buffer)
            passing_over = at == 0
            at = at or max(len(buffer) - _LONGEST_OPENING, 0)
        elif (at := reader.cut(buffer)) or len(buffer) > MAX_RECORD_CHARACTERS:
            endless = at == 0
            at = at or len(buffer) - _LONGEST_OPENING
            result = _moved(_read(reader, front + buffer[:at]), lines - front.count("\n"))
            if endless:
                passing_over = _note_endless(result)
            yield result
            front = context or head
        lines += buffer.count("\n", 0, at)
        buffer = buffer[at:] + more
        more = next(pieces, None)
    if passing_over:
        at = _first_cut(reader.cut, buffer)
        lines += buffer.count("\n", 0, at)
        buffer = buffer[at:] if at else ""
    yield _moved(_read(reader, front + buffer), lines - front.count("\n"))


def _note_endless(result: ReadResult) -> bool:
    """Say that a record had to be cut; whether what follows it is more of the same record.

    Where the text gave several records, their starts are of a kind that no cut is made at, and what
    follows is read like it.
    """
    length = f"{MAX_RECORD_CHARACTERS:,} characters"
    note_of_cut = f"no record ends within {length}; it was cut there"
    result.note = "; ".join(filter(None, (result.note, note_of_cut)))
    if len(result.records) == 1:
        record = result.records[0]
        note = f"the record is longer than {length}; what is beyond them was left out"
        result.repaired.append(Repaired(record.source_line, record.key, note))
    return len(result.records) + len(result.rejected) <= 1


def _first_cut(cut: Callable[[str], int], text: str) -> int:
    """Where the first record starts in the rest of another one; 0 where none does."""
    if cut(text) == 0:
        return 0
    at = next(at for end in range(_STEP, len(text) + _STEP, _STEP) if (at := cut(text[:end])))
    while earlier := cut(text[: at - 1]):
        at = earlier
    return at


def _moved(result: ReadResult, lines: int) -> ReadResult:
    """``result`` of a part before which ``lines`` lines stand."""
    if lines:
        for record in result.records:
            record.source_line += lines
        result.rejected = [
            Rejected(item.source_line + lines, item.text, item.reason) for item in result.rejected
        ]
        result.repaired = [
            Repaired(item.source_line + lines, item.key, item.note) for item in result.repaired
        ]
    return result
