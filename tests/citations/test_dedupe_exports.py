"""De-duplication of whole exports: labelled records, generated ones, and how a merge is undone."""

from __future__ import annotations

import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ipt_evidence.citations.deduplication import Deduplication, deduplicate
from ipt_evidence.citations.identifiers import normal_doi
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.normal_forms import normal_pages, year_in
from ipt_evidence.errors import CitationError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.dedupe import accuracy, generated_citations  # noqa: E402


def _labelled(path: Path) -> tuple[pd.DataFrame, list[bool]]:
    """The records of an EndNote XML file without their label, and the labels."""

    def text(record: ElementTree.Element, where: str) -> str | None:
        found = record.find(where)
        return "".join(found.itertext()).strip() or None if found is not None else None

    rows: list[dict[str, Any]] = []
    labels: list[bool] = []
    for line, record in enumerate(ElementTree.parse(path).getroot().iter("record"), 1):  # noqa: S314
        labels.append(text(record, "caption") is not None)
        number = text(record, "accession-num") or ""
        names = ["".join(item.itertext()) for item in record.findall("contributors/authors/author")]
        people = [name.partition(",") for name in names]
        rows.append(
            {
                "key": f"r{line}",
                "title": text(record, "titles/title"),
                "authors": [{"family": f.strip(), "given": g.strip()} for f, _, g in people],
                "year": year_in(text(record, "dates/year")),
                "container_title": text(record, "titles/secondary-title"),
                "volume": text(record, "volume"),
                "issue": text(record, "number"),
                "pages": normal_pages(text(record, "pages")),
                "doi": normal_doi(text(record, "electronic-resource-num")),
                "pmid": number if number.isdigit() else None,
                "abstract": text(record, "abstract"),
                "source_file": path.name,
                "source_line": line,
            }
        )
    return pd.DataFrame(rows).astype({"year": "Int64"}), labels


@pytest.mark.parametrize(
    ("without", "least"),
    [
        ([], 1.0),
        (["doi"], 0.98),
        (["doi", "pmid", "abstract"], 0.98),
        (["doi", "pmid", "abstract", "pages"], 0.98),
        (["doi", "pmid", "abstract", "authors"], 0.98),
    ],
    ids=lambda value: "-".join(value) or "whole" if isinstance(value, list) else "",
)
def test_labelled_duplicates_of_a_systematic_review(
    samples: Path, without: list[str], least: float
) -> None:
    citations, labels = _labelled(samples / "dedupe" / "iebh_tafenoquine.xml")
    assert (len(citations), sum(labels)) == (179, 114)
    result = deduplicate(citations.drop(columns=without))
    grouped = {row for group in result.groups for row in group.rows}
    duplicates = {row for row, label in enumerate(labels) if label}
    assert len(grouped & duplicates) / len(duplicates) >= least
    assert grouped <= duplicates


def test_a_truncated_title_and_missing_authors_are_not_enough_to_lose_a_record(
    samples: Path,
) -> None:
    citations, _ = _labelled(samples / "dedupe" / "iebh_tafenoquine.xml")
    result = deduplicate(citations)
    assert sorted(row for rows in result.unique["rows"] for row in rows) == list(range(179))
    assert sum(len(item) for item in result.unique["sources"]) == 179


def test_generated_copies_are_found_and_lookalikes_kept() -> None:
    citations, works = generated_citations(4_000, 7)
    result = deduplicate(citations)
    sensitivity, specificity = accuracy(result, works)
    assert sensitivity >= 0.98
    assert specificity >= 0.999
    assert {relation.kind for relation in result.relations} >= {"part", "erratum"}
    for group in result.groups:
        assert citations["doi"].iloc[list(group.rows)].dropna().nunique() <= 1


def test_the_order_of_records_does_not_matter() -> None:
    citations, _ = generated_citations(800, 3)
    shuffled = citations.sample(frac=1, random_state=5)

    def merged(result: Deduplication) -> set[frozenset[str]]:
        return {
            frozenset(result.citations["key"].iloc[list(group.rows)]) for group in result.groups
        }

    assert merged(deduplicate(citations)) == merged(deduplicate(shuffled))


