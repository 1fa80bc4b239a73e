"""The candidates of all files as one table, and the counts of a PRISMA 2020 flow.

Where PubMed revises an article, its last version counts; what it deletes is gone. Both are decided
here, over all files by their names: ``pubmed26n1300`` comes after ``pubmed26n0001``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipt_evidence.corpora.scanning import Scanned, connection, schema
from ipt_evidence.evidence.files import replaced

__all__ = ["CANDIDATES", "PARTS", "Gathered", "gather"]

CANDIDATES = "candidates.parquet"
PARTS = "parts"
MEMORY = "500MB"
_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """Candidates of a scan in one file, and what became of the other records.

    ``superseded`` are earlier versions, ``deleted`` articles that PubMed took back; ``digest`` is
    the SHA-256 of the file, the same however often a scan was stopped and on whatever engine.
    """

    candidates: int
    superseded: int
    deleted: int
    digest: str

    def prisma(self, records: int, failed: int) -> dict[str, int]:
        """The boxes of a PRISMA 2020 flow (Page et al. 2021, doi:10.1136/bmj.n71) up to screening.

        The rules stand in the place of its automation tools; duplicates of several sources are
        still among the records to screen (see `duplicates`).
        """
        removed = {"superseded": self.superseded, "deleted": self.deleted, "unreadable": failed}
        return {
            "identified": records,
            **removed,
            "ineligible_by_automation": records - sum(removed.values()) - self.candidates,
            "to_screen": self.candidates,
        }


_LATEST = """
    SELECT pmid, max(struct_pack(seq := seq, deleted := deleted, version := version,
                                 number := number)) AS last,
           count(*) FILTER (NOT deleted) AS held
    FROM read_parquet($numbers, filename = true)
    JOIN files ON identity = regexp_extract(filename, '([0-9a-f]+)\\.numbers\\.parquet$', 1)
    WHERE pmid > 0 GROUP BY pmid
"""
_COUNTS = """
    SELECT coalesce(sum(held - 1) FILTER (NOT last.deleted), 0)
           + coalesce(sum(held - 1) FILTER (last.deleted AND held > 0), 0),
           count(*) FILTER (last.deleted AND held > 0)
    FROM latest
"""
_CHOSEN = """
    SELECT found.* FROM read_parquet($parts) AS found
    LEFT JOIN files ON files.place = found.source_file
    LEFT JOIN latest ON files.numbered AND latest.pmid = try_cast(found.pmid AS BIGINT)
    WHERE latest.pmid IS NULL
       OR (latest.last.seq = files.seq AND latest.last.number = found.source_line
           AND NOT latest.last.deleted)
"""
_ORDERED = """
    SELECT * REPLACE (CASE WHEN copy > 1 THEN key || '-' || copy ELSE key END AS key)
    FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY source_file, source_line) AS copy
          FROM chosen)
    ORDER BY source_file, source_line
"""


def gather(output: Path, scanned: Sequence[Scanned]) -> Gathered:
    """Write `CANDIDATES` of what was ``scanned`` into ``output``, in one step."""
    parts = output / PARTS
    with connection(output, memory=MEMORY) as database:
        _name_files(database, scanned)
        numbers = [
            str(parts / f"{one.identity}.numbers.parquet")
            for one in scanned
            if one.kind == "pubmed"
        ]
        if numbers:
            database.execute(f"CREATE TEMP TABLE latest AS {_LATEST}", {"numbers": numbers})
        else:
            database.execute(
                "CREATE TEMP TABLE latest (pmid BIGINT, held BIGINT, last STRUCT("
                "seq INTEGER, deleted BOOLEAN, version INTEGER, number INTEGER))"
            )
        superseded, deleted = database.execute(_COUNTS).fetchall()[0]
        files = [str(parts / f"{one.identity}.parquet") for one in scanned]
        chosen = f"WITH chosen AS ({_CHOSEN}) {_ORDERED}"
        with replaced(output / CANDIDATES) as place:
            count = _write(place, database.sql(chosen, params={"parts": files}) if files else None)
            digest = _digest(place)
    return Gathered(count, int(superseded), int(deleted), digest)


def _name_files(database: Any, scanned: Sequence[Scanned]) -> None:
    """The table ``files``: which number a file of PubMed has by its name."""
    ordered = sorted(scanned, key=lambda one: (Path(one.place).name, one.place))
    database.execute(
        "CREATE TEMP TABLE files (seq INTEGER, identity VARCHAR, place VARCHAR, numbered BOOLEAN)"
    )
    rows = [(n, one.identity, one.place, one.kind == "pubmed") for n, one in enumerate(ordered)]
    if rows:
        database.executemany("INSERT INTO files VALUES (?, ?, ?, ?)", rows)


def _write(place: Path, result: Any) -> int:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    count = 0
    with pq.ParquetWriter(place, schema(), compression="zstd") as writer:
        batches: Iterable[Any] = result.to_arrow_reader(_ROWS) if result is not None else ()
        for batch in batches:
            writer.write_table(_as_declared(batch))
            count += batch.num_rows
    return count


def _as_declared(batch: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches([batch]).select(schema().names).cast(schema())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
