from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from ipt_evidence import EvidenceBase
from ipt_evidence.cli import cli
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.validation import validate
from ipt_evidence.exchange.metapsy import (
    Imported,
    agreement,
    import_database,
    open_database,
    write_base,
)
from ipt_evidence.exchange.metapsy.studies import repaired

DATABASES = Path(__file__).parent / "fixtures" / "metapsy"
BOTH = ("semicolon-depression", "comma-depression")
G = "0,9900990099009901"  # of Ahlberg 2001, as it stands in the file


def brought(name: str, base: EvidenceBase, **choices: Any) -> Imported:
    return import_database(open_database(DATABASES / name), base, **choices)


def effects_of(imported: Imported, base: EvidenceBase, folder: Path) -> dict[str, dict[str, Any]]:
    """Effects of the written base, with yi and vi."""
    written = EvidenceBase.load(write_base(imported, base, folder))
    return {str(row["effect_id"]): row for row in written.effects.to_dict("records")}


def copy_of(name: str, tmp_path: Path, **replaced: str) -> Path:
    folder = Path(shutil.copytree(DATABASES / name, tmp_path / "database"))
    data = folder / "data.csv"
    text = data.read_text(encoding="utf-8")
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    data.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "delimiter", "decimal", "means", "mended_lines"),
    [("semicolon-depression", ";", ",", "benefit", 0), ("comma-depression", ",", ".", "harm", 1)],
)
def test_dialect_and_direction_are_found(
    base: EvidenceBase, name: str, delimiter: str, decimal: str, means: str, mended_lines: int
) -> None:
    imported = brought(name, base)
    dialect = imported.database.table.dialect
    assert (dialect.delimiter, dialect.decimal) == (delimiter, decimal)
    assert dialect.lines_repaired == mended_lines
    assert imported.direction.positive_means == means
    assert (imported.direction.agree, imported.direction.disagree) == (10, 0)
    names = {row.text("study") for row in imported.database.table.rows}
    assert "Borgé, 2004" in names  # also where that line was saved as Windows-1252


@pytest.mark.parametrize("name", BOTH)
def test_both_signs_give_the_same_effects(base: EvidenceBase, name: str, tmp_path: Path) -> None:
    effects = effects_of(brought(name, base), base, tmp_path / "out")
    g = {key: round(row["yi"], 2) for key, row in effects.items()}
    assert g == {
        "ahlberg2001-bdi-2": 0.99,
        "castro2007-bdi-2": 0.68,
        "castro2007-bdi-2-cbt": -0.15,
        "dahl2010-hdrs-17": 0.71,
        "fuchs2013-bdi-2": 0.73,
        "gallo2014-q-les-q": 0.94,  # higher is better on this scale
        "hoang2016-bdi-2": 0.55,
        "ivanov2017-hdrs-17-remission": 0.59,
        "jansen2018-bdi-2": 0.45,
        "keller2019-bdi-2-fu1": 0.31,  # a g without arms, turned by the database's direction
        "lund2020-bdi-2-cbt": -0.3,  # IPT is arm 2 and did worse
    }


@pytest.mark.parametrize("name", BOTH)
def test_every_decision_has_its_reason(base: EvidenceBase, name: str) -> None:
    decisions = {row.study: row for row in brought(name, base).decisions}
    assert decisions["Ahlberg, 2001"].reason == "condition_arm1 is 'ipt'"
    assert decisions["Dahl, 2010"].decision == "ipt"
    assert "although condition_arm1 is 'other psy'" in decisions["Dahl, 2010"].reason
    assert decisions["Eriksen, 2012"].decision == "excluded"
    assert "STAIR" in decisions["Eriksen, 2012"].reason
    assert decisions["Hoang, 2016"].decision == "unsure"
    assert "Borgé, 2004" not in decisions


