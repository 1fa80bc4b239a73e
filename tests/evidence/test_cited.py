"""A cited view says what its number was, what it is today, and which trials moved it."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ipt_evidence import EvidenceBase, Question, estimate, load_citations
from ipt_evidence.about import PRODUCT, VERSION
from ipt_evidence.analyses.answer import title
from ipt_evidence.evidence.validation import rederive
from ipt_evidence.evidence.view import View, read_view
from ipt_evidence.exchange.citation import (
    PUBLIC_VARIABLE,
    Cited,
    cite,
    cited_words,
    moved,
    moved_sentence,
    read_cited,
)

QUESTION = Question("postpartum", "control")
PAGE = "condition"
PUBLIC = "https://explorer.example/ipt/"


def edited(folder: Path, change) -> EvidenceBase:  # type: ignore[no-untyped-def]
    """The base after ``change`` was applied to the rows of effects.csv; rows given back None go."""
    path = folder / "effects.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in map(change, rows) if row is not None]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    rederive(folder)
    return EvidenceBase.load(folder)


def test_the_address_alone_gives_the_view_and_the_number_back(
    base: EvidenceBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PUBLIC_VARIABLE, PUBLIC)
    answer = estimate(base, QUESTION)
    made = cite(base, answer, title(base, QUESTION), PAGE, date(2026, 11, 23))
    assert made.address.startswith("https://explorer.example/ipt/condition?")
    words = parse_qs(urlsplit(made.address).query)
    assert read_view(words, base)[0] == View(QUESTION)
    cited = read_cited(words)
    assert cited is not None and cited.version == base.version and cited.k == answer.k
    assert cited.estimate == round(answer.pooled.estimate, 2)
    assert made.address in made.text and base.version in made.text and "2026" in made.text
    assert re.search(r"g \d\.\d\d \(95% CI \d\.\d\d to \d\.\d\d\)", made.text)


@pytest.mark.parametrize("public", ["", "not an address", "javascript:alert(1)"])
def test_without_a_public_address_a_citation_names_the_view_and_no_address(
    base: EvidenceBase, public: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PUBLIC_VARIABLE, public)
    answer = estimate(base, QUESTION)
    made = cite(base, answer, title(base, QUESTION), PAGE, date(2026, 11, 23))
    assert made.address == "" and "http" not in made.text + made.bibtex
    assert f"{PRODUCT}, version {VERSION}, data version {base.version}." in made.text
    assert "Retrieved 2026-11-23. View: condition?" in made.text
    words = parse_qs(made.text.rpartition("?")[2])
    assert read_view(words, base)[0] == View(QUESTION) and read_cited(words) is not None
    assert "view condition?" in made.bibtex and "url = " not in made.bibtex


def test_the_bibtex_entry_is_read_by_our_own_reader(
    base: EvidenceBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PUBLIC_VARIABLE, PUBLIC)
    answer = estimate(base, QUESTION)
    made = cite(base, answer, "A {title} with \\odd signs", PAGE, date(2026, 11, 23))
    place = tmp_path / "view.bib"
    place.write_text(made.bibtex, encoding="utf-8")
    loaded = load_citations([place])
    assert loaded.rejected.empty and loaded.repaired.empty
    record = loaded.citations.iloc[0]
    assert record["url"] == made.address and record["year"] == 2026


def test_the_same_data_have_nothing_to_say(base: EvidenceBase) -> None:
    answer = estimate(base, QUESTION)
    cited = read_cited(cited_words(base, answer))
    assert moved_sentence(base, answer, moved(base, answer, cited)) == ""


def test_newer_data_say_what_it_was_what_it_is_and_why(base: EvidenceBase, data_copy: Path) -> None:
    before = estimate(base, QUESTION)
    cited = read_cited(cited_words(base, before))
    gone, corrected = before.trials["study_id"].iloc[0], before.trials["study_id"].iloc[1]

    def change(row: dict[str, str]) -> dict[str, str] | None:
        if row["study_id"] == gone:
            return None
        if row["study_id"] == corrected and row["n_ipt"] != "NA":
            row["n_ipt"] = str(float(row["n_ipt"]) + 10)
        return row

    now = edited(data_copy, change)
    answer = estimate(now, QUESTION)
    found = moved(now, answer, cited)
    assert not found.same_data and not found.same_number and found.version_known
    labels = before.trials.set_index("study_id")["label"]
    assert found.gone == (labels[gone],) and found.changed == (labels[corrected],)
    said = moved_sentence(now, answer, found)
    assert f"version {base.version} with g {cited.estimate:.2f}" in said
    assert f"it is g {answer.pooled.estimate:.2f}" in said
    assert f"Trials that went: {labels[gone]}" in said


def test_an_unreleased_version_is_said_to_be_unknown(base: EvidenceBase) -> None:
    answer = estimate(base, QUESTION)
    found = moved(base, answer, Cited("19.9.9", 3, 1.0, 0.5, 1.5))
    assert not found.version_known
    assert "not among the released ones" in moved_sentence(base, answer, found)


@pytest.mark.parametrize(
    "was", ["", "x", "3_nan_0_1", "0_1_1_1", "3_1_2", "3_1_2_3_4", "9" * 100 + "_1_1_1"]
)
def test_a_broken_citation_is_no_citation(was: str) -> None:
    assert read_cited({"cited": ["26.1.0"], "was": [was]}) is None
