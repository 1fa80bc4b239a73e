"""What might explain why results differ: groups side by side, and meta-regression on a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.differences.grouping import SEVERAL, UNKNOWN, Grouped
from ipt_evidence.analyses.differences.result import (
    MODERATORS,
    Explanation,
    all_groups,
    explanation,
)
from ipt_evidence.analyses.panel import Option, Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import facets
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.moderators import Subgroups
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import counted, listed, spell, upper_first
from ipt_evidence.wording.studies import level_label

__all__ = [
    "AXES",
    "GROUP_NAMES",
    "LEAD",
    "LEAST",
    "MODERATOR",
    "TOO_FEW",
    "group_names",
    "group_note",
    "group_sentence",
    "group_table",
    "groups_panel",
    "groups_rows",
    "groups_sentence",
    "options",
    "pairs_sentence",
    "panel",
    "regression_note",
    "regression_sentence",
]

LEAST = 3  # trials; fewer cannot differ by more than two results do
TOO_FEW = "There are too few trials to compare: this needs three or more."

LEAD = (
    "Results differ from trial to trial. Here trials that share something stand together. None of "
    "this was randomised: a group may differ because its people, its comparison or its methods "
    "do. With so many comparisons, about one in twenty looks clear by chance alone."
)
GROUP_NAMES = {facet.id: facet.label for facet in facets("groups")}
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
MODERATOR = Option(
    "moderator", "Number of the trials", {name: MODERATOR_NAMES[name] for name in MODERATORS}
)
HOW_TO_READ_GROUPS = (
    "Each dot is the pooled effect of one group of trials, the line its 95% interval. The band "
    "behind them is the estimate with all trials. Beside each heading stands p of the test that "
    "its groups are alike: a small p means that chance alone explains the differences poorly.\n\n"
    "A group of two trials has no dot: two are too few to pool, though the test counts them. A "
    "group of one rests on one result. Whether two intervals overlap is no test of their "
    "difference."
)
HOW_TO_READ_BUBBLES = (
    "Each bubble is a trial: its number from left to right, its effect from bottom to top, and the "
    "larger, the more it weighs. The line is the effect that the regression expects, the dark band "
    "its 95% interval, the light band where the true effect of a new trial may lie.\n\n"
    "R² is the share of the differences between trials that the line accounts for; with few trials "
    "it jumps to 0 or 100% by chance. A trial's average says little about its people: if trials "
    "with older people found less, older people in a trial may still gain as much."
)


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """The number of the trials against which their effects stand."""
    return (MODERATOR,)


@cached
def groups_panel(base: EvidenceBase, view: View) -> Panel:
    """Every grouping of the trials at a glance."""
    groups = all_groups(base, view)
    sentence = groups_sentence(groups)
    return Panel(
        (sentence,),
        _groups_table(groups_rows(groups)),
        text_alternative=sentence,
        how_to_read=HOW_TO_READ_GROUPS,
    )


@cached
def panel(base: EvidenceBase, view: View, moderator: str = MODERATORS[0]) -> Panel:
    """Meta-regression of the effects on ``moderator``, a choice of `MODERATOR`."""
    found = explanation(estimate_of(base, view), moderator)
    return Panel(
        (regression_sentence(found),),
        _regression_table(found),
        text_alternative=_regression_alternative(found),
        how_to_read=HOW_TO_READ_BUBBLES,
    )


def group_names(groups: Grouped) -> dict[str, str]:
    """The heading of each level."""
    return {level: _level_name(level, groups.by) for level in groups.order}


def _level_name(level: str, by: str) -> str:
    if level == UNKNOWN:
        return "Not further specified" if by == "condition" else "Not reported"
    if level == SEVERAL:
        return "More than one of these"
    name = level_label(by, level)
    return f"{name} people" if by == "people" else name


def _statistic(result: Subgroups) -> str:
    """The test as journals print it: "F 0.43 (df 5, 28), p = .82"."""
    if result.q_between is None or result.p is None:
        return "cannot be tested"
    p = tables.p_is(result.p)
    if result.df2 is None:
        return f"χ² {tables.effect(result.q_between)} (df {result.df1}), p {p}"
    return f"F {tables.effect(result.q_between)} (df {result.df1}, {result.df2}), p {p}"


def group_note(groups: Grouped) -> str:
    """The line under the plot that tests the difference between the groups."""
    if groups.result is None:
        return f"Groups are not compared: {groups.reason.lower()}." if groups.reason else ""
    shared = "one τ² for all groups" if groups.result.common_tau2 else "each group its own τ²"
    return f"Difference between groups: {_statistic(groups.result)}; {shared}."


def group_sentence(groups: Grouped) -> str:
    """What the comparison of groups allows to say, in plain words."""
    what = GROUP_NAMES[groups.by].lower()
    result = groups.result
    if result is None or result.p is None:
        return f"Groups cannot be compared here. {groups.reason}." if groups.reason else ""
    if result.p < 0.05:
        opening = f"Results differ between these groups more than chance explains ({what})."
        caution = (
            "Trials were not randomised to a group, and other things differ between them too: take "
            "this as a question, not as an answer."
        )
    else:
        opening = f"Chance alone can explain the differences between these groups ({what})."
        caution = "That does not show that they are alike: such tests miss most real differences."
    few = [group_names(groups)[level] for level in groups.few]
    warning = ""
    if few:
        warning = f" Fewer than five trials each: {', '.join(few)}; alone they say little."
    said = f"{opening} {upper_first(_statistic(result))}. {caution}{warning}"
    return f"{said} {pairs_sentence(groups)}".strip()


def pairs_sentence(groups: Grouped) -> str:
    """Why groups of two trials have no pooled effect, and what they found; empty without any."""
    names = group_names(groups)
    found = [
        f"{names[level]} (g {listed([tables.effect(value) for value in values])})"
        for level, values in groups.pairs.items()
    ]
    if not found:
        return ""
    return (
        f"Two trials are too few to pool, so they stand one by one: {'; '.join(found)}. The test "
        "of the difference counts them."
    )


def group_table(groups: Grouped) -> pd.DataFrame:
    """Group, trials, g, interval and heterogeneity, as text."""
    names = group_names(groups)
    shared = groups.result is not None and groups.result.common_tau2
    found, pairs = groups.shown, groups.pairs
    rows = []
    for level in groups.order:
        group, g, ends, spread = found.get(level), *[tables.NOT_REPORTED] * 3
        if level in pairs:
            g = listed([tables.effect(value) for value in pairs[level]])
            ends, spread = sentences.TOO_FEW_TO_POOL, ""
        if group is not None:
            g, ends = tables.effect(group.estimate), tables.interval(group.ci_lower, group.ci_upper)
            spread = "shared" if shared else tables.percent(group.i2)
        rows.append(
            {
                GROUP_NAMES[groups.by]: names[level],
                "Trials": tables.count(int((groups.level == level).sum())),
                "g": g,
                "95% CI": ends,
                "I²": spread,
            }
        )
    return pd.DataFrame(rows)


def groups_rows(all_groups: Sequence[Grouped]) -> pd.DataFrame:
    """Rows for `figures.rows.estimate_rows`: a heading for each grouping, then its groups."""
    rows: list[dict[str, Any]] = []
    for groups in all_groups:
        if groups.result is None:
            continue
        names = group_names(groups)
        test = "" if groups.result.p is None else f"(p {tables.p_is(groups.result.p)})"
        rows.append({"label": GROUP_NAMES[groups.by], "note": test, "heading": True})
        rows += [
            {
                "label": names[level],
                "k": int((groups.level == level).sum()),
                "heading": False,
                "by": GROUP_NAMES[groups.by],
                **_drawn(groups, level),
            }
            for level in groups.order
        ]
    return pd.DataFrame(rows)


def _drawn(groups: Grouped, level: str) -> dict[str, Any]:
    """What stands in the row of a level: its effect, or that two trials have none together."""
    if level in groups.pairs:
        return {"instead": sentences.TOO_FEW_TO_POOL}
    one = groups.shown[level]
    return {"estimate": one.estimate, "ci_lower": one.ci_lower, "ci_upper": one.ci_upper}


def _groups_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the figure as text."""
    if rows.empty:
        return pd.DataFrame(columns=["Sorted by", "Group", "Trials", "g", "95% CI"])
    shown = rows.loc[~rows["heading"].astype(bool)]
    instead = shown["instead"].fillna("") if "instead" in shown else [""] * len(shown)
    known = list(zip(shown["estimate"], instead, strict=True))
    return pd.DataFrame(
        {
            "Sorted by": shown["by"].to_list(),
            "Group": shown["label"].to_list(),
            "Trials": [tables.count(k) for k in shown["k"]],
            "g": ["" if words else tables.effect(g) for g, words in known],
            "95% CI": [
                words or ends
                for ends, (_, words) in zip(tables.intervals(shown), known, strict=True)
            ],
        }
    )


