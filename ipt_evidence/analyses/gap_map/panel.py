"""The gap map as text and tones: what each cell says, before anything is drawn.

A cell shows the answer where there is one, and otherwise which kind of nothing it is: trials
without a usable number, no result of this kind, no trial found, or nobody has searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ipt_evidence.analyses.composition import foreign_search_note, mix_note
from ipt_evidence.analyses.gap_map.result import (
    MAP_FILTERS,
    Cell,
    State,
    levels,
    other_results,
)
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.selection import OTHER_OUTCOME, OTHER_TIME, Question
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import listed, lower_first, numbered
from ipt_evidence.wording.sentences import in_short

__all__ = [
    "CERTAINTY_WORDS",
    "Column",
    "GapCell",
    "GapRow",
    "columns",
    "filled",
    "filter_words",
    "filters_said",
    "gap_rows",
    "lines",
    "nothing_words",
    "opened_by",
]

# Steps of colour: an effect is tinted by its size as printed, Cohen's anchors rounded down, so
# that neighbours in the map differ only where a reader would call the effects different.
FEW_TONE = 1  # the deepest of one or two trials
TONE_STEPS = ((0.10, 0), (0.35, 1), (0.65, 2), (float("inf"), 3))

NOTHING = {
    "other_results": "Only other results",
    "no_usable_effect": "No usable number",
    "no_result": "No result recorded",
    "no_trial_found": "No trial found",
    "not_searched": "Not searched",
    "none_left": "None of these",
}
CERTAINTY_WORDS = {"very_low": "very low", "low": "low", "moderate": "moderate", "high": "high"}
DOTS = {"very_low": 1, "low": 2, "moderate": 3, "high": 4}


class Named(Protocol):
    """A condition or comparison of the taxonomy, or a column."""

    @property
    def id(self) -> str:
        """Its key."""

    @property
    def label(self) -> str:
        """Name as readers know it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the map."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class GapCell:
    """What one cell says.

    ``side`` is ``ipt``, ``comparison`` or ``neither`` (what the interval allows), empty where
    there is no estimate; ``tone`` runs from 0 (no tint) to 3; ``dots`` from 0 (no estimate) to 4
    (high certainty). ``page`` and ``query`` are where the cell leads. ``note`` says which
    conditions are mixed, and that the trials came from a search for something else.
    """

    condition: str
    comparison: str
    state: State
    main: str
    interval: str
    detail: str
    side: str
    tone: int
    alt: str
    certainty: str = ""
    dots: int = 0
    page: str = "condition"
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class GapRow:
    """One condition with its cells in the order of the columns.

    ``parent`` is the condition under which it is opened, empty at the top; ``narrower`` how many
    conditions that the base holds studies of can be opened below it.
    """

    condition: str
    label: str
    cells: tuple[GapCell, ...]
    parent: str = ""
    narrower: int = 0


def columns(base: EvidenceBase, dimension: str) -> tuple[Column, ...]:
    """Columns of the map for one dimension, in their order."""
    facet = FACETS[dimension]
    return tuple(Column(level, facet.label_of(level, base)) for level in levels(base, dimension))


