"""An estimate in units that people count in: patients who do well, points of an instrument."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.clinical_units import Carried, ClinicalUnits, clinical_units

__all__ = ["LEAST", "Hundred", "Instrument", "hundred", "instruments_for", "restated"]

LEAST = 3  # trials; two do not carry an interval that is worth restating


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


@cached
def instruments_for(base: EvidenceBase, view: View) -> dict[str, Instrument]:
    """Instruments on which the estimate can be shown, by id.

    Those of the outcomes that were pooled, with a known spread; the one that most trials used
    comes first.
    """
    answer = estimate_of(base, view)
    domains = set(answer.selection.effects["outcome_domain"]) if answer.k else set()
    known = base.instruments.dropna(subset=["reference_sd"])
    fitting = known.loc[known["outcome_domain"].isin(domains)]
    found = {
        str(row["instrument_id"]): Instrument(
            str(row["label"]), float(row["reference_sd"]), str(row["reference_sd_basis"])
        )
        for _, row in fitting.iterrows()
    }
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
