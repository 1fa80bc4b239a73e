"""Every reasonable way to have answered the same question, and how far the answers differ.

Steegen et al. (2016) doi:10.1177/1745691616658637; for meta-analysis Voracek, Kossmeier & Tran
(2019) doi:10.1027/2151-2604/a000357. Shares describe the specifications listed; they are not
probabilities. Choices that the reader made on the page (sources, age groups, ...) hold in all of
them. Selection models and models of all outcomes together are not among them: they take too long
to fit by the thousand, and stand on the Condition page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence import progress
from ipt_evidence.analyses.multiverse.choices import (
    CORRECTIONS,
    ESTIMATORS,
    INTERVALS,
    NON_EQUIVALENT,
    OUTLIERS,
    STANDINGS,
    Factor,
    Option,
)
from ipt_evidence.analyses.multiverse.samples import Samples, build
from ipt_evidence.analyses.small_studies.result import MIN_STUDIES_ASYMMETRY
from ipt_evidence.cache import cached_large
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import select
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.meta_analysis.models import LEAST, pool_many
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_many
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import MIN_STUDIES_PET, pet_peese_many
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill_many

__all__ = [
    "STANDINGS",
    "Curve",
    "Factor",
    "Importance",
    "Option",
    "Share",
    "curve_of",
    "curve_points",
    "importance",
    "specifications",
]

MOST_POINTS = {"equivalent": 160, "uncertain": 260, "non_equivalent": 260}  # drawn
PET_TOO_FEW = (
    f"PET-PEESE with fewer than {MIN_STUDIES_PET} trials is unreliable (Stanley 2017, "
    "doi:10.1177/1948550617693062)"
)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``count`` specifications have an interval above 0, and below."""

    count: int
    above: int
    below: int
    samples: int
    median: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Curve:
    """All specifications of one question that could be fitted, in ascending order of estimate.

    Those that leave fewer than three trials are counted and not among them: they are no estimates.

    Attributes
    ----------
    factors
        The choices that make a difference here.
    codes
        Option of each factor, (B, F), as places in its options.
    k, estimate, ci_lower, ci_upper
        Trials, pooled effect and interval of each specification, (B,).
    standing
        Place in ``STANDINGS`` of each, (B,): that of its worst option.
    sample
        Which distinct set of numbers each rests on, (B,).
    own
        Place of the estimate's own specification; None where its model is not among those fitted
        here, such as one of all outcomes together.
    too_few
        How many more specifications leave one or two trials.
    """

    factors: tuple[Factor, ...]
    codes: npt.NDArray[np.int8]
    k: npt.NDArray[np.int64]
    estimate: Floats
    ci_lower: Floats
    ci_upper: Floats
    standing: npt.NDArray[np.int8]
    sample: npt.NDArray[np.int64]
    own: int | None
    too_few: int = 0

    def __len__(self) -> int:
        """Number of specifications."""
        return len(self.estimate)

    def chosen(self, place: int) -> dict[str, Option]:
        """The options of one specification, by factor."""
        row = self.codes[place]
        return {f.id: f.options[c] for f, c in zip(self.factors, row, strict=True)}

    def reasons(self, place: int) -> tuple[str, ...]:
        """Why one specification is labelled as it is; empty when it is equivalent."""
        worst = int(self.standing[place])
        options = self.chosen(place)
        found = [option.reason for option in options.values() if option.standing == worst]
        pet = options["correction"].id == "pet_peese" if "correction" in options else False
        if worst == NON_EQUIVALENT and pet and self.k[place] < MIN_STUDIES_PET:
            found.append(PET_TOO_FEW)
        return tuple(found) if worst else ()

    def among(self, standings: Collection[str]) -> Mask:
        """Which specifications have one of these labels, (B,)."""
        return np.isin(self.standing, [STANDINGS.index(name) for name in standings])

    def share(self, mask: Mask | None = None) -> Share:
        """Count how many of the specifications chosen agree."""
        mask = np.ones(len(self), dtype=bool) if mask is None else mask
        values = self.estimate[mask]
        known = bool(values.size)
        return Share(
            count=int(values.size),
            above=int((self.ci_lower[mask] > 0.0).sum()),
            below=int((self.ci_upper[mask] < 0.0).sum()),
            samples=int(np.unique(self.sample[mask]).size),
            median=float(np.median(values)) if known else None,
            lowest=float(values.min()) if known else None,
            highest=float(values.max()) if known else None,
        )


@cached_large
def curve_of(base: EvidenceBase, view: View) -> Curve:
    """Every specification of the question of ``view``."""
    return specifications(base, estimate_of(base, view))


