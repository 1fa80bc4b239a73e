"""The bundle re-runs: a stranger's R and Python print the number on the screen."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from frictionless import Package, system
from PIL import Image

from ipt_evidence import EvidenceBase, Model, Question, estimate, load_citations
from ipt_evidence.cli import main
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.view import View, estimate_of, parameters, query, read_view
from ipt_evidence.exchange.bundle import bundle, bundle_files
from ipt_evidence.exchange.scripts import python_script, r_script, shown

ROOT = Path(__file__).resolve().parents[2]
DEPRESSION = View(Question("depression", "control"))
VIEWS = {
    "default": DEPRESSION,
    "che": View(Question("depression", "control"), Model(dependence="che")),
    "pm-adhoc": View(Question("postpartum", "control"), Model(method="PM", test="adhoc")),
    "dl-z-rho": View(Question("postpartum", "control"), Model(method="DL", test="z", rho=0.2)),
    "ml-t": View(Question("postpartum", "control"), Model(method="ML", test="t")),
    "sj": View(Question("postpartum", "control"), Model(method="SJ")),
    "he": View(Question("postpartum", "control"), Model(method="HE")),
    "hs": View(Question("postpartum", "control"), Model(method="HS")),
    "ee": View(Question("postpartum", "control"), Model(method="EE", test="z")),
    "outliers": View(Question("depression", "control"), Model(without_outliers=True)),
    "two": View(Question("eating_disorders", "other_psychotherapy")),
    "one": View(Question("borderline", "control")),
}


@pytest.fixture(scope="module")
def made(base: EvidenceBase) -> Callable[[str], bytes]:
    """The bundle of a view, made once for all who unpack it."""
    kept: dict[str, bytes] = {}

    def make(name: str) -> bytes:
        if name not in kept:
            kept[name] = bundle(base, VIEWS[name])
        return kept[name]

    return make


def unpacked(archive: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def depression(made: Callable[[str], bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(made("default"), tmp_path_factory.mktemp("bundle"))


def said(base: EvidenceBase, view: View) -> str:
    """The line that both programs must print."""
    pooled = estimate(base, view.question, view.model).pooled
    return f"g = {pooled.estimate:.2f}, 95% CI {pooled.ci_lower:.2f} to {pooled.ci_upper:.2f}"


@pytest.mark.parametrize("name", VIEWS)
def test_python_prints_the_number_on_the_screen(
    base: EvidenceBase, made: Callable[[str], bytes], name: str, tmp_path: Path
) -> None:
    folder = unpacked(made(name), tmp_path)
    # The page of NumPy must do without our package; only the CHE model needs it.
    path = {"PYTHONPATH": str(ROOT)} if name == "che" else {}
    done = subprocess.run(
        [sys.executable, "analysis.py"], cwd=folder, env=path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert said(base, VIEWS[name]) in done.stdout
    assert "The explorer showed the same." in done.stdout
    assert ("ipt_evidence" in (folder / "analysis.py").read_text()) == (name == "che")


@pytest.mark.parametrize("name", ["default", "che", "pm-adhoc", "dl-z-rho", "ml-t", "two", "one"])
def test_r_prints_the_number_on_the_screen(
    base: EvidenceBase, made: Callable[[str], bytes], name: str, tmp_path: Path, rscript: str
) -> None:
    folder = unpacked(made(name), tmp_path / "a folder with spaces")
    # From elsewhere: the script finds its data beside itself.
    done = subprocess.run(
        [rscript, str(folder / "analysis.R")], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert said(base, VIEWS[name]) in done.stdout
    assert "The explorer showed the same." in done.stdout


def test_a_number_that_does_not_agree_is_reported(depression: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(depression, tmp_path / "changed"))
    effects = folder / "data" / "effects.csv"
    with effects.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["yi"] = "9.0"
    with effects.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = subprocess.run(
        [sys.executable, "analysis.py"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "something else" in done.stderr


def test_it_is_a_data_package_that_validates(depression: Path) -> None:
    with system.use_context(trusted=True):
        report = Package(str(depression / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])
    assert {task.name for task in report.tasks} == {
        "effects", "trials", "studies", "left_out", "flow"
    }  # fmt: skip


def test_it_holds_exactly_the_rows_on_the_screen(base: EvidenceBase, depression: Path) -> None:
    answer = estimate(base, DEPRESSION.question)
    with (depression / "data" / "effects.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["effect_id"] for row in rows] == list(answer.selection.effects["effect_id"])
    assert [float(row["yi"]) for row in rows] == list(answer.selection.effects["yi"])
    settings = json.loads((depression / "settings.json").read_text())
    assert settings["result"]["estimate"] == answer.pooled.estimate
    assert settings["result"]["k"] == answer.k
    assert settings["data_version"] == base.version
    keys = {key for study in answer.trials["study_id"] for key in base.study(study)["references"]}
    for name in ("references.bib", "references.ris", "references.json"):
        loaded = load_citations([depression / name])
        assert len(loaded.citations) == len(keys) and loaded.rejected.empty, name


def test_the_same_input_gives_the_same_bytes_and_other_input_others(
    base: EvidenceBase, made: Callable[[str], bytes]
) -> None:
    first = made("default")
    assert bundle(base, DEPRESSION) == first
    assert bundle(base, View(DEPRESSION.question, Model(rho=0.5))) != first


def test_a_second_process_writes_the_same_bytes(
    made: Callable[[str], bytes], tmp_path: Path
) -> None:
    place = tmp_path / "bundle.zip"
    subprocess.run(
        [sys.executable, "-m", "ipt_evidence", "export", "--condition", "borderline",
         "--output", str(place)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    assert place.read_bytes() == made("one")


def test_its_sums_are_those_of_its_files(depression: Path) -> None:
    lines = (depression / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == len([p for p in depression.rglob("*") if p.is_file()]) - 1
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((depression / name).read_bytes()).hexdigest() == digest


def test_figures_open_and_say_what_they_show(depression: Path) -> None:
    with Image.open(depression / "figures" / "forest.png") as picture:
        # nine inches, and room for a disc of each of the four domains and of the whole
        assert picture.width == round((9 + 6 * 0.23) * 200) and picture.height > 1800
    text = (depression / "figures" / "forest.svg").read_text()
    for words in (
        "Weissman 1979", "0.50 (0.34 to 0.65)", "favours IPT", "Prediction interval",
        "Test for effect: t", "τ²", "A random sequence generation, B allocation concealment",
    ):  # fmt: skip
        assert words in text
    assert "g (right of 0 favours IPT)" in (depression / "figures" / "funnel.svg").read_text()


def test_one_trial_has_no_funnel(base: EvidenceBase) -> None:
    files = bundle_files(base, estimate_of(base, VIEWS["one"]))
    assert "figures/forest.svg" in files and "figures/funnel.svg" not in files


def test_the_methods_paragraph_names_model_sources_and_result(depression: Path) -> None:
    text = (depression / "methods.md").read_text()
    for words in (
        "34 trials gave g 0.50 (95% CI 0.34 to 0.65)",
        "restricted maximum likelihood",
        "Hartung and Knapp",
        "searched up to January 2024",
        "positive values favouring",
    ):
        assert words in text  # fmt: skip


def test_the_crate_names_every_file_its_licence_and_its_day(
    depression: Path, base: EvidenceBase
) -> None:
    """What RO-Crate 1.1 demands of the metadata, the root and its parts."""
    crate = json.loads((depression / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    things = {thing["@id"]: thing for thing in crate["@graph"]}
    assert len(things) == len(crate["@graph"])
    descriptor, root = things["ro-crate-metadata.json"], things["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"} and root["@type"] == "Dataset"
    assert root["version"] == base.version and root["datePublished"] == "2026-11-23"
    parts = {part["@id"] for part in root["hasPart"]}
    files = {str(p.relative_to(depression)) for p in depression.rglob("*") if p.is_file()}
    assert parts == files - {"ro-crate-metadata.json"}
    for path in parts:
        assert things[path]["encodingFormat"] and "File" in things[path]["@type"]
    pointed = json.dumps(crate["@graph"])
    for target in re.findall(r'\{"@id": "([^"]+)"\}', pointed):
        assert target in things or target.startswith("https://w3id.org/"), target


def test_the_flow_ends_at_the_trials_pooled(depression: Path) -> None:
    with (depression / "data" / "flow.csv").open(encoding="utf-8", newline="") as file:
        steps = list(csv.DictReader(file))
    assert steps[0]["step"] == "in the base" and steps[-1]["step"] == "pooled"
    assert steps[-1]["studies"] == "34"
    assert all(step["reason"] for step in steps[1:-1])


def test_nothing_to_pool_says_so(base: EvidenceBase) -> None:
    with pytest.raises(QuestionError, match="nothing to re-run"):
        bundle(base, View(Question("depression", "control", excluded=tuple(
            base.studies["study_id"]))))  # fmt: skip


def test_a_title_cannot_become_code(base: EvidenceBase) -> None:
    answer = estimate(base, DEPRESSION.question)
    facts = shown(base, answer, 'A"""\nimport os\nquit()\n\\x22')
    assert "\nimport os" not in python_script(facts) and '"""\nimport' not in python_script(facts)
    assert "\nquit()\n" not in r_script(facts)


