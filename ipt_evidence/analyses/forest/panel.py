"""The forest plot of the Condition page: order, groups, raw numbers and what they say in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ipt_evidence.analyses.differences.grouping import SEVERAL, UNKNOWN, Grouped
from ipt_evidence.analyses.forest.arms import arms_of_trials
from ipt_evidence.analyses.forest.text_alternative import text_twin
from ipt_evidence.evidence.estimation import Estimate, taken_out
from ipt_evidence.meta_analysis.subgroups import SubgroupEffect, Subgroups
from ipt_evidence.wording import tables
from ipt_evidence.wording.studies import flag_words, label_of

__all__ = [
    "GROUP_NAMES",
    "HOW_TO_READ_DRAPERY",
    "HOW_TO_READ_FOREST",
    "KINDS",
    "ORDERS",
    "drapery_twin",
    "forest_table",
    "forest_twin",
    "group_names",
    "group_note",
    "group_pooled",
    "group_sentence",
    "group_table",
    "plotted",
]

ORDERS = {
    "year": "Newest first",
    "effect": "Largest effect first",
    "weight": "Heaviest first",
    "label": "By name",
}
_SORTED_BY: dict[str, tuple[list[str], list[bool]]] = {
    "year": (["year", "label"], [False, True]),
    "effect": (["yi", "label"], [False, True]),
    "weight": (["weight", "label"], [False, True]),
    "label": (["label"], [True]),
}


GROUP_NAMES = {
    "none": "No groups",
    "condition": "Condition",
    "against": "Comparison arm",
    "age": "Age group",
    "format": "Format",
    "rob": "Risk of bias",
    "period": "Decade",
    "variant": "Variant of IPT",
    "rater": "Who rated",
    "people": "Size of the trial",
}


def plotted(answer: Estimate, order: str, groups: Grouped | None = None) -> pd.DataFrame:
    """The rows of the forest plot, as `charts.forest_plot` takes them.

    Trials in ``order`` (a key of ``ORDERS``), within ``groups`` where given (column ``group``);
    those that the reader took out come last, with ``apart`` true.
    """
    columns, ascending = _SORTED_BY[order]
    trials = answer.trials.sort_values(columns, ascending=ascending, kind="stable")
    if groups is not None and len(trials):
        names = group_names(groups)
        place = {level: index for index, level in enumerate(groups.order)}
        levels = trials["study_id"].map(groups.level)
        ordered = levels.map(place).sort_values(kind="stable").index
        trials = trials.assign(group=levels.map(names)).loc[ordered]
    trials = trials.assign(apart=False)
    removed = taken_out(answer)
    if len(removed):
        removed = removed.sort_values(columns, ascending=ascending, kind="stable")
        trials = pd.concat([trials, removed.assign(apart=True)], ignore_index=True)
    if trials.empty:
        return trials
    words = [", ".join(flag_words(flag).short for flag in flags) for flags in trials["flags"]]
    arms = arms_of_trials(answer)
    return trials.assign(
        flags=words,
        ipt_data=[arms[study][0] for study in trials["study_id"]],
        comparison_data=[arms[study][1] for study in trials["study_id"]],
    )


KINDS = {"forest": "Forest plot", "drapery": "All intervals at once (drapery plot)"}

HOW_TO_READ_DRAPERY = (
    "A 95% interval is a habit, not a law. Here each trial is a curve that shows all its intervals "
    "at once: where it meets the line at .05 its 95% interval ends, at .50 its 50% interval. The "
    "height over an effect is the p value of the test that this is the true effect: effects "
    "under the peak fit the trial well, effects under the foot fit it badly.\n\n"
    "The thick curve is all trials together; the shaded hill is where the true effect of a new, "
    "similar trial may lie. A narrow curve is a precise trial. Where many curves lie beside one "
    "another, trials disagree (Rücker & Schwarzer 2021, doi:10.1002/jrsm.1410)."
)
HOW_TO_READ_FOREST = (
    "Each row is one trial. The square is its effect, the line its 95% confidence interval, and "
    "the larger the square, the more the trial weighs. Right of 0 people did better with IPT, left "
    "of it with the comparison; an interval that crosses 0 leaves open which.\n\n"
    "The diamond is all trials together, as wide as its confidence interval. The bar under it is "
    "the prediction interval: where the true effect of a new, similar trial may lie.\n\n"
    "- An arrow means that an interval goes on beyond the axis.\n"
    "- The disc tells the risk of bias: L low, S some concerns, H high, ? unclear.\n"
    "- A dagger (†) marks a trial with a warning; open the trial to read it.\n"
    "- A hollow square is a trial that you left out.\n\n"
    "Click a square to open the trial, see its sources, or leave it out."
)


def forest_twin(rows: pd.DataFrame, answer: Estimate, groups: Grouped | None) -> str:
    """What the forest plot shows, in words, with its groups and the trials left out."""
    used = rows.loc[~rows["apart"].astype(bool)] if len(rows) else rows
    parts = [text_twin(used, answer.pooled)]
    removed = len(rows) - len(used)
    if removed:
        named = ", ".join(rows["label"].tail(removed))
        parts.append(f"Left out by you, below the others: {named}.")
    if groups is not None and groups.result is not None:
        names = group_names(groups)
        shown = [
            f"{names[one.group]} g "
            f"{tables.estimate_with_interval(one.estimate, one.ci_lower, one.ci_upper)}, "
            f"k = {one.k}"
            for one in sorted(groups.result.groups, key=lambda one: groups.order.index(one.group))
        ]
        parts.append(f"By {GROUP_NAMES[groups.by].lower()}: {'; '.join(shown)}.")
        parts.append(group_note(groups))
    return " ".join(parts)


def drapery_twin(answer: Estimate) -> str:
    """What the drapery plot shows, in words."""
    pooled = answer.pooled
    if pooled is None or answer.trials.empty:
        return "Drapery plot without a trial."
    error = answer.trials["vi"].astype(float)
    narrow = answer.trials.iloc[int(error.argmin())]
    shown = tables.estimate_with_interval(
        pooled.estimate, pooled.ci_lower, pooled.ci_upper, pooled.level
    )
    return (
        f"Drapery plot: the p-value functions of {len(answer.trials)} trials. The curve of all "
        f"together peaks at g {shown}; of a true effect of 0 its p is {tables.p_value(pooled.p)}. "
        f"The narrowest curve is that of {narrow['label']}, peaking at g "
        f"{tables.effect(narrow['yi'])}."
    )


def forest_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the forest plot as text, in its order, with its groups and raw numbers."""
    table = tables.trials_table(rows)
    if "group" in rows.columns:
        table.insert(0, "Group", ["" if pd.isna(name) else name for name in rows["group"]])
    if "ipt_data" in rows.columns:
        place = list(table.columns).index("People")
        table.insert(place, "IPT arm", rows["ipt_data"].to_list())
        table.insert(place + 1, "Comparison arm", rows["comparison_data"].to_list())
    if len(rows) and rows["apart"].any():
        table["In the estimate"] = ["left out by you" if one else "yes" for one in rows["apart"]]
    return table


