"""An upload is described in full: read, tagged, known, repeated, doubtful, rejected or refused."""

from __future__ import annotations

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.intake import (
    arrived,
    doubts,
    fields_table,
    figures,
    files_table,
    merged_table,
    new_by_condition,
    records_table,
)
from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.evidence.intake import assess, decided, each_once, read_uploads

BIB = b"""
@article{smith2030, title = {Interpersonal psychotherapy for bulimia nervosa: a trial},
  author = {Smith, Anna}, year = {2030}, journal = {Journal of Made-up Trials}}
@article{smith2030, title = {Interpersonal psychotherapy for bulimia nervosa: a trial},
  author = {Smith, Anna}, year = {2030}, journal = {Journal of Made-up Trials}}
@article{gums, title = {Intensive periodontal treatment (IPT) and blood sugar},
  author = {Jones, Bo}, year = {2031}}
"""


@pytest.fixture(scope="module")
def printed(base: EvidenceBase) -> bytes:
    return (base.folder / "article_references.txt").read_bytes()


@pytest.fixture(scope="module")
def misprinted(printed: bytes) -> bytes:
    """The article's references with wrong pages in the last one."""
    assert printed.count(b": 167-177") == 1
    return printed.replace(b": 167-177", b": 267-277")


def intake_of(base: EvidenceBase, *uploads: tuple[str, bytes]):
    loaded, refused = read_uploads(uploads)
    return assess(base, loaded, refused)


def test_what_the_base_holds_is_recognised(base: EvidenceBase, printed: bytes) -> None:
    records = intake_of(base, ("article.txt", printed)).records.set_index("key")
    assert records.loc["cuijpers2011", "status"] == "in_base"
    assert records.loc["cuijpers2011", "same_as"] == "cuijpers2011"
    assert "same title" in records.loc["cuijpers2011", "reason"]
    assert (records["status"] == "in_base").sum() >= 8


def test_a_citation_with_wrong_pages_is_doubtful_and_says_so(
    base: EvidenceBase, misprinted: bytes
) -> None:
    records = intake_of(base, ("article.txt", misprinted)).records.set_index("key")
    assert records.loc["defigueiredo2016", "status"] == "doubtful"
    assert "different pages" in records.loc["defigueiredo2016", "reason"]


def test_pages_of_the_file_do_not_hide_a_long_title_of_the_same_volume(
    base: EvidenceBase, printed: bytes
) -> None:
    records = intake_of(base, ("article.txt", printed)).records.set_index("key")
    assert records.loc["makino2020", "status"] == "in_base"
    assert "a long title; but different pages" in records.loc["makino2020", "reason"]


def test_new_and_repeated_records_are_told_apart(base: EvidenceBase) -> None:
    intake = intake_of(base, ("mine.bib", BIB))
    assert intake.records["status"].tolist() == ["new", "repeated", "new"]
    assert intake.records["key"].is_unique
    assert intake.records["same_as"].tolist()[1] == "smith2030"


def test_repetition_is_seen_across_files(base: EvidenceBase) -> None:
    intake = intake_of(base, ("a.bib", BIB), ("b.bib", BIB))
    assert intake.records["key"].is_unique
    assert intake.count("new") == 2
    assert intake.count("repeated") == 4


def test_tags_carry_the_words_that_matched(base: EvidenceBase) -> None:
    table = records_table(intake_of(base, ("mine.bib", BIB)))
    assert table["Conditions"].tolist()[0] == ["eating_disorders", "bulimia"]
    assert "bulimia" in table["Words that matched"].tolist()[0].lower()
    counts = new_by_condition(intake_of(base, ("mine.bib", BIB)), base.taxonomy)
    assert counts.set_index("Condition").loc["Eating disorders", "New"] == 1
    assert counts.set_index("Condition").loc["No condition found", "New"] == 1


def test_a_file_that_cannot_be_read_does_not_cost_the_others(base: EvidenceBase) -> None:
    intake = intake_of(base, ("junk.bin", b"\x00\x01\x02" * 500), ("mine.bib", BIB))
    assert len(intake.records) == 3
    assert [file.name for file in intake.refused] == ["junk.bin"]
    assert "1 file could not be read" in arrived(intake)