def test_export_says_where_it_cannot_write(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["export", "--condition", "borderline", "--output", "/nowhere/at/all.zip"])
    assert stopped.value.code == 1
    assert "/nowhere/at/all.zip cannot be written" in capsys.readouterr().err


def test_a_view_survives_its_address(base: EvidenceBase) -> None:
    view = View(
        Question("postpartum", "control", ("trial-reports",), age_groups=("adults",), rob=("low",),
                 time="follow_up", formats=("group",), outcome_domains=("depression",),
                 without_flags=("se_for_sd",), only_double=True, excluded=("elkin1989",)),
        Model(method="PM", test="z", rho=0.3, dependence="che", without_outliers=True),
    )  # fmt: skip
    again, ignored = read_view(parameters(view), base)
    assert again == view and ignored == ()
    assert query(View(Question("depression", "control"))) == (
        "condition=depression&comparison=control"
    )


def test_unknown_words_of_an_address_are_named_and_passed_over(base: EvidenceBase) -> None:
    view, ignored = read_view(
        {"condition": ["depression"], "method": ["magic"], "rho": ["7"], "page": ["x"],
         "excluded": ["nobody"]}, base
    )  # fmt: skip
    assert view == View(Question("depression", "control"))
    assert set(ignored) == {"method=magic", "rho=7", "excluded=nobody"}
