"""Cells of a table → numbers: what stands in them, and what follows from what stands in them."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.exchange.own_data.columns import FIELDS, Mapped
from ipt_evidence.exchange.own_data.recipes import Settings
from ipt_evidence.exchange.own_data.table import MISSING, OwnTable
from ipt_evidence.meta_analysis import conversions as cv
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["Done", "broken_counts", "numbers_of", "prepared"]

Done = list[list[str]]
"""What was done to each row, in words."""

# A number is tried from its first sign alone, and gaps are short: cells may hold a million digits.
_VALUE = r"([+-]?(?:\d+(?:\.\d+)?|\.\d+))"
_INTERVAL = re.compile(
    r"(?<![\d.])" + _VALUE + r"\s{0,9}(?:,|;|to|–|—|-(?=\s{0,9}[+-]?\d)|\s)\s{0,9}" + _VALUE
)


def numbers_of(
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


def prepared(numbers: dict[str, FloatArray]) -> Done:
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


def broken_counts(numbers: dict[str, FloatArray]) -> dict[str, npt.NDArray[np.bool_]]:
    """Where a number of events is not whole; such numbers are made missing."""
    found = {}
    for name in {"e1", "e2", "x"} & set(numbers):
        found[name] = np.nan_to_num(numbers[name]) % 1.0 > 0.0
        numbers[name] = np.where(found[name], np.nan, numbers[name])
    return found
