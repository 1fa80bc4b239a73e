"""The same publication from several sources, among millions of records.

Records are compared as `citations.deduplication` compares them, and only where they share a block
(DOI, PMID, place, start or end of the title, first author and year). Blocks are spread over
partitions that a process can hold; groups are made of what is linked in any of them. A record
without a double is looked at once. Copies to the letter of records that say too little to be
compared stay apart here: the original fields are not kept.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.citations.deduplication import MAX_REVIEW, MERGE, links_among
from ipt_evidence.citations.deduplication.features import Features, features_of
from ipt_evidence.citations.deduplication.grouping import Clusters, block_keys
from ipt_evidence.citations.deduplication.scoring import probability
from ipt_evidence.corpora.engines import Lost, over_all
from ipt_evidence.corpora.files import ScaleError
from ipt_evidence.corpora.scanning import connection
from ipt_evidence.evidence.files import replaced

__all__ = ["DUPLICATES", "REVIEWED", "UNIQUE", "Found", "find_duplicates"]

UNIQUE, DUPLICATES, REVIEWED = "unique.parquet", "duplicates.parquet", "review.parquet"
MEMORY = "400MB"
_PART = 20_000
"""Records of a partition, about: some 100 MB while they are compared."""
_MOST_TITLES = 4  # an identifier of more works is none, as in `deduplication.features`
_COMPARED = (
    *("type", "title", "authors", "year", "container_title", "volume", "issue", "pages", "doi"),
    *("pmid", "abstract", "url", "issn"),
)
_Engine = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """How many records there were, how many are left, groups of doubles, pairs to look at."""

    records: int
    unique: int
    groups: int
    review: int


def find_duplicates(
    table: Path, output: Path, *, cluster: str | None = None, workers: int | None = None
) -> Found:
    """Write the records of the Parquet file ``table`` without doubles to the folder ``output``.

    ``unique.parquet`` has the fullest record of each publication; ``duplicates.parquet`` the row
    (from 0) of each record with a double, its group, whether it was kept, score and reason;
    ``review.parquet`` pairs that a person should look at. Raises ScaleError where a worker is lost.
    """
    work = output / ".duplicates"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    engine: _Engine = {"cluster": cluster, "workers": workers}
    try:
        _all(partial(_keyed, str(table), str(work)), _row_groups(table), engine)
        with connection(work, memory=MEMORY) as database:
            _partition(database, table, work)
            parts = sorted(map(str, (work / "parts").glob("*/*.parquet")))
            _all(partial(_compared, str(work)), parts, engine)
            return _put_together(database, table, output, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _all(job: Any, items: Sequence[Any], engine: _Engine) -> None:
    for _, result in over_all(job, items, **engine):
        if isinstance(result, Lost):
            raise ScaleError(f"Duplicates could not be sought: {result.reason}")


def _row_groups(table: Path) -> list[tuple[int, int, int]]:
    """First and last row group of pieces of about `_PART` records, and their first row."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    about = pq.read_metadata(table)
    pieces: list[tuple[int, int, int]] = []
    begin = first = rows = 0
    for group in range(about.num_row_groups):
        rows += about.row_group(group).num_rows
        if rows - first >= _PART or group == about.num_row_groups - 1:
            pieces.append((begin, group + 1, first))
            begin, first = group + 1, rows
    return pieces


