"""Duplicates by blocks and partitions: the groups that the whole table at once gives."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.dedupe import generated_citations
from ipt_evidence.citations.deduplication import deduplicate
from ipt_evidence.citations.writers.table import write_parquet
from ipt_evidence.corpora import duplicates
from ipt_evidence.corpora.duplicates import find_duplicates

pytest.importorskip("duckdb")
MISSING = ["abstract", "url", "language", "pmcid", "issn", "date"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    citations, _ = generated_citations(1_500, 20240501)
    citations = citations.assign(
        **dict.fromkeys(MISSING, None), et_al=False, raw=[{}] * 1_500, keywords=[[]] * 1_500,
        registry_ids=[[]] * 1_500,
    )  # fmt: skip
    citations.loc[citations.index[:6], ["doi", "title"]] = [
        ["10.1/supplement", f"{name} is a wholly different subject than {name}"]
        for name in ("Mood", "Sleep", "Grief", "Hunger", "Pain", "Fear")
    ]
    path = tmp_path_factory.mktemp("table") / "candidates.parquet"
    write_parquet((citations[at : at + 250] for at in range(0, 1_500, 250)), path)
    return path


def test_partitions_find_the_groups_of_the_whole_table(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_PART", 300)
    found = find_duplicates(table, tmp_path, workers=1)
    citations = pd.read_parquet(table)
    authors = [list(map(dict, people)) for people in citations["authors"]]
    lists = ["raw", "keywords", "registry_ids"]
    whole = deduplicate(citations.drop(columns=lists).assign(authors=authors))
    rows = pd.read_parquet(tmp_path / "duplicates.parquet")
    groups = sorted(tuple(sorted(members)) for _, members in rows.groupby("group")["row"])
    assert len(whole.groups) > 150
    assert groups == sorted(group.rows for group in whole.groups)
    assert rows["score"].between(0.5, 1).all()  # those that were merged, not those to look at
    assert rows.groupby("group")["kept"].sum().eq(1).all()
    assert (found.records, found.groups) == (1_500, len(whole.groups))
    assert found.unique == 1_500 - whole.merged
    assert found.review == len(pd.read_parquet(tmp_path / "review.parquet")) > 0
    unique = pd.read_parquet(tmp_path / "unique.parquet")
    assert list(unique.columns) == list(citations.columns)
    shared = rows.loc[rows["row"] < 6, "group"]  # one DOI for six works: it is none of theirs
    assert shared.is_unique
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "duplicates.parquet", "review.parquet", "unique.parquet",
    ]  # fmt: skip


def test_a_table_without_doubles_stays_as_it_is(table: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.parquet"
    for records in (0, 1):
        pd.read_parquet(table).head(records).to_parquet(alone)
        found = find_duplicates(alone, tmp_path / "out", workers=1)
        assert (found.records, found.unique, found.groups, found.review) == (records, records, 0, 0)
