"""Rows of a table → effects of one measure; each says what it was read as and what was done.

Each row takes the first recipe of the measure for which it holds every number. A row that none
fits, or whose numbers are impossible, is left out with a reason; the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import DataError, EffectSizeError
from ipt_evidence.exchange.own_data.arm_rows import paired
from ipt_evidence.exchange.own_data.columns import FIELDS, Mapped, given_measure, recognised
from ipt_evidence.exchange.own_data.numbers import Done, broken_counts, numbers_of, prepared
from ipt_evidence.exchange.own_data.recipes import (
    COUNTS,
    GIVEN,
    RECIPES,
    TABLE,
    Numbers,
    Recipe,
    Settings,
    faults,
)
from ipt_evidence.exchange.own_data.shared_arms import covariance_of, share, shared_arms
from ipt_evidence.exchange.own_data.table import OwnTable
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis import escalc
from ipt_evidence.meta_analysis.effect_sizes import ZeroCells
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Effects", "Settings", "measures_of", "read_effects"]

ONE_GROUP = ("PLO", "PFT", "COR", "ZCOR")  # measures of which each row is one


@dataclass(frozen=True)
class Effects:
    """What became of a table.

    Attributes
    ----------
    table
        As it was read: with a comparison a row, where the rows of the file are arms.
    measure
        A name of `escalc.MEASURES`.
    rows
        An effect a row: line, study, label, yi, vi, read_as, done, and ``place``, its row in the
        table.
    left_out
        line, study and reason of each row without an effect.
    mapped
        The column of each meaning that was used or recognised.
    numbers
        The cells of numeric meanings, one value a row of ``rows``.
    covariance
        Sampling covariance (K, K) where arms are shared and ``Settings.shared`` asks for it.
    notes
        What the reader must know of the table as a whole.
    references
        Records of a bibliography that the rows name by key in a column ``reference``; see
        `bibliography.with_bibliography`.
    """

    table: OwnTable
    settings: Settings
    measure: str
    rows: pd.DataFrame
    left_out: pd.DataFrame
    mapped: Mapped
    numbers: dict[str, FloatArray]
    covariance: FloatArray | None
    notes: tuple[str, ...]
    references: pd.DataFrame | None = None


def read_effects(table: OwnTable, settings: Settings | None = None) -> Effects:
    """Effects of ``table``, as far as its rows hold what one needs.

    Raises
    ------
    DataError
        When no column is recognised that makes an effect, a column named by hand is not there, or
        no row can be used; says which columns there are, and what is wrong with the first rows.
    """
    chosen = settings or Settings()
    if chosen.measure not in ONE_GROUP:
        table = paired(table)
    mapped = _mapped(table, chosen)
    numbers, unread = numbers_of(table, mapped, chosen)
    done = prepared(numbers)
    possible = measures_of(mapped, numbers)
    measure = chosen.measure or next(iter(possible), "")
    if measure not in possible:
        raise DataError(_cannot(table, mapped, measure, possible))
    recipes = _recipes(measure, mapped)
    labels = _labels(table, mapped)
    groups = shared_arms(numbers, mapped, table, labels)
    broken = broken_counts(numbers)
    notes = list(table.notes)
    if groups:
        notes.append(share(numbers, groups, chosen.shared, done))
    made = _computed(recipes, numbers, chosen, unread, broken)
    factor = _after(made, numbers, measure, chosen, done)
    notes += _without_events(made, numbers, measure)
    found = _assembled(table, chosen, measure, mapped, numbers, made, done, labels, notes)
    if chosen.shared == "covariance" and groups:
        covariance = covariance_of(measure, found.rows, found.numbers, groups, factor, chosen.zeros)
        return replace(found, covariance=covariance)
    return found


def measures_of(mapped: Mapped, numbers: Numbers) -> tuple[str, ...]:
    """The measures that some row allows, the likeliest first."""
    have = {name for name, values in numbers.items() if np.isfinite(values).any()}
    can = [name for name, ways in RECIPES.items() if any(set(way.needs) <= have for way in ways)]
    if {"yi", "vi"} <= have:
        given = given_measure(mapped.get("yi", ""))
        others = [name for name in escalc.MEASURES if given == "GEN" and name not in can]
        return tuple(dict.fromkeys((given, *can, *others)))
    order: tuple[str, ...] = ("PPC",) if {"rpre", "pre1"} <= have and "rpre" in mapped else ()
    direct = set(TABLE) <= have and not {"m1", "ch1", "d", "t", "f", "p"} & have
    if {"pt1", "pt2"} <= have:
        order += ("IRR",)
    if direct or ("or" in have and not {"d", "m1"} & have):
        order += ("OR", "RR")
    if "rr" in have and "or" not in have:
        order += ("RR",)
    if "r" in have:
        order += ("ZCOR",)
    if "x" in have:
        order += ("PLO",)
    return tuple(dict.fromkeys([*(name for name in order if name in can), *can]))


def _mapped(table: OwnTable, settings: Settings) -> Mapped:
    found = recognised(list(table.cells.columns))
    for name, column in settings.columns.items():
        if name not in FIELDS:
            raise DataError(f"No meaning {name!r}. Known are {', '.join(FIELDS)}")
        if column and column not in table.cells:
            raise DataError(
                f"{table.name} has no column {column!r}; it has {', '.join(table.cells.columns)}"
            )
        found = {known: other for known, other in found.items() if other != column or not column}
        found.pop(name, None)
        if column:
            found[name] = column
    return found


def _cannot(table: OwnTable, mapped: Mapped, measure: str, possible: Sequence[str]) -> str:
    columns = ", ".join(table.cells.columns)
    if measure and possible:
        return (
            f"{table.name} does not hold what {measure} needs; it allows {', '.join(possible)}. "
            f"Its columns are {columns}"
        )
    if measure and measure not in RECIPES:
        return f"No measure {measure!r}. There are {', '.join(RECIPES)}"
    known = ", ".join(f"{column} ({FIELDS[name].label.lower()})" for name, column in mapped.items())
    return (
        f"{table.name}: no columns make an effect. Name them as metafor does (yi vi; m1i sd1i n1i "
        "m2i sd2i n2i; ai n1i ci n2i; ri ni) or in words (mean treatment, sd treatment, …). "
        f"The columns are {columns}. Recognised: {known or 'none'}"
    )


def _recipes(measure: str, mapped: Mapped) -> tuple[Recipe, ...]:
    """The ways to a measure; an effect as given is one where it is, or may be, of that measure."""
    ways = RECIPES[measure]
    given = given_measure(mapped["yi"]) if "yi" in mapped else ""
    if given == measure:
        return (GIVEN, *ways)
    return (*ways, GIVEN) if given == "GEN" else ways


def _labels(table: OwnTable, mapped: Mapped) -> tuple[list[str], list[str]]:
    """Study of each row, which is its cluster, and what it is called."""
    size = len(table.cells)
    lines = [f"line {line}" for line in table.lines]
    study = table.cells[mapped["study"]].tolist() if "study" in mapped else lines
    study = [name or line for name, line in zip(study, lines, strict=True)]
    if "author" not in mapped or not all(re.fullmatch(r"\d+", name) for name in study):
        return study, study
    authors = table.cells[mapped["author"]].tolist()
    years = table.cells[mapped["year"]].tolist() if "year" in mapped else [""] * size
    return study, [
        f"{author} {year}".strip() or name
        for author, year, name in zip(authors, years, study, strict=True)
    ]


@dataclass
class _Made:
    """Effects so far, and why a row has none."""

    yi: FloatArray
    vi: FloatArray
    read_as: list[str]
    reason: list[str]


def _computed(
    recipes: Sequence[Recipe],
    numbers: Numbers,
    settings: Settings,
    unread: Mapping[str, npt.NDArray[np.bool_]],
    broken: Mapping[str, npt.NDArray[np.bool_]],
) -> _Made:
    size = len(next(iter(numbers.values())))
    made = _Made(np.full(size, np.nan), np.full(size, np.nan), [""] * size, [""] * size)
    open_rows = np.ones(size, dtype=bool)
    for recipe in recipes:
        if not set(recipe.needs) <= set(numbers):
            continue
        whole = np.all([np.isfinite(numbers[name]) for name in recipe.needs], axis=0)
        rows = np.flatnonzero(open_rows & whole)
        if not rows.size:
            continue
        open_rows[rows] = False
        found = faults(recipe, numbers, rows)
        for row, fault in zip(rows, found, strict=True):
            made.reason[row] = fault
        sound = rows[[not fault for fault in found]]
        _make(recipe, numbers, settings, sound, made)
    for row in np.flatnonzero(open_rows):
        made.reason[row] = _missing_in(int(row), recipes, numbers, unread, broken)
    return made


def _make(
    recipe: Recipe, numbers: Numbers, settings: Settings, rows: npt.NDArray[np.intp], made: _Made
) -> None:
    """Effects of ``rows`` by ``recipe``; one by one where a rare fault is in one of them."""
    if not rows.size:
        return
    try:
        found = recipe.make({name: numbers[name][rows] for name in recipe.needs}, settings)
    except EffectSizeError as err:
        if rows.size == 1:
            made.reason[rows[0]] = str(err).partition(" (position")[0]
            return
        half = rows.size // 2
        _make(recipe, numbers, settings, rows[:half], made)
        _make(recipe, numbers, settings, rows[half:], made)
        return
    made.yi[rows], made.vi[rows] = found.yi, found.vi
    usable = np.isfinite(found.yi) & np.isfinite(found.vi) & (found.vi > 0.0)
    for row, good in zip(rows, usable, strict=True):
        if good:
            made.read_as[row] = recipe.reads
        else:
            made.yi[row] = np.nan
            made.reason[row] = "no effect follows from these numbers (no event, or an empty cell)"


def _missing_in(
    row: int,
    recipes: Sequence[Recipe],
    numbers: Numbers,
    unread: Mapping[str, npt.NDArray[np.bool_]],
    broken: Mapping[str, npt.NDArray[np.bool_]],
) -> str:
    """What the recipe that comes nearest to this row lacks."""
    if parts := [FIELDS[name].label for name, bad in broken.items() if bad[row]]:
        return f"Not a whole number: {', '.join(parts)}"
    words = [FIELDS[name].label for name, bad in unread.items() if bad[row]]
    if words:
        return f"Not a number: {', '.join(words[:4])}"
    known = {name for name, values in numbers.items() if np.isfinite(values[row])}
    if {"yi", "lower", "upper"} <= known and "vi" not in known:
        return "The interval is not around the effect: log ratios and their limits first"
    possible = [recipe for recipe in recipes if set(recipe.needs) <= set(numbers)]
    lacks = [[name for name in recipe.needs if name not in known] for recipe in possible]
    nearest = min(lacks, key=len, default=[])
    names = [FIELDS[name].label for name in nearest]
    return f"Missing: {', '.join(names)}" if names else "No number that makes an effect"


def _without_events(made: _Made, numbers: Numbers, measure: str) -> list[str]:
    """A note on trials without an event in either arm, or with nothing but events in both."""
    if measure not in ("OR", "RR", "IRR") or not {"e1", "e2"} <= set(numbers):
        return []
    both = (numbers["e1"] == 0) & (numbers["e2"] == 0) & np.isfinite(made.yi)
    if not both.any():
        return []
    return [
        f"{int(both.sum())} trials without an event in either arm say nothing of a ratio: they are "
        "kept as metafor keeps them, with an effect near 0; --drop00 leaves them out"
    ]


def _after(
    made: _Made, numbers: Numbers, measure: str, settings: Settings, done: Done
) -> FloatArray:
    """What is done to effects once they are there: design effect, sign, and notes on empty cells.

    Returns the design effect of each row, 1 for none.
    """
    factor = np.ones(made.yi.size)
    if "icc" in numbers and "size" in numbers:
        icc, size = numbers["icc"], numbers["size"]
        usable = (icc >= 0.0) & (icc <= 1.0) & (size >= 1.0)
        factor = np.where(usable, escalc.design_effect(
            np.where(usable, size, 1.0), np.where(usable, icc, 0.0)), 1.0)  # fmt: skip
        made.vi = made.vi * factor
        for row in np.flatnonzero(factor > 1.0).tolist():
            done[row].append(
                f"variance × {factor[row]:.3g} for randomised clusters (design effect)"
            )
    if settings.flip:
        made.yi = -made.yi
        for row in range(made.yi.size):
            done[row].append("sign turned")
    rule = settings.zeros or (ZeroCells(to="none") if measure == "PETO" else es.USUAL_ZEROS)
    if set(TABLE) <= set(numbers) and rule.to != "none":
        e1, n1, e2, n2 = (numbers[name] for name in TABLE)
        empty = (e1 == 0) | (e2 == 0) | (e1 == n1) | (e2 == n2)
        all_of_them = rule.to == "all" or (rule.to == "if0all" and bool(empty.any()))
        for row in range(made.yi.size):
            if made.read_as[row].startswith(COUNTS) and (empty[row] or all_of_them):
                done[row].append(f"{rule.add:g} added to each cell")
    return factor


def _assembled(
    table: OwnTable,
    settings: Settings,
    measure: str,
    mapped: Mapped,
    numbers: Numbers,
    made: _Made,
    done: Done,
    labels: tuple[list[str], list[str]],
    notes: list[str],
) -> Effects:
    good = np.flatnonzero(np.isfinite(made.yi))
    bad = np.flatnonzero(~np.isfinite(made.yi))
    left_out = pd.DataFrame(
        {
            "line": [table.lines[row] for row in bad],
            "study": [labels[1][row] for row in bad],
            "reason": [made.reason[row] for row in bad],
        }
    )
    if not good.size:
        first = "; ".join(f"line {table.lines[row]}: {made.reason[row]}" for row in bad[:3])
        raise DataError(f"{table.name}: no row makes an effect ({measure}). {first}")
    rows = pd.DataFrame(
        {
            "line": [table.lines[row] for row in good],
            "study": [labels[0][row] for row in good],
            "label": [labels[1][row] for row in good],
            "yi": made.yi[good],
            "vi": made.vi[good],
            "read_as": [made.read_as[row] for row in good],
            "done": ["; ".join(done[row]) for row in good],
            "place": good,
        }
    )
    if len(bad):
        notes.append(f"{len(bad)} of {len(table.cells)} rows make no effect and were left out")
    kept = {name: values[good] for name, values in numbers.items()}
    return Effects(table, settings, measure, rows, left_out, mapped, kept, None, tuple(notes))
