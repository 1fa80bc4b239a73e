"""Frequentist network meta-analysis: the random-effects model of R netmeta.

The trials' Laplacians (see `studies`) add up to that of the network, whose pseudoinverse gives all
comparisons: Rücker (2012) doi:10.1002/jrsm.1058; the software: Balduzzi et al. (2023)
doi:10.18637/jss.v106.i02. One tau² holds for all comparisons; each arm of a trial varies by half
of it, so that the differences within a trial of several arms are correlated by one half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.network.studies import NetworkStudies
from ipt_evidence.meta_analysis.roots import root_between

__all__ = ["METHODS", "Comparison", "Fit", "Network", "Ranked", "fitted", "network"]

METHODS = ("DL", "REML", "common")
ALL_OR_NOTHING = 0.0005  # share of direct evidence below which, or above 1 less which, it is none
FAR = 1e9  # in typical variances: tau² is not looked for beyond
RANKING = (
    "P-scores rank point estimates weighed by their errors, and say nothing on certainty or on how "
    "far apart treatments are: ranks of similar treatments change with one trial"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Effect of `treat1` less that of `treat2`: by the network, directly and indirectly.

    Attributes
    ----------
    k
        Trials that compare the two directly.
    estimate, se, ci_lower, ci_upper, p
        By the network.
    pi_lower, pi_upper
        Prediction interval, t with the degrees of freedom of Q less 1; None for a common effect.
    share_direct
        Share of direct evidence, 0 to 1.
    direct, direct_se, indirect, indirect_se
        Direct evidence pooled with the network's tau², and what the rest of the network says; None
        where there is none of it.
    difference, difference_se, difference_p
        Direct less indirect (back-calculation; König, Krahn & Binder 2013 doi:10.1002/sim.6001;
        Dias et al. 2010 doi:10.1002/sim.3767): None unless there are both.
    """

    treat1: str
    treat2: str
    k: int
    estimate: float
    se: float
    ci_lower: float
    ci_upper: float
    p: float
    pi_lower: float | None
    pi_upper: float | None
    share_direct: float
    direct: float | None
    direct_se: float | None
    indirect: float | None
    indirect_se: float | None
    difference: float | None
    difference_se: float | None
    difference_p: float | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """P-score of a treatment, from 0 to 1: Rücker & Schwarzer (2015) doi:10.1186/s12874-015-0060-8.

    The mean, over the other treatments, of the certainty that this one is better.
    """

    treatment: str
    p_score: float


@dataclass(frozen=True, slots=True)
class Network:
    """A fitted network.

    Attributes
    ----------
    k, m, n, designs
        Trials, pairwise comparisons in them, treatments, and different sets of treatments compared.
    treatments, trials, lines
        Treatments in sorted order, the number of trials of each, and of each direct comparison as
        (treatment, treatment, trials).
    reference
        The treatment with which the others are compared first.
    comparisons
        Every pair once, `treat1` before `treat2` in sorted order.
    ranking
        P-scores, the best first.
    tau2, i2
        Between-study variance of every comparison, and I² of Q (percent).
    q, q_df, q_p
        Heterogeneity and inconsistency together; see `consistency`.
    method, level, larger_is_better, notes
        One of `METHODS`, percent, the direction of the ranking, what the reader must know.
    """

    k: int
    m: int
    n: int
    designs: int
    treatments: tuple[str, ...]
    trials: tuple[int, ...]
    lines: tuple[tuple[str, str, int], ...]
    reference: str
    comparisons: tuple[Comparison, ...]
    ranking: tuple[Ranked, ...]
    tau2: float
    i2: float | None
    q: float
    q_df: int
    q_p: float | None
    method: str
    level: float
    larger_is_better: bool
    notes: tuple[str, ...]

    def against(self, treatment: str) -> tuple[tuple[str, float, float, float], ...]:
        """Each other treatment against this one: name, effect, and interval."""
        found = []
        for one in self.comparisons:
            if one.treat2 == treatment:
                found.append((one.treat1, one.estimate, one.ci_lower, one.ci_upper))
            elif one.treat1 == treatment:
                found.append((one.treat2, -one.estimate, -one.ci_upper, -one.ci_lower))
        return tuple(found)


