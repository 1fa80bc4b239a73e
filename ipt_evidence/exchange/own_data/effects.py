"""Rows of a table → effects of one measure; each says what it was read as and what was done.

Each row takes the first recipe of the measure for which it holds every number. A row that none
fits, or whose numbers are impossible, is left out with a reason; the others are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import DataError, EffectSizeError
from ipt_evidence.exchange.own_data.columns import FIELDS, Mapped, given_measure, recognised
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
from ipt_evidence.exchange.own_data.table import MISSING, OwnTable
from ipt_evidence.meta_analysis import conversions as cv
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis import escalc
from ipt_evidence.meta_analysis.effect_sizes import ZeroCells
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Effects", "Settings", "measures_of", "read_effects"]

SHARED = ("split", "covariance")
_WITH_COVARIANCE = ("SMD", "MD", "OR", "RR", "RD")


@dataclass(frozen=True)
class Effects:
    """What became of a table.

    Attributes
    ----------
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


def read_effects(table: OwnTable, settings: Settings | None = None) -> Effects:
    """Effects of ``table``, as far as its rows hold what one needs.

    Raises
    ------
    DataError
        When no column is recognised that makes an effect, a column named by hand is not there, or
        no row can be used; says which columns there are, and what is wrong with the first rows.
    """
    chosen = settings or Settings()
    mapped = _mapped(table, chosen)
    numbers, unread = _numbers(table, mapped, chosen)
    done = _prepared(numbers, mapped)
    possible = measures_of(mapped, numbers)
    measure = chosen.measure or next(iter(possible), "")
    if measure not in possible:
        raise DataError(_cannot(table, mapped, measure, possible))
    recipes = _recipes(measure, mapped)
    labels = _labels(table, mapped)
    groups = _shared_arms(numbers, mapped, table, labels)
    broken = _broken_counts(numbers)
    notes = list(table.notes)
    if groups:
        notes.append(_share(numbers, groups, chosen.shared, done))
    made = _computed(recipes, numbers, chosen, unread, broken)
    factor = _after(made, numbers, measure, chosen, done)
    notes += _without_events(made, numbers, measure, chosen)
    found = _assembled(table, chosen, measure, mapped, numbers, made, done, labels, notes)
    if chosen.shared == "covariance" and groups:
        return replace(found, covariance=_covariance(found, groups, factor))
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


_INTERVAL = re.compile(
    r"[\[(]?\s*([+-]?\d*\.?\d+)\s*(?:,|;|to|–|—|-(?=\s*[+-]?\d)|\s)\s*([+-]?\d*\.?\d+)\s*[\])]?"
)


def _numbers(
    table: OwnTable, mapped: Mapped, settings: Settings
) -> tuple[dict[str, FloatArray], dict[str, npt.NDArray[np.bool_]]]:
    """Cells of numeric meanings, and where one holds something that is no number."""
    numbers: dict[str, FloatArray] = {}
    unread: dict[str, npt.NDArray[np.bool_]] = {}
    for name, column in mapped.items():
        if not FIELDS[name].numeric:
            continue
        cells = table.cells[column]
        values = pd.to_numeric(cells.str.removesuffix("%"), errors="coerce").to_numpy(float)
        values = np.where(np.isinf(values), np.nan, values)
        numbers[name] = values
        known = ~cells.str.lower().isin(MISSING).to_numpy(bool)
        unread[name] = np.isnan(values) & known
    if "interval" in mapped and "lower" not in numbers:
        parts = table.cells[mapped["interval"]].str.extract(_INTERVAL)
        for name, place in (("lower", 0), ("upper", 1)):
            numbers[name] = pd.to_numeric(parts[place], errors="coerce").to_numpy(float)
    for name, value in (
        ("rpre", settings.r), ("icc", settings.icc), ("size", settings.cluster_size),
    ):  # fmt: skip
        if value is not None and name not in numbers:
            numbers[name] = np.full(len(table.cells), float(value))
    return numbers, unread


Done = list[list[str]]


def _prepared(numbers: dict[str, FloatArray], mapped: Mapped) -> Done:
    """Fill numbers that follow from others; what was done to each row."""
    size = len(next(iter(numbers.values()), np.empty(0)))
    done: Done = [[] for _ in range(size)]

    def fill(name: str, values: FloatArray, what: str = "") -> None:
        old = numbers.get(name, np.full(size, np.nan))
        new = np.isnan(old) & ~np.isnan(values)
        if new.any():
            numbers[name] = np.where(new, values, old)
            for row in np.flatnonzero(new) if what else ():
                done[row].append(what)

    nothing = np.full(size, np.nan)
    get = numbers.get
    for arm in "12":
        e, f = get(f"e{arm}", nothing), get(f"f{arm}", nothing)
        fill(f"en{arm}", e + f)
        fill(f"en{arm}", get(f"n{arm}", nothing))
        fill(f"e{arm}", get(f"en{arm}", nothing) - f)
        n, error = get(f"n{arm}", nothing), get(f"se{arm}", nothing)
        if f"pre{arm}" in numbers:
            fill(f"n{arm}", get(f"pren{arm}", nothing))
        if f"se{arm}" in numbers:
            fill(f"sd{arm}", error * np.sqrt(n), f"SD of arm {arm} from its standard error × √n")
        if f"ch{arm}" in numbers:
            fill(f"chn{arm}", n)
    if "se" in numbers:
        fill("vi", np.where(numbers["se"] > 0, numbers["se"] ** 2, np.nan))
    if "lower" in numbers and "upper" in numbers and "yi" in numbers:
        _from_interval(numbers, fill)
    if "m1" in numbers and "m2" in numbers and ("p" in numbers or "f" in numbers):
        fill("sign", np.sign(numbers["m1"] - numbers["m2"]), "sign of the difference of the means")
    return done


