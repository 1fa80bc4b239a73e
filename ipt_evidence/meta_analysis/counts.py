"""Pooling of counts themselves: two arms by Mantel-Haenszel or Peto, where events are rare.

Inverse-variance pooling needs a variance for each study, which an empty cell does not give. The
methods here add up tables and take such studies as they are. All assume a common effect.
Definitions are those of R metafor 3.8 `rma.mh()` and `rma.peto()`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions, effect_sizes
from ipt_evidence.meta_analysis.inputs import FloatArray, refuse_positions

__all__ = ["MEASURES", "mantel_haenszel", "peto"]

MEASURES = ("OR", "RR", "RD")
EMPTY = "no study has both events and non-events: there is nothing to compare"


@dataclass(frozen=True, slots=True)
class PooledCounts:
    """Pooled difference between two arms, arm 1 over (or minus) arm 2.

    Attributes
    ----------
    k, k_used
        Studies, and those that bear on the effect: without events in either arm an odds or risk
        ratio is not informed.
    estimate, se, ci_lower, ci_upper
        Log odds ratio, log risk ratio or risk difference.
    stat, p
        z statistic and its two-sided p value.
    q, q_df, q_p
        Heterogeneity; None where fewer than 2 studies allow it.
    measure, method, level, notes
        "OR", "RR" or "RD"; "MH" or "Peto"; percent; what the reader must know.
    """

    k: int
    k_used: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    stat: float
    p: float
    q: float | None
    q_df: int | None
    q_p: float | None
    measure: str
    method: str
    level: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tables:
    """Events a, c of n1, n2 people in two arms, each (K,)."""

    a: FloatArray
    n1: FloatArray
    c: FloatArray
    n2: FloatArray

    @classmethod
    def of(
        cls, events1: npt.ArrayLike, n1: npt.ArrayLike, events2: npt.ArrayLike, n2: npt.ArrayLike
    ) -> _Tables:
        """Check the counts; PoolingError names positions."""
        try:
            arrays = [np.atleast_1d(np.asarray(x, dtype=float)) for x in (events1, n1, events2, n2)]
        except (TypeError, ValueError) as err:
            raise PoolingError(f"a count is not a number: {err}") from err
        if len({array.shape for array in arrays}) > 1 or arrays[0].ndim > 1 or not arrays[0].size:
            raise PoolingError("events and people of both arms need one value for each study")
        for events, people, arm in ((arrays[0], arrays[1], 1), (arrays[2], arrays[3], 2)):
            refuse_positions(~(np.isfinite(events) & np.isfinite(people)), f"arm {arm} is missing")
            refuse_positions(people <= 0.0, f"arm {arm} has nobody")
            refuse_positions((events < 0.0) | (events > people), f"events of arm {arm} beyond 0..n")
        return cls(*arrays)

    @property
    def informative(self) -> npt.NDArray[np.bool_]:
        """Where there are both events and non-events."""
        events = self.a + self.c
        return (events > 0.0) & (events < self.n1 + self.n2)


def mantel_haenszel(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    measure: str = "OR",
    level: float = 95.0,
) -> PooledCounts:
    """Mantel-Haenszel pooling, without a correction of empty cells.

    Parameters
    ----------
    events1, n1, events2, n2
        Events and people of arm 1 and arm 2, each (K,).
    measure
        "OR" (variance of Robins, Breslow & Greenland 1986 doi:10.2307/2531052), "RR" (Greenland &
        Robins 1985 doi:10.2307/2530643) or "RD" (Sato, Greenland & Robins 1989
        doi:10.2307/2531784).
    level
        Percent of the interval.

    Raises
    ------
    PoolingError
        If counts are unusable (naming positions), the measure is unknown, or an arm has no event
        (or nothing but events) in all studies together, so that the ratio is 0 or infinite.
    """
    if measure not in MEASURES:
        raise PoolingError(f"unknown measure {measure!r}: choose one of {', '.join(MEASURES)}")
    tables = _Tables.of(events1, n1, events2, n2)
    estimate, variance = {"OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference}[measure](
        tables
    )
    if not (math.isfinite(estimate) and variance > 0.0):
        raise PoolingError(f"{EMPTY}, or one arm has events in no study: pool a risk difference")
    every = np.ones(tables.a.size, dtype=np.bool_)
    used = {"OR": tables.informative, "RR": tables.a + tables.c > 0.0, "RD": every}[measure]
    # A study without events, or with nothing else, has no effect of its own to compare, as metafor.
    q = _q(tables, tables.informative, measure, estimate)
    return _answer(tables, used, estimate, variance, q, measure=measure, method="MH", level=level)


def _odds_ratio(t: _Tables) -> tuple[float, float]:
    people = t.n1 + t.n2
    b, d = t.n1 - t.a, t.n2 - t.c
    r, s = t.a * d / people, b * t.c / people
    p, q = (t.a + d) / people, (b + t.c) / people
    total_r, total_s = float(r.sum()), float(s.sum())
    if not (total_r > 0.0 and total_s > 0.0):
        return math.nan, math.nan
    variance = p @ r / total_r**2 + (p @ s + q @ r) / (total_r * total_s) + q @ s / total_s**2
    return math.log(total_r / total_s), 0.5 * float(variance)


def _risk_ratio(t: _Tables) -> tuple[float, float]:
    people = t.n1 + t.n2
    r, s = float((t.a * t.n2 / people).sum()), float((t.c * t.n1 / people).sum())
    spread = float(((t.n1 * t.n2 * (t.a + t.c) / people - t.a * t.c) / people).sum())
    if not (r > 0.0 and s > 0.0):
        return math.nan, math.nan
    return math.log(r / s), spread / (r * s)


def _risk_difference(t: _Tables) -> tuple[float, float]:
    people = t.n1 + t.n2
    weight = float((t.n1 * t.n2 / people).sum())
    estimate = float(((t.a * t.n2 - t.c * t.n1) / people).sum()) / weight
    share1, share2 = t.n1 / people, t.n2 / people
    first = t.c * share1**2 - t.a * share2**2 + share1 * share2 * (t.n2 - t.n1) / 2.0
    second = (t.a * (t.n2 - t.c) + t.c * (t.n1 - t.a)) / people / 2.0
    return estimate, (estimate * float(first.sum()) + float(second.sum())) / weight**2


def _q(
    tables: _Tables, used: npt.NDArray[np.bool_], measure: str, estimate: float
) -> tuple[float, int] | None:
    """Heterogeneity of the studies' own effects about the pooled one."""
    own = {
        "OR": effect_sizes.log_odds_ratio,
        "RR": effect_sizes.log_risk_ratio,
        "RD": effect_sizes.risk_difference,
    }[measure](tables.a[used], tables.n1[used], tables.c[used], tables.n2[used])
    usable = np.isfinite(own.yi) & np.isfinite(own.vi) & (own.vi > 0.0)
    if usable.sum() < 2:
        return None
    return float(np.sum((own.yi[usable] - estimate) ** 2 / own.vi[usable])), int(usable.sum()) - 1


