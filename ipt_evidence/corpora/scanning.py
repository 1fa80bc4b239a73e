"""One file → a Parquet file of its candidates, and counts. The same function on every engine."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from ipt_evidence.citations.loading import LoadResult, iter_citations, load_text
from ipt_evidence.citations.records import CITATION_COLUMNS
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.corpora.coarse import SOUGHT, Coarse, coarse_of
from ipt_evidence.corpora.files import CorpusFile, kind_of, local, missing_extra, opened
from ipt_evidence.corpora.lines import blocks, passed
from ipt_evidence.corpora.pubmed import Numbers, passing
from ipt_evidence.errors import CitationError, EvidenceError

__all__ = ["KINDS", "Scanned", "candidates_of", "connection", "scan_file", "schema"]

KINDS = {
    "intervention": "interventions",
    "condition": "conditions",
    "design": "designs",
    "population": "populations",
}
"""Kinds of tags, and the column of candidates that lists each."""

MEMORY = "300MB"
"""What DuckDB may hold in one process; beyond it, it works on disk."""
_ROWS = 2_000
_BATCH = 2_000
_TEXT_COLUMNS = tuple(name for name in CITATION_COLUMNS if name != "raw")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What became of a file: ``records`` it holds, ``failed`` of them unreadable, candidates.

    ``reason`` says why a file could not be read to its end; then nothing of it counts.
    """

    place: str
    identity: str
    kind: str = ""
    records: int = 0
    failed: int = 0
    candidates: int = 0
    seconds: float = 0.0
    reason: str = ""


_Found = Iterator[tuple[pd.DataFrame, int, int]]
"""Citations that may be candidates, records that were passed for them, and how many failed."""


def scan_file(file: CorpusFile, taxonomy: Taxonomy, folder: str) -> Scanned:
    """Write the candidates of ``file`` to ``folder``, and say what was found.

    Beside ``IDENTITY.parquet``, a file of PubMed gets ``IDENTITY.numbers.parquet`` with the PMIDs
    that it holds and deletes. Both appear when they are whole. Never raises for what a file holds.
    """
    import time

    begun = time.monotonic()
    about = Scanned(file.place, file.identity)
    try:
        with local(file) as path:
            about = replace(about, kind=kind_of(path))
            about = _scan(about, path, taxonomy, Path(folder))
    except (EOFError, OSError, EvidenceError, UnicodeError, zlib.error) as err:
        about = replace(about, records=0, failed=0, candidates=0, reason=str(err)[:500])
    return replace(about, seconds=time.monotonic() - begun)


def _scan(about: Scanned, path: Path, taxonomy: Taxonomy, folder: Path) -> Scanned:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    coarse, numbers = coarse_of(taxonomy), Numbers()
    found: _Found
    if about.kind == "pubmed":
        found = _in_pubmed(path, about.place, coarse, numbers)
    elif about.kind == "lines":
        found = _in_lines(blocks(path), about.place, coarse)
    elif about.kind == "items":
        found = _in_lines(_items(path), about.place, coarse)
    elif about.kind == "parquet":
        found = _in_lines(_rows(path, folder), about.place, coarse)
    else:
        found = _in_bibliography(path)
    records = failed = candidates = 0
    held: list[Any] = []
    with _whole(folder / f"{about.identity}.parquet") as place:
        with pq.ParquetWriter(place, schema(), compression="zstd") as writer:
            for citations, more, unread in found:
                records, failed = records + more, failed + unread
                table = candidates_of(citations.assign(source_file=about.place), taxonomy)
                candidates += table.num_rows
                held = [*held, table]
                if sum(one.num_rows for one in held) >= _BATCH:
                    writer.write_table(pa.concat_tables(held))
                    held = []
            if candidates:
                writer.write_table(pa.concat_tables([*held, schema().empty_table()]))
        if about.kind == "pubmed":
            records, failed = records + numbers.unclosed, failed + numbers.unclosed
            _write_numbers(folder / f"{about.identity}.numbers.parquet", numbers)
    return replace(about, records=records, failed=failed, candidates=candidates)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Where to write what becomes ``path``; two workers may write the same file at once."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def connection(folder: Path, memory: str = MEMORY) -> Any:
    """A DuckDB that holds at most ``memory`` and then works on disk, in ``folder``."""
    try:
        import duckdb
    except ImportError:
        raise missing_extra("duckdb") from None
    database = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": memory,
            "temp_directory": str(folder / ".spill"),
        }
    )
    # It would draw on standard output, where the JSON document of a command stands.
    database.execute("SET enable_progress_bar = false")
    return database


def _in_lines(several: Iterable[bytes], place: str, coarse: Coarse) -> _Found:
    hits: dict[int, bytes] = {}
    records = failed = 0
    for block in passed(several, coarse):
        hits |= block.lines
        records, failed = records + block.records, failed + block.failed
        if len(hits) >= _BATCH:
            yield _json_citations(hits, place, failed, records)
            hits, records, failed = {}, 0, 0
    yield _json_citations(hits, place, failed, records)


def _rows(path: Path, folder: Path) -> Iterator[bytes]:
    """The rows of a Parquet file as blocks of JSON lines."""
    import duckdb

    query = "SELECT to_json(row)::VARCHAR FROM read_parquet($1) AS row"
    try:
        with connection(folder) as database:
            for batch in database.sql(query, params=[str(path)]).to_arrow_reader(_ROWS):
                yield "".join(f"{row}\n" for row in batch.column(0).to_pylist()).encode()
    except duckdb.Error as err:
        raise CitationError(f"{path}: {str(err).splitlines()[0]}") from err


