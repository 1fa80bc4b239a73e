"""An estimate in units that people count in: patients who do well, points of an instrument."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.clinical_units import Carried, ClinicalUnits, clinical_units

__all__ = [
    "LEAST",
    "AssumedRate",
    "Hundred",
    "Instrument",
    "assumed_rate",
    "hundred",
    "instruments",
    "instruments_for",
    "restated",
]

LEAST = 3  # trials; two do not carry an interval that is worth restating
RESPONSE = "response-50"  # improvement by half or more: the same event in every trial
FEWEST_TRIALS = 3  # whose median can be called typical; a convention of ours


@dataclass(frozen=True, slots=True)
class Hundred:
    """A hundred people in whole people: how many do well with the comparison and with IPT.

    Rounded are the two groups, and ``more`` is the difference of what was rounded: 23 and 17 more
    are 40. ``lower`` and ``upper`` are the ends of the interval of ``treated``.
    """

    untreated: int
    treated: int
    lower: int
    upper: int

    @property
    def more(self) -> tuple[int, int, int]:
        """How many more do well with IPT, with the ends of its interval; negative: fewer."""
        return (
            self.treated - self.untreated,
            self.lower - self.untreated,
            self.upper - self.untreated,
        )


def hundred(untreated: float, more: Carried) -> Hundred:
    """People of a hundred when ``untreated`` do well with the comparison and ``more`` with IPT."""
    ends = (more.estimate, more.lower, more.upper)
    return Hundred(round(untreated), *(round(untreated + end) for end in ends))


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument on which an estimate is shown in points, with its spread and where from."""

    label: str
    sd: float
    basis: str


def instruments(base: EvidenceBase, domains: Collection[str]) -> dict[str, Instrument]:
    """Instruments of these outcome domains with a known spread, by id."""
    known = base.instruments.dropna(subset=["reference_sd"])
    return {
        str(row["instrument_id"]): Instrument(
            str(row["label"]), float(row["reference_sd"]), str(row["reference_sd_basis"])
        )
        for _, row in known.loc[known["outcome_domain"].isin(list(domains))].iterrows()
    }


@cached
def instruments_for(base: EvidenceBase, view: View) -> dict[str, Instrument]:
    """Instruments on which the estimate can be shown, by id.

    Those of the outcomes that were pooled, with a known spread; the one that most trials used
    comes first.
    """
    answer = estimate_of(base, view)
    domains = set(answer.selection.effects["outcome_domain"]) if answer.k else set()
    found = instruments(base, domains)
    used = _trials_per_instrument(answer)
    order = sorted(found, key=lambda name: -used.get(name, 0))
    return {name: found[name] for name in order}


def _trials_per_instrument(answer: Estimate) -> dict[str, int]:
    rows: pd.DataFrame = answer.selection.effects
    if rows.empty:
        return {}
    counts = rows.groupby("instrument")["study_id"].nunique()
    return {str(name): int(count) for name, count in counts.items()}


def restated(
    answer: Estimate, rate: float | None, instrument: Instrument | None
) -> ClinicalUnits | None:
    """The estimate of ``answer`` restated; None when nothing was pooled.

    ``rate`` is the share (0 to 1) of the comparison arm that does well.

    Raises
    ------
    EffectSizeError
        If ``rate`` is not between 0 and 1.
    """
    if answer.pooled is None:
        return None
    return clinical_units(
        answer.pooled.estimate,
        answer.pooled.ci_lower,
        answer.pooled.ci_upper,
        control_event_rate=rate,
        instrument_sd=None if instrument is None else instrument.sd,
    )


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

    @property
    def percent(self) -> int:
        """The share as everybody is told it and reckons with it: whole people of a hundred."""
        return min(99, max(1, round(100.0 * self.value)))


@cached
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
