"""Summary of findings: one condition, each comparison, what it means for people, and how sure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from ipt_evidence.analyses.certainty.result import Certainty, assess
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model, estimate
from ipt_evidence.evidence.magnitude import SMALLEST_WORTHWHILE
from ipt_evidence.evidence.selection import Question
from ipt_evidence.meta_analysis.human_units import HumanUnits, human_units

__all__ = ["AssumedRate", "Finding", "assumed_rate", "findings"]

RESPONSE = "response-50"  # improvement by half or more: the same event in every trial
FEWEST_TRIALS = 3  # whose median can be called typical; a convention of ours


@dataclass(frozen=True, slots=True)
class AssumedRate:
    """The share (0 to 1) of the comparison arm that does well, and where it was taken from.

    ``lowest`` and ``highest`` are the shares between which the trials lie. ``scope`` is
    ``condition`` when the trials are of the same condition and comparison, ``comparison`` when
    of the same comparison in any condition, ``reader`` when somebody set it.
    """

    value: float
    trials: int
    lowest: float
    highest: float
    scope: str


@dataclass(frozen=True)
class Finding:
    """One comparison of a condition: ``units`` is None where nothing was pooled.

    ``units.nnt_furukawa`` rests on ``rate`` and is None where no rate is known.
    """

    comparison: str
    estimate: Estimate
    certainty: Certainty
    rate: AssumedRate | None
    units: HumanUnits | None


def assumed_rate(base: EvidenceBase, question: Question) -> AssumedRate | None:
    """How many people of a comparison arm do well, as the median of trials that counted them.

    Counted are people whose symptoms fell by half or more, else those who responded, recovered
    or remitted by the trial's own definition of a headline outcome, after treatment; one count a
    trial, and only counts that were seen in their source. None when there are no such trials.
    """
    rows = base.joined
    counted = rows.loc[
        rows["verified"].astype(bool)
        & (rows["direction"] == "event_good")
        & (rows["time"] == "post")
        & (rows["comparison"] == question.comparison)
        & rows["n_comparator"].gt(0)
        & rows["events_comparator"].notna()
    ]
    same = [question.condition in tags for tags in counted["conditions_all"]]
    near, scope = counted.loc[same], "condition"
    if near["study_id"].nunique() < FEWEST_TRIALS:
        near, scope = counted, "comparison"
    primary = {d for c in base.taxonomy.conditions for d in c.primary_outcomes}
    near = near.loc[near["outcome_domain"].isin(primary)]
    first = near.assign(other=near["instrument"].ne(RESPONSE).fillna(True).astype(bool))
    first = first.sort_values("other", kind="stable").drop_duplicates("study_id")
    if first.empty:
        return None
    shares: pd.Series[float] = first["events_comparator"] / first["n_comparator"]
    middle = float(shares.median())
    if not 0.0 < middle < 1.0:
        return None
    return AssumedRate(middle, len(shares), float(shares.min()), float(shares.max()), scope)


def findings(
    base: EvidenceBase,
    condition: str,
    model: Model | None = None,
    *,
    filters: Question | None = None,
    smallest_worthwhile: float = SMALLEST_WORTHWHILE,
    rate: float | None = None,
) -> tuple[Finding, ...]:
    """One finding for each comparison of a condition that has a study, in the taxonomy's order.

    Parameters
    ----------
    base, condition, model
        As `estimation.estimate`.
    filters
        A question whose filters (sources, risk of bias, ...) apply to every comparison.
    smallest_worthwhile
        As `certainty.assess`.
    rate
        A share of the comparison arms that does well, to use instead of `assumed_rate`.

    Raises
    ------
    QuestionError
        When the base does not know the condition, or ``rate`` is not between 0 and 1.
    """
    if rate is not None and not 0.0 < rate < 1.0:
        raise QuestionError(f"a rate of {rate!r} is not a share between 0 and 1")
    found = []
    for comparison in base.taxonomy.comparisons:
        asked = replace(filters or Question(), condition=condition, comparison=comparison.id)
        answer = estimate(base, asked, model)
        if answer.selection.studies.empty:
            continue
        assumed = assumed_rate(base, asked)
        if rate is not None:
            assumed = AssumedRate(rate, 0, rate, rate, "reader")
        certainty = assess(base, answer, smallest_worthwhile=smallest_worthwhile)
        found.append(Finding(comparison.id, answer, certainty, assumed, _units(answer, assumed)))
    return tuple(found)


def _units(answer: Estimate, rate: AssumedRate | None) -> HumanUnits | None:
    if answer.pooled is None:
        return None
    return human_units(
        answer.pooled.estimate,
        answer.pooled.ci_lower,
        answer.pooled.ci_upper,
        control_event_rate=None if rate is None else rate.value,
    )
