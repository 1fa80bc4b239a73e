"""What a lesson is made of, and the parts of the evidence base that serve as its examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ipt_evidence.analyses.clinical_units.result import Instrument
from ipt_evidence.analyses.clinical_units.result import instruments as instruments_of
from ipt_evidence.analyses.gap_map.result import coverage
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = [
    "DEFAULT_INSTRUMENT",
    "FOREST_EXAMPLE",
    "Check",
    "Lesson",
    "Step",
    "cite",
    "example",
    "example_conditions",
    "feedback",
    "instruments",
    "score",
]

# Works that the lessons quote. Each DOI stands in the docstring of the code that follows the work.
WORKS = {
    "hedges": ("Hedges 1981", "10.3102/10769986006002107"),
    "cohen": ("Cohen 1988", "10.4324/9780203771587"),
    "superiority": ("McGraw & Wong 1992", "10.1037/0033-2909.111.2.361"),
    "overlap": ("Reiser & Faraggi 1999", "10.1111/1467-9884.00199"),
    "covered_area": ("Pieper and others 2014", "10.1016/j.jclinepi.2013.11.007"),
    "nnt": ("Kraemer & Kupfer 2006", "10.1016/j.biopsych.2005.09.014"),
    "nnt_interval": ("Altman 1998", "10.1136/bmj.317.7168.1309"),
    "prediction": ("Higgins, Thompson & Spiegelhalter 2009", "10.1111/j.1467-985X.2008.00552.x"),
    "i2": ("Higgins & Thompson 2002", "10.1002/sim.1186"),
    "reml": ("Viechtbauer 2005", "10.3102/10769986030003261"),
    "hartung": ("Hartung & Knapp 2001", "10.1002/sim.791"),
    "egger": ("Egger and others 1997", "10.1136/bmj.315.7109.629"),
    "ten_trials": ("Sterne and others 2011", "10.1136/bmj.d4002"),
    "alarm": ("Pustejovsky & Rodgers 2019", "10.1002/jrsm.1332"),
    "differences": ("Terrin and others 2003", "10.1002/sim.1461"),
    "trim": ("Duval & Tweedie 2000", "10.1111/j.0006-341X.2000.00455.x"),
    "pet": ("Stanley & Doucouliagos 2014", "10.1002/jrsm.1095"),
    "selection": ("Vevea & Hedges 1995", "10.1007/BF02294384"),
    "indirect": ("Bucher and others 1997", "10.1016/S0895-4356(97)00049-8"),
    "che": ("Pustejovsky & Tipton 2022", "10.1007/s11121-021-01246-3"),
}


def cite(work: str) -> str:
    """Link a work of ``WORKS`` as Markdown: "[Hedges 1981](https://doi.org/...)"."""
    name, doi = WORKS[work]
    return f"[{name}](https://doi.org/{doi})"


@dataclass(frozen=True, slots=True)
class Check:
    """A question to check oneself by: ``right`` is the place of the right one of ``choices``."""

    question: str
    choices: tuple[str, ...]
    right: int
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guided reading. ``focus`` names what the figure sets off in this step."""

    id: str
    title: str
    text: str
    focus: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One topic of the Learn page. ``explanation`` and ``summary`` are Markdown of our own."""

    id: str
    label: str
    title: str
    explanation: tuple[str, ...]
    try_it: str
    summary: tuple[str, ...]
    checks: tuple[Check, ...]


def feedback(check: Check, choice: str) -> tuple[bool, str]:
    """Say kindly whether ``choice``, one of the check's choices, is right, and why."""
    answer = check.choices[check.right]
    if choice == answer:
        return True, f"Yes, that is it. {check.reason}"
    return False, f"Not quite, though it is a common thought. Better: “{answer}” {check.reason}"


def score(checks: Sequence[Check], answers: Mapping[int, str | None]) -> str:
    """Sum up the answers given, by number of the question; "" while one is missing."""
    given = [answers.get(number) for number in range(len(checks))]
    if None in given:
        return ""
    right = sum(
        check.choices[check.right] == answer for check, answer in zip(checks, given, strict=True)
    )
    if right == len(checks):
        return f"All {spell(right)} right. You can explain this to somebody else now."
    counted = upper_first(spell(right)) if right else "None"
    return (
        f"{counted} of {spell(len(checks))} right. The reasons above say what to look at again; "
        "you can change any answer."
    )


EXAMPLE_COMPARISON = "control"
FOREST_EXAMPLE = "postpartum"  # enough trials to read, few enough for one screen
LEAST_TRIALS = 3
DEFAULT_INSTRUMENT = "hdrs-17"  # what most depression trials of the base used


def example(base: EvidenceBase, condition: str, *left_out: str) -> Estimate:
    """The estimate of IPT against control in a condition, without some of its trials."""
    question = Question(condition, EXAMPLE_COMPARISON).without(*left_out)
    return estimate_of(base, View(question))


@cached
def example_conditions(base: EvidenceBase) -> list[str]:
    """Conditions with three pooled trials or more against control, most trials first."""
    fitting = [
        cell
        for cell in coverage(base)
        if cell.comparison == EXAMPLE_COMPARISON and cell.estimate.k >= LEAST_TRIALS
    ]
    return [cell.condition for cell in sorted(fitting, key=lambda cell: -cell.estimate.k)]


@cached
def instruments(base: EvidenceBase) -> dict[str, Instrument]:
    """Depression questionnaires with a known spread, by id."""
    return instruments_of(base, {"depression"})
