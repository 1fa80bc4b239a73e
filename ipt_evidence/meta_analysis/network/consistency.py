"""Do direct and indirect evidence agree? Q of a network, decomposed by designs.

A design is the set of treatments that a trial compares. Trials of one design differ by
heterogeneity; what separates designs beyond that is inconsistency, the design-by-treatment
interaction: Krahn, Binder & König (2013) doi:10.1186/1471-2288-13-35, Higgins et al. (2012)
doi:10.1002/jrsm.1044. As netmeta `decomp.design()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.network.model import fitted
from ipt_evidence.meta_analysis.network.studies import NetworkStudies

__all__ = ["Consistency", "DesignPart", "consistency"]

UNCONNECTED = 1e-10  # second eigenvalue of a Laplacian, as a share of the largest, that is none


@dataclass(frozen=True, slots=True)
class QTest:
    """A part of Q, its degrees of freedom, and p; p None without degrees of freedom."""

    q: float
    df: int
    p: float | None

    @classmethod
    def of(cls, q: float, df: int) -> QTest:
        """Compare with chi-squared."""
        return cls(max(0.0, q), df, distributions.chi2_upper_tail(max(0.0, q), df) if df else None)


@dataclass(frozen=True, slots=True)
class DesignPart:
    """A design: its trials, how they differ among themselves, and how it fits the network.

    Attributes
    ----------
    treatments, k
        What its trials compare, and how many there are.
    within
        Heterogeneity of its trials.
    between
        Its share of the Q between designs.
    detached
        The Q between designs when this one may have effects of its own; None where the other
        designs do not connect the network.
    """

    treatments: tuple[str, ...]
    k: int
    within: QTest
    between: float
    detached: QTest | None


@dataclass(frozen=True, slots=True)
class Heat:
    """How much of `design`'s share of inconsistency goes when `other` is detached (net heat)."""

    design: tuple[str, ...]
    other: tuple[str, ...]
    change: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """Q of the network (common effect), decomposed by designs.

    Attributes
    ----------
    total, within, between
        All of Q; heterogeneity within designs; inconsistency between them.
    tau2_within, between_random
        DerSimonian-Laird tau² within designs, and the test of inconsistency that allows for it
        (full design-by-treatment interaction): the one to report.
    designs
        Each design.
    heat
        Pairs of designs whose net heat is positive, hottest first: where evidence disagrees.
    """

    total: QTest
    within: QTest
    between: QTest
    tau2_within: float
    between_random: QTest
    designs: tuple[DesignPart, ...]
    heat: tuple[Heat, ...]


def consistency(studies: NetworkStudies) -> Consistency:
    """Decompose Q of a network by designs; raises PoolingError as `network` for unusable data."""
    whole = fitted(studies, 0.0)
    parts = _designs(studies, 0.0)
    within = QTest.of(float(parts.q.sum()), int(parts.df.sum()))
    between = QTest.of(whole.q - within.q, whole.df - within.df)
    tau2 = max(0.0, (within.q - within.df) / parts.spread) if within.df else 0.0
    random = fitted(studies, tau2).q - float(_designs(studies, tau2).q.sum())
    shares = parts.distances(whole.at)
    rows, heat = [], []
    for d, name in enumerate(parts.names):
        detached, left = _detach(parts, d, between.df)
        if detached is not None:
            changes = (shares - left).tolist()
            heat += [
                Heat(other, name, change)
                for other, change in zip(parts.names, changes, strict=True)
                if other != name and change > 0.0
            ]
        test = QTest.of(float(parts.q[d]), int(parts.df[d]))
        rows.append(DesignPart(name, int(parts.trials[d]), test, float(shares[d]), detached))
    return Consistency(
        QTest.of(whole.q, whole.df), within, between, tau2, QTest.of(random, between.df),
        tuple(rows), tuple(sorted(heat, key=lambda one: -one.change)),
    )  # fmt: skip


class _Designs(NamedTuple):
    """D designs of a network of n treatments, each fitted by itself.

    `at` (D, n) are the effects of each, 0 for treatments that it does not compare; `weights`
    (D, n, n) their Laplacians. `q`, `df` and `trials` (D,) are of its trials; `spread` is the
    denominator of tau² within designs.
    """

    names: tuple[tuple[str, ...], ...]
    at: FloatArray
    weights: FloatArray
    q: FloatArray
    df: FloatArray
    trials: FloatArray
    spread: float

    def distances(self, at: FloatArray) -> FloatArray:
        """Squared distance between each design's effects and those of a network, (D,)."""
        difference = self.at - at
        return np.asarray(
            np.einsum("di,dij,dj->d", difference, self.weights, difference), dtype=np.float64
        )


def _designs(studies: NetworkStudies, tau2: float) -> _Designs:
    n = len(studies.treatments)
    names, at, weights, numbers, spread = [], [], [], [], 0.0
    for group in studies.groups:
        sets, member = np.unique(group.arms, axis=0, return_inverse=True)
        member, laplacians = member.ravel(), group.laplacians(tau2)
        for d, arms in enumerate(sets):
            rows = member == d
            laplacian, own = laplacians[rows], group.at[rows]
            weight = laplacian.sum(axis=0)
            inverse = np.linalg.pinv(weight, hermitian=True)
            middle = inverse @ np.einsum("sij,sj->i", laplacian, own)
            difference = own - middle
            q = float(np.einsum("si,sij,sj->", difference, laplacian, difference))
            squares = np.einsum("sij,sjk->ik", laplacian, laplacian)
            spread += 0.5 * float(np.trace(weight) - np.sum(inverse * squares))
            names.append(tuple(studies.treatments[arm] for arm in arms))
            whole, place = np.zeros((n, n)), np.zeros(n)
            whole[np.ix_(arms, arms)], place[arms] = weight, middle
            at.append(place)
            weights.append(whole)
            numbers.append((q, (len(own) - 1) * (arms.size - 1), len(own)))
    q, df, trials = np.array(numbers, dtype=np.float64).T
    return _Designs(tuple(names), np.array(at), np.array(weights), q, df, trials, spread)


def _detach(parts: _Designs, d: int, df: int) -> tuple[QTest | None, FloatArray]:
    """Q between designs when design `d` has effects of its own, and each design's share of it.

    None where the other designs do not connect the network.
    """
    others = np.arange(len(parts.names)) != d
    total = parts.weights[others].sum(axis=0)
    values, vectors = np.linalg.eigh(total)
    if values.size < 2 or values[1] <= UNCONNECTED * values[-1]:
        return None, parts.q
    inverse = (vectors[:, 1:] / values[1:]) @ vectors[:, 1:].T
    at = inverse @ np.einsum("dij,dj->i", parts.weights[others], parts.at[others])
    left = parts.distances(at)
    left[d] = 0.0
    return QTest.of(float(left.sum()), df - len(parts.names[d]) + 1), left