def test_nothing_at_all_is_an_answer_too(base: EvidenceBase) -> None:
    intake = intake_of(base, ("junk.bin", b"\x00\x01\x02" * 10))
    assert len(intake.records) == 0
    assert intake.records["status"].tolist() == []
    assert "0 records read" in arrived(intake)


def test_the_base_does_not_change(base: EvidenceBase, printed: bytes) -> None:
    before = base.references.copy()
    intake_of(base, ("article.txt", printed))
    pd.testing.assert_frame_equal(base.references, before)


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_format_takes_the_records_out(base: EvidenceBase, name: str) -> None:
    intake = intake_of(base, ("mine.bib", BIB))
    tags = pd.DataFrame([("smith2030", "condition", "bulimia")], columns=["key", "kind", "value"])
    text = write_citations(intake.records, name, tags)
    assert "bulimia nervosa" in text


def test_a_person_settles_doubts_and_undoes_merges(base: EvidenceBase, misprinted: bytes) -> None:
    intake = intake_of(base, ("article.txt", misprinted))
    assert intake.records.set_index("key").loc["defigueiredo2016", "same_in"] == "base"
    pairs = doubts(intake, base.references)
    assert [pair["key"] for pair in pairs] == ["defigueiredo2016"]
    assert "Figueiredo" in pairs[0]["other"]
    judged = decided(intake, {"defigueiredo2016": True, "cuijpers2011": False}).records.set_index(
        "key"
    )
    assert judged.loc["defigueiredo2016", "status"] == "in_base"
    assert judged.loc["cuijpers2011", "status"] == "new"
    settled = decided(intake, {"defigueiredo2016": False})
    assert settled.count("doubtful") == 0
    assert intake.count("doubtful") == 1  # the first answer is unchanged


def test_each_publication_once_keeps_the_best_of_both(base: EvidenceBase) -> None:
    second = BIB.replace(b"year = {2030}", b"year = {2030}, volume = {7}, pages = {1--9}", 1)
    intake = intake_of(base, ("a.bib", BIB), ("b.bib", second))
    once = each_once(intake)
    assert len(once) == 2
    bulimia = once.iloc[0]
    assert (bulimia["key"], bulimia["volume"], bulimia["pages"]) == ("smith2030", "7", "1-9")
    assert len(bulimia["sources"]) == 4
    undone = decided(intake, {key: False for key in intake.records["key"]})
    assert len(each_once(undone)) == 6


def test_what_was_merged_is_shown_with_score_and_reason(base: EvidenceBase) -> None:
    table = merged_table(intake_of(base, ("mine.bib", BIB)), base.references)
    assert table["Same"].tolist() == [True]
    assert "Smith 2030" in table["Your record"].iloc[0]
    assert table["Which is"].iloc[0] == "in your files"
    assert float(table["Score"].iloc[0]) > 0.5
    assert "title" in table["Why"].iloc[0] or "equal" in table["Why"].iloc[0]


def test_rejected_records_are_counted_even_when_not_all_are_listed(base: EvidenceBase) -> None:
    counts = dict((label, count) for label, count, _ in figures(intake_of(base, ("a.bib", BIB))))
    assert counts["Read"] == "3"
    assert counts["New"] == "2"
    assert counts["Rejected"] == "0"


def test_the_fields_of_each_file_are_counted_and_unknown_columns_named(base: EvidenceBase) -> None:
    table = b'Title,Authors,Year,Cited by,Rank\nA trial,"Elm, E",2030,3,1\nAnother,,2031,,2\n'
    intake = intake_of(base, ("a.csv", table), ("b.bib", BIB))
    fields = fields_table(intake).set_index("File")
    assert fields.loc["a.csv", ["Records", "Title", "Authors", "Year", "DOI"]].tolist() == [
        *(2, 2, 1, 2, 0)
    ]
    assert fields.loc["b.bib", "Journal"] == 2
    assert files_table(intake).set_index("File").loc["a.csv", "Note"] == (
        "columns not understood: Cited by, Rank"
    )