def test_what_is_not_sure_is_kept_and_never_pooled(base: EvidenceBase) -> None:
    effects = {e["effect_id"]: e for e in brought("semicolon-depression", base).effects}
    assert effects["hoang2016-bdi-2"]["include"] is False
    assert "Not sure that this is IPT" in effects["hoang2016-bdi-2"]["include_reason"]
    assert effects["ahlberg2001-bdi-2"]["include"] is True


def test_g_that_its_arms_do_not_give_is_listed_with_both_numbers(base: EvidenceBase) -> None:
    (difference,) = brought("semicolon-depression", base).g_differences
    assert (difference.study, difference.line) == ("Lund, 2020", 14)
    assert difference.published == pytest.approx(0.9)
    assert difference.recomputed == pytest.approx(0.2977, abs=1e-4)


def test_standard_errors_among_the_deviations_are_flagged(base: EvidenceBase) -> None:
    imported = brought("semicolon-depression", base)
    (warning,) = imported.warnings
    assert warning.startswith("line 8, fuchs2013: SDs of 1.3 and 1.4 look like standard errors")
    flags = {e["effect_id"]: e["flags"] for e in imported.effects}
    assert flags["fuchs2013-bdi-2"] == "se_for_sd"


def test_an_implausible_effect_is_flagged_and_kept(base: EvidenceBase, tmp_path: Path) -> None:
    folder = copy_of("semicolon-depression", tmp_path, m=(";12;8;38;", ";2;5;38;"), g=(G, "2,6701"))
    effects = {e["effect_id"]: e for e in import_database(open_database(folder), base).effects}
    assert "implausible_effect" in effects["ahlberg2001-bdi-2"]["flags"]


@pytest.mark.parametrize("name", [*BOTH, "response-rates"])
def test_what_is_written_is_a_sound_evidence_base(
    base: EvidenceBase, name: str, tmp_path: Path
) -> None:
    folder = write_base(brought(name, base), base, tmp_path / "out")
    assert validate(folder) == []
    written = EvidenceBase.load(folder)
    assert written.problems == ()
    source = written.sources[f"metapsy-{name}"]
    assert source.positive_g_means in ("benefit", "harm", "n/a")
    assert source.last_search == ("2021-06-30" if name in BOTH else "")


@pytest.mark.parametrize(
    ("name", "effects"), [*((name, 11) for name in BOTH), ("response-rates", 3)]
)
def test_an_import_agrees_with_the_base_that_was_written_from_it(
    base: EvidenceBase, name: str, effects: int, tmp_path: Path
) -> None:
    imported = brought(name, base)
    held = agreement(imported, EvidenceBase.load(write_base(imported, base, tmp_path / "out")))
    assert len(held.shared) == effects
    assert (held.differences, held.only_imported, held.only_base) == ((), (), ())


def test_what_a_base_codes_otherwise_is_listed_cell_by_cell(
    base: EvidenceBase, tmp_path: Path
) -> None:
    imported = brought("semicolon-depression", base)
    table = write_base(imported, base, tmp_path / "out") / "effects.csv"
    rows = pd.read_csv(table, dtype=str, keep_default_na=False).set_index("effect_id")
    rows.loc["castro2007-bdi-2", "comparison"] = "combined"
    rows.loc["fuchs2013-bdi-2", "time"] = "follow_up"  # measured later is another effect
    rows.drop("gallo2014-q-les-q").reset_index().to_csv(table, index=False)
    held = agreement(imported, EvidenceBase.load(table.parent))
    assert [(d.effect_id, d.column, d.base, d.imported) for d in held.differences] == [
        ("castro2007-bdi-2", "comparison", "combined", "control")
    ]
    assert set(held.only_imported) == {"fuchs2013-bdi-2", "gallo2014-q-les-q"}
    assert held.only_base == ("fuchs2013-bdi-2",)


