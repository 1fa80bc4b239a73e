"""How the estimate grew as trials were published, and what it is without each of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out

__all__ = ["History", "left_one_out", "over_time"]

STEP_COLUMNS = ("study_id", "label", "year", "k", "estimate", "ci_lower", "ci_upper", "tau2", "i2")
REST_COLUMNS = (
    *("study_id", "label", "estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2"),
    *("i2", "change", "influential", "turns"),
)


@dataclass(frozen=True)
class History:
    """The estimate after each trial.

    ``steps`` has a row for each trial in order of publication: study_id and label of the trial
    that came in, its year, and k, estimate, ci_lower, ci_upper, tau2, i2 of all trials so far.
    ``undated`` names the trials without a year, which are not in it. ``since`` is the year from
    which on the interval never held no effect again; None when it does to the end.
    """

    steps: pd.DataFrame
    undated: tuple[str, ...]
    since: int | None


def over_time(answer: Estimate) -> History:
    """Pool the first trial, the first two, and so on, by year of publication.

    The numbers are those of the trials as they stand in the base today, not of what was known in
    that year: later corrections are in them. Lau et al. (1992) doi:10.1056/NEJM199207233270406.
    """
    dated = answer.trials.loc[answer.trials["year"].notna()]
    undated = tuple(
        str(label) for label in answer.trials.loc[answer.trials["year"].isna(), "label"]
    )
    if dated.empty:
        return History(pd.DataFrame(columns=list(STEP_COLUMNS)), undated, None)
    dated = dated.sort_values(["year", "label"], kind="stable").reset_index(drop=True)
    model = answer.model
    found = cumulative(
        dated["yi"].to_numpy(float),
        dated["vi"].to_numpy(float),
        dated["year"].to_numpy(float),
        method=model.method,
        test=model.test,
        level=model.level,
    )
    numbers = pd.DataFrame(
        {name: [getattr(step, name) for step in found] for name in STEP_COLUMNS[3:]}
    )
    steps = pd.concat([dated[["study_id", "label", "year"]], numbers], axis=1)
    return History(steps, undated, _since(steps))


def _since(steps: pd.DataFrame) -> int | None:
    clear = ((steps["ci_lower"] > 0) | (steps["ci_upper"] < 0)).tolist()
    if not clear or not clear[-1]:
        return None
    first = len(clear) - next(
        (place for place, one in enumerate(reversed(clear)) if not one), len(clear)
    )
    return int(steps["year"].iloc[first])


def left_one_out(answer: Estimate) -> pd.DataFrame:
    """The estimate without each trial in turn; empty below three trials.

    Columns study_id, label, estimate, ci_lower, ci_upper, pi_lower, pi_upper, tau2, i2 of the
    others; ``change`` of the estimate; ``influential`` by metafor's rules (Viechtbauer & Cheung
    2010 doi:10.1002/jrsm.11); ``turns`` where the interval then holds no effect and did not
    before, or the other way round.
    """
    if answer.k < 3 or answer.pooled is None:
        return pd.DataFrame(columns=list(REST_COLUMNS))
    model, pooled = answer.model, answer.pooled
    yi, vi = answer.trials["yi"].to_numpy(float), answer.trials["vi"].to_numpy(float)
    rest = leave_one_out(yi, vi, method=model.method, test=model.test, level=model.level)
    try:
        marked = [one.influential for one in influence(yi, vi, method=model.method)]
    except PoolingError:  # equal-effects data without spread have no influence to speak of
        marked = [False] * len(rest)
    clear = pooled.ci_lower > 0 or pooled.ci_upper < 0
    columns = ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2")
    table = pd.DataFrame({name: [getattr(one, name) for one in rest] for name in columns})
    return table.assign(
        study_id=answer.trials["study_id"].to_list(),
        label=answer.trials["label"].to_list(),
        change=table["estimate"] - pooled.estimate,
        influential=marked,
        turns=((table["ci_lower"] > 0) | (table["ci_upper"] < 0)) != clear,
    )[list(REST_COLUMNS)]