def _keyed(table: str, work: str, piece: tuple[int, int, int]) -> None:
    """Write the blocks of a piece of the table, and the identifiers in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    begin, end, first = piece
    with pq.ParquetFile(table) as file:
        held = [name for name in _COMPARED if name in file.schema_arrow.names]
        rows = file.read_row_groups(list(range(begin, end)), columns=held)
    ids: list[int] = []
    keys: list[int] = []
    features = features_of(_frame(rows))
    for row, record in enumerate(features, first):
        for key in block_keys(record):
            ids.append(row)
            keys.append(_hash(key))
    pq.write_table(pa.table({"id": ids, "key": pa.array(keys, pa.int64())}),
                   f"{work}/keys-{first}.parquet")  # fmt: skip
    known = {
        "id": list(range(first, first + len(features))),
        "doi": [record.doi for record in features],
        "pmid": [record.pmid for record in features],
        "start": [record.title.core[:12] for record in features],
    }
    pq.write_table(pa.table(known), f"{work}/known-{first}.parquet")


def _hash(key: tuple[object, ...]) -> int:
    digest = hashlib.blake2b(repr(key).encode("utf-8", "replace"), digest_size=7).digest()
    return int.from_bytes(digest)


def _frame(rows: Any) -> pd.DataFrame:
    columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _partition(database: Any, table: Path, work: Path) -> None:
    """Spread the records that share a block over partitions; name identifiers of many works."""
    known, keys = str(work / "known-*.parquet"), str(work / "keys-*.parquet")
    (work / "parts").mkdir()
    database.execute("CREATE TABLE distrusted (kind VARCHAR, value VARCHAR)")
    if not list(work.glob("keys-*.parquet")):
        return
    for kind in ("doi", "pmid"):
        database.execute(
            f"INSERT INTO distrusted SELECT '{kind}', {kind} FROM read_parquet($1) "  # noqa: S608
            f"WHERE {kind} <> '' GROUP BY {kind} HAVING count(*) > $2 "
            "AND count(DISTINCT start) FILTER (start <> '') > $2",
            [known, _MOST_TITLES],
        )
    database.execute(f"COPY distrusted TO '{_quoted(work / 'distrusted.parquet')}'")
    database.execute(
        "CREATE TABLE shared AS SELECT DISTINCT key % (SELECT 1 + count(*) // $2 FROM "
        "read_parquet($3)) AS part, id FROM read_parquet($1) WHERE key IN "
        "(SELECT key FROM read_parquet($1) GROUP BY key HAVING count(*) > 1)",
        [keys, _PART, known],
    )
    _copy(database, table, "shared", "part", work / "parts")


def _copy(database: Any, table: Path, ids: str, by: str, target: Path) -> None:
    """Write the rows of ``table`` that ``ids`` names into a folder for each value of ``by``."""
    database.execute(
        f"COPY (SELECT {ids}.*, found.* EXCLUDE (file_row_number) FROM {ids} JOIN "  # noqa: S608
        f"read_parquet('{_quoted(table)}', file_row_number = true) AS found "
        f"ON {ids}.id = found.file_row_number ORDER BY {ids}.id) "
        f"TO '{_quoted(target)}' (FORMAT parquet, PARTITION_BY ({by}), OVERWRITE_OR_IGNORE)"
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _read(path: str, work: str) -> tuple[list[int], list[Features], list[int]]:
    """Rows of a partition: ids, features with what is distrusted, how many fields each has."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        rows = file.read()
    frame = _frame(rows.select([name for name in _COMPARED if name in rows.column_names]))
    marked = pq.read_table(f"{work}/distrusted.parquet").to_pylist()
    distrusted = {(row["kind"], row["value"]) for row in marked}
    features = features_of(frame)
    for at, record in enumerate(features):
        names = {n for n in ("doi", "pmid") if (n, getattr(record, n)) in distrusted}
        if names:
            features[at] = replace(record, distrusted=record.distrusted | names)
    filled = [int(number) for number in frame.notna().sum(axis=1)]
    return rows.column("id").to_pylist(), features, filled


def _compared(work: str, path: str) -> None:
    """Write the pairs of a partition that are to be merged or looked at."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids, features, _ = _read(path, work)
    links, doubtful = links_among(features)
    rows = [(True, *link) for link in links] + [(False, *link) for link in doubtful]
    kinds = (pa.bool_(), pa.float64(), pa.int64(), pa.int64(), pa.string())
    names = ("merge", "points", "one", "two", "reason")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    for place in (2, 3):
        arrays[place] = pa.array([ids[at] for at in columns[place]], pa.int64())
    pq.write_table(pa.table(dict(zip(names, arrays, strict=True))),
                   f"{work}/links-{Path(path).parent.name}-{Path(path).stem}.parquet")  # fmt: skip


def _put_together(database: Any, table: Path, output: Path, work: Path) -> Found:
    """Make groups of the links, each batch of connected records by itself, and write the result."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = [("row", pa.int64()), ("group", pa.int64()), ("kept", pa.bool_())]
    schema = pa.schema([*kinds, ("score", pa.float64()), ("reason", pa.string())])
    places = str(work / "links-*.parquet")
    database.execute("CREATE TABLE links (merge BOOLEAN, points DOUBLE, one BIGINT, two BIGINT, "
                     "reason VARCHAR)")  # fmt: skip
    if list(work.glob("links-*.parquet")):
        database.execute(
            "INSERT INTO links SELECT merge, max(points), one, two, max_by(reason, points) "
            "FROM read_parquet($1) GROUP BY merge, one, two",
            [places],
        )
    count = 0
    with replaced(output / DUPLICATES) as place:
        with pq.ParquetWriter(place, schema) as writer:
            for groups in _batches(database, table, work):
                count += len({row["group"] for row in groups})
                writer.write_table(pa.Table.from_pylist(groups, schema=schema))
    return _written(database, table, output, count)


