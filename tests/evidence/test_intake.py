"""An upload is described in full: read, tagged, known, repeated, doubtful, rejected or refused."""

from __future__ import annotations

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.evidence.intake import assess, read_uploads
from ipt_evidence.presentation.intake import arrived, new_by_condition, records_table

BIB = b"""
@article{smith2030, title = {Interpersonal psychotherapy for bulimia nervosa: a trial},
  author = {Smith, Anna}, year = {2030}, journal = {Journal of Made-up Trials}}
@article{smith2030, title = {Interpersonal psychotherapy for bulimia nervosa: a trial},
  author = {Smith, Anna}, year = {2030}, journal = {Journal of Made-up Trials}}
@article{gums, title = {Intensive periodontal treatment (IPT) and blood sugar},
  author = {Jones, Bo}, year = {2031}}
"""


@pytest.fixture(scope="module")
def printed() -> bytes:
    return (EvidenceBase.load().folder / "article_references.txt").read_bytes()


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
    base: EvidenceBase, printed: bytes
) -> None:
    records = intake_of(base, ("article.txt", printed)).records.set_index("key")
    assert records.loc["makino2020", "status"] == "doubtful"
    assert "different pages" in records.loc["makino2020", "reason"]


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
