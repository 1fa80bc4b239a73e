"""A reader's own table → trials of a network of treatments.

Three layouts are read: an arm a row (study, treatment, events and n, or mean, sd and n); a
comparison a row with an effect and its error (treat1, treat2, yi, sei); or a comparison a row with
the numbers of both arms (treat1, treat2, events1, n1, events2, n2, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.exchange.own_data.columns import FIELDS, recognised
from ipt_evidence.exchange.own_data.effects import read_effects
from ipt_evidence.exchange.own_data.recipes import Settings
from ipt_evidence.exchange.own_data.table import OwnTable
from ipt_evidence.meta_analysis.network import NetworkStudies, from_arms, from_contrasts
from ipt_evidence.meta_analysis.network.studies import ARM_MEASURES

__all__ = ["EXAMPLE", "read_network"]

EXAMPLE = Path(__file__).with_name("linde2016.csv")
"""93 trials of 22 treatments of depression in primary care: log odds ratios of response.

Linde et al. (2016), J Clin Epidemiol 71:86-96; the numbers as the R package netmeta gives them.
"""

_OWN_NAMES = {
    "treat1": "treat1 treatment1 t1 trt1 arm1 node1",
    "treat2": "treat2 treatment2 t2 trt2 arm2 node2",
    "treatment": "treatment treat trt arm intervention t node",
    "mean": "mean m mi y",
    "sd": "sd std stdev sdi",
}
_FROM_WORDS = {alias: name for name, words in _OWN_NAMES.items() for alias in words.split()}


@dataclass(frozen=True)
class OwnNetwork:
    """Trials of a network, the measure of their effects, and how the table was read."""

    studies: NetworkStudies
    measure: str
    notes: tuple[str, ...]


def read_network(table: OwnTable, settings: Settings | None = None) -> OwnNetwork:
    """The network in ``table``; ``settings`` as for `read_effects`, with its names of columns.

    Raises
    ------
    DataError
        When no layout is recognised; says what is missing.
    PoolingError
        When the trials make no network.
    """
    chosen = settings or Settings()
    names = _columns(table, chosen.columns)
    if "treat1" in names and "treat2" in names:
        return _of_comparisons(table, chosen, names)
    if "treatment" not in names:
        raise DataError(
            f"{table.name} names no treatments: give columns treat1 and treat2, or treatment with "
            f"an arm a row; it has {', '.join(map(str, table.cells.columns))}"
        )
    return _of_arms(table, chosen, names)


def _columns(table: OwnTable, given: Mapping[str, str]) -> dict[str, str]:
    """Columns by meaning: names of networks first, then those that every table may have."""
    found: dict[str, str] = {}
    for column in map(str, table.cells.columns):
        plain = "".join(filter(str.isalnum, column.lower()))
        if (name := _FROM_WORDS.get(plain)) is not None:
            found.setdefault(name, column)
    taken = set(found.values())
    for name, column in recognised(list(map(str, table.cells.columns))).items():
        if column not in taken:
            found.setdefault({"x": "events"}.get(name, name), column)
    for name, column in given.items():
        if column not in table.cells:
            raise DataError(f"{table.name} has no column {column!r}")
        found[name] = column
    return found


def _of_comparisons(table: OwnTable, settings: Settings, names: Mapping[str, str]) -> OwnNetwork:
    own = {name: column for name, column in settings.columns.items() if name in FIELDS}
    effects = read_effects(table, replace(settings, columns=own))
    rows = effects.rows
    labels = table.cells.iloc[rows["place"].to_numpy()]
    study = rows["study"] if "study" not in names else labels[names["study"]]
    studies = from_contrasts(
        rows["yi"].to_numpy(float), rows["vi"].to_numpy(float),
        labels[names["treat1"]].tolist(), labels[names["treat2"]].tolist(), study.tolist(),
    )  # fmt: skip
    lost = effects.left_out
    notes = tuple(f"line {row['line']} left out: {row['reason']}" for _, row in lost.iterrows())
    return OwnNetwork(studies, effects.measure, (*table.notes, *notes))


def _of_arms(table: OwnTable, settings: Settings, names: Mapping[str, str]) -> OwnNetwork:
    possible = [m for m, needed in ARM_MEASURES.items() if all(one in names for one in needed)]
    measure = settings.measure or ("SMD" if "SMD" in possible else next(iter(possible), ""))
    if measure not in possible:
        raise DataError(
            f"{table.name} holds no arms for {measure or 'any measure'}: OR, RR and RD need events "
            "and n of each arm, SMD and MD mean, sd and n"
        )
    if "study" not in names:
        raise DataError(f"{table.name} names no studies: give a column study")
    numbers = {name: _numbers(table, names[name]) for name in ARM_MEASURES[measure]}
    studies = from_arms(
        table.cells[names["study"]].tolist(), table.cells[names["treatment"]].tolist(),
        measure=measure, **numbers,
    )  # fmt: skip
    return OwnNetwork(studies, measure, table.notes)


def _numbers(table: OwnTable, column: str) -> list[float]:
    numbers = pd.to_numeric(table.cells[column], errors="coerce")
    if numbers.isna().any():
        place = int(numbers.isna().to_numpy().argmax())
        raise DataError(
            f"{table.name}, line {table.lines[place]}, column {column}: "
            f"{table.cells[column].iloc[place]!r} is no number. Correct it, or take the arm out"
        )
    found: list[float] = numbers.tolist()
    return found
