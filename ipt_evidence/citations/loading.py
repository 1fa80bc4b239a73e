"""Bibliography files → one table of citations, with what was rejected and what was repaired."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from ipt_evidence.citations.collecting import Collector, LoadResult
from ipt_evidence.citations.decoding import MAX_FILE_BYTES, TextFile, open_text, too_large
from ipt_evidence.citations.garbage import collection_paused
from ipt_evidence.citations.readers import PLAIN, Format
from ipt_evidence.citations.readers.pieces import MAX_PLAIN_CHARACTERS, read_pieces
from ipt_evidence.citations.readers.plain_text import find_references, read_lines
from ipt_evidence.citations.readers.workbooks import read_workbook
from ipt_evidence.citations.records import ReadResult
from ipt_evidence.citations.sources import Refused, Source, sources_in, sources_of
from ipt_evidence.errors import CitationError

__all__ = [
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
_TITLES = Format("titles", (), find_references, read_lines)


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
    return (source for path in several for source in _checked(path))


def _checked(path: str | Path) -> Iterator[Source | Refused]:
    """The sources at ``path``, whose size is looked at before anything else."""
    place = Path(path)
    if place.is_file() and (size := place.stat().st_size) > MAX_FILE_BYTES:
        raise too_large(str(path), size)
    yield from sources_of(path)


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
            reader, results = read_pieces(text)
            if titles and reader is PLAIN:
                reader, results = _TITLES, iter([_lines(text)])
            collector.begin(source.name, reader.name, text.encoding, text.note)
            for result in results:
                collector.take(result)
                yield
    except CitationError as error:
        if not source.member:
            raise
        collector.refuse(source.name, str(error).removeprefix(f"{source.name}: "))
        return
    collector.end()


def _lines(text: TextFile) -> ReadResult:
    whole = "".join(text.pieces())
    if len(whole) > MAX_PLAIN_CHARACTERS:
        raise CitationError(
            f"{text.name}: the list is longer than {MAX_PLAIN_CHARACTERS / 1e6:,.0f} million "
            "characters. Split it."
        )
    return read_lines(whole)


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
