"""What might explain why results differ: groups side by side, and meta-regression on a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.differences.explanation import Explanation
from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.forest.panel import GROUP_NAMES, group_names
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell

__all__ = [
    "AXES",
    "GROUPS_KEY",
    "HOW_TO_READ_BUBBLES",
    "HOW_TO_READ_GROUPS",
    "LEAD",
    "MODERATOR_NAMES",
    "groups_rows",
    "groups_table",
    "groups_twin",
    "regression_note",
    "regression_sentence",
    "regression_table",
    "regression_twin",
]

LEAD = (
    "Results differ from trial to trial. Here trials that share something stand together. None of "
    "this was randomised: a group may differ because its people, its comparison or its methods "
    "do. With so many comparisons, about one in twenty looks clear by chance alone."
)
MODERATOR_NAMES = {
    "year": "Year",
    "n_sessions": "Sessions",
    "mean_age": "Mean age",
    "percent_women": "Share of women",
    "people": "People in the trial",
}
AXES = {
    "year": "Year of the main report",
    "n_sessions": "Sessions",
    "mean_age": "Mean age in years",
    "percent_women": "Women, in percent",
    "people": "People in the trial",
}
STEPS = {
    "year": (10.0, "ten years later"),
    "n_sessions": (5.0, "five sessions more"),
    "mean_age": (10.0, "ten years older on average"),
    "percent_women": (10.0, "ten percentage points more women"),
    "people": (100.0, "a hundred people more"),
}
GROUPS_KEY = (
    "Band: the estimate with all trials. p: test that the groups under a heading are all alike."
)
HOW_TO_READ_GROUPS = (
    "Each dot is the pooled effect of one group of trials, the line its 95% interval. The band "
    "behind them is the estimate with all trials. Beside each heading stands p of the test that "
    "its groups are alike: a small p means that chance alone explains the differences poorly.\n\n"
    "A group of one or two trials has a wide interval or rests on one result. Whether two "
    "intervals overlap is no test of their difference."
)
HOW_TO_READ_BUBBLES = (
    "Each bubble is a trial: its number from left to right, its effect from bottom to top, and the "
    "larger, the more it weighs. The line is the effect that the regression expects, the dark band "
    "its 95% interval, the light band where the true effect of a new trial may lie.\n\n"
    "R² is the share of the differences between trials that the line accounts for; with few trials "
    "it jumps to 0 or 100% by chance. A trial's average says little about its people: if trials "
    "with older people found less, older people in a trial may still gain as much."
)


def groups_rows(all_groups: Sequence[Grouped]) -> pd.DataFrame:
    """Rows for `charts.estimate_rows`: a heading for each grouping, then its groups."""
    rows: list[dict[str, Any]] = []
    for groups in all_groups:
        if groups.result is None:
            continue
        names = group_names(groups)
        test = "" if groups.result.p is None else f"(p {_is(tables.p_value(groups.result.p))})"
        rows.append({"label": GROUP_NAMES[groups.by], "note": test, "heading": True})
        found = {one.group: one for one in groups.result.groups}
        for level in groups.order:
            one = found[level]
            rows.append(
                {
                    "label": names[level],
                    "estimate": one.estimate,
                    "ci_lower": one.ci_lower,
                    "ci_upper": one.ci_upper,
                    "k": one.k,
                    "heading": False,
                    "by": GROUP_NAMES[groups.by],
                }
            )
    return pd.DataFrame(rows)


def groups_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the figure as text."""
    if rows.empty:
        return pd.DataFrame(columns=["Sorted by", "Group", "Trials", "g", "95% CI"])
    shown = rows.loc[~rows["heading"].astype(bool)]
    return pd.DataFrame(
        {
            "Sorted by": shown["by"].to_list(),
            "Group": shown["label"].to_list(),
            "Trials": [tables.count(k) for k in shown["k"]],
            "g": [tables.effect(value) for value in shown["estimate"]],
            "95% CI": [
                tables.interval(low, high)
                for low, high in zip(shown["ci_lower"], shown["ci_upper"], strict=True)
            ],
        }
    )


def groups_twin(all_groups: Sequence[Grouped]) -> str:
    """Which of the groupings differ by more than chance explains."""
    tested = [g for g in all_groups if g.result is not None and g.result.p is not None]
    if not tested:
        return "No two groups of trials can be compared."
    clear = [g for g in tested if g.result is not None and (g.result.p or 1.0) < 0.05]
    named = ", ".join(
        f"{GROUP_NAMES[g.by].lower()} (p {_is(tables.p_value(g.result.p))})"
        for g in clear
        if g.result is not None
    )
    head = f"Trials sorted in {spell(len(tested))} way{'' if len(tested) == 1 else 's'}."
    if not clear:
        return f"{head} In none of them do the groups differ by more than chance explains."
    return (
        f"{head} By more than chance explains, groups differ by {named}. Several tests were made, "
        "so one may be clear by chance."
    )


def _is(p: str) -> str:
    return p if p.startswith(("<", ">")) else f"= {p}"


def regression_note(found: Explanation) -> str:
    """The regression in numbers: slope, test, R² and k."""
    fit = found.fit
    if fit is None:
        return ""
    slope = fit.coefficients[1]
    step, words = STEPS[found.moderator]
    ends = tables.interval(slope.ci_lower * step, slope.ci_upper * step)
    r2 = "" if fit.r2 is None else f", R² {tables.percent(fit.r2)}"
    return (
        f"g changes by {tables.effect(slope.estimate * step)} ({ends}) with {words}; "
        f"p {_is(tables.p_value(fit.qm_p))}{r2}, k = {fit.k}."
    )


def regression_sentence(found: Explanation) -> str:
    """What the regression allows to say, and its warnings."""
    name = MODERATOR_NAMES[found.moderator].lower()
    parts = []
    if found.fit is None:
        parts.append(f"No line is drawn: {found.reason}.")
    else:
        p = found.fit.qm_p
        if p is not None and p < 0.05:
            parts.append(
                f"Effects go with {name} more closely than chance explains (p "
                f"{_is(tables.p_value(p))}). That is an association between trials; what else "
                "differs between them may be the reason."
            )
        else:
            parts.append(
                f"No clear association with {name} (p {_is(tables.p_value(p))}). That does not "
                "show that it makes no difference."
            )
        if found.few:
            parts.append(
                f"There are {spell(found.fit.k)} trials; at least ten are advised, so this is a "
                "sketch and not a finding."
            )
    if found.unknown:
        parts.append(f"Not known for {spell(len(found.unknown))}: {', '.join(found.unknown)}.")
    return " ".join(parts)


def regression_twin(found: Explanation) -> str:
    """What the bubble plot shows, in words."""
    if found.trials.empty:
        return f"No trial of this estimate tells its {MODERATOR_NAMES[found.moderator].lower()}."
    low, high = found.trials["x"].min(), found.trials["x"].max()
    return (
        f"Bubble plot of {len(found.trials)} trials: {AXES[found.moderator].lower()} runs from "
        f"{low:g} to {high:g}. {regression_note(found)} {regression_sentence(found)}"
    )


def regression_table(found: Explanation) -> pd.DataFrame:
    """One row a bubble, by its number."""
    ordered = found.trials.sort_values("x", kind="stable")
    return pd.DataFrame(
        {
            "Trial": ordered["label"].to_list(),
            AXES[found.moderator]: [f"{value:g}" for value in ordered["x"]],
            "g": [tables.effect(value) for value in ordered["yi"]],
            "Weight": [tables.percent(value, 1) for value in ordered["weight"]],
        }
    )
