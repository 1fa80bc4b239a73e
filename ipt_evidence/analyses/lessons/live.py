"""Which parts of the evidence base serve the lessons as examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from ipt_evidence.analyses.gap_map.result import Cell

__all__ = [
    "DEFAULT_RULER",
    "EXAMPLE_COMPARISON",
    "FOREST_EXAMPLE",
    "Ruler",
    "Rulers",
    "example_conditions",
    "rulers",
]

EXAMPLE_COMPARISON = "control"
FOREST_EXAMPLE = "postpartum"  # enough trials to read, few enough for one screen
LEAST_TRIALS = 3
DEFAULT_RULER = "hdrs-17"  # what most depression trials of the base used


class Ruler(NamedTuple):
    """A questionnaire by which g becomes points: its name, its SD in points, where that is from."""

    label: str
    sd: float
    basis: str


Rulers = dict[str, Ruler]


def example_conditions(cells: Sequence[Cell]) -> list[str]:
    """Conditions with three pooled trials or more against control, most trials first."""
    fitting = [
        cell
        for cell in cells
        if cell.comparison == EXAMPLE_COMPARISON and cell.estimate.k >= LEAST_TRIALS
    ]
    return [cell.condition for cell in sorted(fitting, key=lambda cell: -cell.estimate.k)]


def rulers(instruments: pd.DataFrame) -> Rulers:
    """Depression questionnaires with a known spread, by id; ``instruments`` is the base's table."""
    known = instruments.dropna(subset=["reference_sd"])
    known = known.loc[known["outcome_domain"] == "depression"]
    return {
        str(row["instrument_id"]): Ruler(
            str(row["label"]), float(row["reference_sd"]), str(row["reference_sd_basis"])
        )
        for row in known.to_dict("records")
    }
