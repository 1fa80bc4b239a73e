"""Arms that stand in several comparisons of a study: found, and shared or modelled.

People of such an arm count once for each comparison, unless the arm is split among them or the
covariance of their effects is known (Cochrane Handbook 6.4, section 23.3).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.exchange.own_data.columns import Mapped
from ipt_evidence.exchange.own_data.numbers import Done
from ipt_evidence.exchange.own_data.recipes import TABLE, Numbers
from ipt_evidence.exchange.own_data.table import OwnTable
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis import escalc
from ipt_evidence.meta_analysis.effect_sizes import ZeroCells
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["SHARED", "covariance_of", "share", "shared_arms"]

SHARED = ("split", "covariance")
_WITH_COVARIANCE = ("SMD", "MD", "OR", "RR", "RD")


def shared_arms(
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


def share(numbers: dict[str, FloatArray], groups: list[list[int]], how: str, done: Done) -> str:
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


def covariance_of(
    measure: str,
    rows: pd.DataFrame,
    numbers: Numbers,
    groups: list[list[int]],
    factor: FloatArray,
    zeros: ZeroCells | None,
) -> FloatArray:
    """Sampling covariance (K, K) of all effects: variances, and covariances of shared arms.

    ``numbers`` are those of ``rows``, which make an effect; ``groups`` count the rows of the table,
    as does ``factor``, the design effect of each. DataError for a measure that has none.
    """
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
            arms["n2"], arms["e2"] = _cells(numbers, own, zeros)
        if own.size < 2 or not np.isfinite(arms["n2"]).all():
            continue
        shared = escalc.shared_covariance(measure, yi[own], arms)
        found[np.ix_(own, own)] += np.outer(more[own], more[own]) * shared
    return found


def _cells(
    numbers: Numbers, own: npt.NDArray[np.intp], zeros: ZeroCells | None
) -> tuple[FloatArray, FloatArray]:
    """People and events of arm 2 after the rule for empty cells."""
    tables = (numbers[name][own] for name in TABLE)
    _, _, events, others = es.two_by_two(*tables, zeros=zeros or es.USUAL_ZEROS, whole=False)
    return events + others, events
