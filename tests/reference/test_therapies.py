"""Every psychotherapy beside IPT equals metafor's answer, on ``data/`` as it is now."""

from __future__ import annotations

from typing import Any

import pytest
from numpy.testing import assert_allclose
from therapies import STORED, ask_therapies, conditions, stored_therapies

from ipt_evidence import EvidenceBase, Question
from ipt_evidence.analyses.therapies.result import Beside, beside
from ipt_evidence.evidence.view import View

OUTDATED = "the stored answers of R are not those of data/: run `make reference`"
# tau² is iterated on both sides; variances near zero leave it in the last digits that are compared.
TOLERANCE = {"rtol": 2e-6, "atol": 1e-8}
CASES: dict[str, Any] = stored_therapies()["cases"]
PARTS = ("overall", "overall_adjusted", "each", "each_adjusted")


def test_every_condition_with_other_therapies_has_a_stored_answer(live_base: EvidenceBase) -> None:
    assert set(conditions(live_base)) == set(CASES) != set(), OUTDATED


def ours(found: Beside) -> dict[str, Any]:
    """Our numbers under the names of the stored ones."""
    effects = {f"effect {one.therapy}": one.pooled for one in found.therapies if one.k > 1}
    differences = {
        f"{part} {name}": one
        for part in PARTS
        for name, one in getattr(found, part).differences.items()
    }
    return effects | differences


@pytest.mark.parametrize("condition", CASES)
def test_therapies_and_differences_are_those_of_metafor(
    live_base: EvidenceBase, condition: str
) -> None:
    numbers = ours(beside(live_base, View(Question(condition))))
    assert numbers.keys() == CASES[condition].keys(), OUTDATED
    for name, expected in CASES[condition].items():
        for field, value in expected.items():
            found = getattr(numbers[name], field)
            assert_allclose(found, value, err_msg=f"{name} {field}: {OUTDATED}", **TOLERANCE)


def test_the_default_answers_are_those_that_the_databases_are_known_for() -> None:
    """As computed from the database files in R before this table existed."""
    known = {
        "ipt": (31, 0.48, 0.31, 0.65), "cbt": (259, 0.76, 0.67, 0.85),
        "behavioural_activation": (46, 0.69), "problem_solving": (32, 0.57),
        "third_wave": (49, 0.87), "psychodynamic": (14, 0.50), "supportive": (17, 0.57),
        "life_review": (17, 1.07),
    }  # fmt: skip
    fields = ("k", "estimate", "ci_lower", "ci_upper")
    for therapy, numbers in known.items():
        stored = CASES["depression"][f"effect {therapy}"]
        assert tuple(round(stored[f], 2) for f in fields[: len(numbers)]) == numbers, therapy


def test_r_answers_today_what_is_stored(rscript: str, live_base: EvidenceBase) -> None:
    said = ask_therapies(rscript, live_base)["cases"]
    assert said.keys() == CASES.keys(), OUTDATED
    for condition, parts in said.items():
        assert parts.keys() == CASES[condition].keys(), OUTDATED
        for name, numbers in parts.items():
            for field, value in numbers.items():
                stored = CASES[condition][name][field]
                assert_allclose(value, stored, err_msg=f"{condition} {name} {field}", **TOLERANCE)


def test_the_stored_answers_say_what_made_them() -> None:
    assert {"R", "metafor"} == set(stored_therapies()["source"]), STORED
