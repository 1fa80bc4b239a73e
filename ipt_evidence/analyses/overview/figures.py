"""What the Overview draws and how it says the same in words: panels, dots, cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.analyses.gap_map.panel import other_comparisons
from ipt_evidence.analyses.gap_map.result import Cell
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = [
    "DOTS_READ",
    "PANELS_READ",
    "Card",
    "cards",
    "dots",
    "dots_table",
    "dots_twin",
    "panel_trials",
    "panels",
    "panels_table",
    "panels_twin",
]

PANELS_READ = (
    "Each panel is one condition, and all panels share one scale, so that you can compare them. "
    "A line is one trial: the dot is its effect, the line its 95% confidence interval. Trials are "
    "sorted by effect.\n\n"
    "The vertical line at 0 means no difference. Right of it IPT did better, left of it the "
    "control. The coloured band is the pooled effect with its interval; a panel without a band "
    "has fewer than three trials.\n\n"
    "Look at three things: do most dots lie on one side, do the lines overlap, and are there few "
    "or many of them? Click a dot to see its trial."
)
DOTS_READ = (
    "Each dot is one study in the year of its report. Its area is the number of people; a filled "
    "dot has a result that can be pooled, a ring has none. Studies of one year stand above each "
    "other. A study of two conditions stands in both rows.\n\n"
    "Click a dot to open its study."
)


def panels(base: EvidenceBase, cells: Sequence[Cell]) -> pd.DataFrame:
    """One row a condition as `charts.small_multiples` takes it; ``cells`` of one comparison."""
    rows = []
    for cell in cells:
        pooled = cell.estimate.pooled
        rows.append(
            {
                "condition": cell.condition,
                "label": base.taxonomy.condition(cell.condition).label,
                "short": _short(base, cell.condition),
                "k": cell.estimate.k,
                "estimate": pooled.estimate if pooled else float("nan"),
                "ci_lower": pooled.ci_lower if pooled else float("nan"),
                "ci_upper": pooled.ci_upper if pooled else float("nan"),
            }
        )
    return pd.DataFrame(rows, columns="condition label short k estimate ci_lower ci_upper".split())


def _short(base: EvidenceBase, condition: str) -> str:
    concept = base.taxonomy.condition(condition)
    return concept.short_label or concept.label


def panel_trials(cells: Sequence[Cell]) -> pd.DataFrame:
    """The trials of the panels, one row a condition and trial."""
    columns = "condition study_id label yi ci_lower ci_upper".split()
    parts = [
        cell.estimate.trials.assign(condition=cell.condition)[columns]
        for cell in cells
        if cell.estimate.k
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def panels_table(base: EvidenceBase, cells: Sequence[Cell]) -> pd.DataFrame:
    """The trials of the panels as text."""
    trials = panel_trials(cells)
    return pd.DataFrame(
        {
            "Condition": [base.taxonomy.condition(c).label for c in trials["condition"]],
            "Trial": list(trials["label"]),
            "g": [tables.effect(value) for value in trials["yi"]],
            "95% CI": [
                tables.interval(low, high)
                for low, high in zip(trials["ci_lower"], trials["ci_upper"], strict=True)
            ],
        },
        dtype="object",
    )


def panels_twin(base: EvidenceBase, cells: Sequence[Cell]) -> str:
    """Say how the trials of each condition lie: how many, on which side, and how far apart."""
    return " ".join(_panel_sentence(base, cell) for cell in cells)


def _panel_sentence(base: EvidenceBase, cell: Cell) -> str:
    label = base.taxonomy.condition(cell.condition).label
    trials = cell.estimate.trials
    k = cell.estimate.k
    if not k:
        return f"{label}: no usable number."
    favour = int((trials["yi"] > 0).sum())
    number = "one trial" if k == 1 else f"{spell(k)} trials"
    ends = f"{tables.effect(trials['yi'].min())} to {tables.effect(trials['yi'].max())}"
    if k == 1:
        return f"{label}: one trial, g {tables.effect(trials['yi'].iloc[0])}."
    side = "all with" if favour == k else f"{spell(favour)} with"
    return f"{label}: {number}, {side} an effect in favour of IPT, from {ends}."


def dots(base: EvidenceBase) -> pd.DataFrame:
    """Studies as `charts.trial_dots` takes them: a row for each top-level condition of a study."""
    usable = set(base.effects.loc[base.effects["include"].astype(bool), "study_id"])
    studies = base.studies
    rows = [
        {
            "study_id": study["study_id"],
            "label": study["label"],
            "year": study["year"],
            "condition": condition,
            "condition_label": _short(base, condition),
            "n": study["n_randomised"],
            "usable": study["study_id"] in usable,
        }
        for condition in base.taxonomy.top_level
        for study in studies.to_dict("records")
        if condition in study["conditions_all"]
    ]
    columns = "study_id label year condition condition_label n usable".split()
    return pd.DataFrame(rows, columns=columns)


def dots_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The dots as text, one row a study, newest first."""
    grouped = rows.groupby("study_id", sort=False)
    first = grouped.first()
    first["conditions"] = grouped["condition_label"].agg(", ".join)
    first = first.sort_values(["year", "label"], ascending=[False, True], kind="stable")
    return pd.DataFrame(
        {
            "Study": list(first["label"]),
            "Year": [tables.text(None if pd.isna(y) else str(int(y))) for y in first["year"]],
            "Conditions": list(first["conditions"]),
            "People": [tables.count(n) for n in first["n"].astype(object)],
            "Can be pooled": ["yes" if usable else "no" for usable in first["usable"]],
        },
        dtype="object",
    )


def dots_twin(rows: pd.DataFrame) -> str:
    """Say from when to when, how half of them lie, and which conditions are studied most."""
    studies = rows.drop_duplicates("study_id")
    years = studies["year"].dropna().sort_values()
    if years.empty:
        return "No study with a year."
    counts = rows["condition_label"].value_counts()
    most = [f"{label} {tables.count(number)}" for label, number in counts.items()]
    usable = int(studies["usable"].sum())
    middle = int(years.iloc[len(years) // 2])
    return (
        f"{upper_first(spell(len(years)))} studies from {int(years.iloc[0])} to "
        f"{int(years.iloc[-1])}, half of them from {middle} on. By condition: {', '.join(most)}. "
        f"{tables.count(usable)} of them have a result that can be pooled."
    )


@dataclass(frozen=True, slots=True)
class Card:
    """One condition in words: the answer against control, and a line for each other comparison."""

    condition: str
    title: str
    answer: str
    others: tuple[str, ...]
    link: str


def cards(base: EvidenceBase, cells: Sequence[Cell]) -> list[Card]:
    """A card for each condition; ``cells`` are all cells of the map by comparison."""
    comparisons = base.taxonomy.comparisons
    made = []
    for cell in cells:
        if cell.comparison != comparisons[0].id:
            continue
        label = base.taxonomy.condition(cell.condition).label
        made.append(
            Card(
                condition=cell.condition,
                title=label,
                answer=answer_sentence(base, cell.estimate),
                others=tuple(other_comparisons(cell.condition, cells, comparisons)),
                link=f"Open {label}",
            )
        )
    return made