def test_characteristics_of_a_trial_come_over(base: EvidenceBase, tmp_path: Path) -> None:
    written = EvidenceBase.load(
        write_base(brought("semicolon-depression", base), base, tmp_path / "out")
    )
    study = written.study("ahlberg2001")
    assert study["label"] == "Ahlberg 2001"
    assert study["conditions"] == ("major_depression",)
    assert (study["n_randomised"], study["percent_women"], study["mean_age"]) == (85, 60, 41.5)
    assert (study["format"], study["country"], study["rob"]) == (
        "individual", "USA", "some_concerns",
    )  # fmt: skip
    assert study["references"] == ("ahlberg2001",)
    assert written.reference("ivanov2017")["doi"] == "10.1234/invented.17"  # type: ignore[index]


def test_response_rates_are_read_with_their_own_names(base: EvidenceBase, tmp_path: Path) -> None:
    imported = brought("response-rates", base)
    assert imported.direction.positive_means == "none"
    decisions = {row.study: row.decision for row in imported.decisions}
    assert decisions == {"Ahlberg, 2001": "ipt", "Muro, 2011 - ipt": "ipt", "Nagy, 2015": "unsure"}
    effects = effects_of(imported, base, tmp_path / "out")
    assert effects["ahlberg2001-response-calculated"]["events_ipt"] == 20
    assert effects["ahlberg2001-response-calculated"]["flags"] == ("calculated_response",)
    assert {s["study_id"]: s["conditions"] for s in imported.studies}[
        "muro2011"
    ] == "social_anxiety"


def test_a_direction_that_cannot_be_told_is_not_guessed(base: EvidenceBase, tmp_path: Path) -> None:
    unknown = ("bdi-2", "scale-x")
    folder = copy_of("semicolon-depression", tmp_path, a=unknown, b=("hdrs-17", "scale-y"))
    imported = import_database(open_database(folder), base)
    assert imported.direction.positive_means == "unknown"
    assert "--positive" in imported.direction.how
    effects = {e["effect_id"]: e for e in imported.effects}
    assert effects["keller2019-scale-x-fu1"]["include"] is False
    assert "cannot be told" in effects["keller2019-scale-x-fu1"]["include_reason"]
    assert effects["ahlberg2001-scale-x"]["include"] is False

    stated = import_database(open_database(folder), base, positive="benefit")
    found = {e["effect_id"]: e for e in stated.effects}
    assert found["keller2019-scale-x-fu1"]["include"] is True
    assert found["ahlberg2001-scale-x"]["direction"] == "lower_better"  # found from its rows


def test_rows_that_contradict_each_other_leave_the_direction_open(
    base: EvidenceBase, tmp_path: Path
) -> None:
    folder = copy_of("semicolon-depression", tmp_path)
    data = folder / "data.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    turned = [line.replace(";0,", ";-0,") if 1 <= i <= 5 else line for i, line in enumerate(lines)]
    data.write_text("\n".join(turned) + "\n", encoding="utf-8")
    direction = import_database(open_database(folder), base).direction
    assert direction.positive_means == "unknown"
    assert "5 rows say that positive is harm" in direction.how or "harm" in direction.how


def test_one_row_with_the_wrong_sign_is_kept_out(base: EvidenceBase, tmp_path: Path) -> None:
    folder = copy_of("semicolon-depression", tmp_path, g=(f";{G}", f";-{G}"))
    imported = import_database(open_database(folder), base)
    assert imported.direction.positive_means == "benefit"
    assert imported.direction.contradicting == (2,)
    effect = next(e for e in imported.effects if e["effect_id"] == "ahlberg2001-bdi-2")
    assert effect["include"] is False
    assert "contradicts the raw numbers" in effect["include_reason"]


