"""Influence, leave-one-out and cumulation in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.answer import empty
from ipt_evidence.analyses.influence.result import (
    History,
    all_trials,
    influence,
    leave_one_out,
    over_time,
)
from ipt_evidence.analyses.panel import Detail, Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.influence import StudyInfluence
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import counted, listed, spell, upper_first

__all__ = [
    "cumulative_panel",
    "history_sentence",
    "influence_frame",
    "leave_one_out_panel",
    "leave_one_out_sentence",
    "over_time_panel",
    "panel",
]

HOW_TO_READ_BAUJAT = (
    "Each dot is a trial. To the right: the more it disagrees with the others. Up: the more the "
    "mean moves when it is left out. A trial at the top right does both, so read it closely: was "
    "the treatment, the comparison or the way of counting different there?\n\n"
    "The size of a dot is Cook's distance, another measure of influence. A ring marks trials "
    "that a usual rule calls influential. Influential is not wrong."
)
HOW_TO_READ_LEAVE_ONE_OUT = (
    "Each row is the pooled effect of all trials but the one that is named. The band is the "
    "estimate with all of them. A dot far from the dotted line means that one trial carries much "
    "of the result. Rings mark trials that the usual rules call influential (Viechtbauer & Cheung "
    "2010). Influential is not wrong: it tells where to look closely."
)
HOW_TO_READ_OVER_TIME = (
    "Each dot is a trial in the year of its main report. The line is the pooled effect of all "
    "trials up to that year, the band its 95% interval. Between two reports the line stays level: "
    "nothing new was known.\n\n"
    "A band that narrows around one height means that later trials confirmed earlier ones. A line "
    "that sinks year by year is common: first trials are often small and hopeful. The trials are "
    "counted as the base holds them today, not as they were known then."
)
HOW_TO_READ_CUMULATIVE = (
    "The trials are added one by one in the order of their year; each row is the pooled effect of "
    "all trials up to then. It shows when the answer was there, and whether it has drifted since. "
    "It was drawn afterwards: intervals along the way allow for one look, not for many."
)


@cached
def panel(base: EvidenceBase, view: View) -> Panel:
    """Which trial disagrees with the others, and which moves the mean."""
    answer = estimate_of(base, view)
    found = influence(answer)
    if not found:
        return Panel(
            ("With two trials influence cannot be told: without either, one is left.",), drawn=False
        )
    frame = influence_frame(found, answer.trials)
    sentence = _influence_sentence(frame)
    diagnostics = _diagnostics(found, answer)
    return Panel(
        (sentence,),
        frame.drop(columns="study_id"),
        text_alternative=f"Influence of {counted(len(frame))}. {sentence}",
        how_to_read=HOW_TO_READ_BAUJAT,
        details=(Detail("influence-diagnostics", diagnostics, fold="All diagnostics"),),
    )


TOO_FEW_TO_LEAVE_OUT = (
    "Leaving out one trial at a time needs four trials or more: the two that three leave are too "
    "few to pool."
)


@cached
def leave_one_out_panel(base: EvidenceBase, view: View) -> Panel:
    """What the pooled effect is without each trial in turn."""
    answer = estimate_of(base, view)
    rows = leave_one_out(answer)
    if answer.k <= TOO_FEW + 1:
        return Panel((TOO_FEW_TO_LEAVE_OUT,), drawn=False)
    sentence = leave_one_out_sentence(rows, all_trials(answer))
    return Panel(
        (sentence,),
        _leave_one_out_table(rows),
        text_alternative=sentence,
        how_to_read=HOW_TO_READ_LEAVE_ONE_OUT,
    )


@cached
def over_time_panel(base: EvidenceBase, view: View) -> Panel:
    """How the pooled effect settled as trials were published, year by year."""
    return _cumulation(estimate_of(base, view), HOW_TO_READ_OVER_TIME)


@cached
def cumulative_panel(base: EvidenceBase, view: View) -> Panel:
    """The same trial by trial."""
    return _cumulation(estimate_of(base, view), HOW_TO_READ_CUMULATIVE)


def _cumulation(answer: Estimate, how_to_read: str) -> Panel:
    if answer.trials.empty:
        return Panel((empty(answer),), drawn=False)
    history = over_time(answer)
    sentence = history_sentence(history)
    if answer.k <= TOO_FEW:
        return Panel((sentence,), drawn=False)
    return Panel(
        (sentence,),
        _history_table(history),
        text_alternative=sentence,
        how_to_read=how_to_read,
    )


def influence_frame(found: Sequence[StudyInfluence], trials: pd.DataFrame) -> pd.DataFrame:
    """One row a trial: study_id, label, baujat_x, baujat_y, cook, influential."""
    return pd.DataFrame(
        [
            {
                "study_id": trials["study_id"].iloc[one.position],
                "label": trials["label"].iloc[one.position],
                "baujat_x": one.baujat_x,
                "baujat_y": one.baujat_y,
                "cook": one.cook,
                "influential": one.influential,
            }
            for one in found
        ],
        columns=["study_id", "label", "baujat_x", "baujat_y", "cook", "influential"],
    )


def _influence_sentence(frame: pd.DataFrame) -> str:
    """Which trial disagrees most, which moves the mean most, which a rule calls influential."""
    odd = frame["label"].iloc[int(frame["baujat_x"].argmax())]
    moves = frame["label"].iloc[int(frame["baujat_y"].argmax())]
    named = frame.loc[frame["influential"], "label"].tolist()
    both = (
        f"{odd} disagrees most with the others and also moves the mean most"
        if odd == moves
        else f"{odd} disagrees most with the others; {moves} moves the mean most"
    )
    if not named:
        return f"{both}. No trial is influential by the usual rules (Viechtbauer & Cheung 2010)."
    verb = "is" if len(named) == 1 else "are"
    return (
        f"{both}. By the usual rules (Viechtbauer & Cheung 2010) {', '.join(named)} {verb} "
        "influential."
    )


def _diagnostics(found: Sequence[StudyInfluence], answer: Estimate) -> pd.DataFrame:
    """Every diagnostic as text, the largest Cook's distance first."""
    labels = answer.trials["label"]
    return pd.DataFrame(
        [
            {
                "Trial": labels.iloc[one.position],
                "Cook's distance": tables.effect(one.cook, 3),
                "DFFITS": tables.effect(one.dffits),
                "Studentised residual": tables.effect(one.rstudent),
                "Covariance ratio": tables.effect(one.cov_ratio),
                "τ² without it": tables.effect(one.tau2_deleted, 3),
                "Weight": tables.percent(one.weight),
                "Influential": "yes" if one.influential else "no",
            }
            for one in sorted(found, key=lambda one: -one.cook)
        ]
    )


