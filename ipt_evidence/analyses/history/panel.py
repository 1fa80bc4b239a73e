"""How the answer grew with each trial, and what it is without each, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.analyses.history.result import History
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = [
    "HOW_TO_READ_CUMULATIVE",
    "HOW_TO_READ_LEFT_OUT_ONCE",
    "LEFT_OUT_ONCE_KEY",
    "history_sentence",
    "history_table",
    "left_out_once_sentence",
    "left_out_once_table",
]

HOW_TO_READ_CUMULATIVE = (
    "Each dot is a trial in the year of its main report. The line is the pooled effect of all "
    "trials up to that year, the band its 95% interval. Between two reports the line stays level: "
    "nothing new was known.\n\n"
    "A band that narrows around one height means that later trials confirmed earlier ones. A line "
    "that sinks year by year is common: first trials are often small and hopeful. The trials are "
    "counted as the base holds them today, not as they were known then."
)
LEFT_OUT_ONCE_KEY = "Band: the estimate with all trials. Rings: influential trials."
HOW_TO_READ_LEFT_OUT_ONCE = (
    "Each row is the pooled effect of all trials but the one that is named. The band is the "
    "estimate with all of them. A dot far from the dotted line means that one trial carries much "
    "of the result. Rings mark trials that the usual rules call influential (Viechtbauer & Cheung "
    "2010). Influential is not wrong: it tells where to look closely."
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


def history_table(history: History) -> pd.DataFrame:
    """One row a trial in order of publication, with the estimate up to it."""
    steps = history.steps
    return pd.DataFrame(
        {
            "Year": [f"{year:.0f}" for year in steps["year"]],
            "Trial that came in": steps["label"].to_list(),
            "Trials": [tables.count(k) for k in steps["k"]],
            "g so far": [tables.effect(value) for value in steps["estimate"]],
            "95% CI": [
                tables.interval(low, high)
                for low, high in zip(steps["ci_lower"], steps["ci_upper"], strict=True)
            ],
        }
    )


def left_out_once_sentence(answer: Estimate, rows: pd.DataFrame) -> str:
    """How far the estimate moves when one trial is left out, and whether its verdict turns."""
    if rows.empty or answer.pooled is None:
        return "Leaving out one trial at a time needs three trials or more."
    low = rows.iloc[int(rows["estimate"].argmin())]
    high = rows.iloc[int(rows["estimate"].argmax())]
    parts = [
        f"Whichever single trial is left out, the pooled effect stays between g "
        f"{tables.effect(low['estimate'])} (without {low['label']}) and "
        f"{tables.effect(high['estimate'])} (without {high['label']})."
    ]
    turning = [str(label) for label in rows.loc[rows["turns"].astype(bool), "label"]]
    clear = answer.pooled.ci_lower > 0 or answer.pooled.ci_upper < 0
    if turning:
        verdict = "reaches across 0" if clear else "stays clear of 0"
        parts.append(f"Without {_either(turning)} the interval {verdict}; with all it does not.")
    else:
        held = "stays clear of 0" if clear else "reaches across 0, no difference"
        parts.append(f"Each time the interval {held}, as it does with all trials.")
    marked = [str(label) for label in rows.loc[rows["influential"].astype(bool), "label"]]
    if marked:
        parts.append(f"{upper_first(spell(len(marked)))} influential: {', '.join(marked)}.")
    return " ".join(parts)


def _either(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"


def left_out_once_table(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a trial left out, in the order of the figure."""
    return pd.DataFrame(
        {
            "Without": rows["label"].to_list(),
            "g": [tables.effect(value) for value in rows["estimate"]],
            "95% CI": [
                tables.interval(low, high)
                for low, high in zip(rows["ci_lower"], rows["ci_upper"], strict=True)
            ],
            "Change": [tables.effect(value) for value in rows["change"]],
            "τ²": [tables.effect(value, 3) for value in rows["tau2"]],
            "I²": [tables.percent(value) for value in rows["i2"]],
            "Influential": ["yes" if one else "" for one in rows["influential"]],
        }
    )
