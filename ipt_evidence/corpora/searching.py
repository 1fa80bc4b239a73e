"""Full-text search over candidates: one SQLite file with an FTS5 index, up to a million records.

Words are looked for in title, abstract, keywords, authors and journal, in any form of the word
(Porter's stems), without case or accents; the best come first by BM25. Words in quotation marks
must follow one another in title, abstract or keywords. The index keeps no places of words, which
makes it a quarter of the size; phrases are checked in the records' texts, the best first.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipt_evidence.analyses.studies.search import fold, parse_query
from ipt_evidence.corpora.files import ScaleError
from ipt_evidence.corpora.gathering import CANDIDATES
from ipt_evidence.corpora.scanning import connection
from ipt_evidence.evidence.files import replaced

__all__ = ["INDEX", "Filters", "Hit", "Results", "build_index", "index_of", "search"]

INDEX = "search.sqlite"
LONGEST_QUERY = 500
_MOST_CHECKED = 5_000
"""Records whose texts are read for a phrase, the best first."""
_SNIPPET = 220
_BATCH = 20_000
_KINDS = {
    **dict.fromkeys(("key", "title", "container_title", "doi", "pmid", "abstract"), "VARCHAR"),
    **dict.fromkeys(("keywords", "conditions", "designs"), "VARCHAR[]"),
    "authors": "STRUCT(given VARCHAR, family VARCHAR)[]",
    "year": "BIGINT",
    "source_file": "VARCHAR",
    "source_line": "BIGINT",
}
_STORED = """
    key, title,
    array_to_string(list_transform(authors, lambda x: concat_ws(' ', x.given, x.family)), '; '),
    year, container_title, doi, pmid, abstract, array_to_string(keywords, '; '),
    array_to_string(conditions, ' '), array_to_string(designs, ' '),
    concat(source_file, ':', source_line)
"""
_LEVEL = "lambda x: 'zz{}' || regexp_replace(lower(x), '[^a-z0-9]', 'q', 'g') || 'zz'"
_INDEXED = f"""
    concat_ws(' ', title, abstract, array_to_string(keywords, ' '),
        array_to_string(list_transform(authors, lambda x: x.family), ' '), container_title, doi,
        pmid, 'zzyear' || year || 'zz',
        array_to_string(list_transform(conditions, {_LEVEL.format("condition")}), ' '),
        array_to_string(list_transform(designs, {_LEVEL.format("design")}), ' '))