def group_names(groups: Grouped) -> dict[str, str]:
    """The heading of each level."""
    return {level: _level_name(level, groups.by) for level in groups.order}


def _level_name(level: str, by: str) -> str:
    if level == UNKNOWN:
        return "Not further specified" if by == "condition" else "Not reported"
    if level == SEVERAL:
        return "More than one of these"
    if by == "people":
        return f"{level[:1].upper()}{level[1:]} people"
    if by == "rob":
        return tables.risk_of_bias(level)
    return level if by in ("condition", "period") else _upper(label_of(level))


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def group_pooled(groups: Grouped) -> Mapping[str, SubgroupEffect]:
    """The pooled effect of each group under its heading."""
    if groups.result is None:
        return {}
    names = group_names(groups)
    return {names[group.group]: group for group in groups.result.groups}


def _statistic(result: Subgroups) -> str:
    """The test as journals print it: "F 0.43 (df 5, 28), p = .82"."""
    if result.q_between is None or result.p is None:
        return "cannot be tested"
    p = tables.p_value(result.p)
    shown = p if p[0] in "<>" else f"= {p}"
    if result.df2 is None:
        return f"χ² {tables.effect(result.q_between)} (df {result.df1}), p {shown}"
    return f"F {tables.effect(result.q_between)} (df {result.df1}, {result.df2}), p {shown}"


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
        listed = ", ".join(few)
        warning = f" Fewer than five trials each: {listed}; alone they say little."
    return f"{opening} {_upper(_statistic(result))}. {caution}{warning}"


def group_table(groups: Grouped) -> pd.DataFrame:
    """Group, trials, g, interval and heterogeneity, as text."""
    names = group_names(groups)
    shared = groups.result is not None and groups.result.common_tau2
    found = {} if groups.result is None else {g.group: g for g in groups.result.groups}
    rows = []
    for level in groups.order:
        group, g, ends, spread = found.get(level), *[tables.NOT_REPORTED] * 3
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