def groups_sentence(all_groups: Sequence[Grouped]) -> str:
    """Which of the groupings differ by more than chance explains."""
    tested = [g for g in all_groups if g.result is not None and g.result.p is not None]
    if not tested:
        return "No two groups of trials can be compared."
    clear = [g for g in tested if g.result is not None and (g.result.p or 1.0) < 0.05]
    named = ", ".join(
        f"{GROUP_NAMES[g.by].lower()} (p {tables.p_is(g.result.p)})"
        for g in clear
        if g.result is not None
    )
    head = f"Trials were grouped in {counted(len(tested), 'way')}."
    if not clear:
        return f"{head} In none of them do the groups differ by more than chance explains."
    return (
        f"{head} Groups differ by {named} more than chance alone would explain. Several tests "
        "were made, so one may be clear by chance."
    )


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
        f"p {tables.p_is(fit.qm_p)}{r2}, k = {fit.k}."
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
                f"{tables.p_is(p)}). That is an association between trials; what else "
                "differs between them may be the reason."
            )
        else:
            parts.append(
                f"No clear association with {name} (p {tables.p_is(p)}). That does not "
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


def _regression_alternative(found: Explanation) -> str:
    """What the bubble plot shows, in words."""
    if found.trials.empty:
        return f"No trial of this estimate tells its {MODERATOR_NAMES[found.moderator].lower()}."
    low, high = found.trials["x"].min(), found.trials["x"].max()
    return (
        f"Bubble plot of {counted(len(found.trials))}: {AXES[found.moderator].lower()} runs from "
        f"{low:g} to {high:g}. {regression_note(found)} {regression_sentence(found)}"
    )


def _regression_table(found: Explanation) -> pd.DataFrame:
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
