"""The command line as a script calls it: one JSON document, clear errors, honest exit codes."""

from __future__ import annotations

import ast
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.cli import cli, main

ROOT = Path(__file__).resolve().parents[2]

POOL_FIELDS = set(
    "k n estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q q_df q_p method test level "
    "measure favours".split()
)


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def run(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        code = stopped.value.code
        return Outcome(int(code or 0), captured.out, captured.err)

    return run


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ipt_evidence", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("Usage: ipt-evidence [OPTIONS] COMMAND")
    for command in ("run", "load", "tag", "pool", "audit", "coverage", "validate"):
        assert f"  {command} " in done.stdout


def test_help_loads_no_command_and_no_tables() -> None:
    program = (
        "import sys; from ipt_evidence.cli import cli; cli(['--help'], standalone_mode=False); "
        "print({name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = ast.literal_eval(done.stdout.splitlines()[-1])
    assert "ipt_evidence" in loaded
    assert not loaded & {"pandas", "numpy", "scipy", "streamlit", "plotly"}


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    context = click.Context(cli, info_name="ipt-evidence", max_content_width=1000)
    formatter = click.HelpFormatter(width=1000)
    cli.format_help(context, formatter)
    about = cli.get_command(context, name).get_short_help_str(limit=1000)
    lines = [line.split(None, 1) for line in formatter.getvalue().splitlines() if line.strip()]
    assert [name, about] in lines


def test_pool_answers_the_headline_question(call, base: EvidenceBase) -> None:
    source = "metapsy-depression-psyctr"
    done = call(
        "pool", "--condition", "depression", "--comparison", "control", "--source", source, "--json"
    )
    answer = done.json
    assert done.code == 0
    assert POOL_FIELDS <= set(answer)
    assert answer["k"] == 31
    assert round(answer["estimate"], 2) == 0.48
    assert (round(answer["ci_lower"], 2), round(answer["ci_upper"], 2)) == (0.31, 0.65)
    assert answer["favours"] == "IPT"
    assert answer["sources"] == {source: 31}
    expected = estimate(base, Question("depression", "control", (source,)))
    assert answer["estimate"] == expected.pooled.estimate
    assert len(answer["trials"]) == 31


def test_pool_without_a_source_says_how_many_came_from_where(call) -> None:
    answer = call("pool", "--condition", "depression", "--json").json
    assert answer["k"] == len({trial["study_id"] for trial in answer["trials"]})
    assert sum(answer["sources"].values()) >= answer["k"]
    assert answer["comparison"] == "control"


def test_pool_of_nothing_is_an_answer_with_nulls(call) -> None:
    done = call("pool", "--condition", "anxiety", "--comparison", "maintenance", "--json")
    assert done.code == 0
    assert done.json["k"] == 0
    assert done.json["estimate"] is None


def test_pool_in_words(call) -> None:
    done = call("pool", "--condition", "social_anxiety", "--comparison", "other_psychotherapy")
    assert done.out.startswith("Across three trials with 198 people")


@pytest.mark.parametrize(
    "arguments",
    [
        ("pool", "--condition", "hiccups"),
        ("pool", "--comparison", "magic"),
        ("pool", "--source", "hearsay"),
        ("pool", "--method", "GUESS"),
        ("pool", "--input", "x.csv", "--condition", "anxiety"),
        ("pool", "--level", "0"),
        ("load",),
        ("conjure",),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_why(call, arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err) > 20
    assert "Traceback" not in done.err


def table(path: Path, *rows: tuple[object, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def test_pool_reads_any_csv(call, tmp_path: Path) -> None:
    path = table(tmp_path / "effects.csv", ("d", "v"), (0.2, 0.04), (0.5, 0.02), (0.8, 0.09))
    answer = call(
        "pool", "--input", path, "--yi", "d", "--vi", "v", "--method", "DL", "--test", "z", "--json"
    ).json
    # rma(c(.2,.5,.8), c(.04,.02,.09), method = "DL") of metafor 3.8-1
    assert answer["k"] == 3
    assert answer["estimate"] == pytest.approx(0.4556999409, abs=1e-9)
    assert POOL_FIELDS <= set(answer)


def test_pool_of_clustered_rows_counts_each_study_once(call, tmp_path: Path) -> None:
    path = table(
        tmp_path / "e.csv",
        ("yi", "vi", "study"), (0.2, 0.04, "a"), (0.4, 0.04, "a"), (0.5, 0.02, "b"),
    )  # fmt: skip
    answer = call("pool", "--input", path, "--cluster", "study", "--json").json
    assert answer["k"] == 2
    assert answer["n_effects"] == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("yi", "vi"), (0.2, "much")], "line 2, column vi: 'much' is not a number"),
        ([("yi", "spread"), (0.2, 0.1)], "no columns make an effect"),
        ([("yi", "vi"), (0.2, -1)], "line 2, column vi: '-1' is not a variance above 0"),
        ([("yi", "vi")], "effect"),
    ],
)
def test_a_bad_csv_exits_with_1_and_names_the_place(
    call, tmp_path: Path, rows: list[tuple[object, ...]], message: str
) -> None:
    done = call("pool", "--input", table(tmp_path / "e.csv", *rows), "--json")
    assert done.code == 1
    assert done.out == ""
    assert message in done.err


def test_a_missing_file_exits_with_1(call, tmp_path: Path) -> None:
    for arguments in (("pool", "--input"), ("load",)):
        done = call(*arguments, tmp_path / "nowhere.csv")
        assert done.code == 1
        assert "nowhere.csv" in done.err


def test_load_counts_what_is_in_the_file(call, tmp_path: Path) -> None:
    path = tmp_path / "mixed.bib"
    path.write_text(
        "@article{a, title = {One}, year = {2001}}\n"
        "@article{b, title = {Two\n"
        "@article{c, title = {Three}, year = {2003}}\n",
        encoding="utf-8",
    )
    output, rejected = tmp_path / "out.csv", tmp_path / "rejected.csv"
    done = call("load", path, "--json", "--output", output, "--rejected", rejected)
    answer = done.json
    assert answer["records"] + answer["rejected"] == 3
    assert answer["files"][0]["format"] == "bibtex"
    assert answer["files"][0]["encoding"]
    assert {"file", "format", "encoding", "records", "rejected", "repaired"} <= set(
        answer["files"][0]
    )
    with output.open(encoding="utf-8", newline="") as file:
        keys = [row["key"] for row in csv.DictReader(file)]
    assert {"a", "c"} <= set(keys)
    assert rejected.exists()


def test_tag_lists_conditions_with_the_words_that_matched(call, base: EvidenceBase) -> None:
    done = call("tag", base.folder / "article_references.txt", "--json")
    documents = done.json
    assert len(documents) == 10
    tags = {d["title"]: {t["value"] for t in d["tags"] if t["kind"] == "condition"}
            for d in documents}  # fmt: skip
    known = {"depression", "anxiety", "eating_disorders", "postpartum", "chronic_illness", "other"}
    assert set.union(*tags.values()) <= known
    narrow = {t["value"] for d in documents for t in d["tags"] if t["kind"] == "subcondition"}
    assert {"cancer", "diabetes"} <= narrow
    sockol = next(title for title in tags if "perinatal women" in title)
    assert "postpartum" in tags[sockol]
    first = documents[0]["tags"][0]
    assert set(first) == {"kind", "value", "source", "matched", "field"}
    assert first["matched"].lower() in documents[0]["title"].lower()


def test_gum_treatment_is_not_tagged_as_psychotherapy(call, base: EvidenceBase) -> None:
    documents = call("tag", base.folder / "article_references.txt", "--json").json
    gums = next(d for d in documents if "periodontitis" in d["title"])
    assert not [t for t in gums["tags"] if t["kind"] == "intervention" and t["value"] == "ipt"]


def test_audit_gives_all_ten_verdicts(call) -> None:
    answer = call("audit", "--json").json
    assert [reference["number"] for reference in answer["references"]] == list(range(1, 11))
    fields = {"number", "key", "verdict", "about_ipt", "design", "reason", "better_evidence"}
    assert all(fields <= set(reference) for reference in answer["references"])
    assert [r["verdict"] for r in answer["references"]] == [
        "supports", "partly", "does_not_support", "supports", "does_not_support",
        "partly", "does_not_support", "supports", "does_not_support", "does_not_support",
    ]  # fmt: skip
    assert len(answer["claims"]) == 10


def test_coverage_names_a_state_for_every_cell(call, base: EvidenceBase) -> None:
    cells = call("coverage", "--json").json
    assert len(cells) == len(base.taxonomy.top_level) * len(base.taxonomy.comparisons)
    states = {
        "pooled", "two_trials", "single_trial", "other_results", "no_usable_effect",
        "no_trial_found", "not_searched",
    }  # fmt: skip
    assert {cell["state"] for cell in cells} == states


def test_validate_is_quiet_about_a_sound_base_and_exact_about_a_broken_one(
    call, data_copy: Path
) -> None:
    assert call("validate").code == 0
    path = data_copy / "effects.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",lower_better,", ",sideways,", 1),
        encoding="utf-8",
    )
    done = call("validate", "--data", data_copy)
    assert done.code == 1
    assert "effects.csv:" in done.err
    assert "column direction" in done.err
    assert "lower_better" in done.err


def test_another_base_is_read_from_either_side_of_the_command(call, data_copy: Path) -> None:
    path = data_copy / "effects.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line for line in lines if not line.startswith("krupnick2008")), encoding="utf-8"
    )
    whole = call("pool", "--condition", "anxiety", "--json").json
    before = call("--data", data_copy, "pool", "--condition", "anxiety", "--json").json
    after = call("pool", "--condition", "anxiety", "--json", "--data", data_copy).json
    assert before == after
    assert before["k"] == whole["k"] - 1
    done = call("--data", data_copy / "nowhere", "audit")
    assert done.code == 1
    assert "--data DIR" in done.err
