"""What each trial does to the estimate: influence, leave-one-out, and cumulation by year.

Everything here rests on the trials pooled with one effect each, also where the estimate itself
models all outcomes together: then all rows of a table are of one kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.errors import PoolingError
from ipt_evidence.evidence.estimation import Estimate, arrays
from ipt_evidence.meta_analysis import influence as statistics
from ipt_evidence.meta_analysis.influence import StudyInfluence
from ipt_evidence.meta_analysis.models import PooledEffect, pool

__all__ = ["History", "all_trials", "influence", "leave_one_out", "over_time"]

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


@cached
def all_trials(answer: Estimate) -> PooledEffect:
    """The trials of ``answer`` pooled with one effect each: what the parts compare with."""
    return pool(*answer.arrays, **answer.model.settings)


@cached
def influence(answer: Estimate) -> tuple[StudyInfluence, ...]:
    """The influence of each trial, in the order of the trials; empty below three."""
    if answer.k < 3:
        return ()
    return statistics.influence(*answer.arrays, method=answer.model.method)


@cached
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
    years = dated["year"].to_numpy(float)
    found = statistics.cumulative(*arrays(dated), years, **answer.model.settings)
    numbers = pd.DataFrame(
        {name: [getattr(step, name) for step in found] for name in STEP_COLUMNS[3:]}
    )
    steps = pd.concat([dated[["study_id", "label", "year"]], numbers], axis=1)
    return History(steps, undated, _since(steps))


def _since(steps: pd.DataFrame) -> int | None:
    clear = _clear(steps).tolist()
    if not clear or not clear[-1]:
        return None
    first = len(clear) - next(
        (place for place, one in enumerate(reversed(clear)) if not one), len(clear)
    )
    return int(steps["year"].iloc[first])


@cached
def leave_one_out(answer: Estimate) -> pd.DataFrame:
    """The estimate without each trial in turn, by its size; empty below two trials.

    Columns study_id, label, estimate, ci_lower, ci_upper, pi_lower, pi_upper, tau2, i2 of the
    others; ``change`` of the estimate; ``influential`` by metafor's rules (Viechtbauer & Cheung
    2010 doi:10.1002/jrsm.11); ``turns`` where the interval then holds no effect and did not
    before, or the other way round.
    """
    if answer.k < 2:
        return pd.DataFrame(columns=list(REST_COLUMNS))
    pooled = all_trials(answer)
    rest = statistics.leave_one_out(*answer.arrays, **answer.model.settings)
    try:
        marked = [one.influential for one in influence(answer)] or [False] * len(rest)
    except PoolingError:  # equal-effects data without spread have no influence to speak of
        marked = [False] * len(rest)
    columns = ("estimate", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2")
    table = pd.DataFrame({name: [getattr(one, name) for one in rest] for name in columns})
    table = table.assign(
        study_id=answer.trials["study_id"].to_list(),
        label=answer.trials["label"].to_list(),
        change=table["estimate"] - pooled.estimate,
        influential=marked,
        turns=_clear(table) != (pooled.ci_lower > 0 or pooled.ci_upper < 0),
    )[list(REST_COLUMNS)]
    return table.sort_values("estimate", kind="stable").reset_index(drop=True)


def _clear(parts: pd.DataFrame) -> pd.Series[bool]:
    """Whether the interval of each part excludes no effect."""
    return (parts["ci_lower"] > 0) | (parts["ci_upper"] < 0)