"""
_SCHEMA = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -65536;
    CREATE TABLE record (
        id INTEGER PRIMARY KEY, key TEXT, title TEXT, authors TEXT, year INTEGER, journal TEXT,
        doi TEXT, pmid TEXT, abstract TEXT, keywords TEXT, conditions TEXT, designs TEXT, place TEXT
    );
    CREATE VIRTUAL TABLE words USING fts5(
        text, content = '', detail = none, columnsize = 0,
        tokenize = 'porter unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words, rank) VALUES ('hashsize', 67108864);
"""
_INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_WORDS = "INSERT INTO words (rowid, text) VALUES (?, ?)"
_FIND = """
    SELECT record.* FROM (
        SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?
    ) AS found JOIN record ON record.id = found.rowid ORDER BY found.rank, record.id
"""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records are looked at: any of ``conditions``, any of ``designs``, years inclusive."""

    conditions: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    from_year: int | None = None
    to_year: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that fits; ``snippet`` is a stretch of its abstract in pieces, each a hit or not."""

    key: str
    title: str
    authors: str
    year: int | None
    journal: str
    doi: str
    pmid: str
    conditions: tuple[str, ...]
    designs: tuple[str, ...]
    place: str
    snippet: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The best records for a query, and how many fit.

    With a phrase, ``count`` says how many hold its words; ``more`` that it was not sought in all.
    """

    hits: tuple[Hit, ...]
    count: int
    more: bool = False


def index_of(place: Path) -> Path:
    """The index of a scan's folder or of a Parquet file of records; made when missing or old.

    Raises ScaleError when there is no such file, or it holds no titles.
    """
    table = place / CANDIDATES if place.is_dir() else place
    if not table.is_file():
        raise ScaleError(f"{table}: there is no such file. Name the folder that `scan` wrote")
    index = table.with_name(INDEX) if place.is_dir() else table.with_suffix(".sqlite")
    if not index.exists() or index.stat().st_mtime_ns < table.stat().st_mtime_ns:
        try:
            build_index(table, index)
        except OSError as err:
            raise ScaleError(f"{index} cannot be written: {err.strerror}") from err
    return index


def build_index(table: Path, index: Path) -> int:
    """Write the index of the records in the Parquet file ``table``; returns how many there are."""
    count = 0
    with replaced(index) as place:
        place.unlink(missing_ok=True)
        with closing(sqlite3.connect(place, isolation_level=None)) as database:
            database.executescript(_SCHEMA)
            database.execute("BEGIN")
            for batch in _batches(table):
                columns = [column.to_pylist() for column in batch.columns]
                numbers = range(count + 1, count + batch.num_rows + 1)
                database.executemany(_INSERT, zip(numbers, *columns[:-1], strict=True))
                database.executemany(_INSERT_WORDS, zip(numbers, columns[-1], strict=True))
                count += batch.num_rows
            database.execute("COMMIT")
    return count


def _batches(table: Path) -> Iterator[Any]:
    """The columns of ``record`` but for its number, and the text that is indexed."""
    with connection(table.parent) as database:
        import duckdb

        try:
            described = database.execute("DESCRIBE SELECT * FROM read_parquet($1)", [str(table)])
            held = {row[0] for row in described.fetchall()}
            if "title" not in held:
                raise ScaleError(f"{table} has no column title: it holds no records")
            missing = [
                f"NULL::{kind} AS {name}" for name, kind in _KINDS.items() if name not in held
            ]
            rows = ", ".join(["*", *missing])
            query = f"SELECT {_STORED}, {_INDEXED} FROM (SELECT {rows} FROM read_parquet($1))"  # noqa: S608
            yield from database.sql(query, params=[str(table)]).to_arrow_reader(_BATCH)
        except duckdb.Error as err:
            raise ScaleError(f"{table} cannot be read: {str(err).splitlines()[0]}") from err


def _level(facet: str, value: str) -> str:
    """A word that no text holds, by which a filter is asked of the index; `_LEVEL` makes it."""
    return f"zz{facet}{re.sub('[^a-z0-9]', 'q', value.lower())}zz"


def search(index: Path, text: str, filters: Filters = Filters(), *, limit: int = 20) -> Results:
    """The records of the index that fit ``text`` and ``filters``, the best first.

    ``text`` is read as the search of studies reads it: words, "phrases", -unwanted. Whatever it
    holds, it never raises; without a word in it there are no hits.
    """
    query = parse_query(text[:LONGEST_QUERY])
    if not query.wanted:
        return Results((), 0)
    asked = _match(query.wanted, query.unwanted, filters)
    phrases = [phrase for phrase in query.wanted if " " in phrase]
    barred = [phrase for phrase in query.unwanted if " " in phrase]
    words = {word for phrase in query.wanted for word in phrase.split()}
    hits: list[Hit] = []
    with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as database:
        counted = "SELECT count(*) FROM words WHERE words MATCH ?"
        count = int(database.execute(counted, (asked,)).fetchone()[0])
        most = _MOST_CHECKED if phrases or barred else limit
        for row in database.execute(_FIND, (asked, most)):
            if phrases or barred:
                whole = f" {' | '.join(fold(row[at] or '') for at in (2, 8, 9))} "
                if not all(f" {phrase} " in whole for phrase in phrases):
                    continue
                if any(f" {phrase} " in whole for phrase in barred):
                    continue
            hits.append(_hit(row, words))
            if len(hits) == limit:
                break
    return Results(tuple(hits), count, more=len(hits) < limit and count > most)


def _match(wanted: Sequence[str], unwanted: Sequence[str], filters: Filters) -> str:
    """The query in FTS5's language. Words are letters and digits: nothing to escape."""
    every = [f'"{word}"' for phrase in wanted for word in phrase.split()]
    every += _any_of([_level("condition", one) for one in filters.conditions])
    every += _any_of([_level("design", one) for one in filters.designs])
    if filters.from_year is not None or filters.to_year is not None:
        first, last = max(filters.from_year or 1800, 1400), min(filters.to_year or 2100, 2100)
        years = [_level("year", str(year)) for year in range(first, last + 1)]
        every += _any_of(years or [_level("year", "none")])
    asked = " AND ".join(every)
    barred = [f'"{word}"' for word in unwanted if " " not in word]
    return f"({asked}) NOT ({' OR '.join(barred)})" if barred else asked


def _any_of(words: Sequence[str]) -> list[str]:
    return [f"({' OR '.join(words)})"] if words else []


def _hit(row: Sequence[Any], words: set[str]) -> Hit:
    return Hit(
        key=row[1] or "",
        title=row[2] or "",
        authors=row[3] or "",
        year=row[4],
        journal=row[5] or "",
        doi=row[6] or "",
        pmid=row[7] or "",
        conditions=tuple((row[10] or "").split()),
        designs=tuple((row[11] or "").split()),
        place=row[12] or "",
        snippet=_snippet(row[8] or "", words),
    )


_WORD = re.compile(r"\w+")
_SAME = 5
"""Letters in which two forms of a word agree, for marking it."""


def _snippet(text: str, words: set[str]) -> tuple[tuple[str, bool], ...]:
    """The stretch of ``text`` around the first of ``words``, cut at words, in marked pieces."""
    starts = tuple(word[: max(_SAME, len(word) - 3)] for word in words)
    places = [m.span() for m in _WORD.finditer(text) if fold(m.group()).startswith(starts)]
    first = places[0][0] if places else 0
    begin = 0 if first < _SNIPPET // 2 else text.rfind(" ", 0, first - _SNIPPET // 3) + 1
    end = len(text) if len(text) <= begin + _SNIPPET else text.rfind(" ", first, begin + _SNIPPET)
    end = min(begin + _SNIPPET, len(text)) if end <= begin else end
    pieces: list[tuple[str, bool]] = [("… ", False)] if begin else []
    at = begin
    for start, stop in places:
        if start >= begin and stop <= end:
            pieces += [(text[at:start], False), (text[start:stop], True)]
            at = stop
    pieces += [(text[at:end], False)] + ([(" …", False)] if end < len(text) else [])
    return tuple(piece for piece in pieces if piece[0])
