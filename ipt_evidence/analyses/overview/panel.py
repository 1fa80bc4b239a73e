"""The words of the Overview: what the base holds, condition by condition, and how current it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.analyses.gap_map.panel import columns, filled, lines, nothing_words
from ipt_evidence.analyses.gap_map.result import Cell, coverage, unplaced
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, listed, lower_first, spell, upper_first

__all__ = [
    "CURRENCY_NOTE",
    "DIMENSION_EXPLAINED",
    "MAP_EXPLAINED",
    "MAP_KEY",
    "START_RESEARCHER",
    "START_STUDENT",
    "Card",
    "audit_line",
    "by_condition_panel",
    "by_year_panel",
    "cards",
    "conditions_of",
    "control_cells",
    "currency_table",
    "lead",
    "map_label",
    "map_note",
    "studies_by_year",
    "trials_of",
    "years_alternative",
]

MAP_EXPLAINED = (
    "Each cell is a question: for people with this condition, does IPT help more than this "
    "alternative? It holds the pooled effect (Hedges g), its 95% confidence interval, how many "
    "trials and people stand behind it, and how sure one can be. A g of 0.2 is small, 0.5 "
    "moderate, 0.8 large; above 0 favours IPT. Open a cell to see its trials."
)
DIMENSION_EXPLAINED = {
    "comparison": MAP_EXPLAINED,
    "age": "Who took part: the trials of each condition, split by age group.",
    "format": "How IPT was given: alone with a therapist, in a group, by telephone, online.",
    "outcome": (
        "What was measured after treatment. A condition is mostly judged by its own symptoms; here "
        "stands what IPT does for anything else that was measured."
    ),
    "when": (
        "Does it last? Results at the end of treatment, up to half a year later, and after more "
        "than half a year."
    ),
}

MAP_KEY = (
    "Blue-green: the whole interval favours IPT. Orange: it favours the comparison. Grey: no clear "
    "difference. The stronger the colour, the larger the effect. Circles: how sure one can be, "
    "⊕◯◯◯ very low to ⊕⊕⊕⊕ high, suggested by fixed rules after GRADE, and held at low where no "
    "systematic search was made for the question. One or two trials are tinted faintly, however "
    "large their effect; two are shown one by one. Small words name the conditions that a cell "
    "mixes (open a row to see them apart), and *from another search* that its trials were found by "
    "a search for another question. Empty cells say why: *only at follow-up* means that "
    "results exist, but none after treatment; "
    "*no usable number* means that trials exist but report too little to pool; *no trial found* "
    "means that somebody looked; *no result recorded*, that the base holds trials but no such "
    "result of them; hatched cells were *not searched* by the sources used here. "
    "Effects are after treatment unless the column says otherwise, from randomised trials, each "
    "counted once (REML, Hartung-Knapp)."
)


def map_label(base: EvidenceBase, dimension: str, comparison: str) -> str:
    """Name the map for those who hear it: its rows, its columns, and what IPT was compared with."""
    if dimension == "comparison":
        return "What is known for each condition and comparison"
    against = lower_first(base.taxonomy.comparison(comparison).label)
    columns_named = lower_first(FACETS[dimension].label)
    return f"What is known for each condition and {columns_named}, IPT compared with {against}"


def map_note(base: EvidenceBase, dimension: str, cells: Sequence[Cell]) -> str:
    """What the columns of the map do not hold; empty where they hold everything.

    ``cells`` are all cells of the dimension for one comparison.
    """
    every = columns(base, dimension)
    held = filled(cells, every)
    notes = []
    missing = [lower_first(column.label) for column in every if column not in held]
    if missing and dimension != "comparison":
        notes.append(f"No column, because no trial is known: {listed(missing)}.")
    lost = unplaced(base, dimension, cells[0].comparison) if cells else 0
    if lost:
        are = "trial does" if lost == 1 else "trials do"
        name = lower_first(FACETS[dimension].label)
        notes.append(f"{upper_first(spell(lost))} {are} not report the {name}.")
    return " ".join(notes)


START_STUDENT = "Start here: is IPT better than no treatment for depression?"
START_RESEARCHER = "I am a researcher: search, filter, export"


@cached
def lead(base: EvidenceBase) -> str:
    """What IPT is, what the base holds and how it is used, in a few sentences."""
    usable = int(base.effects["include"].sum())
    published = int(base.pooled["about_ipt"].sum())
    return (
        "Interpersonal Psychotherapy (IPT) is a structured talking treatment of a fixed length. It "
        "works on a person's relationships. This explorer brings together "
        f"**{tables.count(len(base.studies))} studies** of IPT and related treatments. They have "
        f"**{tables.count(len(base.effects))} results**, {tables.count(usable)} of which may be "
        f"pooled. Beside them stand **{tables.count(published)} results about IPT that "
        "meta-analyses published**. Choose a cell of the map to see its trials. Every number opens "
        "to its source."
    )


@cached
def audit_line(base: EvidenceBase) -> str:
    """The verdict on the article's references in one or two sentences."""
    counts = base.audit.verdict_counts()
    total = len(base.audit.references)
    missing = [
        lower_first(base.taxonomy.condition(condition).label)
        for condition in base.audit.conditions_without_evidence()
    ]
    line = (
        f"An overview article says that IPT helps in five conditions and cites {total} references. "
        f"{counts['supports']} support their claim, {counts['partly']} support part of it, "
        f"{counts['does_not_support']} do not."
    )
    if missing:
        line += (
            f" For {listed(missing)} it cites no study of IPT that supports any part of its "
            "claim; better evidence exists and is named in the audit."
        )
    return line