def _batches(database: Any, table: Path, work: Path) -> Iterator[list[dict[str, Any]]]:
    """Rows of `DUPLICATES`, for about `_PART` connected records at a time."""
    import pyarrow as pa

    batches = _connected(database.execute("SELECT one, two FROM links WHERE merge").fetchall())
    if not batches:
        return
    members = pa.table({"batch": list(batches.values()), "id": list(batches)})
    database.register("given", members)
    database.execute("CREATE TABLE members AS SELECT batch, id FROM given")
    (work / "groups").mkdir()
    _copy(database, table, "members", "batch", work / "groups")
    for folder in sorted((work / "groups").iterdir()):
        links = database.execute(
            "SELECT points, one, two, links.reason FROM links JOIN members ON id = one "
            "WHERE merge AND batch = $1 ORDER BY points DESC, one, two",
            [int(folder.name.partition("=")[2])],
        ).fetchall()
        yield list(_grouped(folder, str(work), links, database))


def _connected(links: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The batch of each record that is linked; linked records are in the same."""
    parent: dict[int, int] = {}

    def find(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, two in links:
        parent[find(one)] = find(two)
    sets: defaultdict[int, list[int]] = defaultdict(list)
    for one in sorted(parent):
        sets[find(one)].append(one)
    batches: dict[int, int] = {}
    for members in sets.values():
        batches |= dict.fromkeys(members, len(batches) // _PART)
    return batches


def _grouped(
    folder: Path, work: str, links: Sequence[tuple[float, int, int, str]], database: Any
) -> Iterator[dict[str, Any]]:
    ids: list[int] = []
    features: list[Features] = []
    filled: list[int] = []
    for piece in sorted(folder.glob("*.parquet")):
        rows, records, known = _read(str(piece), work)
        ids, features, filled = ids + rows, features + records, filled + known
    at = {row: position for position, row in enumerate(ids)}
    clusters = Clusters(features)
    refused = []
    for points, one, two, reason in links:
        problem = clusters.join(at[one], at[two], points, reason)
        if problem:
            refused.append((False, min(points, MERGE), one, two, f"{reason}; {problem}"))
    if refused:
        database.executemany("INSERT INTO links VALUES ($1, $2, $3, $4, $5)", refused)
    for members in clusters.groups():
        weakest = sorted(clusters.links(members[0]), reverse=True)[: len(members) - 1]
        points, reason = min(weakest)
        kept = max(members, key=lambda position: (filled[position], -ids[position]))
        for position in members:
            yield {"row": ids[position], "group": ids[kept], "kept": position == kept,
                   "score": probability(points), "reason": reason}  # fmt: skip


def _written(database: Any, table: Path, output: Path, groups: int) -> Found:
    names = {"doubles": _quoted(output / DUPLICATES), "source": _quoted(table)}
    for name, path in names.items():
        row = "file_row_number = true" if name == "source" else "union_by_name = false"
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}', {row})")  # noqa: S608
    review = (
        "SELECT one, two, points, links.reason FROM links LEFT JOIN doubles AS a ON a.row = one "
        "LEFT JOIN doubles AS b ON b.row = two WHERE NOT merge AND "
        'coalesce(a."group", one) <> coalesce(b."group", two) ORDER BY points DESC, one, two'
    )
    unique = (
        "SELECT * EXCLUDE (file_row_number) FROM source WHERE file_row_number NOT IN "
        "(SELECT row FROM doubles WHERE NOT kept) ORDER BY file_row_number"
    )
    for query, name in ((f"{review} LIMIT {MAX_REVIEW}", REVIEWED), (unique, UNIQUE)):
        with replaced(output / name) as place:
            database.execute(f"COPY ({query}) TO '{_quoted(place)}' (FORMAT parquet)")
    counted = [("source", ""), ("doubles", " WHERE NOT kept")]
    records, less = (
        int(database.execute(f"SELECT count(*) FROM {name}{where}").fetchall()[0][0])  # noqa: S608
        for name, where in counted
    )
    shown = str(output / REVIEWED)
    pairs = database.execute("SELECT count(*) FROM read_parquet($1)", [shown]).fetchall()[0][0]
    return Found(records, records - less, groups, int(pairs))
