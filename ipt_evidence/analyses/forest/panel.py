"""The forest plot and the drapery plot: their options, what they say in words, their tables."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.answer import empty
from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.differences.panel import (
    GROUP_NAMES,
    group_names,
    group_note,
    group_sentence,
    group_table,
    pairs_sentence,
)
from ipt_evidence.analyses.differences.result import groups_by
from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.analyses.panel import Detail, Option, Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, favours

__all__ = [
    "COLUMNS",
    "FIGURE",
    "GROUP",
    "ORDER",
    "drapery_panel",
    "grouped_trials",
    "options",
    "panel",
    "text_alternative",
]

FIGURE = Option(
    "figure",
    "Picture of the trials",
    {"forest": "Forest plot", "drapery": "All intervals at once (drapery plot)"},
)
ORDER = Option(
    "order",
    "Order of the trials",
    {
        "year": "Newest first",
        "effect": "Largest effect first",
        "weight": "Heaviest first",
        "label": "By name",
    },
)
GROUP = Option("group", "Group by", {"none": "No groups", **GROUP_NAMES}, listed=True)
COLUMNS = Option(
    "columns",
    "Columns",
    {
        "compared": "Compared with",
        "arms": "Numbers of each arm",
        "people": "People",
        "weight": "Weight",
        "domains": "Risk of bias by domain",
    },
    default=("compared", "people", "weight"),
    several=True,
    help="Numbers of each arm: means with standard deviations, or people with the event, as the "
    "source gives them. Where a screen has no room for all, some make way for others.",
    narrow=False,
)

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
    "- The disc tells the risk of bias: L low, S some concerns, H high, ? unclear. The column "
    "*Risk of bias by domain* shows it for each domain of the Cochrane tool, where a source does.\n"
    "- The dotted line runs through the pooled effect.\n"
    "- A dagger (†) marks a trial with a warning; open the trial to read it.\n"
    "- A hollow square is a trial that you left out.\n\n"
    "Click a square to open the trial, see its sources, or leave it out."
)


def options(base: EvidenceBase, view: View) -> tuple[Option, ...]:
    """Order, groups and columns of the forest plot."""
    return (ORDER, GROUP, COLUMNS)


@cached
def panel(
    base: EvidenceBase,
    view: View,
    order: str = "year",
    group: str = "none",
    columns: tuple[str, ...] = COLUMNS.default,
) -> Panel:
    """The trials one by one; with groups also whether these differ."""
    answer, groups = estimate_of(base, view), grouped_trials(base, view, group)
    rows = trials_in_order(answer, order, groups)
    details: tuple[Detail, ...] = ()
    if groups is not None:
        details = (
            Detail(
                f"by-{group.replace('_', '-')}",
                group_table(groups),
                heading="Do the groups differ?",
                sentence=group_sentence(groups),
            ),
        )
    return Panel(
        () if len(rows) else (empty(answer),),
        forest_table(rows, domains="domains" in columns),
        text_alternative=forest_alternative(rows, answer, groups),
        how_to_read=HOW_TO_READ_FOREST,
        details=details,
        drawn=bool(len(rows)),
    )


def grouped_trials(base: EvidenceBase, view: View, group: str) -> Grouped | None:
    """The groups of the trials of ``view``; None for no groups, and without a trial."""
    if group == "none" or not estimate_of(base, view).k:
        return None
    return groups_by(base, view, group)


@cached
def drapery_panel(base: EvidenceBase, view: View) -> Panel:
    """All intervals of all trials at once."""
    answer = estimate_of(base, view)
    return Panel(
        () if answer.k else (empty(answer),),
        tables.trials_table(trials_in_order(answer, "effect")),
        text_alternative=drapery_alternative(answer),
        how_to_read=HOW_TO_READ_DRAPERY,
        drawn=bool(answer.k),
    )


def forest_alternative(rows: pd.DataFrame, answer: Estimate, groups: Grouped | None) -> str:
    """What the forest plot shows, in words, with its groups and the trials left out."""
    used = rows.loc[~rows["excluded"].astype(bool)] if len(rows) else rows
    parts = [text_alternative(used, answer.shown)]
    removed = len(rows) - len(used)
    if removed:
        named = ", ".join(rows["label"].tail(removed))
        parts.append(f"Left out by you, below the others: {named}.")
    if groups is not None and groups.result is not None:
        names = group_names(groups)
        found = groups.shown
        shown = [
            f"{names[level]} g "
            f"{tables.estimate_with_interval(one.estimate, one.ci_lower, one.ci_upper)}, "
            f"k = {one.k}"
            for level in groups.order
            if (one := found.get(level)) is not None
        ]
        if shown:
            parts.append(f"By {GROUP_NAMES[groups.by].lower()}: {'; '.join(shown)}.")
        parts += [group_note(groups), pairs_sentence(groups)]
    return " ".join(part for part in parts if part)


def drapery_alternative(answer: Estimate) -> str:
    """What the drapery plot shows, in words."""
    if answer.pooled is None or answer.trials.empty:
        return "Drapery plot without a trial."
    error = answer.trials["vi"].astype(float)
    narrow = answer.trials.iloc[int(error.argmin())]
    together = "Two trials have no curve of all together."
    if pooled := answer.shown:
        shown = tables.pooled_effect(pooled)
        p = tables.p_value(pooled.p)
        together = (
            f"The curve of all together peaks at g {shown}; of a true effect of 0 its p is {p}."
        )
    return (
        f"Drapery plot: the p-value functions of {counted(len(answer.trials))}. {together} "
        f"The narrowest curve is that of {narrow['label']}, peaking at g "
        f"{tables.effect(narrow['yi'])}."
    )


def forest_table(rows: pd.DataFrame, *, domains: bool = False) -> pd.DataFrame:
    """The rows of the forest plot as text, in its order, with its groups and raw numbers.

    With ``domains`` a column for each domain of risk of bias that some trial is rated in.
    """
    table = tables.trials_table(rows)
    if "group" in rows.columns:
        table.insert(0, "Group", ["" if pd.isna(name) else name for name in rows["group"]])
    if "ipt_data" in rows.columns:
        place = list(table.columns).index("People")
        table.insert(place, "IPT arm", rows["ipt_data"].to_list())
        table.insert(place + 1, "Comparison arm", rows["comparison_data"].to_list())
    if domains and len(rows):
        rated = rows["domains"].to_list()
        for name in dict.fromkeys(name for one in rated for name in one):
            table[name] = [one.get(name, "") for one in rated]
    if len(rows) and rows["excluded"].any():
        table["In the estimate"] = ["left out by you" if one else "yes" for one in rows["excluded"]]
    return table


def text_alternative(trials: pd.DataFrame, pooled: PooledEffect | None) -> str:
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
    parts = [f"Forest plot of {counted(len(drawn))}."]
    if len(drawn) > 1:
        low, high = drawn.iloc[int(drawn["yi"].argmin())], drawn.iloc[int(drawn["yi"].argmax())]
        parts.append(
            f"Effects run from {tables.effect(low['yi'])} ({low['label']}) to "
            f"{tables.effect(high['yi'])} ({high['label']}); {towards} of {len(drawn)} lie on the "
            "side of IPT."
        )
        parts.append(
            f"The interval excludes 0 in {counted(clear_ipt)} in favour "
            "of IPT and in "
            f"{counted(clear_other)} in favour of the comparison."
        )
    else:
        only = drawn.iloc[0]
        shown = tables.estimate_with_interval(only["yi"], only["ci_lower"], only["ci_upper"])
        parts.append(f"{only['label']}: g {shown}. {favours(float(only['yi']))}.")
    parts.append(_diamond(pooled))
    return " ".join(part for part in parts if part)


def _diamond(pooled: PooledEffect | None) -> str:
    if pooled is None or pooled.k == 0:
        return "No pooled effect is drawn."
    shown = tables.pooled_effect(pooled)
    predicted, below = tables.prediction_interval(pooled), ""
    if predicted:
        below = (
            f" and, below it, a {tables.level(pooled.level)} prediction interval from "
            f"{tables.interval(*predicted)}"
        )
    return f"The diamond shows the pooled effect, g {shown}{below}."