def test_a_merge_takes_the_best_of_each_field_and_keeps_every_source() -> None:
    loaded = load_text(
        """
@article{a, title = {A TRIAL OF INTERPERSONAL PSYCHOTHERAPY IN GRIEF}, author = {Smith, J.},
 journal = {J Grief}, year = {2018}, doi = {10.1000/a}, keywords = {grief}, note = {ahead}}
@article{b, title = {A trial of interpersonal psychotherapy in grief}, year = {2019},
 author = {Smith, Jane and Doe, Ann}, journal = {Journal of Grief}, volume = {3}, number = {2},
 pages = {101--9}, doi = {10.1000/A}, keywords = {Grief, psychotherapy}, issn = {1234-5678}}
@article{c, title = {Something else}, year = {2001}, author = {Roe, R.}, journal = {J Grief}}
"""
    ).citations
    result = deduplicate(loaded)
    assert len(result.unique) == 2
    row = result.unique.iloc[0]
    assert row["title"] == "A trial of interpersonal psychotherapy in grief"
    assert [person["given"] for person in row["authors"]] == ["Jane", "Ann"]
    assert (row["year"], row["volume"], row["pages"]) == (2019, "3", "101-9")
    assert row["container_title"] == "Journal of Grief"
    assert [word.lower() for word in row["keywords"]] == ["grief", "psychotherapy"]
    assert row["raw"]["note"] == "ahead"
    assert row["raw"]["issn"] == "1234-5678"
    assert [source["key"] for source in row["sources"]] == ["a", "b"]
    assert row["rows"] == [0, 1]
    assert list(result.unique.columns[: len(loaded.columns)]) == list(loaded.columns)
    pd.testing.assert_frame_equal(result.citations, loaded)


def test_a_merge_can_be_undone_split_and_made_by_hand() -> None:
    row = {"title": "Interpersonal psychotherapy for grief in later life", "year": 2019}
    rows = [{**row, "authors": [{"family": "Smith", "given": "J"}], "key": k} for k in "abc"]
    result = deduplicate(pd.DataFrame(rows))
    assert [group.rows for group in result.groups] == [(0, 1, 2)]
    assert len(result.undo(0).unique) == 3
    split = result.split(0, [2])
    assert [group.rows for group in split.groups] == [(0, 1)]
    assert len(split.unique) == 2
    assert [group.rows for group in split.join([1, 2]).groups] == [(0, 1, 2)]
    with pytest.raises(CitationError, match="no group 4"):
        result.undo(4)
    with pytest.raises(CitationError, match="not 7"):
        result.split(0, [7])
    with pytest.raises(CitationError, match="two or more"):
        result.join([1])


def test_an_empty_table_has_no_duplicates() -> None:
    empty = load_text("@comment{nothing}", "empty.bib").citations
    result = deduplicate(empty)
    assert (len(result.unique), result.groups, result.review) == (0, (), ())


def test_ten_thousand_equal_and_ten_thousand_blank_records_take_seconds() -> None:
    equal = {"title": "Interpersonal psychotherapy for grief in later life", "year": 2019}
    people = [{"family": "Smith", "given": "J"}]
    rows = [{**equal, "authors": people}] * 10_000 + [{"title": None, "authors": []}] * 10_000
    start = time.process_time()
    result = deduplicate(pd.DataFrame(rows))
    assert time.process_time() - start < 20
    assert [len(group.rows) for group in result.groups] == [10_000]
    assert len(result.unique) == 10_001


def test_one_wrong_identifier_on_thousands_of_records_merges_no_more() -> None:
    citations, works = generated_citations(2_000, 11)
    wrong = citations.assign(doi="10.1000/unknown", pmid="2008")
    start = time.process_time()
    sensitivity, specificity = accuracy(deduplicate(wrong), works)
    assert time.process_time() - start < 20
    assert sensitivity > 0.9
    assert specificity > 0.99
