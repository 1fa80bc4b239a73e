"""The gap map as text and tones: what each cell says, before anything is drawn.

A cell shows the answer where there is one, and otherwise which kind of nothing it is: trials
without a usable number, no trial found, or nobody has searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ipt_evidence.evidence.coverage import Cell, State
from ipt_evidence.presentation import tables

__all__ = ["GapCell", "GapRow", "gap_rows", "other_comparisons"]

# Steps of colour: an effect is tinted by its size as printed, Cohen's anchors rounded down, so
# that neighbours in the map differ only where a reader would call the effects different.
TONE_STEPS = ((0.10, 0), (0.35, 1), (0.65, 2), (float("inf"), 3))

NOTHING = {
    "no_usable_effect": "No usable number",
    "no_trial_found": "No trial found",
    "not_searched": "Not searched",
}


class Named(Protocol):
    """A condition or comparison of the taxonomy."""

    @property
    def id(self) -> str:
        """Key in the taxonomy."""

    @property
    def label(self) -> str:
        """Name as readers know it."""


@dataclass(frozen=True, slots=True)
class GapCell:
    """What one cell says.

    ``side`` is ``ipt``, ``comparison`` or ``neither`` (what the interval allows), empty where
    there is no estimate; ``tone`` runs from 0 (no tint) to 3.
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


@dataclass(frozen=True, slots=True)
class GapRow:
    """One condition with its cells in the order of the comparisons."""

    condition: str
    label: str
    cells: tuple[GapCell, ...]


def gap_rows(
    cells: Sequence[Cell], conditions: Sequence[Named], comparisons: Sequence[Named]
) -> list[GapRow]:
    """Rows of the map for the conditions that occur in ``cells``, in the order of the taxonomy."""
    labels = {comparison.id: comparison.label for comparison in comparisons}
    rows = []
    for condition in conditions:
        own = [cell for cell in cells if cell.condition == condition.id]
        if own:
            shown = tuple(_cell(cell, condition.label, labels[cell.comparison]) for cell in own)
            rows.append(GapRow(condition.id, condition.label, shown))
    return rows


def _cell(cell: Cell, condition: str, comparison: str) -> GapCell:
    pooled, people = cell.estimate.pooled, cell.estimate.people
    place = f"{condition}, {comparison}"
    if cell.estimate.k == 2:
        return _two(cell, place)
    if pooled is None:
        main = NOTHING[cell.state]
        detail = _studies(cell.k_studies) if cell.k_studies else ""
        if cell.k_studies and not cell.searched:
            detail += " known, not searched"
        alt = f"{place}: {main.lower()}{', ' + detail if detail else ''}"
        return GapCell(cell.condition, cell.comparison, cell.state, main, "", detail, "", 0, alt)
    detail = _studies(cell.estimate.k)
    if people.studies_known:
        detail += f" · {tables.count(people.value)} people"
    favours = cell.estimate.favours
    interval = tables.interval(pooled.ci_lower, pooled.ci_upper)
    main = f"g {tables.effect(pooled.estimate)}"
    direction = {
        "IPT": "favours IPT",
        "comparison": "favours the comparison",
        "neither": "no clear difference",
    }[favours]
    return GapCell(
        condition=cell.condition,
        comparison=cell.comparison,
        state=cell.state,
        main=main,
        interval=interval,
        detail=detail,
        side={"IPT": "ipt"}.get(favours, favours),
        tone=next(t for limit, t in TONE_STEPS if abs(round(pooled.estimate, 2)) < limit),
        alt=f"{place}: {main}, {tables.level(pooled.level)} CI {interval}, {direction}, {detail}",
    )


def _two(cell: Cell, place: str) -> GapCell:
    """Two trials are shown one by one: an interval of their mean would say nothing."""
    trials = cell.estimate.trials
    values = [tables.effect(value) for value in trials["yi"]]
    main = f"g {values[0]}, {values[1]}"
    detail = _studies(2)
    if cell.estimate.people.studies_known:
        detail += f" · {tables.count(cell.estimate.people.value)} people"
    towards_ipt = bool((trials["ci_lower"] > 0).all())
    towards_other = bool((trials["ci_upper"] < 0).all())
    return GapCell(
        condition=cell.condition,
        comparison=cell.comparison,
        state=cell.state,
        main=main,
        interval="too few to pool",
        detail=detail,
        side="ipt" if towards_ipt else "comparison" if towards_other else "neither",
        tone=1,
        alt=f"{place}: two trials, {main}, too few to pool, {detail}",
    )


def _studies(number: int) -> str:
    return "1 trial" if number == 1 else f"{tables.count(number)} trials"


def other_comparisons(
    condition: str, cells: Sequence[Cell], comparisons: Sequence[Named]
) -> list[str]:
    """A line for each further comparison of a condition that has an estimate."""
    labels = {comparison.id: comparison.label for comparison in comparisons[1:]}
    lines = []
    for cell in cells:
        pooled = cell.estimate.pooled
        if cell.condition == condition and cell.comparison in labels and pooled is not None:
            if cell.estimate.k == 2:
                lines.append(f"{labels[cell.comparison]}: {_two(cell, '').main}, 2 trials")
                continue
            shown = tables.estimate_with_interval(
                pooled.estimate, pooled.ci_lower, pooled.ci_upper, pooled.level
            )
            lines.append(f"{labels[cell.comparison]}: g {shown}, {_studies(cell.estimate.k)}")
    return lines
