"""Words that can run, do run: notebooks, the README's Python, the public names."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import ipt_evidence
from ipt_evidence import EvidenceBase

sys.path.insert(0, str(Path(__file__).parent))

from figures import renewed, with_examples, with_figures

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAID = {  # what each notebook must print, whatever else the data hold
    "01": r"Across [\d,]+ trials with [\d,]+ people, IPT",
    "02": r"Published: Cuijpers 2016: 0\.60, Cuijpers 2011: 0\.63",
    "03": r"equivalent analyses above 0 +[\d,]+ of [\d,]+",
    "04": r"(9|10) of 10 references are in the base",
    "05": "sleep school reduced symptoms of insomnia more than control",
}
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEAVY = {"streamlit", "scipy", "plotly", "pandas", "numpy"}


@pytest.mark.live
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the Jupyter machinery, not ours
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_from_top_to_bottom(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("IPT_EVIDENCE_DATA")  # as a reader runs them, on the bundled data
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(ROOT))
    printed = "".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    )
    assert re.search(SAID[path.stem[:2]], printed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_use_only_public_names(path: Path) -> None:
    source = "\n".join(
        "".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    )
    assert not re.findall(r"ipt_evidence\.[a-z_]+ import|from ipt_evidence\.", source)


def test_every_public_name_exists() -> None:
    for name in ipt_evidence.__all__:
        assert getattr(ipt_evidence, name) is not None
    assert set(ipt_evidence.__all__) == set(ipt_evidence._HOME)
    assert list(ipt_evidence.__all__) == sorted(ipt_evidence.__all__)


def test_modules_list_what_exists() -> None:
    paths = list((ROOT / "ipt_evidence").rglob("*.py"))
    assert paths
    for path in paths:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name.endswith("__main__"):
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            assert hasattr(module, public), f"{name}.{public}"


def test_importing_the_package_pulls_in_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, ipt_evidence; print(*sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not HEAVY & set(done.stdout.split())


def test_the_figures_of_the_documents_are_those_of_the_data(live_base: EvidenceBase) -> None:
    fresh = renewed(live_base)
    stands = {path: path.read_text(encoding="utf-8") for path in fresh}
    assert fresh == stands, "the README or docs/python.md is stale: run `make figures`"


def test_a_stale_figure_is_rewritten_and_a_reworded_one_is_named(live_base: EvidenceBase) -> None:
    fresh = with_figures(README, live_base)
    stale = fresh.replace(f"{len(live_base.effects)} results", "7 results")
    assert stale != fresh
    assert with_figures(stale, live_base) == fresh
    with pytest.raises(ValueError, match=r"0 places match .* results"):
        with_figures(README.replace(" results", " rows"), live_base)
    example = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    stale = re.sub(r"(# → Across )\d+", r"\g<1>7", example)
    assert stale != example
    assert with_examples(stale) == example


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_to_files_that_exist(name: str) -> None:
    path = ROOT / name
    targets = re.findall(r"\]\(([^)#:]+)[)#]", path.read_text(encoding="utf-8"))
    assert targets
    for target in targets:
        assert (path.parent / target).exists(), target


def test_pins_cover_the_declared_dependencies() -> None:
    declared = set(
        re.findall(
            r'^  "([a-z][a-z0-9-]+)[>=]',
            (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
            flags=re.MULTILINE,
        )
    )
    pinned = set(
        re.findall(r"^([a-z][a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    )
    assert declared == pinned