def peto(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    level: float = 95.0,
) -> PooledCounts:
    """Peto's one-step log odds ratio: observed less expected events, over their variance.

    Good for rare events, arms of like size and small effects; biased otherwise. Yusuf et al.
    (1985) doi:10.1016/S0033-0620(85)80003-7.

    Raises
    ------
    PoolingError
        If counts are unusable (naming positions) or no study has both events and non-events.
    """
    tables = _Tables.of(events1, n1, events2, n2)
    used = tables.informative
    if not used.any():
        raise PoolingError(EMPTY)
    people, events = tables.n1 + tables.n2, tables.a + tables.c
    excess = (tables.a - events * tables.n1 / people)[used]
    spread = tables.n1 * tables.n2 * events * (people - events)
    spread = (spread / (people**2 * np.maximum(people - 1.0, 1.0)))[used]
    total = float(spread.sum())
    estimate = float(excess.sum()) / total
    q = max(0.0, float(np.sum(excess**2 / spread)) - estimate**2 * total)
    return _answer(tables, used, estimate, 1.0 / total, (q, int(used.sum()) - 1),
                   measure="OR", method="Peto", level=level)  # fmt: skip


def _answer(
    tables: _Tables,
    used: npt.NDArray[np.bool_],
    estimate: float,
    variance: float,
    q: tuple[float, int] | None,
    *,
    measure: str,
    method: str,
    level: float,
) -> PooledCounts:
    se = math.sqrt(variance)
    half = distributions.critical_value(level, None) * se
    many = q is not None and q[1] > 0
    return PooledCounts(
        tables.a.size,
        int(used.sum()),
        estimate,
        se,
        estimate - half,
        estimate + half,
        estimate / se,
        distributions.two_sided_p(estimate / se, None),
        q[0] if q and many else None,
        q[1] if q and many else None,
        distributions.chi2_upper_tail(*q) if q and many else None,
        measure,
        method,
        level,
        _notes(tables, used, estimate, method),
    )


def _notes(
    tables: _Tables, used: npt.NDArray[np.bool_], estimate: float, method: str
) -> tuple[str, ...]:
    notes = []
    if left := int((~used).sum()):
        notes.append(
            "without events, or without non-events, in either arm a study says nothing about a "
            f"ratio: {left} of {tables.a.size} do not count"
        )
    larger = np.maximum(tables.n1, tables.n2) / np.minimum(tables.n1, tables.n2)
    if method == "Peto" and (abs(estimate) > math.log(2.0) or (larger > 2.0).any()):
        notes.append(
            "Peto's method is biased where effects are large or arms differ much in size (Cochrane "
            "Handbook 10.4.2): compare with Mantel-Haenszel"
        )
    return tuple(notes)