def _items(path: Path) -> Iterator[bytes]:
    """The items of one JSON document as blocks of JSON lines."""
    with opened(path) as file:
        try:
            document = orjson.loads(file.read())
        except orjson.JSONDecodeError as err:
            raise CitationError(f"{path}: the file is no valid JSON ({err})") from err
    document = document.get("message", document)
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise CitationError(f"{path}: the document has no list of items")
    for at in range(0, len(items), _ROWS):
        some = items[at : at + _ROWS]
        yield b"".join(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in some)


def _json_citations(
    hits: dict[int, bytes], place: str, failed: int, records: int
) -> tuple[pd.DataFrame, int, int]:
    """The records of JSON objects, by the number of each in its file."""
    valid = {number: line for number, line in hits.items() if _is_json(line)}
    failed += len(hits) - len(valid)
    if not valid:
        return _NOTHING, records, failed
    loaded = load_text(b"[" + b",\n".join(valid.values()) + b"]", place)
    return _numbered(loaded, list(valid)), records, failed + len(loaded.rejected)


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


_NOTHING = pd.DataFrame()


def _numbered(loaded: LoadResult, numbers: list[int]) -> pd.DataFrame:
    """Citations with their number in the file in the place of the line of a text of ours."""
    lines = [numbers[line - 1] for line in loaded.citations["source_line"]]
    return loaded.citations.assign(source_line=lines)


def _in_pubmed(path: Path, place: str, coarse: Coarse, numbers: Numbers) -> _Found:
    hits: dict[int, bytes] = {}
    counted = 0
    for number, xml in passing(path, numbers, coarse):
        hits[number] = xml.replace(b"\n", b" ")
        if len(hits) == _BATCH:
            yield _xml_citations(hits, place, number - counted)
            hits, counted = {}, number
    yield _xml_citations(hits, place, len(numbers.pmids) - counted)


def _xml_citations(
    hits: dict[int, bytes], place: str, records: int
) -> tuple[pd.DataFrame, int, int]:
    if not hits:
        return _NOTHING, records, 0
    text = b"<PubmedArticleSet>" + b"\n".join(hits.values()) + b"</PubmedArticleSet>"
    loaded = load_text(text.decode("utf-8", "replace"), place)
    return _numbered(loaded, list(hits)), records, len(loaded.rejected)


def _in_bibliography(path: Path) -> _Found:
    for part in iter_citations(path, chunk=_BATCH):
        failed = int(part.files["rejected"].sum()) if len(part.files) else 0
        yield part.citations, len(part.citations) + failed, failed


def candidates_of(citations: pd.DataFrame, taxonomy: Taxonomy) -> Any:
    """The candidates among ``citations`` as a table of Arrow with the columns of `schema`.

    A candidate names IPT or interpersonal counselling in title, keywords or abstract, by the rules
    of the tagger; conditions, designs and populations are given beside it and may be empty.
    """
    import pyarrow as pa

    if not len(citations):
        return schema().empty_table()
    coarse = coarse_of(taxonomy)
    texts = zip(*(citations[name] for name in ("title", "keywords", "abstract")), strict=True)
    passed = [coarse.matches(" . ".join(map(_as_text, row))) for row in texts]
    chosen = citations.loc[passed]
    tags = tag_citations(chosen, taxonomy)
    of: dict[str, list[dict[str, str]]] = {}
    for tag in tags.to_dict("records"):
        words = {name: str(tag[name]) for name in ("kind", "value", "matched", "field")}
        of.setdefault(str(tag["key"]), []).append(words)
    wanted = set(tags.loc[(tags["kind"] == "intervention") & tags["value"].isin(SOUGHT), "key"])
    rows = [
        _row(row, of[row["key"]])
        for row in chosen[list(_TEXT_COLUMNS)].astype(object).to_dict("records")
        if row["key"] in wanted
    ]
    return pa.Table.from_pylist(rows, schema=schema())


def _row(citation: dict[Any, Any], tags: list[dict[str, str]]) -> dict[str, Any]:
    row = {name: _known(value) for name, value in citation.items()}
    for kind, column in KINDS.items():
        row[column] = [tag["value"] for tag in tags if tag["kind"] == kind]
    return row | {"matched": tags}


def _known(value: Any) -> Any:
    """None for what is missing; half a character, which no file can hold, as a question mark."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    return None if value is pd.NA or value != value else value


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return " . ".join(map(str, value))
    return value if isinstance(value, str) else ""


def schema() -> Any:
    """The columns of candidates: those of citations but for ``raw``, tags, what matched where."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    person = pa.struct([(name, pa.string()) for name in ("family", "given", "suffix")])
    match = pa.struct([(name, pa.string()) for name in ("kind", "value", "matched", "field")])
    kinds = {"authors": pa.list_(person), "year": pa.int64(), "source_line": pa.int64()}
    kinds |= {"et_al": pa.bool_(), "keywords": texts, "registry_ids": texts}
    columns = [(name, kinds.get(name, pa.string())) for name in _TEXT_COLUMNS]
    columns += [(name, texts) for name in KINDS.values()]
    return pa.schema([*columns, ("matched", pa.list_(match))])


def _write_numbers(path: Path, numbers: Numbers) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    held, gone = len(numbers.pmids), len(numbers.deleted)
    table = pa.table(
        {
            "pmid": pa.array([*numbers.pmids, *numbers.deleted], pa.int64()),
            "version": pa.array([*numbers.versions, *[0] * gone], pa.int32()),
            "number": pa.array([*range(1, held + 1), *[0] * gone], pa.int32()),
            "deleted": pa.array([False] * held + [True] * gone, pa.bool_()),
        }
    )
    with _whole(path) as place:
        pq.write_table(table, place, compression="zstd")
