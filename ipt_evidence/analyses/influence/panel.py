"""Influence, leave-one-out and cumulation in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ipt_evidence.meta_analysis.influence import PartialPool, StudyInfluence
from ipt_evidence.wording import tables

__all__ = [
    "HOW_TO_READ_BAUJAT",
    "HOW_TO_READ_CUMULATIVE",
    "HOW_TO_READ_LEFT_OUT",
    "cumulative_sentence",
    "influence_frame",
    "influence_sentence",
    "influence_table",
    "left_out_sentence",
    "partial_frame",
]

HOW_TO_READ_BAUJAT = (
    "Each dot is a trial. To the right: the more it disagrees with the others. Up: the more the "
    "mean moves when it is left out. A trial at the top right does both, so read it closely: was "
    "the treatment, the comparison or the way of counting different there?\n\n"
    "The size of a dot is Cook's distance, another measure of the same pull. A ring marks trials "
    "that a usual rule calls influential. Influential is not wrong."
)
HOW_TO_READ_LEFT_OUT = (
    "Each row is the pooled effect of all trials but the one named. Where a row's interval lies on "
    "another side of 0 than that of all trials, the conclusion hangs on that one trial."
)
HOW_TO_READ_CUMULATIVE = (
    "The trials are added one by one in the order of their year; each row is the pooled effect of "
    "all trials up to then. It shows when the answer was there, and whether it has drifted since. "
    "It was drawn afterwards: intervals along the way allow for one look, not for many."
)


def partial_frame(parts: Sequence[PartialPool], labels: Sequence[str]) -> pd.DataFrame:
    """One row a partial pooling: label, k, estimate, ci_lower, ci_upper, i2."""
    return pd.DataFrame(
        [
            {
                "label": labels[part.position],
                "k": part.k,
                "estimate": part.estimate,
                "ci_lower": part.ci_lower,
                "ci_upper": part.ci_upper,
                "i2": part.i2,
            }
            for part in parts
        ],
        columns=["label", "k", "estimate", "ci_lower", "ci_upper", "i2"],
    )


def left_out_sentence(frame: pd.DataFrame, lower: float, upper: float) -> str:
    """How far the effect moves without one trial, and whose absence changes the conclusion."""
    low = frame.iloc[int(frame["estimate"].argmin())]
    high = frame.iloc[int(frame["estimate"].argmax())]
    now = lower > 0 or upper < 0
    then = (frame["ci_lower"] > 0) | (frame["ci_upper"] < 0)
    changing = frame.loc[then != now, "label"].tolist()
    said = (
        f"Without one trial the effect lies between {tables.effect(low['estimate'])} (without "
        f"{low['label']}) and {tables.effect(high['estimate'])} (without {high['label']})."
    )
    if not changing:
        return f"{said} No single trial decides whether the interval excludes no effect."
    turns = "would hold no effect" if now else "would exclude no effect"
    return f"{said} The interval {turns} without {' or without '.join(changing)}."


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


def influence_sentence(frame: pd.DataFrame) -> str:
    """Which trial disagrees most, which pulls most, and which a rule calls influential."""
    odd = frame["label"].iloc[int(frame["baujat_x"].argmax())]
    pull = frame["label"].iloc[int(frame["baujat_y"].argmax())]
    named = frame.loc[frame["influential"], "label"].tolist()
    both = (
        f"{odd} disagrees most with the others and also moves the mean most"
        if odd == pull
        else f"{odd} disagrees most with the others; {pull} moves the mean most"
    )
    if not named:
        return f"{both}. No trial is influential by the usual rules (Viechtbauer & Cheung 2010)."
    verb = "is" if len(named) == 1 else "are"
    return (
        f"{both}. By the usual rules (Viechtbauer & Cheung 2010) {', '.join(named)} {verb} "
        "influential."
    )


def influence_table(found: Sequence[StudyInfluence], labels: Sequence[str]) -> pd.DataFrame:
    """Every diagnostic as text, the largest Cook's distance first."""
    return pd.DataFrame(
        [
            {
                "Trial": labels[one.position],
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


def cumulative_sentence(frame: pd.DataFrame, years: Sequence[object]) -> str:
    """Since when the interval has excluded no effect, and how the effect drifted."""
    settled = ((frame["ci_lower"] > 0) | (frame["ci_upper"] < 0)).tolist()
    first, last = frame["estimate"].iloc[0], frame["estimate"].iloc[-1]
    drift = (
        f"The first trial alone gave {tables.effect(first)}; all {len(frame)} give "
        f"{tables.effect(last)}."
    )
    if not settled[-1]:
        return f"{drift} The interval of all of them still holds no effect."
    since = len(settled) - 1
    while since and settled[since - 1]:
        since -= 1
    when = tables.text(years[since])
    trials = "trial" if since == 0 else "trials"
    return (
        f"{drift} Since {when}, with {since + 1} {trials}, the interval has excluded no effect "
        "without a break."
    )