def test_a_number_that_is_none_costs_the_number_not_the_row(
    base: EvidenceBase, tmp_path: Path
) -> None:
    folder = copy_of(
        "semicolon-depression", tmp_path, g=('"self-report";12;8;38', '"self-report";12;8;about 38')
    )
    imported = import_database(open_database(folder), base)
    (problem,) = imported.problems
    assert (problem.file, problem.line, problem.column) == ("data.csv", 2, "n_arm1")
    assert "about 38" in problem.reason
    effect = next(e for e in imported.effects if e["effect_id"] == "ahlberg2001-bdi-2")
    assert effect["input_type"] == "reported_smd"  # its g is still there


def test_an_arm_that_nobody_knows_is_named_with_its_line(
    base: EvidenceBase, tmp_path: Path
) -> None:
    folder = copy_of("semicolon-depression", tmp_path, g=('"ipt";"wl"', '"ipt";"xyzzy"'))
    problem = import_database(open_database(folder), base).problems[0]
    assert (problem.line, problem.column, problem.value) == (2, "condition_arm2", "xyzzy")


def test_the_condition_must_be_known(base: EvidenceBase, tmp_path: Path) -> None:
    folder = copy_of("semicolon-depression", tmp_path)
    (folder / "metadata" / "shorthand.txt").write_text("mystery-psyctr", encoding="utf-8")
    with pytest.raises(DataError, match="--condition"):
        import_database(open_database(folder), base)
    with pytest.raises(DataError, match="No condition 'mood'"):
        import_database(open_database(folder), base, condition="mood")
    found = import_database(open_database(folder), base, condition="panic")
    assert {effect["outcome_domain"] for effect in found.effects} == {"anxiety"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column study"),
        ("a;b\n1;2\n", "no column study"),
        ("study;g\nX, 2001;1\n", "no column condition_arm1, condition_arm2"),
    ],
)
def test_what_is_no_database_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=reason):
        open_database(tmp_path)


def test_a_folder_a_zip_and_a_file_are_the_same(base: EvidenceBase, tmp_path: Path) -> None:
    archive = tmp_path / "data-semicolon-depression-main.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (DATABASES / "semicolon-depression").rglob("*"):
            file.write(path, f"top/{path.relative_to(DATABASES / 'semicolon-depression')}")
    zipped = import_database(open_database(archive), base)
    assert zipped.effects == brought("semicolon-depression", base).effects
    alone = open_database(DATABASES / "semicolon-depression" / "data.csv")
    assert alone.shorthand == "semicolon-depression"


def test_utf16_and_byte_order_marks_are_read(base: EvidenceBase, tmp_path: Path) -> None:
    text = (DATABASES / "semicolon-depression" / "data.csv").read_text(encoding="utf-8")
    for encoding in ("utf-16", "utf-8-sig"):
        path = tmp_path / f"{encoding}-depression.csv"
        path.write_text(text, encoding=encoding)
        assert len(import_database(open_database(path), base).effects) == 11


def test_letters_saved_twice_are_mended() -> None:
    assert repaired("PierÃ², A.") == "Pierò, A."
    assert repaired("Hoffmann, Ö.") == "Hoffmann, Ö."


def test_the_command_reports_and_never_touches_the_base(base: EvidenceBase, tmp_path: Path) -> None:
    before = {p.name: p.read_bytes() for p in base.folder.iterdir() if p.is_file()}
    place, out = str(DATABASES / "comma-depression"), str(tmp_path / "out")
    text = CliRunner().invoke(cli, ["import-metapsy", place, "--out", out]).output
    assert "A positive g is harm in arm 1, so signs are turned" in text
    assert "published g -0.9, its arms give -0.2977" in text
    assert f"Wrote {out}" in text
    again = CliRunner().invoke(cli, ["import-metapsy", place, "--out", out])
    assert isinstance(again.exception, DataError)
    assert "not empty" in str(again.exception)
    result = CliRunner().invoke(cli, ["import-metapsy", place, "--report", "json"])
    document = json.loads(result.output)
    assert document["direction"]["positive_means"] == "harm"
    assert len(document["effects"]) == 11
    assert {p.name: p.read_bytes() for p in base.folder.iterdir() if p.is_file()} == before
