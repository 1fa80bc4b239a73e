"""A broken base is told what is wrong, where, and what to do; the rest of it stays usable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.errors import DataError, EvidenceError
from ipt_evidence.evidence.files import write_atomically
from ipt_evidence.evidence.package import DESCRIPTOR_FILE, write_descriptor
from ipt_evidence.evidence.schema import REVIEWS, STUDIES
from ipt_evidence.evidence.validation import rederive, validate


def change(folder: Path, file: str, edit: Callable[[pd.DataFrame], None]) -> None:
    path = folder / file
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    edit(frame)
    frame.to_csv(path, index=False)


def first(frame: pd.DataFrame, **wanted: str) -> int:
    keep = pd.Series(True, index=frame.index)
    for column, value in wanted.items():
        keep &= frame[column] == value
    return int(frame.index[keep][0])


def test_the_bundled_base_is_sound(live_base: EvidenceBase) -> None:
    assert validate(live_base.folder) == []


def test_the_fixture_base_is_sound(base: EvidenceBase) -> None:
    assert validate(base.folder) == []


def test_a_foreign_base_may_lack_optional_columns(base: EvidenceBase, data_copy: Path) -> None:
    absent = ["mean_age", "percent_women", "note"]
    path = data_copy / STUDIES.file
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.drop(columns=absent).to_csv(path, index=False)
    write_descriptor(data_copy, base.sources)
    assert validate(data_copy) == []
    fields = {
        field["name"]
        for resource in json.loads((data_copy / DESCRIPTOR_FILE).read_text())["resources"]
        if resource["name"] == "studies"
        for field in resource["schema"]["fields"]
    }
    assert fields == set(STUDIES.column_names) - set(absent)
    foreign = EvidenceBase.load(data_copy)
    assert foreign.studies[absent].isna().all(axis=None)
    question = Question("depression", "control")
    here, there = estimate(base, question).pooled, estimate(foreign, question).pooled
    assert here is not None and there is not None
    assert (there.k, there.estimate, there.ci_lower) == (here.k, here.estimate, here.ci_lower)


def set_cell(column: str, value: str, **wanted: str) -> Callable[[pd.DataFrame], None]:
    def edit(frame: pd.DataFrame) -> None:
        frame.loc[first(frame, **wanted), column] = value

    return edit


@pytest.mark.parametrize(
    ("file", "edit", "column", "reason"),
    [
        ("effects.csv", set_cell("study_id", "nobody1999"), "study_id", "not in studies"),
        ("effects.csv", set_cell("reference", "nobody1999"), "reference", "not in references.bib"),
        ("effects.csv", set_cell("source_id", "hearsay"), "source_id", "not in sources.toml"),
        (
            "effects.csv",
            set_cell("source_url", "javascript:alert(1)"),
            "source_url",
            "not an address that can be opened",
        ),
        ("effects.csv", set_cell("source_url", "NA"), "source_url", "a value is required"),
        ("effects.csv", set_cell("quote", "NA"), "quote", "a value is required"),
        (
            "effects.csv",
            set_cell("direction", "higher_better", input_type="means", direction="lower_better"),
            "yi",
            "the sign of yi contradicts the arm means",
        ),
        (
            "effects.csv",
            set_cell("yi", "0.123456", input_type="means"),
            "yi",
            "but the inputs give",
        ),
        (
            "effects.csv",
            set_cell("events_ipt", "9999", input_type="events"),
            "events_ipt",
            "9999 events among",
        ),
        (
            "effects.csv",
            set_cell("events_ipt", "3.5", input_type="events"),
            "events_ipt",
            "3.5 events: people are counted in whole numbers",
        ),
        (
            "effects.csv",
            set_cell("reported_ci_upper", "999", input_type="reported_odds_ratio"),
            "reported_value",
            "reported_value is far from the middle of its interval on the log scale",
        ),
        (
            "effects.csv",
            set_cell("reported_ci_lower", "998", input_type="reported_odds_ratio"),
            "reported_value",
            "reported_value lies outside its interval (998 to",
        ),
        (
            "effects.csv",
            set_cell("sd_ipt", "0", input_type="means"),
            "yi",
            "but the inputs give nan",
        ),
        (
            "effects.csv",
            set_cell("include", "true", input_type="none"),
            "include",
            "no effect with a variance above 0",
        ),
        (
            "effects.csv",
            set_cell("check", "doubtful", include="true"),
            "include",
            "unverified or doubtful",
        ),
        ("studies.csv", set_cell("conditions", "grumpiness"), "conditions", "taxonomy.conditions"),
        ("pooled.csv", set_cell("yi", "0.5", about_ipt="false"), "yi", "not an effect of inter"),
        ("pooled.csv", set_cell("value", "99", metric="Cohen's d"), "value", "outside its inter"),
        (
            "reviews.csv",
            set_cell("ipt_trials", "2", review_id="invented-b"),
            "ipt_trials",
            "5 trials are named of 2",
        ),
        (
            "reviews.csv",
            set_cell("others", "elkin1989", review_id="invented-b"),
            "included",
            "elkin1989 is named twice",
        ),
        (
            "reviews.csv",
            set_cell("included", "NA", review_id="invented-e"),
            "included",
            "the row names no trial",
        ),
        ("reviews.csv", set_cell("included", "nobody"), "included", "not in studies.study_id"),
    ],
)
def test_a_broken_row_is_found_and_set_aside(
    data_copy: Path, file: str, edit: Callable[[pd.DataFrame], None], column: str, reason: str
) -> None:
    whole = EvidenceBase.load(data_copy)
    change(data_copy, file, edit)
    problems = [p for p in validate(data_copy) if p.file == file and reason in p.reason]
    assert column in {p.column for p in problems}
    assert len({p.line for p in problems}) == 1
    assert problems[0].line is not None
    assert problems[0].remedy
    broken = EvidenceBase.load(data_copy)
    table = file.removesuffix(".csv")
    listed = set(broken.quarantined["file"])
    assert file in listed
    assert len(getattr(broken, table)) < len(getattr(whole, table))


def test_a_base_goes_without_lists_of_trials(base: EvidenceBase, data_copy: Path) -> None:
    assert len(base.reviews) > 3
    (data_copy / REVIEWS.file).unlink()
    write_descriptor(data_copy, base.sources)
    assert validate(data_copy) == []
    bare = EvidenceBase.load(data_copy)
    assert bare.reviews.empty and list(bare.reviews.columns) == list(base.reviews.columns)
    assert bare.fingerprint != base.fingerprint


def test_derive_mends_a_stale_value_and_changes_nothing_else(data_copy: Path) -> None:
    before = (data_copy / "effects.csv").read_text(encoding="utf-8")
    assert rederive(data_copy) == 0
    assert (data_copy / "effects.csv").read_text(encoding="utf-8") == before
    change(data_copy, "instruments.csv", set_cell("reference_sd", "9", instrument_id="epds"))
    assert [p.column for p in validate(data_copy)] == ["reference_sd"]
    change(data_copy, "effects.csv", set_cell("yi", "9", input_type="means"))
    assert rederive(data_copy) == 2
    assert (data_copy / "effects.csv").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("file", ["effects.csv", "taxonomy.toml", "claims.toml", "references.bib"])
def test_a_missing_file_is_named(data_copy: Path, file: str) -> None:
    (data_copy / file).unlink()
    with pytest.raises(EvidenceError, match=file):
        EvidenceBase.load(data_copy)


def test_broken_toml_says_where(data_copy: Path) -> None:
    (data_copy / "claims.toml").write_text("[[references]\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"claims.toml is not valid TOML: .*line 1"):
        EvidenceBase.load(data_copy)


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data DIR"):
        EvidenceBase.load(tmp_path / "nowhere")


def test_a_stale_description_is_found(data_copy: Path) -> None:
    (data_copy / "datapackage.json").write_text("{}", encoding="utf-8")
    assert [p.file for p in validate(data_copy)] == ["datapackage.json"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("claims.toml", "number = 2", "number = 1", "reference 1 stands there twice"),
        ("claims.toml", "about_ipt = true", 'about_ipt = "yes"', "about_ipt must be a true or"),
        ("claims.toml", "references = [1]", "references = 1", "references must be a list"),
        ("claims.toml", "references = [1]", "references = [99]", "cites reference 99"),
        ("claims.toml", 'verdict = "partly"', 'verdict = "maybe"', "verdict 'maybe' is unknown"),
        ("claims.toml", 'section = "anxiety"', 'section = "worry"', "'worry' is not a condition"),
        ("sources.toml", 'last_search = "2024-01-01"', 'last_search = "2024"', "Write a date"),
        ("sources.toml", 'id = "reviews"', 'id = "trial-reports"', "stands there twice"),
        (
            "sources.toml",
            'conditions = ["borderline"]',
            'conditions = "borderline"',
            "conditions must be a list of texts",
        ),
    ],
)
def test_a_wrong_entry_in_a_toml_file_is_named(
    data_copy: Path, file: str, old: str, new: str, message: str
) -> None:
    path = data_copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        EvidenceBase.load(data_copy)


def test_a_taxonomy_without_comparisons_is_refused(data_copy: Path) -> None:
    path = data_copy / "taxonomy.toml"
    text = path.read_text(encoding="utf-8").replace("[[comparisons]]", "[[compared]]")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="at least one"):
        EvidenceBase.load(data_copy)


def test_a_search_for_an_unknown_condition_is_found(data_copy: Path) -> None:
    path = data_copy / "sources.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('conditions = ["ptsd"]', 'conditions = ["pstd"]'), "utf-8")
    assert [p.value for p in validate(data_copy)] == ["pstd"]


def test_a_stale_formula_is_found(data_copy: Path) -> None:
    change(data_copy, "effects.csv", set_cell("formula", "guesswork", input_type="means"))
    assert "formula" in {p.column for p in validate(data_copy)}


def test_a_link_is_written_through(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