def specifications(base: EvidenceBase, estimate: Estimate) -> Curve:
    """Fit every combination of choices for the question of an estimate.

    Reports its `progress` after every round of fits.

    Parameters
    ----------
    base
        The evidence base of the estimate.
    estimate
        Its question's filters and its model's rho and level hold; method, test and outliers are
        among the choices.

    Returns
    -------
    Curve
        Without any specification where no three trials can be pooled.
    """
    rows = select(base, estimate.selection.question).effects
    if rows.empty:
        return _curve((), [], None, None)
    level = estimate.model.level
    samples = build(rows, OUTLIERS, level, estimate.model.rho)
    blocks, rounds = [], len(ESTIMATORS.options) * len(INTERVALS.options)
    for e, method in enumerate(ESTIMATORS.options):
        for i, interval in enumerate(INTERVALS.options):
            fit = pool_many(
                samples.yi,
                samples.vi,
                samples.present,
                method=method.id,
                test=interval.id,
                level=level,
            )
            blocks.append(_Block((e, i, 0), fit.estimate, fit.ci_lower, fit.ci_upper))
            if (e, i) == (0, 0):
                blocks += _corrected(samples, fit.tau2, level)
            progress.report((e * len(INTERVALS.options) + i + 1) / rounds)
    factors = (*samples.factors, ESTIMATORS, INTERVALS, CORRECTIONS)
    return _curve(factors, blocks, samples, _own(factors, estimate.model))


def _own(factors: tuple[Factor, ...], model: Model) -> npt.NDArray[np.int8] | None:
    """Options of the page's own model; None when it is not among those that are fitted here."""
    wanted = {
        ESTIMATORS.id: model.method,
        INTERVALS.id: model.test,
        OUTLIERS.id: "out" if model.without_outliers else "in",
    }
    codes = np.zeros(len(factors), dtype=np.int8)
    for column, factor in enumerate(factors):
        ids = [option.id for option in factor.options]
        if wanted.get(factor.id, ids[0]) not in ids or model.dependence != "aggregate":
            return None
        codes[column] = ids.index(wanted.get(factor.id, ids[0]))
    return codes


@dataclass(frozen=True, slots=True)
class _Block:
    """Estimator, interval and correction, and the fits of every distinct sample under them."""

    places: tuple[int, int, int]
    estimate: Floats
    ci_lower: Floats
    ci_upper: Floats


def _corrected(samples: Samples, tau2: Floats, level: float) -> list[_Block]:
    """Corrections for small studies, of samples with trials enough."""
    rows = np.flatnonzero(samples.present.sum(axis=1) >= MIN_STUDIES_ASYMMETRY)
    if not rows.size:
        return []
    data = samples.yi[rows], samples.vi[rows], samples.present[rows]
    fits = (
        trim_and_fill_many(*data, level=level),
        pet_peese_many(*data, level=level),
        limit_many(*data, tau2[rows], level=level),
    )
    blocks = []
    for place, fit in enumerate(fits, start=1):
        columns = []
        for values in (fit.estimate, fit.ci_lower, fit.ci_upper):
            column = np.full(len(samples.present), np.nan)
            column[rows] = values
            columns.append(column)
        blocks.append(_Block((0, 0, place), *columns))
    return blocks


def _curve(
    factors: tuple[Factor, ...],
    blocks: list[_Block],
    samples: Samples | None,
    wanted: npt.NDArray[np.int8] | None,
) -> Curve:
    if samples is None or not blocks:
        return _nothing(factors)
    size = len(samples.row)
    models = [np.tile(np.array(b.places, dtype=np.int8), (size, 1)) for b in blocks]
    codes = np.concatenate([np.hstack([samples.codes, model]) for model in models])
    sample = np.tile(samples.row, len(blocks))
    k = samples.present.sum(axis=1)[sample]
    estimate, lower, upper = (
        np.concatenate([getattr(b, name)[samples.row] for b in blocks])
        for name in ("estimate", "ci_lower", "ci_upper")
    )
    finite = np.isfinite(estimate) & np.isfinite(lower) & np.isfinite(upper)
    fitted = np.flatnonzero(finite & (k >= LEAST))
    too_few = int((finite & (k < LEAST)).sum())
    # Equal estimates stand in the order of their choices, so that the curve is always the same.
    order = fitted[np.argsort(estimate[fitted], kind="stable")]
    codes, k = codes[order], k[order]
    used = [i for i in range(len(factors)) if len(codes) and np.ptp(codes[:, i])]
    own = np.flatnonzero(() if wanted is None else (codes == wanted).all(axis=1))
    return Curve(
        factors=tuple(factors[i] for i in used),
        codes=codes[:, used],
        k=k,
        estimate=estimate[order],
        ci_lower=lower[order],
        ci_upper=upper[order],
        standing=_standing(factors, codes, k),
        sample=sample[order],
        own=int(own[0]) if own.size else None,
        too_few=too_few,
    )


