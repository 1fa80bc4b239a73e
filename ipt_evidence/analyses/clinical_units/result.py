"""An estimate in units that people count in: patients who do well, points of an instrument."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.sensitivity.result import Ruler, ruler
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.clinical_units import ClinicalUnits, clinical_units

__all__ = ["instruments_for", "restated"]


def instruments_for(base: EvidenceBase, answer: Estimate) -> dict[str, Ruler]:
    """Instruments on which the estimate can be shown, by id.

    Those of the outcomes that were pooled, with a known spread; the one that most trials used
    comes first.
    """
    domains = set(answer.selection.effects["outcome_domain"]) if answer.k else set()
    known = base.instruments.dropna(subset=["reference_sd"])
    fitting = known.loc[known["outcome_domain"].isin(domains)]
    found = {
        str(row["instrument_id"]): Ruler(
            str(row["label"]), float(row["reference_sd"]), str(row["reference_sd_basis"])
        )
        for _, row in fitting.iterrows()
    }
    first = ruler(base, answer)
    used = _trials_per_instrument(answer)
    order = sorted(found, key=lambda name: (found[name] != first, -used.get(name, 0)))
    return {name: found[name] for name in order}


def _trials_per_instrument(answer: Estimate) -> dict[str, int]:
    rows: pd.DataFrame = answer.selection.effects
    if rows.empty:
        return {}
    counts = rows.groupby("instrument")["study_id"].nunique()
    return {str(name): int(count) for name, count in counts.items()}


def restated(answer: Estimate, rate: float | None, ruler: Ruler | None) -> ClinicalUnits | None:
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
        instrument_sd=None if ruler is None else ruler.sd,
    )
