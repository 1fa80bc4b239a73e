from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from ipt_evidence import EvidenceBase
from ipt_evidence.cli import cli
from ipt_evidence.errors import DataError
from ipt_evidence.exchange.metapsy import (
    check_format,
    import_database,
    metapsy_frame,
    metapsy_text,
    open_database,
    write_base,
    write_database,
)


@pytest.fixture(scope="module")
def text() -> str:
    return metapsy_text(metapsy_frame(EvidenceBase.load(), only_poolable=False))


def test_the_file_follows_every_rule_of_the_standard(text: str) -> None:
    assert check_format(text) == []


def broken(text: str, line: int, column: str, value: str) -> str:
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    rows[line - 1][rows[0].index(column)] = value
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\n").writerows(rows)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("study", "Smith 2011", "not named like"),
        ("study", " Smith, 2011", "begins or ends with a blank"),
        ("instrument", "NA", "a value is required"),
        ("instrument", "a;b", "semicolon"),
        ("instrument", "", "empty"),
        ("time_weeks", "1.5", "decimal comma"),
        (".g", "none", "decimal comma"),
        ("multi_arm1", "x", "not"),
        ("precalc_g", "0,5", "two kinds"),
        ("outcome_type", "line\nbreak", "line break"),
    ],
)
def test_each_rule_is_seen_when_it_is_broken(
    text: str, column: str, value: str, reason: str
) -> None:
    problems = check_format(broken(text, 3, column, value))
    assert any(reason in p.reason and p.line == 3 for p in problems), problems


def test_a_missing_or_ill_named_column_is_seen(text: str) -> None:
    header, rest = text.split("\n", 1)
    assert any(
        "time_weeks is missing" in p.reason
        for p in check_format(header.replace("time_weeks", "weeks") + "\n" + rest)
    )
    for name in ("_year", "Jähr", "year.of", "my year"):
        problems = check_format(header.replace('"year"', f'"{name}"') + "\n" + rest)
        assert any("snake_case" in p.reason for p in problems)


def test_rows_that_cannot_be_told_apart_are_seen(text: str) -> None:
    line = text.splitlines()[5]
    assert any("cannot be distinguished from" in p.reason for p in check_format(text + line + "\n"))


@pytest.mark.parametrize("only_poolable", [True, False])
def test_out_and_in_again_gives_the_same_numbers(
    base: EvidenceBase, tmp_path: Path, only_poolable: bool
) -> None:
    frame = write_database(base, tmp_path / "out", only_poolable=only_poolable)
    imported = import_database(open_database(tmp_path / "out"), base)
    assert imported.direction.positive_means == "benefit"
    assert imported.direction.disagree == 0
    assert imported.g_differences == () or all(
        abs(d.published - d.recomputed) < 0.1 for d in imported.g_differences
    )
    back = EvidenceBase.load(write_base(imported, base, tmp_path / "back"))
    assert back.problems == ()
    assert len(back.effects) == len(frame)
    # the order of rows is kept, keys are made anew
    ours = base.effects.set_index("effect_id").loc[frame["effect_id"]]
    for name in ("yi", "vi"):
        assert back.effects[name].to_numpy() == pytest.approx(ours[name].to_numpy(), rel=1e-9)
    assert list(back.effects["comparison"]) == list(ours["comparison"])


def test_ipt_is_arm_one_and_a_positive_g_favours_it(base: EvidenceBase) -> None:
    frame = metapsy_frame(base)
    assert set(frame["condition_arm1"]) == {"ipt"}
    row = frame.set_index("effect_id").loc["elkin1989-hdrs-17"]
    assert row["mean_arm1"] < row["mean_arm2"]
    assert row[".g"] > 0
    assert row["study"] == "Elkin, 1989"
    assert (row["condition_arm2"], row["rating"], row["time"]) == ("plac", "clinician", "post")


def test_text_that_a_spreadsheet_would_run_is_disarmed(base: EvidenceBase) -> None:
    frame = metapsy_frame(base).head(1).assign(comparator="=HYPERLINK(1)\n;x")
    assert '"\'=HYPERLINK(1) ,x"' in metapsy_text(frame)


def test_the_command_writes_a_whole_database(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, ["export-metapsy", str(out)])
    assert result.exit_code == 0, result.output
    assert "follows the rules of the standard" in result.output
    names = {path.name for path in (out / "metadata").iterdir()}
    assert {"references.json", "variable_description.json", "last_search.txt"} <= names
    again = CliRunner().invoke(cli, ["export-metapsy", str(out)])
    assert isinstance(again.exception, DataError)
