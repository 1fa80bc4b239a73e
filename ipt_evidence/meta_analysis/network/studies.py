"""Trials of a network: for each, what its arms show relative to each other, and how precisely.

A trial of a arms is a vector of positions of its arms on the scale of the effect, of which only
differences mean something, with the covariance that reproduces the variance of every difference:
V = -1/2 C R C, R holding the variances of all pairs and C = I - J/a taking means out. Its inverse
on the differences is the Laplacian whose off-diagonal entries are the reduced weights of Rücker
(2012) doi:10.1002/jrsm.1058 and Rücker & Schwarzer (2014) doi:10.1002/sim.6236.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.effect_sizes import small_sample_correction
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of

__all__ = ["ARM_MEASURES", "Group", "NetworkStudies", "from_arms", "from_contrasts"]

ARM_MEASURES = {
    "OR": ("events", "n"),
    "RR": ("events", "n"),
    "RD": ("events", "n"),
    "MD": ("mean", "sd", "n"),
    "SMD": ("mean", "sd", "n"),
}
"""Measures of an arm-level network, with the columns that each needs."""

MOST_TREATMENTS = 200  # a network of more is a data error before it is a network
LOOSE = 0.02  # by which the comparisons of a trial may contradict each other: rounding
SINGULAR = 1e-9  # share of a trial's largest variance below which one is 0


@dataclass(frozen=True, slots=True)
class Group:
    """The S trials with a arms each.

    Attributes
    ----------
    rows
        Positions of the trials in `NetworkStudies.labels`, (S,).
    arms
        Treatments of the arms, as positions in `NetworkStudies.treatments`, (S, a), ascending.
    at
        Positions of the arms on the scale of the effect, each trial's mean taken out, (S, a).
    values, vectors
        Eigenvalues (S, a - 1) and vectors (S, a, a - 1) of the trials' covariances.
    pairs
        Variance of the difference of each two arms, (S, a, a).
    """

    rows: npt.NDArray[np.intp]
    arms: npt.NDArray[np.intp]
    at: FloatArray
    values: FloatArray
    vectors: FloatArray
    pairs: FloatArray

    def laplacians(self, tau2: float) -> FloatArray:
        """Inverse covariances with tau² added to the variance of every difference, (S, a, a)."""
        weighted = self.vectors / (self.values + 0.5 * tau2)[:, None, :]
        return np.asarray(weighted @ self.vectors.transpose(0, 2, 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class NetworkStudies:
    """Trials of a network, in groups of equally many arms; `notes` say what was done to them."""

    treatments: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()


def from_contrasts(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    treat1: Sequence[object],
    treat2: Sequence[object],
    study: Sequence[object],
) -> NetworkStudies:
    """Network of differences between two arms each.

    Parameters
    ----------
    yi, vi
        Effect of `treat1` less that of `treat2` (log odds ratios, mean differences, ...), and its
        sampling variance, each (K,).
    treat1, treat2, study
        Labels, each (K,). A trial of a arms needs all a (a - 1) / 2 differences.

    Raises
    ------
    PoolingError
        If effects are unusable; a treatment is compared with itself, or twice with another in one
        trial; or the differences of a trial are incomplete or contradict each other.
    """
    effects, variances = effects_and_variances(yi, vi)
    first, second, trials = (
        [str(label) for label in labels_of(values, effects.size, name)]
        for values, name in ((treat1, "treat1"), (treat2, "treat2"), (study, "study"))
    )
    treatments = tuple(sorted({*first, *second}))
    number = {name: i for i, name in enumerate(treatments)}
    found: dict[str, dict[tuple[int, int], tuple[float, float]]] = {}
    for one, other, trial, y, v in zip(
        first, second, trials, effects.tolist(), variances.tolist(), strict=True
    ):
        a, b = number[one], number[other]
        if a == b:
            raise PoolingError(f"{trial} compares {one} with itself: leave this row out")
        pair, effect = ((a, b), y) if a < b else ((b, a), -y)
        if pair in found.setdefault(trial, {}):
            raise PoolingError(
                f"{trial} compares {one} and {other} twice: give one effect, or the trials "
                "different labels"
            )
        found[trial][pair] = (effect, v)
    rows = [_trial_of_pairs(trial, pairs, treatments) for trial, pairs in found.items()]
    return _grouped(treatments, tuple(found), rows, ())


_Trial = tuple[tuple[int, ...], FloatArray, FloatArray]  # arms, positions (a,), variances (a, a)


def _trial_of_pairs(
    label: str, pairs: Mapping[tuple[int, int], tuple[float, float]], treatments: Sequence[str]
) -> _Trial:
    arms = tuple(sorted({arm for pair in pairs for arm in pair}))
    place = {arm: i for i, arm in enumerate(arms)}
    if missing := [pair for pair in combinations(arms, 2) if pair not in pairs]:
        one, other = (treatments[arm] for arm in missing[0])
        raise PoolingError(
            f"{label} has {len(arms)} arms but no effect of {one} against {other}: a trial of "
            "several arms needs all its comparisons, or its arms themselves"
        )
    y, v = np.zeros((len(arms), len(arms))), np.zeros((len(arms), len(arms)))
    for (a, b), (effect, variance) in pairs.items():
        i, j = place[a], place[b]
        y[i, j], y[j, i], v[i, j], v[j, i] = effect, -effect, variance, variance
    at = y.mean(axis=1)
    if (np.abs(y - (at[:, None] - at)) > LOOSE).any():
        raise PoolingError(
            f"the effects of {label} contradict each other: A against C must be A against B plus B "
            "against C"
        )
    return arms, at, v


def from_arms(
    study: Sequence[object],
    treatment: Sequence[object],
    *,
    measure: str,
    **columns: npt.ArrayLike,
) -> NetworkStudies:
    """Network of arms: one row for each arm of a trial.

    Parameters
    ----------
    study, treatment
        Labels, each (K,); a trial has two arms or more.
    measure
        "OR", "RR", "RD" from `events` and `n`; "MD", "SMD" from `mean`, `sd` and `n`. SMD divides
        by the SD of all arms of a trial together, with Hedges' correction; the variance of a
        difference is 1/n1 + 1/n2 + g² / (2 N). One half is added to the cells of a trial in which
        one is empty; a trial without any event says nothing of OR and RR and is left out.

    Raises
    ------
    PoolingError
        If columns are missing or unusable, a treatment stands twice in a trial, or a trial has
        one arm.
    """
    if measure not in ARM_MEASURES:
        raise PoolingError(f"unknown measure {measure!r}: choose from {', '.join(ARM_MEASURES)}")
    if absent := [name for name in ARM_MEASURES[measure] if name not in columns]:
        raise PoolingError(f"{measure} needs {', '.join(absent)} of each arm")
    names = [str(label) for label in labels_of(treatment, len(treatment), "treatment")]
    trials = [str(label) for label in labels_of(study, len(names), "study")]
    values = {name: _numbers(name, columns[name], len(names)) for name in ARM_MEASURES[measure]}
    treatments = tuple(sorted(set(names)))
    number = {name: i for i, name in enumerate(treatments)}
    members: dict[str, list[int]] = {}
    for row, trial in enumerate(trials):
        members.setdefault(trial, []).append(row)
    found: dict[str, _Trial] = {}
    silent = []
    for trial, rows in members.items():
        rows = sorted(rows, key=lambda row: number[names[row]])
        arms = tuple(number[names[row]] for row in rows)
        if len(set(arms)) < len(arms):
            raise PoolingError(f"{trial} has two arms of one treatment: combine them first")
        if len(arms) < 2:
            raise PoolingError(f"{trial} has one arm: there is nothing to compare it with")
        made = _arms(trial, measure, {name: column[rows] for name, column in values.items()})
        if made is None:
            silent.append(trial)
        else:
            found[trial] = (arms, *made)
    notes: tuple[str, ...] = ()
    if silent:
        notes = (f"no event in any arm of {', '.join(silent)}: left out, as they say nothing",)
    if not found:
        raise PoolingError("; ".join(notes) or "no trial given")
    return _grouped(treatments, tuple(found), list(found.values()), notes)


def _numbers(name: str, values: npt.ArrayLike, k: int) -> FloatArray:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise PoolingError(f"{name} holds something that is not a number: {err}") from err
    if numbers.shape != (k,) or not np.isfinite(numbers).all():
        raise PoolingError(f"{name} needs a finite number for each of {k} arms")
    return numbers


def _arms(
    trial: str, measure: str, values: Mapping[str, FloatArray]
) -> tuple[FloatArray, FloatArray] | None:
    """Positions of the arms and variances of their differences; None where they say nothing."""
    n = values["n"]
    if (n <= 0.0).any():
        raise PoolingError(f"{trial} has an arm of nobody")
    if measure in ("MD", "SMD"):
        return _of_means(trial, measure, values["mean"], values["sd"], n)
    events = values["events"]
    if ((events < 0.0) | (events > n) | (events % 1.0 > 0.0)).any():
        raise PoolingError(f"{trial} has events that are not whole numbers from 0 to n")
    if measure != "RD" and (events.sum() == 0.0 or (events == n).all()):
        return None
    half = 0.5 if ((events == 0.0) | (events == n)).any() else 0.0
    a, b = events + half, n - events + half
    if measure == "OR":
        at, v = np.log(a / b), 1.0 / a + 1.0 / b
    elif measure == "RR":
        at, v = np.log(a / (a + b)), 1.0 / a - 1.0 / (a + b)
    else:
        at, v = a / (a + b), a * b / (a + b) ** 3
    return at, _sums(v)


def _of_means(
    trial: str, measure: str, mean: FloatArray, sd: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if (sd <= 0.0).any() or (n < 2.0).any():
        raise PoolingError(f"{trial} has an arm with an SD of 0, or of fewer than 2 people")
    if measure == "MD":
        return mean, _sums(sd**2 / n)
    df = n.sum() - n.size
    within = np.sqrt(np.sum((n - 1.0) * sd**2) / df)
    at = mean / within * float(small_sample_correction(df))
    return at, _sums(1.0 / n) + (at[:, None] - at) ** 2 / (2.0 * n.sum())


def _sums(v: FloatArray) -> FloatArray:
    pairs = v[:, None] + v
    np.fill_diagonal(pairs, 0.0)
    return np.asarray(pairs, dtype=np.float64)


def _grouped(
    treatments: tuple[str, ...],
    labels: tuple[str, ...],
    trials: Sequence[_Trial],
    notes: tuple[str, ...],
) -> NetworkStudies:
    if len(treatments) > MOST_TREATMENTS:
        raise PoolingError(
            f"{len(treatments)} treatments are more than the {MOST_TREATMENTS} that can be "
            "compared: check the labels"
        )
    groups = []
    for size in sorted({len(arms) for arms, _, _ in trials}):
        rows = [i for i, (arms, _, _) in enumerate(trials) if len(arms) == size]
        at = np.array([trials[i][1] for i in rows])
        pairs = np.array([trials[i][2] for i in rows])
        centre = np.eye(size) - 1.0 / size
        values, vectors = np.linalg.eigh(-0.5 * centre @ pairs @ centre)
        # The covariance says nothing along the mean of a trial; that direction goes first.
        along = np.abs(vectors.sum(axis=1)).argmax(axis=1)
        keep = np.arange(size)[None, :] != along[:, None]
        values = values[keep].reshape(len(rows), size - 1)
        vectors = vectors.transpose(0, 2, 1)[keep].reshape(len(rows), size - 1, size)
        if (bad := values.min(axis=1) <= SINGULAR * values.max(axis=1)).any():
            raise PoolingError(
                f"the variances of {labels[rows[int(bad.argmax())]]} contradict each other: that "
                "of A against C cannot exceed what A against B and B against C allow"
            )
        groups.append(
            Group(
                np.array(rows, dtype=np.intp),
                np.array([trials[i][0] for i in rows], dtype=np.intp),
                at - at.mean(axis=1, keepdims=True),
                values,
                vectors.transpose(0, 2, 1),
                pairs,
            )
        )
    return NetworkStudies(treatments, labels, tuple(groups), notes)
