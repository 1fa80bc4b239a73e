"""Do direct and indirect evidence agree? Q of a network taken apart by designs.

A design is the set of treatments that a trial compares. Trials of one design differ by
heterogeneity; what separates designs beyond that is inconsistency, the design-by-treatment
interaction: Krahn, Binder & König (2013) doi:10.1186/1471-2288-13-35, Higgins et al. (2012)
doi:10.1002/jrsm.1044. As netmeta `decomp.design()`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.network.model import Fit, fitted
from ipt_evidence.meta_analysis.network.studies import Group, NetworkStudies

__all__ = ["Consistency", "DesignPart", "Heat", "QTest", "consistency"]


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
    """Q of the network (common effect), apart by designs.

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
    """Take the network's Q apart; raises PoolingError as `network` for unusable data."""
    whole = fitted(studies, 0.0)
    parts = [_Design.of(studies, arms, 0.0) for arms in _designs(studies)]
    within = QTest.of(sum(p.fit.q for p in parts), sum(p.fit.df for p in parts))
    between = QTest.of(whole.q - within.q, whole.df - within.df)
    spread = sum(part.fit.spread for part in parts)
    tau2 = max(0.0, (within.q - within.df) / spread) if within.df else 0.0
    allowed = [_Design.of(studies, part.arms, tau2) for part in parts]
    random = fitted(studies, tau2).q - sum(part.fit.q for part in allowed)
    shares = np.array([part.distance(whole) for part in parts])
    rows, heat = [], []
    for part, share in zip(parts, shares.tolist(), strict=True):
        others = [one for one in parts if one is not part]
        rest = fitted(studies, 0.0, [one.group for one in others]) if others else None
        names = tuple(studies.treatments[arm] for arm in part.arms)
        detached = None
        if rest is not None and rest.df == whole.df - part.fit.df - len(part.arms) + 1:
            left = [one.distance(rest) for one in others]
            detached = QTest.of(sum(left), rest.df - sum(one.fit.df for one in others))
            heat += [
                Heat(tuple(studies.treatments[arm] for arm in one.arms), names, before - after)
                for one, before, after in zip(
                    others, [shares[parts.index(one)] for one in others], left, strict=True
                )
            ]
        test = QTest.of(part.fit.q, part.fit.df)
        rows.append(DesignPart(names, part.group.rows.size, test, share, detached))
    hot = sorted((one for one in heat if one.change > 0.0), key=lambda one: -one.change)
    return Consistency(
        QTest.of(whole.q, whole.df), within, between, tau2, QTest.of(random, between.df),
        tuple(rows), tuple(hot),
    )  # fmt: skip


def _designs(studies: NetworkStudies) -> list[tuple[int, ...]]:
    return sorted({tuple(arms) for group in studies.groups for arms in group.arms.tolist()})


@dataclass(frozen=True, slots=True)
class _Design:
    """Trials of one design, fitted by themselves; `weight` is their Laplacian, (a, a)."""

    arms: tuple[int, ...]
    group: Group
    fit: Fit
    weight: FloatArray

    @classmethod
    def of(cls, studies: NetworkStudies, arms: tuple[int, ...], tau2: float) -> _Design:
        """Pick and fit the trials that compare `arms`."""
        group = next(one for one in studies.groups if one.arms.shape[1] == len(arms))
        rows = (group.arms == np.array(arms)).all(axis=1)
        picked = replace(
            group,
            rows=group.rows[rows],
            arms=group.arms[rows],
            at=group.at[rows],
            values=group.values[rows],
            vectors=group.vectors[rows],
            pairs=group.pairs[rows],
        )
        weight = picked.laplacians(tau2).sum(axis=0)
        return cls(arms, picked, fitted(studies, tau2, [picked]), weight)

    def distance(self, network: Fit) -> float:
        """Squared distance between this design's own effects and those of `network`."""
        some = list(self.arms)
        apart = self.fit.at[some] - network.at[some]
        return float(apart @ self.weight @ apart)