def network(
    studies: NetworkStudies,
    *,
    reference: str | None = None,
    method: str = "DL",
    larger_is_better: bool = True,
    level: float = 95.0,
) -> Network:
    """Compare all treatments of a network.

    Parameters
    ----------
    studies
        From `from_contrasts` or `from_arms`.
    reference
        A treatment to compare with; by default that of most trials.
    method
        Of tau²: "DL" (the generalised DerSimonian-Laird estimator, as netmeta), "REML", or "common"
        (tau² = 0).
    larger_is_better
        Which way the P-scores rank.
    level
        Percent of all intervals.

    Raises
    ------
    PoolingError
        If the network is not connected (naming the parts), or a choice is unknown.
    """
    names = studies.treatments
    arms = np.concatenate([group.arms.ravel() for group in studies.groups])
    trials = np.bincount(arms, minlength=len(names))
    reference = names[int(trials.argmax())] if reference is None else reference
    _check_choices(studies, method, reference)
    plain = fitted(studies, 0.0)
    tau2 = _tau2(studies, plain, method)
    fit = fitted(studies, tau2) if tau2 > 0.0 else plain
    counts = _counts(studies)
    comparisons = _comparisons(studies, fit, counts, tau2, plain.df, method, level)
    drawn = [(names[i], names[j], int(counts[i, j])) for i, j in np.argwhere(np.triu(counts))]
    return Network(
        k=len(studies.labels),
        m=int(np.triu(counts).sum()),
        n=len(names),
        designs=len({tuple(arms) for group in studies.groups for arms in group.arms.tolist()}),
        treatments=names,
        trials=tuple(trials.tolist()),
        lines=tuple(drawn),
        reference=reference,
        comparisons=comparisons,
        ranking=_ranking(names, fit, larger_is_better),
        tau2=tau2,
        i2=max(0.0, 100.0 * (plain.q - plain.df) / plain.q) if plain.df and plain.q else None,
        q=plain.q,
        q_df=plain.df,
        q_p=distributions.chi2_upper_tail(plain.q, plain.df) if plain.df else None,
        method=method,
        level=level,
        larger_is_better=larger_is_better,
        notes=(*studies.notes, *_notes(plain.df), RANKING),
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """Treatment effects `at` (n,) about the network's mean and their covariance (n, n).

    `spread` is the trace that tau² of 1 would add to `q` (common effect: the DL denominator), and
    `score` the slope of the restricted log-likelihood in tau².
    """

    at: FloatArray
    covariance: FloatArray
    q: float
    df: int
    spread: float
    score: float

    def variances(self) -> FloatArray:
        """Variance of the difference of each two treatments, (n, n)."""
        own = self.covariance.diagonal()
        return np.asarray(own[:, None] + own - 2.0 * self.covariance, dtype=np.float64)


def fitted(studies: NetworkStudies, tau2: float) -> Fit:
    """Weighted least squares of the network for a known tau²."""
    n = len(studies.treatments)
    total, squares, weighted_sum = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    parts, trace, df = [], 0.0, 0
    for group in studies.groups:
        laplacian = group.laplacians(tau2)
        rows, columns = group.arms[:, :, None], group.arms[:, None, :]
        np.add.at(total, (rows, columns), laplacian)
        np.add.at(squares, (rows, columns), laplacian @ laplacian)
        np.add.at(weighted_sum, group.arms, np.einsum("sij,sj->si", laplacian, group.at))
        trace += float(np.einsum("sii->", laplacian))
        df += group.values.size
        parts.append((group, laplacian))
    covariance = np.asarray(np.linalg.pinv(total, hermitian=True), dtype=np.float64)
    at = covariance @ weighted_sum
    q = weighted_squares = 0.0
    for group, laplacian in parts:
        residuals = np.einsum("sij,sj->si", laplacian, group.at - at[group.arms])
        q += float(np.sum(residuals * (group.at - at[group.arms])))
        weighted_squares += float(np.sum(residuals**2))
    spread = 0.5 * (trace - float(np.sum(covariance * squares)))
    return Fit(at, covariance, q, df - n + 1, spread, 0.5 * (0.5 * weighted_squares - spread))


def _tau2(studies: NetworkStudies, plain: Fit, method: str) -> float:
    if method == "common" or not plain.df:
        return 0.0
    moments = max(0.0, (plain.q - plain.df) / plain.spread)
    if method == "DL":
        return moments
    if plain.score <= 0.0:
        return 0.0
    unit = float(np.median(np.concatenate([group.values.ravel() for group in studies.groups])))
    upper = max(moments, unit)
    while fitted(studies, upper).score > 0.0:
        upper *= 4.0
        if upper > FAR * unit:
            raise PoolingError("the variance between trials did not settle: take method DL")
    return root_between(lambda tau2: fitted(studies, tau2).score, 0.0, upper, 1e-12 * unit)


def _check_choices(studies: NetworkStudies, method: str, reference: str) -> None:
    if method not in METHODS:
        raise PoolingError(f"unknown method {method!r}: choose one of {', '.join(METHODS)}")
    if reference not in studies.treatments:
        known = ", ".join(studies.treatments)
        raise PoolingError(f"no treatment {reference!r}: there are {known}")
    _refuse_parts(studies)


def _refuse_parts(studies: NetworkStudies) -> None:
    """Refuse a network whose treatments cannot all be compared."""
    part = list(range(len(studies.treatments)))
    for group in studies.groups:
        for arms in group.arms.tolist():
            joined = {part[arm] for arm in arms}
            if len(joined) > 1:
                part = [min(joined) if one in joined else one for one in part]
    members: dict[int, list[str]] = {}
    for name, one in zip(studies.treatments, part, strict=True):
        members.setdefault(one, []).append(name)
    if len(members) > 1:
        shown = "; ".join(", ".join(names) for names in members.values())
        raise PoolingError(
            f"the network falls into {len(members)} parts that no trial connects: {shown}. "
            "Compare each part by itself"
        )


def _counts(studies: NetworkStudies) -> npt.NDArray[np.int64]:
    n = len(studies.treatments)
    counts = np.zeros((n, n), dtype=np.int64)
    for group in studies.groups:
        np.add.at(counts, (group.arms[:, :, None], group.arms[:, None, :]), 1)
    np.fill_diagonal(counts, 0)
    return counts


def _direct(studies: NetworkStudies, tau2: float) -> tuple[FloatArray, FloatArray]:
    """Weights of direct evidence on each pair and its weighted sums, both (n, n)."""
    n = len(studies.treatments)
    weights, sums = np.zeros((n, n)), np.zeros((n, n))
    for group in studies.groups:
        own = 1.0 / (group.pairs + tau2 + np.eye(group.arms.shape[1]))
        place = (group.arms[:, :, None], group.arms[:, None, :])
        np.add.at(weights, place, own)
        np.add.at(sums, place, own * (group.at[:, :, None] - group.at[:, None, :]))
    return weights, sums


def _comparisons(
    studies: NetworkStudies,
    fit: Fit,
    counts: npt.NDArray[np.int64],
    tau2: float,
    df: int,
    method: str,
    level: float,
) -> tuple[Comparison, ...]:
    i, j = np.triu_indices(len(studies.treatments), 1)
    effect, variance = fit.at[i] - fit.at[j], fit.variances()[i, j]
    weights, sums = (values[i, j] for values in _direct(studies, tau2))
    k = counts[i, j]
    share = np.where(k > 0, np.minimum(variance * weights, 1.0), 0.0)
    none = np.full(share.size, np.nan)
    direct, alone = share > ALL_OR_NOTHING, share > 1.0 - ALL_OR_NOTHING
    own = np.divide(sums, weights, out=none.copy(), where=direct)
    own_se = np.divide(1.0, np.sqrt(weights), out=none.copy(), where=direct)
    left = np.where(alone, np.nan, 1.0 - share)
    rest = (effect - share * np.where(direct, own, 0.0)) / left
    rest_se = np.sqrt(variance / left)
    gap, gap_se = own - rest, np.sqrt(own_se**2 + rest_se**2)
    crit, se = distributions.critical_value(level, None), np.sqrt(variance)
    reach = none
    if method != "common" and df > 1:
        reach = distributions.critical_value(level, df - 1) * np.sqrt(variance + tau2)
    columns = (
        effect, se, effect - crit * se, effect + crit * se, _two_sided(effect / se),
        effect - reach, effect + reach, share, own, own_se, rest, rest_se, gap, gap_se,
        _two_sided(gap / gap_se),
    )  # fmt: skip
    table = np.column_stack(columns).astype(object)
    table[np.isnan(np.column_stack(columns))] = None
    names = studies.treatments
    return tuple(
        Comparison(names[a], names[b], int(count), *row)
        for a, b, count, row in zip(i, j, k, table.tolist(), strict=True)
    )


def _two_sided(z: FloatArray) -> FloatArray:
    return np.asarray(2.0 * special.ndtr(-np.abs(z)), dtype=np.float64)


def _ranking(names: tuple[str, ...], fit: Fit, larger_is_better: bool) -> tuple[Ranked, ...]:
    se = np.sqrt(fit.variances())
    np.fill_diagonal(se, 1.0)
    sign = 1.0 if larger_is_better else -1.0
    better = special.ndtr(sign * (fit.at[:, None] - fit.at) / se)
    scores = (better.sum(axis=1) - 0.5) / (len(names) - 1.0)
    found = [Ranked(name, score) for name, score in zip(names, scores.tolist(), strict=True)]
    return tuple(sorted(found, key=lambda one: (-one.p_score, one.treatment)))


def _notes(df: int) -> tuple[str, ...]:
    if df:
        return ()
    return ("no comparison is made twice: tau² cannot be estimated, and is taken as 0",)
