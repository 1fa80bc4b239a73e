"""Every filter of a page is an option of every command, under the word of its address."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import click
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.registry import ANALYSES
from ipt_evidence.cli import cli
from ipt_evidence.evidence.view import (
    SWITCHES,
    VIEW_WORDS,
    View,
    estimate_of,
    parameters,
    view_of,
)

STATISTICS = "pool bias influence cumulative bayes power units gosh multiverse".split()
EVERY_WORD: dict[str, tuple[str, ...]] = {
    "condition": ("depression",),
    "comparison": ("control",),
    "time": ("post",),
    "source": ("metapsy-depression-psyctr", "trial-reports"),
    "against": ("waitlist", "care_as_usual"),
    "age": ("adults", "older_adults"),
    "format": ("individual", "group", "telephone"),
    "variant": ("ipt", "ipt_adapted"),
    "rob": ("low", "some_concerns", "high"),
    "outcome": ("depression",),
    "rater": ("clinician", "self_report"),
    "period": ("2000s", "2010s", "from_2020"),
    "income": ("high", "lmic"),
    "without": ("se_for_sd",),
    "omit": ("adolescent_depression",),
    "excluded": ("elkin1989",),
    "double": (),
    "printed": ("1",),
    "doubtful": ("1",),
    "method": ("PM",),
    "test": ("t",),
    "dependence": ("aggregate",),
    "rho": ("0.3",),
    "outliers": ("1",),
}
VIEWS: dict[str, dict[str, tuple[str, ...]]] = {
    "filters": {word: values for word, values in EVERY_WORD.items() if values},
    "follow-up": {"condition": ("depression",), "time": ("follow_up",)},
    "che": {"condition": ("depression",), "dependence": ("che",), "rho": ("0.5",)},
    "outliers": {"condition": ("depression",), "outliers": ("1",), "method": ("DL",)},
    "no condition": {"format": ("group",)},
}


def options(words: dict[str, tuple[str, ...]]) -> list[str]:
    given: list[str] = []
    for word, values in words.items():
        for value in values:
            given += [f"--{word}"] if word in SWITCHES else [f"--{word}", value]
    return given


@pytest.mark.parametrize("name", [*STATISTICS, "export"])
def test_every_word_of_a_view_is_an_option(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {f"--{word}" for word in VIEW_WORDS} <= known


def test_the_walk_names_every_word() -> None:
    assert tuple(EVERY_WORD) == VIEW_WORDS


@pytest.mark.parametrize("name", VIEWS)
def test_pool_prints_the_number_of_the_page(call: Any, base: EvidenceBase, name: str) -> None:
    words = VIEWS[name]
    answer = estimate_of(base, view_of(words, base))
    found = call("pool", *options(words), "--json")
    assert answer.k > 1
    assert found["n_studies"] == answer.k
    for field in ("estimate", "se", "ci_lower", "ci_upper", "tau2"):
        assert found[field] == pytest.approx(getattr(answer.pooled, field), rel=1e-12)
    assert [trial["study_id"] for trial in found["trials"]] == list(answer.trials["study_id"])


@pytest.mark.parametrize("name", STATISTICS)
def test_every_command_takes_every_filter(call: Any, base: EvidenceBase, name: str) -> None:
    narrow = options(VIEWS["filters"])
    found = call(name, *narrow, "--json")
    k = estimate_of(base, view_of(VIEWS["filters"], base)).k
    counted = {
        "bias": lambda: found["egger"]["k"],
        "cumulative": lambda: len(found["steps"]),
        "power": lambda: found["power"]["k"],
        "multiverse": lambda: max(row["k"] for row in found["specifications"]),
    }
    assert counted.get(name, lambda: found["k"])() == k


def test_an_export_names_the_view_it_was_asked_for(
    call: Any, base: EvidenceBase, tmp_path: Path
) -> None:
    words = EVERY_WORD | {"time": ("follow_up",), "dependence": ("che",), "double": ("1",)}
    whole = view_of(words, base)
    assert set(parameters(whole)) == set(VIEW_WORDS)
    wanted = View(view_of(VIEWS["filters"], base).question, whole.model)
    place = tmp_path / "view.zip"
    call("export", *options({**VIEWS["filters"], "dependence": ("che",)}), "--output", place)
    with zipfile.ZipFile(place) as opened:
        settings = json.loads(opened.read("settings.json"))
    assert settings["view"] == {word: list(v) for word, v in parameters(wanted).items()}
    again = view_of(settings["view"], base)
    assert settings["result"]["estimate"] == estimate_of(base, again).pooled.estimate


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--without", "typo"), "Not known: without=typo. without takes one of"),
        (("--excluded", "nobody2001"), "excluded takes one of"),
        (("--condition", "hiccups"), "condition takes one of adolescent_depression,"),
        (("--age", "grown"), "'grown' is not one of 'adults'"),
        (("--input", "x.csv", "--age", "adults"), "--input goes without --age"),
        (("--input", "x.csv", "--outliers"), "--input goes without --outliers"),
    ],
)
def test_a_value_that_is_not_known_is_an_error_of_the_call(
    call: Any, given: tuple[str, ...], message: str
) -> None:
    for command in ("pool", "bias"):
        assert message in call(command, *given, code=2)


def test_a_choice_that_changes_nothing_is_said(
    call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from ipt_evidence.cli import main

    for command, given, idle in (
        ("bayes", ("--method", "DL"), "--method"),
        ("bias", ("--dependence", "che"), "--dependence"),
        ("bayes", ("--method", "DL", "--outliers"), ""),
        ("influence", ("--method", "DL"), ""),
    ):
        with pytest.raises(SystemExit):
            main([command, "--condition", "depression", *given])
        said = capsys.readouterr().err
        assert said == (f"Note: {idle} does not change what {command} gives\n" if idle else "")


def test_show_prints_the_panel_of_the_page(call: Any, base: EvidenceBase) -> None:
    words = {"condition": ("depression",), "age": ("adults",)}
    panel = ANALYSES["funnel"].panel(base, view_of(words, base), layers=("egger",))
    arguments = ("show", "funnel", *options(words), "--choose", "layers=egger")
    found = call(*arguments, "--json")
    assert found["sentences"] == list(panel.sentences)
    assert found["table"] == panel.table.to_dict("records")
    assert found["view"] == {"condition": ["depression"], "comparison": ["control"],
                             "age": ["adults"]}  # fmt: skip
    assert (found["options"], found["drawn"]) == ({"layers": ["egger"]}, True)
    printed = call(*arguments)
    for text in (*panel.sentences, panel.text_alternative, panel.how_to_read):
        assert text in printed
    first = panel.table.iloc[0]
    row = next(line for line in printed.splitlines() if line.startswith(first["Trial"]))
    assert row.split()[-2:] == [first["g"], first["Standard error"]]


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_can_be_shown(call: Any, name: str) -> None:
    found = call("show", name, "--condition", "depression", "--json")
    assert found["analysis"] == name
    assert found["sentences"] or found["table"]
    nothing = ("--condition", "anxiety", "--comparison", "maintenance")
    assert call("show", name, *nothing, "--json")["sentences"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("nope", "--condition", "depression"), "'nope' is not"),
        (("funnel",), "Missing option '--condition'"),
        (("funnel", "--condition", "depression", "--choose", "layers"), "OPTION=VALUE"),
        (("funnel", "--condition", "depression", "--choose", "layers=x"), "any of egger, filled"),
        (("funnel", "--condition", "depression", "--choose", "by=x"), "It takes layers"),
    ],
)
def test_what_cannot_be_shown_is_an_error_of_the_call(
    call: Any, given: tuple[str, ...], message: str
) -> None:
    assert message in call("show", *given, code=2)
