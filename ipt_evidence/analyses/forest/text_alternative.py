"""A forest plot for readers who do not see it."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import favours, spell
from ipt_evidence.wording.protocols import PooledLike, prediction_interval

__all__ = ["text_twin"]


def text_twin(trials: pd.DataFrame, pooled: PooledLike | None) -> str:
    """Tell what a forest plot shows to readers who do not see it.

    Parameters
    ----------
    trials
        The rows of the plot: label, yi, ci_lower, ci_upper; positive favours IPT.
    pooled
        The diamond; None when the plot has none.
    """
    drawn = trials.loc[trials["yi"].notna()] if "yi" in trials.columns else trials.iloc[0:0]
    if drawn.empty:
        return "Forest plot without a trial: there is no usable number to draw."
    towards = int((drawn["yi"] > 0).sum())
    clear_ipt = int((drawn["ci_lower"] > 0).sum())
    clear_other = int((drawn["ci_upper"] < 0).sum())
    parts = [f"Forest plot of {_plural(len(drawn), 'trial', 'trials')}."]
    if len(drawn) > 1:
        low, high = drawn.iloc[int(drawn["yi"].argmin())], drawn.iloc[int(drawn["yi"].argmax())]
        parts.append(
            f"Effects run from {tables.effect(low['yi'])} ({low['label']}) to "
            f"{tables.effect(high['yi'])} ({high['label']}); {towards} of {len(drawn)} lie on the "
            "side of IPT."
        )
        parts.append(
            f"The interval excludes no effect in {_plural(clear_ipt, 'trial', 'trials')} in favour "
            "of IPT and in "
            f"{_plural(clear_other, 'trial', 'trials')} in favour of the comparison."
        )
    else:
        only = drawn.iloc[0]
        shown = tables.estimate_with_interval(only["yi"], only["ci_lower"], only["ci_upper"])
        parts.append(f"{only['label']}: g {shown}. {favours(float(only['yi']))}.")
    parts.append(_diamond(pooled))
    return " ".join(part for part in parts if part)


def _diamond(pooled: PooledLike | None) -> str:
    if pooled is None or pooled.k == 0:
        return "No pooled effect is drawn."
    shown = tables.estimate_with_interval(
        pooled.estimate, pooled.ci_lower, pooled.ci_upper, pooled.level
    )
    predicted, below = prediction_interval(pooled), ""
    if predicted:
        below = (
            f" and, below it, a {tables.level(pooled.level)} prediction interval from "
            f"{tables.interval(*predicted)}"
        )
    return f"The diamond shows the pooled effect, g {shown}{below}."


def _plural(number: int, singular: str, plural: str) -> str:
    return f"{spell(number)} {singular if number == 1 else plural}"
