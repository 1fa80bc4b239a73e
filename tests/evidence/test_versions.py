from __future__ import annotations

import csv
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.cli import cli
from ipt_evidence.errors import DataError, QuestionError
from ipt_evidence.evidence.files import opened_folder
from ipt_evidence.evidence.package import number
from ipt_evidence.evidence.validation import rederive, validate
from ipt_evidence.living.changes import cell_sentence, compare, compare_bases
from ipt_evidence.living.snapshots import find, released, take


def edit(folder: Path, file: str, key: str, **cells: str) -> None:
    """Change cells of the row whose first column is ``key``, as a person does by hand."""
    path = folder / file
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    row = next(row for row in rows if next(iter(row.values())) == key)
    assert set(cells) <= set(row)
    row.update(cells)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def drop(folder: Path, file: str, key: str) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(f"{key},")]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), encoding="utf-8")


@pytest.fixture(scope="session")
def first_release(base: EvidenceBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released") / "data"
    shutil.copytree(base.folder, folder)
    shutil.rmtree(folder / "versions")
    (folder / "CHANGES.md").unlink()
    run("release", "--because", "First.", "--date", "2026-11-23", "--data", str(folder))
    return folder


@pytest.fixture
def fresh(first_release: Path, tmp_path: Path) -> Path:
    """A base whose present state is its first release, 26.1.0."""
    return Path(shutil.copytree(first_release, tmp_path / "fresh"))


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    if code:
        assert result.exit_code == code or isinstance(result.exception, DataError)
        return str(result.exception)
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def assert_released(base: EvidenceBase) -> None:
    snapshot = released(base)[-1]
    remedy = "release the data: python -m ipt_evidence release --because '…'"
    assert base.version == snapshot.name, remedy
    assert not compare(snapshot, take(base)).numbers_changed, remedy
    descriptor = json.loads((base.folder / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["version"] == snapshot.name
    assert f"## {snapshot.name} ({snapshot.date})" in (base.folder / "CHANGES.md").read_text()


def test_the_data_are_released(live_base: EvidenceBase) -> None:
    assert_released(live_base)


def test_the_fixture_base_is_released(base: EvidenceBase) -> None:
    assert_released(base)


def test_a_released_version_keeps_the_estimate_that_the_pages_showed(base: EvidenceBase) -> None:
    answer = estimate(base, Question("depression", "control"))
    cell = released(base)[-1].cell("depression", "control")
    assert cell is not None and answer.pooled is not None
    assert cell.k == answer.k
    assert cell.estimate == pytest.approx(answer.pooled.estimate, abs=1e-5)
    assert cell.trials["elkin1989"][0] == pytest.approx(
        answer.trials.set_index("study_id").loc["elkin1989", "yi"], abs=1e-6
    )


def test_released_files_are_small(live_base: EvidenceBase) -> None:
    """A row of a table takes its hash, a trial its numbers in each answer that it is part of."""
    rows = sum(len(getattr(live_base, name)) for name in ("studies", "effects", "pooled"))
    files = list((live_base.folder / "versions").glob("*.json"))
    assert files
    assert all(path.stat().st_size < 150 * rows for path in files)


def test_a_released_base_goes_by_its_version_and_a_changed_one_says_so(fresh: Path) -> None:
    assert EvidenceBase.load(fresh).version == "26.1.0"
    edit(fresh, "studies.csv", "elkin1989", note="another note")
    changed = EvidenceBase.load(fresh)
    assert changed.version == f"26.1.0+{changed.fingerprint[:7]}"
    assert find(changed, changed.version).name == "26.1.0"


def test_a_base_without_versions_goes_by_its_fingerprint(data_copy: Path) -> None:
    shutil.rmtree(data_copy / "versions")
    base = EvidenceBase.load(data_copy)
    assert base.version == base.fingerprint
    assert released(base) == ()


def test_a_correction_of_words_is_a_patch(fresh: Path) -> None:
    edit(fresh, "studies.csv", "elkin1989", note="another note")
    output = run("release", "--because", "A note.", "--date", "2026-12-01", "--data", str(fresh))
    assert "Released 26.1.1" in output
    text = (fresh / "CHANGES.md").read_text(encoding="utf-8")
    assert text.index("## 26.1.1 (2026-12-01)") < text.index("## 26.1.0 (2026-11-23)")
    assert "No answer moved." in text
    assert "Studies changed: elkin1989." in text
    assert validate(fresh) == []


def test_a_changed_number_is_a_minor_and_its_entry_says_what_moved(fresh: Path) -> None:
    edit(fresh, "effects.csv", "elkin1989-bdi-1", sd_ipt="20")
    rederive(fresh)
    run("release", "--because", "An SD.", "--date", "2026-12-01", "--data", str(fresh))
    text = (fresh / "CHANGES.md").read_text(encoding="utf-8")
    assert "## 26.2.0 (2026-12-01)" in text
    assert "moved: Elkin 1989 (g 0.36 → " in text
    assert EvidenceBase.load(fresh).version == "26.2.0"


def test_a_new_year_starts_its_own_count(fresh: Path) -> None:
    drop(fresh, "effects.csv", "elkin1989-bdi-1")
    output = run("release", "--because", "Gone.", "--date", "2027-01-02", "--data", str(fresh))
    assert "Released 27.1.0" in output


def test_nothing_new_is_not_released_twice(fresh: Path) -> None:
    message = run("release", "--because", "Again.", "--data", str(fresh), code=1)
    assert "Nothing changed since 26.1.0" in message


def test_a_dry_run_writes_nothing(fresh: Path) -> None:
    edit(fresh, "studies.csv", "elkin1989", note="another note")
    before = sorted(path.name for path in fresh.rglob("*"))
    assert "## 26.1.1" in run(
        "release", "--because", "A note.", "--date", "2026-12-01", "--dry-run", "--data", str(fresh)
    )
    assert sorted(path.name for path in fresh.rglob("*")) == before


def test_every_field_of_a_changed_row_is_shown_old_and_new(fresh: Path, tmp_path: Path) -> None:
    old = EvidenceBase.load(fresh)
    other = Path(shutil.copytree(fresh, tmp_path / "other"))
    edit(other, "effects.csv", "elkin1989-bdi-1", sd_ipt="20")
    drop(other, "effects.csv", "beeber2010-ces-d")
    rederive(other)
    changes = compare_bases(old, EvidenceBase.load(other))
    changed = next(row for row in changes.rows if row.kind == "changed")
    assert changed.key == "elkin1989-bdi-1"
    fields = {field.column: (field.old, field.new) for field in changed.fields}
    assert fields["sd_ipt"] == (10.6, 20.0)
    assert set(fields) == {"sd_ipt", "yi", "vi"}
    assert [row.key for row in changes.rows if row.kind == "removed"] == ["beeber2010-ces-d"]
    cell = changes.cell("depression", "control")
    assert cell is not None and cell.old is not None and cell.new is not None
    assert cell.old.k == cell.new.k + 1
    assert {trial.study_id for trial in cell.trials} == {"beeber2010", "elkin1989"}


def test_the_conclusion_is_flagged_when_it_turns(fresh: Path) -> None:
    old = take(EvidenceBase.load(fresh))
    for effect in ("stangier2011-lsas", "stangier2011-spai"):
        edit(fresh, "effects.csv", effect, mean_ipt="80")
    rederive(fresh)
    base = EvidenceBase.load(fresh)
    cell = compare(old, take(base)).cell("social_anxiety", "control")
    assert cell is not None
    assert "direction" in cell.flags
    assert "the direction changed" in cell_sentence(cell, base.taxonomy)


def test_the_only_trial_of_a_question_leaves_no_answer(fresh: Path) -> None:
    old = take(EvidenceBase.load(fresh))
    for effect in ("stangier2011-lsas", "stangier2011-spai"):
        drop(fresh, "effects.csv", effect)
    cell = compare(old, take(EvidenceBase.load(fresh))).cell("social_anxiety", "control")
    assert cell is not None
    assert cell.flags == ("no_answer_now",)


def test_diff_reads_folders_archives_and_versions(fresh: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(fresh, tmp_path / "other"))
    drop(other, "effects.csv", "beeber2010-ces-d")
    archive = tmp_path / "other.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in other.rglob("*"):
            file.write(path, f"release/{path.relative_to(other)}")
    text = run("diff", str(fresh), str(archive))
    assert "went: Beeber 2010" in text
    assert "removed: beeber2010-ces-d (Beeber 2010)" in text
    document = json.loads(run("diff", "26.1.0", str(other), "--json", "--data", str(fresh)))
    assert document["numbers_changed"] is True
    answers = {(row["condition"], row["comparison"]): row for row in document["answers"]}
    moved = answers["depression", "control"]
    assert moved["old"]["k"] == moved["new"]["k"] + 1
    assert "Nothing changed." in run("diff", "26.1.0", "--data", str(fresh))


def test_an_unknown_version_names_those_that_exist(fresh: Path) -> None:
    with pytest.raises(QuestionError, match=r"Released: 26\.1\.0"):
        find(EvidenceBase.load(fresh), "25.1.0")
    assert "26.1.0" in run("diff", "no-such-thing", "--data", str(fresh), code=1)


@pytest.mark.parametrize("name", ["26.1", "2026.1.0", "v26.1.0", "26.1.0-rc", ""])
def test_only_three_numbers_make_a_version(name: str) -> None:
    with pytest.raises(DataError, match=r"YY\.MINOR\.PATCH"):
        number(name)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"fingerprint": 3', '{"format": 99}'])
def test_a_damaged_version_is_named(fresh: Path, text: str) -> None:
    (fresh / "versions" / "26.1.0.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"26\.1\.0\.json"):
        released(EvidenceBase.load(fresh))


def test_archives_that_point_outside_or_explode_are_refused(tmp_path: Path) -> None:
    for name in ("../evil.toml", "/evil.toml", "..\\evil.toml", "C:evil.toml"):
        archive = tmp_path / "evil.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(name, "x")
        with pytest.raises(DataError, match="outside"), opened_folder(archive, "sources.toml"):
            pass
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for index in range(3):
            file.writestr(f"zeros{index}", bytes(100 * 1024 * 1024))
    with pytest.raises(DataError, match="MB"), opened_folder(archive, "sources.toml"):
        pass
    archive.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DataError, match="ZIP"), opened_folder(archive, "sources.toml"):
        pass
    with pytest.raises(DataError, match="neither"), opened_folder(tmp_path / "none", "x"):
        pass
