"""The R code of a forest plot, run in R: it draws, and finds the numbers of the page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from ipt_evidence.analyses.forest.panel import COLUMNS
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.exchange.scripts import forest_code

DEPRESSION = View(Question("depression", "control", excluded=("elkin1989",)))
VIEWS: dict[str, tuple[View, dict[str, object]]] = {
    "usual": (DEPRESSION, {}),
    "groups": (DEPRESSION, {"order": "effect", "group": "rob", "columns": ()}),
    "closed": (
        View(Question("anxiety", "control"), Model(method="DL", test="z")),
        {"order": "weight", "columns": tuple(COLUMNS.choices)},
    ),
    "one": (View(Question("anxiety", "pharmacotherapy")), {}),
    "che": (View(Question("depression", "control"), Model(dependence="che")), {}),
}
NUMBERS = ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2", "stat", "p")


@pytest.fixture(scope="module")
def printed(base: EvidenceBase, rscript: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What R prints for all of them, after one start; warnings are errors."""
    folder = tmp_path_factory.mktemp("forest")
    parts = ["options(warn = 2)", 'pdf("forest.pdf", width = 12, height = 14)']
    for name, (view, options) in VIEWS.items():
        code = forest_code(base, view, **options)  # type: ignore[arg-type]
        said = f'for (one in names(mine)) cat("{name}", one, sprintf("%.10g", mine[one]), "\\n")'
        parts += [code, said]
    script = folder / "forest.R"
    script.write_text("\n".join(parts), encoding="utf-8")
    found = subprocess.run(
        [rscript, script.name], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert found.returncode == 0, found.stderr
    assert (folder / "forest.pdf").read_bytes().count(b"/Type /Page ") == len(VIEWS)
    return found.stdout


@pytest.mark.parametrize("name", VIEWS)
def test_r_finds_the_numbers_of_the_figure(base: EvidenceBase, printed: str, name: str) -> None:
    found = {
        line.split()[1]: float(line.split()[2])
        for line in printed.splitlines()
        if line.startswith(f"{name} ")
    }
    pooled = estimate_of(base, VIEWS[name][0]).shown
    if name == "one":
        assert found == {}
        return
    assert pooled is not None
    expected = NUMBERS[:3] if name == "che" else NUMBERS
    assert tuple(found) == expected
    for number in expected:
        assert_allclose(found[number], getattr(pooled, number), rtol=2e-4, atol=1e-6)


def test_a_label_is_text_whatever_it_holds(base: EvidenceBase, data_copy: Path) -> None:
    path = data_copy / "studies.csv"
    evil = 'Evil"); system("touch owned'
    cell = ',"' + evil.replace('"', '""') + '",'
    path.write_text(path.read_text("utf-8").replace(",Elkin 1989,", cell), "utf-8")
    hostile = EvidenceBase.load(data_copy)
    view = View(Question("depression", "control"))
    assert evil in set(estimate_of(hostile, view).trials["label"])
    code = forest_code(hostile, view)
    assert 'Evil\\"); system(\\"touch owned' in code and evil not in code


def test_a_group_of_two_trials_has_no_diamond(base: EvidenceBase) -> None:
    code = forest_code(base, View(Question("postpartum", "control")), group="against")
    assert code.count("(two trials, too few to pool)") == 2  # groups of 2, 6 and 2
    assert code.count('mlab = "Pooled")') == 1