def leave_one_out_sentence(rows: pd.DataFrame, pooled: PooledEffect) -> str:
    """How far the estimate moves when one trial is left out, and whether its verdict turns.

    ``pooled`` is the effect of all trials.
    """
    low = rows.iloc[int(rows["estimate"].argmin())]
    high = rows.iloc[int(rows["estimate"].argmax())]
    parts = [
        f"Whichever single trial is left out, the pooled effect stays between g "
        f"{tables.effect(low['estimate'])} (without {low['label']}) and "
        f"{tables.effect(high['estimate'])} (without {high['label']})."
    ]
    turning = [str(label) for label in rows.loc[rows["turns"].astype(bool), "label"]]
    clear = pooled.ci_lower > 0 or pooled.ci_upper < 0
    if turning:
        verdict = "reaches across 0" if clear else "stays clear of 0"
        parts.append(
            f"Without {listed(turning, 'or')} the interval {verdict}; with all it does not."
        )
    else:
        held = "stays clear of 0" if clear else "reaches across 0, no difference"
        parts.append(f"Each time the interval {held}, as it does with all trials.")
    marked = [str(label) for label in rows.loc[rows["influential"].astype(bool), "label"]]
    if marked:
        parts.append(f"{upper_first(spell(len(marked)))} influential: {', '.join(marked)}.")
    return " ".join(parts)


def _leave_one_out_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a trial left out, in the order of the figure."""
    return pd.DataFrame(
        {
            "Without": rows["label"].to_list(),
            "g": [tables.effect(value) for value in rows["estimate"]],
            "95% CI": tables.intervals(rows),
            "Change": [tables.effect(value) for value in rows["change"]],
            "τ²": [tables.effect(value, 3) for value in rows["tau2"]],
            "I²": [tables.percent(value) for value in rows["i2"]],
            "Influential": ["yes" if one else "" for one in rows["influential"]],
        }
    )


def history_sentence(history: History) -> str:
    """What became of the estimate over the years."""
    steps = history.steps
    if steps.empty:
        return "No trial of this estimate has a year."
    parts = []
    if len(steps) < 3:
        parts.append("With fewer than three trials there is no development to see.")
    else:
        parts += [_middle(steps), _clear(history)]
    if history.undated:
        parts.append(f"Without a year, and not in the figure: {', '.join(history.undated)}.")
    return " ".join(parts)


def _shown(step: pd.Series[Any]) -> str:
    return tables.estimate_with_interval(step["estimate"], step["ci_lower"], step["ci_upper"])


def _middle(steps: pd.DataFrame) -> str:
    """The estimate after half of the trials, and after all of them."""
    half, end = steps.iloc[(len(steps) + 1) // 2 - 1], steps.iloc[-1]
    return (
        f"After the first {spell(int(half['k']))} trials, in {int(half['year'])}, the pooled "
        f"effect was g {_shown(half)}; after all {spell(int(end['k']))}, in {int(end['year'])}, it "
        f"is g {_shown(end)}."
    )


def _clear(history: History) -> str:
    if history.since is None:
        return "To this day the interval reaches across 0, no difference."
    return f"Since {history.since} the interval has stayed clear of 0, no difference."


def _history_table(history: History) -> pd.DataFrame:
    """One row a trial in order of publication, with the estimate up to it."""
    steps = history.steps
    return pd.DataFrame(
        {
            "Year": [f"{year:.0f}" for year in steps["year"]],
            "Trial that came in": steps["label"].to_list(),
            "Trials": [tables.count(k) for k in steps["k"]],
            "g so far": [
                sentences.TOO_FEW_TO_POOL if k == TOO_FEW else tables.effect(value)
                for k, value in zip(steps["k"], steps["estimate"], strict=True)
            ],
            "95% CI": [
                "" if k == TOO_FEW else ends
                for k, ends in zip(steps["k"], tables.intervals(steps), strict=True)
            ],
        }
    )