def _from_interval(
    numbers: dict[str, FloatArray], fill: Callable[[str, FloatArray, str], None]
) -> None:
    low, high, yi = numbers["lower"], numbers["upper"], numbers["yi"]
    usable = (high > low) & (low <= yi) & (yi <= high) & ~cv.lopsided(yi, low, high)
    wide = np.where(usable, high, low + 1.0)
    variance = np.where(usable, es.variance_from_interval(np.where(usable, low, 0.0),
                        np.where(usable, wide, 1.0)), np.nan)  # fmt: skip
    fill("vi", variance, "variance from the 95% interval")


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


def _shared_arms(
    numbers: Numbers, mapped: Mapped, table: OwnTable, labels: tuple[list[str], list[str]]
) -> list[list[int]]:
    """Rows of a study that compare different arms with one and the same comparison arm."""
    same = [name for name in ("m2", "sd2", "n2", "e2", "en2", "ch2", "chsd2") if name in numbers]
    if not {"m2", "e2", "ch2"} & set(same):
        return []
    words = [table.cells[mapped[name]].tolist() for name in ("outcome", "time") if name in mapped]
    found: dict[tuple[object, ...], list[int]] = {}
    rows_of = Counter(labels[0])
    for row, study in enumerate(labels[0]):
        if rows_of[study] < 2:
            continue
        cells = tuple(float(numbers[name][row]) for name in same)
        if any(value == value for value in cells):
            key = (study, *(column[row] for column in words), *(str(value) for value in cells))
            found.setdefault(key, []).append(row)
    own = [name for name in ("m1", "sd1", "n1", "e1", "ch1") if name in numbers]
    return [
        rows
        for rows in found.values()
        if len({tuple(str(numbers[name][row]) for name in own) for row in rows}) > 1
    ]


def _share(numbers: dict[str, FloatArray], groups: list[list[int]], how: str, done: Done) -> str:
    """Share the comparison arms among their rows, where asked; what was found and done."""
    count = f"{len(groups)} comparison arm{'s stand' if len(groups) > 1 else ' stands'}"
    if how == "covariance":
        return f"{count} in several comparisons: the covariance of these effects was computed"
    if how != "split":
        return (
            f"{count} in several comparisons, whose people count more than once: share them with "
            "--shared-control split, or model them with --shared-control covariance"
        )
    for rows in groups:
        for name in {"n2", "e2", "en2", "chn2", "yi"} & set(numbers):
            numbers[name] = numbers[name].copy()
            # An effect given ready counts the whole arm: it is computed anew from the arms.
            numbers[name][rows] = np.nan if name == "yi" else numbers[name][rows] / len(rows)
        for row in rows:
            done[row].append(f"comparison arm split among {len(rows)} comparisons")
    return f"{count} in several comparisons: its people were split among them"


def _broken_counts(numbers: dict[str, FloatArray]) -> dict[str, npt.NDArray[np.bool_]]:
    """Where a number of events is not whole; such numbers are made missing."""
    found = {}
    for name in {"e1", "e2", "x"} & set(numbers):
        found[name] = np.nan_to_num(numbers[name]) % 1.0 > 0.0
        numbers[name] = np.where(found[name], np.nan, numbers[name])
    return found


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


def _without_events(made: _Made, numbers: Numbers, measure: str, settings: Settings) -> list[str]:
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
    """What is done to effects once they are there: design effect, sign; and empty cells said.

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
        first = "; ".join(
            f"line {row['line']}: {row['reason']}" for row in left_out.head(3).to_dict("records")
        )
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


def _covariance(effects: Effects, groups: list[list[int]], factor: FloatArray) -> FloatArray:
    """Sampling covariance of all effects: variances, and covariances of shared arms."""
    measure, rows, numbers = effects.measure, effects.rows, effects.numbers
    if measure not in _WITH_COVARIANCE:
        raise DataError(
            f"The covariance of effects that share an arm is known for "
            f"{', '.join(_WITH_COVARIANCE)}, not {measure}: take --shared-control split"
        )
    place = {int(row): number for number, row in enumerate(rows["place"])}
    yi, found = rows["yi"].to_numpy(float), np.diag(rows["vi"].to_numpy(float))
    more = np.sqrt(factor[rows["place"].to_numpy(int)])
    for group in groups:
        own = np.array([place[row] for row in group if row in place], dtype=np.intp)
        names = [name for name in ("n1", "n2", "sd2") if name in numbers]
        arms: dict[str, FloatArray] = {name: numbers[name][own] for name in names}
        if measure in ("OR", "RR", "RD"):
            arms["n2"], arms["e2"] = _cells(numbers, own, effects.settings)
        if own.size < 2 or not np.isfinite(arms["n2"]).all():
            continue
        shared = escalc.shared_covariance(measure, yi[own], arms)
        found[np.ix_(own, own)] += np.outer(more[own], more[own]) * shared
    return found


def _cells(
    numbers: Numbers, own: npt.NDArray[np.intp], settings: Settings
) -> tuple[FloatArray, FloatArray]:
    """People and events of arm 2 after the rule for empty cells."""
    tables = (numbers[name][own] for name in TABLE)
    rule = settings.zeros or es.USUAL_ZEROS
    _, _, events, others = es.two_by_two(*tables, zeros=rule, whole=False)
    return events + others, events