def filled(cells: Sequence[Cell], columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns in which at least one condition has a study."""
    held = {cell.level for cell in cells if cell.k_studies}
    return tuple(column for column in columns if column.id in held)


def gap_rows(base: EvidenceBase, cells: Sequence[Cell], columns: Sequence[Named]) -> list[GapRow]:
    """Rows of the map for the conditions that occur in ``cells``, in the order of the taxonomy."""
    labels = {column.id: column.label for column in columns}
    rows = []
    for condition in base.taxonomy.conditions:
        own = [c for c in cells if c.condition == condition.id and c.level in labels]
        if own:
            shown = tuple(_cell(base, cell, condition.label, labels[cell.level]) for cell in own)
            narrower = len(opened_by(base, condition.id))
            rows.append(GapRow(condition.id, condition.label, shown, condition.parent, narrower))
    return rows


@cached
def opened_by(base: EvidenceBase, condition: str) -> tuple[str, ...]:
    """The narrower conditions that a row of the map opens into: those with a study."""
    studied = {one for own in base.studies["conditions"] for one in own}
    return tuple(child for child in base.taxonomy.children(condition) if child in studied)


def _cell(base: EvidenceBase, cell: Cell, condition: str, column: str) -> GapCell:
    place = f"{condition}, {column}"
    if cell.estimate.pooled is None:
        return _nothing(cell, place)
    made = _two(cell, place) if cell.estimate.shown is None else _pooled(cell, place)
    notes = [mix_note(base, cell.estimate), foreign_search_note(base, cell.estimate)]
    note = "; ".join(one for one in notes if one)
    return replace(made, note=note, alt=f"{made.alt}, {note}" if note else made.alt)


def _nothing(cell: Cell, place: str) -> GapCell:
    main = nothing_words(cell)
    detail = numbered(cell.k_studies, "trial") if cell.k_studies else ""
    if cell.k_studies and not cell.searched:
        detail += " known, not searched"
    alt = f"{place}: {main.lower()}{', ' + detail if detail else ''}"
    return _made(cell, main, "", detail, "", 0, alt)


def _pooled(cell: Cell, place: str) -> GapCell:
    pooled = cell.estimate.pooled
    if pooled is None:
        raise ValueError(place)
    detail = numbered(cell.estimate.k, "trial") + _people(cell)
    favours = cell.estimate.favours
    interval = tables.interval(pooled.ci_lower, pooled.ci_upper)
    main = f"g {tables.effect(pooled.estimate)}"
    direction = {
        "IPT": "favours IPT",
        "comparison": "favours the comparison",
        "neither": "no clear difference",
    }[favours]
    tone = next(t for limit, t in TONE_STEPS if abs(round(pooled.estimate, 2)) < limit)
    if cell.estimate.k == 1:  # however large: one trial is no more than a first sign
        tone = min(tone, FEW_TONE)
    alt = f"{place}: {main}, {tables.level(pooled.level)} CI {interval}, {direction}, {detail}"
    return _made(cell, main, interval, detail, {"IPT": "ipt"}.get(favours, favours), tone, alt)


def _two(cell: Cell, place: str) -> GapCell:
    """Two trials are shown one by one: an interval of their mean would say nothing."""
    trials = cell.estimate.trials
    values = [tables.effect(value) for value in trials["yi"]]
    main = f"g {values[0]}, {values[1]}"
    detail = numbered(2, "trial") + _people(cell)
    towards_ipt = bool((trials["ci_lower"] > 0).all())
    towards_other = bool((trials["ci_upper"] < 0).all())
    side = "ipt" if towards_ipt else "comparison" if towards_other else "neither"
    alt = f"{place}: two trials, {main}, too few to pool, {detail}"
    return _made(cell, main, "too few to pool", detail, side, FEW_TONE, alt)


def _made(
    cell: Cell, main: str, interval: str, detail: str, side: str, tone: int, alt: str
) -> GapCell:
    page, query = leads_to(cell)
    if cell.under_way:
        going = f"{numbered(cell.under_way, 'trial')} under way"
        detail, alt = f"{detail} · {going}" if detail else going, f"{alt}, {going}"
    certainty = CERTAINTY_WORDS.get(cell.certainty or "", "")
    return GapCell(
        condition=cell.condition,
        comparison=cell.comparison,
        state=cell.state,
        main=main,
        interval=interval,
        detail=detail,
        side=side,
        tone=tone,
        alt=f"{alt}, certainty {certainty}" if certainty else alt,
        certainty=certainty,
        dots=DOTS.get(cell.certainty or "", 0),
        page=page,
        query=query,
    )


def leads_to(cell: Cell) -> tuple[str, dict[str, str | list[str]]]:
    """Page and choices where the trials of a cell stand, with the filters of the map.

    An estimate leads to itself. Trials without a usable number lead to the list of them, where
    the dimension is a facet; an empty cell to its condition and comparison as a whole.
    """
    asked: dict[str, str | list[str]]
    asked = {"condition": cell.condition, "comparison": cell.comparison}
    if cell.state != "none_left":
        asked |= filter_words(cell.filters)
    if cell.dimension == "comparison":
        return "condition", asked
    if cell.estimate.k:
        choice = "time" if cell.dimension == "when" else cell.dimension
        return "condition", {**asked, choice: cell.level}
    if cell.k_studies:
        studies = {"in": cell.condition, "versus": cell.comparison}
        return "studies", {**studies, cell.dimension: cell.level}
    return "condition", asked


def filter_words(filters: Question) -> dict[str, str | list[str]]:
    """The words of an address for the filters of the map that are set."""
    chosen = {name: _levels(filters, name) for name in MAP_FILTERS}
    return {name: list(levels) for name, levels in chosen.items() if levels}


def filters_said(filters: Question) -> str:
    """The filters of the map in a sentence; empty without any."""
    said = []
    for name in MAP_FILTERS:
        if labels := [FACETS[name].levels[one] for one in _levels(filters, name)]:
            words = listed([lower_first(label) for label in labels], "or")
            said.append(f"risk of bias: {words}" if name == "rob" else words)
    return f"Only trials of: {'; '.join(said)}." if said else ""


def _levels(filters: Question, name: str) -> tuple[str, ...]:
    chosen = FACETS[name].filter
    return getattr(filters, chosen.field) if chosen else ()


def _people(cell: Cell) -> str:
    people = cell.estimate.people
    return f" · {tables.count(people.value)} people" if people.studies_known else ""


def nothing_words(cell: Cell) -> str:
    """Which kind of nothing an empty cell holds: "No trial found", "Only at follow-up"."""
    if cell.state != "other_results":
        return NOTHING[cell.state]
    rows = other_results(cell.estimate, cell.dimension, cell.level)
    reasons = set(rows["reason"])
    if reasons == {OTHER_TIME}:
        return "Only at follow-up" if set(rows["time"]) == {"follow_up"} else "Only later on"
    return "Only other outcomes" if reasons == {OTHER_OUTCOME} else NOTHING["other_results"]


def lines(cells: Iterable[Cell], comparisons: Sequence[Named]) -> list[str]:
    """A line for each of these cells in which something was found."""
    labels = {comparison.id: comparison.label for comparison in comparisons}
    said = []
    for cell in cells:
        pooled = cell.estimate.pooled
        if pooled is not None:
            short = in_short(pooled, cell.estimate.trials)
            said.append(f"{labels[cell.comparison]}: {short}")
        elif cell.k_studies:
            nothing = _nothing(cell, "")
            said.append(f"{labels[cell.comparison]}: {lower_first(nothing.main)}, {nothing.detail}")
    return said