def _nothing(factors: tuple[Factor, ...]) -> Curve:
    none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
    codes = np.zeros((0, len(factors)), dtype=np.int8)
    return Curve(factors, codes, whole, none, none, none, none.astype(np.int8), whole, None)


def _standing(
    factors: tuple[Factor, ...], codes: npt.NDArray[np.int8], k: npt.NDArray[np.int64]
) -> npt.NDArray[np.int8]:
    standing = np.zeros(len(codes), dtype=np.int8)
    for column, factor in enumerate(factors):
        own = np.array([option.standing for option in factor.options], dtype=np.int8)
        standing = np.maximum(standing, own[codes[:, column]])
        if factor.id == CORRECTIONS.id:
            pet = np.array([option.id == "pet_peese" for option in factor.options])
            standing[pet[codes[:, column]] & (k < MIN_STUDIES_PET)] = NON_EQUIVALENT
    return standing


@dataclass(frozen=True, slots=True)
class Importance:
    """How much of the variation between specifications goes with one choice.

    Attributes
    ----------
    factor
        The choice.
    share
        Percent of the variance of the estimates that lies between its options (the correlation
        ratio, eta²): what would vanish on average if this choice were settled. Shares of several
        choices need not add up to 100: choices act together. None where nothing varies.
    options
        For each option that is there its id and how its specifications fare.
    """

    factor: str
    share: float | None
    options: tuple[tuple[str, Share], ...]


def importance(curve: Curve, mask: Mask | None = None) -> tuple[Importance, ...]:
    """Variance by choice among the specifications chosen, most important first.

    Corrections for small studies were fitted with the first estimator and interval only. So their
    share is taken among those, and the shares of all other choices without corrections: else
    estimators would get credit for what corrections do.
    """
    mask = np.ones(len(curve), dtype=bool) if mask is None else mask
    names = [factor.id for factor in curve.factors]
    found = []
    for column, factor in enumerate(curve.factors):
        rows = mask.copy()
        if factor.id == "correction":
            for other in ("estimator", "interval"):
                if other in names:
                    rows &= curve.codes[:, names.index(other)] == 0
        elif "correction" in names:
            rows &= curve.codes[:, names.index("correction")] == 0
        codes = curve.codes[:, column]
        there = [place for place in range(len(factor.options)) if (codes[rows] == place).any()]
        options = tuple(
            (factor.options[place].id, curve.share(rows & (codes == place))) for place in there
        )
        if len(there) > 1:
            share = _between(curve.estimate[rows], codes[rows])
            found.append(Importance(factor.id, share, options))
    return tuple(sorted(found, key=lambda one: -(one.share or 0.0)))


def _between(values: Floats, groups: npt.NDArray[np.int8]) -> float | None:
    """Percent of the variance of values that lies between groups; None when there is none."""
    centred = values - values.mean()
    total = float(centred @ centred)
    if total <= 1e-18 * values.size:
        return None
    counts = np.bincount(groups)
    sums = np.bincount(groups, centred)
    there = counts > 0
    return 100.0 * float((sums[there] ** 2 / counts[there]).sum()) / total


def curve_points(curve: Curve, mask: Mask) -> pd.DataFrame:
    """Points to draw: evenly spaced ones of each label, both ends, and the page's own."""
    chosen = np.flatnonzero(mask)
    rank = np.full(len(curve), np.nan)
    rank[chosen] = 100.0 * (np.arange(chosen.size) + 0.5) / max(1, chosen.size)
    rows: list[tuple[int, str]] = []
    for place, name in enumerate(STANDINGS):
        there = chosen[curve.standing[chosen] == place]
        if there.size:
            pick = np.linspace(0, there.size - 1, min(there.size, MOST_POINTS[name]))
            rows += [(int(i), name) for i in there[np.unique(pick.round().astype(int))]]
    if curve.own is not None and mask[curve.own]:
        rows = [row for row in rows if row[0] != curve.own] + [(curve.own, "own")]
    places = np.array([place for place, _ in rows], dtype=np.int64)
    return pd.DataFrame(
        {
            "place": places,
            "x": rank[places],
            "estimate": curve.estimate[places],
            "ci_lower": curve.ci_lower[places],
            "ci_upper": curve.ci_upper[places],
            "label": [label for _, label in rows],
        }
    )
