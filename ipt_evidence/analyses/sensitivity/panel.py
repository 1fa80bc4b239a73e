"""Other ways to answer the same question, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.alternative import Alternative
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.analyses.sensitivity.result import alternatives
from ipt_evidence.analyses.small_studies.result import CORRECTIONS
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import upper_first

__all__ = ["ALTERNATIVES", "LEAD", "LEAST", "TOO_FEW", "alternatives_table", "panel"]

LEAST = 3  # trials
TOO_FEW = "There are too few trials to vary the calculation: this needs three or more."

LEAD = (
    "No single calculation is the truth. Here is the same question, answered in other defensible "
    "ways. If the answers agree, the choice does not matter much; if they do not, be careful."
)


@dataclass(frozen=True, slots=True)
class Words:
    """Name of an alternative, and what it does in one sentence."""

    name: str
    meaning: str


ALTERNATIVES = {
    "che": Words(
        "All outcomes together (CHE)",
        "Models every outcome of every trial, correlated within trials, with robust errors.",
    ),
    "three_level": Words(
        "Three-level model",
        "As above, with outcomes of one trial taken as independent measurements of it.",
    ),
    "common": Words(
        "One true effect",
        "Assumes that all trials share one effect: too narrow when results differ.",
    ),
    "outliers": Words(
        "Without outliers",
        "Leaves out trials whose interval lies wholly beside the pooled one; flatters agreement.",
    ),
    "lower_bias": Words(
        "Without high or unclear risk of bias", "Keeps trials rated low or some concerns."
    ),
    "double": Words("Numbers read twice", "Keeps numbers that two readers took from the source."),
    "printed": Words(
        "Without derived numbers",
        "Leaves out numbers that were derived or reconstructed from less than arms or an effect.",
    ),
    "doubtful": Words(
        "Doubtful comparators on the other side",
        "Counts comparison arms that could be a control or another psychotherapy as the other.",
    ),
    "unflagged": Words(
        "Without serious warnings",
        "Leaves out trials whose numbers, randomisation or treatment are in doubt.",
    ),
    **{name: Words(one.label, one.meaning) for name, one in CORRECTIONS.items() if one.meaning},
}


@cached
def panel(base: EvidenceBase, view: View) -> Panel:
    """The estimate of ``view`` beside other ways to answer its question."""
    answer = estimate_of(base, view)
    if answer.pooled is None or answer.k < LEAST:
        return Panel((TOO_FEW,), drawn=False)
    return Panel((LEAD,), alternatives_table(answer.pooled, alternatives(base, view)), drawn=False)


def alternatives_table(answer: PooledEffect, others: Sequence[Alternative]) -> pd.DataFrame:
    """The estimate of the page on top, then each other way: g, interval, trials, meaning."""
    own = Alternative("", answer.k, answer.estimate, answer.ci_lower, answer.ci_upper)
    rows = [_row(own, Words("This page", "The estimate above."))]
    return pd.DataFrame([*rows, *(_row(other, ALTERNATIVES[other.id]) for other in others)])


def _row(one: Alternative, words: Words) -> dict[str, str]:
    known = one.estimate is not None
    reason = f"{upper_first(one.note)}." if one.note else ""
    return {
        "Analysis": words.name,
        "g": tables.effect(one.estimate) if known else "–",
        "95% CI": tables.interval(one.ci_lower, one.ci_upper) if known else "–",
        "Trials": tables.count(one.k),
        "What it does": words.meaning if known else reason,
    }
