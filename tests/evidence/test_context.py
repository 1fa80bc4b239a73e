"""The table of other therapies: optional, checked, narrowed by the page, made from databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ipt_evidence import EvidenceBase, Question
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.cli import cli
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.context import context_conditions, context_of, narrowed
from ipt_evidence.evidence.csv_tables import csv_text
from ipt_evidence.evidence.schema import CONTEXT
from ipt_evidence.evidence.validation import validate
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.metapsy import context_rows, open_database, write_context

DATABASES = Path(__file__).parent / "fixtures" / "metapsy"
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "metapsy"
LIVE = Path(__file__).resolve().parents[2] / "data"


def test_a_base_goes_without_the_table(data_copy: Path) -> None:
    with_it = EvidenceBase.load(data_copy)
    (data_copy / CONTEXT.file).unlink()
    base = EvidenceBase.load(data_copy)
    assert base.fingerprint != with_it.fingerprint
    assert context_of(base).empty
    assert context_conditions(base) == ()
    view = View(Question("depression"))
    panel = analysis("therapies").panel(base, view)
    assert not panel.drawn
    assert "no table of other therapies" in panel.sentences[0]
    assert "Direct trials" in panel.sentences[1]
    assert analysis("therapies").options(base, view) == ()
    CliRunner().invoke(cli, ["describe", "--data", str(data_copy)])
    assert CONTEXT.file not in (data_copy / "datapackage.json").read_text("utf-8")
    assert validate(data_copy) == []


def test_a_bad_row_is_named_and_the_others_are_kept(data_copy: Path) -> None:
    path = data_copy / CONTEXT.file
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace("metapsy-depression-psyctr", "nobody")
    lines[2] = lines[2].rsplit(",", 1)[0] + ",-1"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    base = EvidenceBase.load(data_copy)
    assert len(context_of(base)) == len(lines) - 3
    found = [str(problem) for problem in validate(data_copy) if problem.file == CONTEXT.file]
    assert len(found) == 2
    assert "'nobody' is not in sources.toml" in " ".join(found)
    assert "-1 is below 0" in " ".join(found)


@pytest.mark.parametrize(
    ("question", "column", "levels"),
    [
        (Question("depression", rob=("low",)), "rob", {"low"}),
        (Question("depression", formats=("group",)), "format", {"group"}),
        (Question("depression", age_groups=("older_adults",)), "age_group", {"older_adults"}),
        (Question("depression", raters=("clinician",)), "rater", {"clinician"}),
        (Question("depression", comparator_types=("waitlist",)), "control_type", {"waitlist"}),
        (Question("depression", comparator_types=("placebo",)), "control_type", {"other_control"}),
        (Question("ptsd"), "outcome_domain", {"ptsd"}),
        (Question(None, sources=("metapsy-sad-psyctr",)), "source_id", {"metapsy-sad-psyctr"}),
    ],
)
def test_filters_of_the_page_apply_where_the_table_has_the_column(
    base: EvidenceBase, question: Question, column: str, levels: set[str]
) -> None:
    found = narrowed(base, question)
    assert set(found.rows[column]) == levels
    assert found.unapplied == ()


def test_what_the_table_cannot_tell_is_named(base: EvidenceBase) -> None:
    asked = Question("depression", variants=("ipt",), only_double=True, excluded=("elkin1989",))
    found = narrowed(base, asked)
    assert len(found.rows) == len(narrowed(base, Question("depression")).rows)
    assert found.unapplied == ("Variant of IPT", "Read twice", "Trials taken out by hand")
    panel = analysis("therapies").panel(base, View(asked))
    assert any("variant of ipt, read twice and trials" in text for text in panel.sentences)


def test_a_kind_of_control_says_nothing_of_trials_against_therapies(base: EvidenceBase) -> None:
    asked = Question("depression", "other_psychotherapy", comparator_types=("cbt",))
    assert len(narrowed(base, asked).rows) == len(narrowed(base, Question("depression")).rows)


def test_results_of_another_time_are_not_in_the_table(base: EvidenceBase) -> None:
    view = View(Question("depression", time="follow_up"))
    assert narrowed(base, view.question).rows.empty
    assert "after treatment alone" in analysis("therapies").panel(base, view).sentences[0]


@pytest.fixture
def invented(data_copy: Path) -> EvidenceBase:
    """The fixture base with the sources of the invented databases."""
    path = data_copy / "sources.toml"
    named = ("semicolon-depression", "comma-depression")
    added = "".join(
        f'[[sources]]\nid = "metapsy-{open_database(DATABASES / name).shorthand}"\n'
        f'label = "Invented {name}"\nkind = "database"\n'
        for name in named
    )
    path.write_text(added + path.read_text("utf-8"), "utf-8")
    return EvidenceBase.load(data_copy)


def test_every_trial_of_a_database_becomes_a_row(invented: EvidenceBase, tmp_path: Path) -> None:
    found = context_rows(open_database(DATABASES / "semicolon-depression"), invented)
    rows = {row["study"]: row for row in found.rows}
    assert rows["Ahlberg, 2001"]["therapy"] == "ipt"
    assert rows["Ahlberg, 2001"]["control_type"] == "waitlist"
    assert rows["Ahlberg, 2001"]["yi"] > 0
    assert rows["Ahlberg, 2001"]["vi"] == pytest.approx(0.2399994554252983**2)
    assert (rows["Ahlberg, 2001"]["n_treatment"], rows["Ahlberg, 2001"]["n_control"]) == (38, 40)
    assert rows["Borgé, 2004"]["therapy"] == "cbt"
    assert rows["Dahl, 2010"]["therapy"] == "ipt"  # hidden in the description of the arm
    assert rows["Eriksen, 2012"]["therapy"] == "other"  # STAIR is not IPT
    assert {row["therapy"] for row in found.rows if row["study"] == "Castro, 2007"} == {
        "ipt", "cbt",
    }  # fmt: skip
    reasons = {problem.key: problem.reason for problem in found.problems}
    assert "is no control group" in reasons["Lund, 2020"]
    assert "fu1" in reasons["Keller, 2019"]
    path = tmp_path / CONTEXT.file
    assert write_context(found, path) == len(found.rows)
    first = path.read_bytes()
    assert write_context(found, path) == len(found.rows)  # in place of its own rows
    assert path.read_bytes() == first


def test_rows_of_another_database_stay(invented: EvidenceBase, tmp_path: Path) -> None:
    path = tmp_path / CONTEXT.file
    one = context_rows(open_database(DATABASES / "semicolon-depression"), invented)
    write_context(one, path)
    path.write_text(path.read_text("utf-8").replace(one.source_id, "metapsy-sad-psyctr"), "utf-8")
    assert len(one.rows) > 1
    assert write_context(one, path) == 2 * len(one.rows)
    path.write_text(path.read_text("utf-8").replace("cbt,", "no therapy,", 1), "utf-8")
    before = path.read_bytes()
    with pytest.raises(DataError, match="Nothing was written"):
        write_context(one, path)
    assert path.read_bytes() == before


def test_a_database_without_a_source_is_refused(base: EvidenceBase) -> None:
    with pytest.raises(DataError, match=r"has no source 'metapsy-.*Add it with its licence"):
        context_rows(open_database(DATABASES / "semicolon-depression"), base)


@pytest.mark.live
@pytest.mark.skipif(not SHARED.is_dir(), reason="the databases are not beside the project")
def test_the_table_is_what_the_command_makes_of_the_databases(
    live_base: EvidenceBase, tmp_path: Path
) -> None:
    path = tmp_path / CONTEXT.file
    for name in ("depression-psyctr", "sad-psyctr", "ptsd-psyctr"):
        done = CliRunner().invoke(
            cli, ["import-metapsy", str(SHARED / name), "--context", str(path),
                  "--data", str(LIVE)],
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    assert path.read_text("utf-8") == (LIVE / CONTEXT.file).read_text("utf-8")


def test_a_written_table_reads_back(base: EvidenceBase) -> None:
    rows = context_of(base)
    text = csv_text(CONTEXT, rows.to_dict("records"))
    assert text == (base.folder / CONTEXT.file).read_text("utf-8")