CURRENCY_NOTE = (
    "Trial reports and reviews were also read for this project. That was not a systematic search, "
    "so trials may be missing."
)


@cached
def currency_table(base: EvidenceBase) -> pd.DataFrame:
    """Up to when trials were searched systematically, source by source, newest first."""
    searched = [source for source in base.sources.values() if source.last_search]
    searched.sort(key=lambda source: (source.last_search, source.label), reverse=True)
    used = base.effects.groupby("source_id")["study_id"].nunique()
    return pd.DataFrame(
        {
            "Source": [source.label for source in searched],
            "Searched up to": [tables.month(source.last_search) for source in searched],
            "Trials here": [tables.count(int(used.get(source.id, 0))) for source in searched],
            "Licence": [source.licence or tables.NOT_REPORTED for source in searched],
        },
        dtype="object",
    )


BY_CONDITION_READ = (
    "Each panel is one condition, and all panels share one scale, so that you can compare them. "
    "A line is one trial: the dot is its effect, the line its 95% confidence interval. Trials are "
    "sorted by effect.\n\n"
    "The vertical line at 0 means no difference. Right of it IPT did better, left of it the "
    "control. The coloured band is the pooled effect with its interval; a panel without a band "
    "has fewer than three trials.\n\n"
    "Look at three things: do most dots lie on one side, do the lines overlap, and are there few "
    "or many of them? Click a dot to see its trial."
)
BY_YEAR_READ = (
    "Each dot is one study in the year of its report. Its area is the number of people; a filled "
    "dot has a result that can be pooled, a ring has none. Studies of one year stand above each "
    "other. A study of two conditions stands in both rows.\n\n"
    "Click a dot to open its study."
)


@cached
def by_condition_panel(base: EvidenceBase) -> Panel:
    """The trials against a control, condition by condition."""
    cells = control_cells(base)
    return Panel(
        (), _condition_table(base, cells), _condition_alternative(base, cells), BY_CONDITION_READ
    )


@cached
def by_year_panel(base: EvidenceBase) -> Panel:
    """Every study over the years."""
    rows = studies_by_year(base)
    return Panel((), _year_table(rows), years_alternative(rows), BY_YEAR_READ)


def control_cells(base: EvidenceBase) -> list[Cell]:
    """The cells of the gap map against a control, one a condition."""
    return [cell for cell in coverage(base) if cell.comparison == "control"]


def conditions_of(base: EvidenceBase, cells: Sequence[Cell]) -> pd.DataFrame:
    """One row a condition as `figure.small_multiples` takes it; ``cells`` of one comparison."""
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
                "nothing": "" if pooled else nothing_words(cell),
            }
        )
    columns = "condition label short k estimate ci_lower ci_upper nothing".split()
    return pd.DataFrame(rows, columns=columns)


def _short(base: EvidenceBase, condition: str) -> str:
    concept = base.taxonomy.condition(condition)
    return concept.short_label or concept.label


def trials_of(cells: Sequence[Cell]) -> pd.DataFrame:
    """The trials of the panels, one row a condition and trial."""
    columns = "condition study_id label yi ci_lower ci_upper".split()
    parts = [
        cell.estimate.trials.assign(condition=cell.condition)[columns]
        for cell in cells
        if cell.estimate.k
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _condition_table(base: EvidenceBase, cells: Sequence[Cell]) -> pd.DataFrame:
    """The trials of the panels as text."""
    trials = trials_of(cells)
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


def _condition_alternative(base: EvidenceBase, cells: Sequence[Cell]) -> str:
    """Say how the trials of each condition lie: how many, on which side, and how far apart."""
    return " ".join(_condition_sentence(base, cell) for cell in cells)


def _condition_sentence(base: EvidenceBase, cell: Cell) -> str:
    label = base.taxonomy.condition(cell.condition).label
    trials = cell.estimate.trials
    k = cell.estimate.k
    if not k:
        return f"{label}: {lower_first(nothing_words(cell))}."
    favour = int((trials["yi"] > 0).sum())
    number = counted(k)
    ends = f"{tables.effect(trials['yi'].min())} to {tables.effect(trials['yi'].max())}"
    if k == 1:
        return f"{label}: one trial, g {tables.effect(trials['yi'].iloc[0])}."
    side = "all with" if favour == k else f"{spell(favour)} with"
    return f"{label}: {number}, {side} an effect in favour of IPT, from {ends}."


def studies_by_year(base: EvidenceBase) -> pd.DataFrame:
    """Studies as `figure.trial_dots` takes them: a row for each top-level condition of a study."""
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


def _year_table(rows: pd.DataFrame) -> pd.DataFrame:
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


def years_alternative(rows: pd.DataFrame) -> str:
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
    """One condition in words: the answer that leads, and a line for each other comparison.

    The card leads to ``comparison``: the control where that holds evidence, else the comparison
    with most of it.
    """

    condition: str
    comparison: str
    title: str
    answer: str
    others: tuple[str, ...]
    link: str


def cards(base: EvidenceBase) -> list[Card]:
    """A card for each condition."""
    made = []
    cells = coverage(base)
    for condition in base.taxonomy.top_level:
        own = [cell for cell in cells if cell.condition == condition]
        first = own[0]
        if not first.estimate.k:
            first = max(own, key=lambda cell: (cell.estimate.k, cell.k_studies))
        label = base.taxonomy.condition(condition).label
        rest = [cell for cell in own if cell is not first]
        made.append(
            Card(
                condition=condition,
                comparison=first.comparison,
                title=label,
                answer=answer_sentence(base, first.estimate),
                others=tuple(lines(rest, base.taxonomy.comparisons)),
                link=f"Open {label}",
            )
        )
    return made
