"""Multiverse: the pooled effect under every defensible combination of choices.

Steegen et al. (2016) doi:10.1177/1745691616658637; for meta-analysis Voracek, Kossmeier & Tran
(2019) doi:10.1027/2151-2604/a000357. Choices are of two kinds: which effects are eligible, and how
they are combined and pooled. The share of specifications that agree describes the choices listed;
it is not a probability.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.inputs import (
    FloatArray,
    effects_and_variances,
    labels_of,
    number_or_none,
)
from ipt_evidence.meta_analysis.models import LEAST, PooledEffects, pool_many

__all__ = ["Specification", "multiverse"]

LARGEST = 100_000  # specifications


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination of choices and its pooled effect.

    `choices` pairs the name of each question with the option taken, e.g. ("rater", "clinician").
    The numbers are None where nothing was eligible (k = 0).
    """

    choices: tuple[tuple[str, str], ...]
    k: int
    n_effects: int
    estimate: float | None
    ci_lower: float | None
    ci_upper: float | None
    p: float | None
    tau2: float | None
    i2: float | None


@dataclass(frozen=True, slots=True)
class Multiverse:
    """All specifications in ascending order of their estimate, those of too few studies at the end.

    Two studies are too few to pool and one is its own result: neither is in the summary.

    Attributes
    ----------
    specifications
        The specification curve.
    pooled, too_few
        How many have an estimate of three studies or more, and of one or two.
    median, lowest, highest
        Of the estimates; None when nothing could be pooled.
    share_positive, share_above, share_below
        Percent of pooled specifications with an estimate above 0, with an interval wholly above 0,
        and wholly below 0.
    """

    specifications: tuple[Specification, ...]
    pooled: int
    too_few: int
    median: float | None
    lowest: float | None
    highest: float | None
    share_positive: float | None
    share_above: float | None
    share_below: float | None


def multiverse(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    eligible: Mapping[str, Mapping[str, Sequence[bool] | npt.NDArray[np.bool_]]] | None = None,
    *,
    rhos: Sequence[float] = (0.6,),
    methods: Sequence[str] = ("REML",),
    tests: Sequence[str] = ("knha",),
    level: float = 95.0,
) -> Multiverse:
    """Pool under every combination of options.

    Parameters
    ----------
    yi, vi, study
        Effects, sampling variances and studies, each (K,).
    eligible
        For each question (such as "rater") its options, each with a mask (K,) of the effects that
        it admits. An effect enters a specification when all options taken admit it.
    rhos
        Correlations by which the effects of a study are combined (`dependent_effects.aggregate`).
    methods, tests
        As `models.pool`.
    level
        Percent of the intervals.

    Raises
    ------
    PoolingError
        If input is unusable, a mask has the wrong length, a question has no option, or there are
        more than 100,000 specifications.
    """
    effects, variances = effects_and_variances(yi, vi)
    labels = labels_of(study, effects.size, "study")
    questions = _masks(eligible or {}, effects.size)
    size = len(rhos) * len(methods) * len(tests)
    for options in questions.values():
        size *= len(options)
    if not 1 <= size <= LARGEST:
        raise PoolingError(
            f"{size:,} specifications: give each question an option, {LARGEST:,} at most"
        )
    samples = [
        (choices, mask, rho)
        for choices, mask in _combinations(questions, effects.size)
        for rho in rhos
    ]
    blocks = _combined(effects, variances, labels, [(mask, rho) for _, mask, rho in samples])
    found: list[Specification] = []
    for method, test in itertools.product(methods, tests):
        pooled = pool_many(*blocks, method=method, test=test, level=level)
        for row, (choices, mask, rho) in enumerate(samples):
            named = (*choices, ("rho", f"{rho:g}"), ("method", method), ("test", test))
            found.append(_specification(named, int(mask.sum()), pooled, row))
    return _summarise(found)


def _specification(
    choices: tuple[tuple[str, str], ...], n_effects: int, pooled: PooledEffects, row: int
) -> Specification:
    numbers = (
        number_or_none(getattr(pooled, name)[row])
        for name in ("estimate", "ci_lower", "ci_upper", "p", "tau2", "i2")
    )
    return Specification(choices, int(pooled.k[row]), n_effects, *numbers)


def _masks(
    eligible: Mapping[str, Mapping[str, Sequence[bool] | npt.NDArray[np.bool_]]], k: int
) -> dict[str, dict[str, npt.NDArray[np.bool_]]]:
    questions: dict[str, dict[str, npt.NDArray[np.bool_]]] = {}
    for question, options in eligible.items():
        questions[question] = {}
        for option, mask in options.items():
            chosen = np.asarray(mask, dtype=np.bool_)
            if chosen.shape != (k,):
                raise PoolingError(
                    f"{question} = {option} has {chosen.size} values for {k} effects"
                )
            questions[question][option] = chosen
    return questions


def _combinations(
    questions: dict[str, dict[str, npt.NDArray[np.bool_]]], k: int
) -> list[tuple[tuple[tuple[str, str], ...], npt.NDArray[np.bool_]]]:
    found = []
    for options in itertools.product(*(options.items() for options in questions.values())):
        mask = np.ones(k, dtype=np.bool_)
        for _, admitted in options:
            mask &= admitted
        names = tuple((q, name) for q, (name, _) in zip(questions, options, strict=True))
        found.append((names, mask))
    return found


def _combined(
    yi: FloatArray,
    vi: FloatArray,
    study: list[object],
    samples: list[tuple[npt.NDArray[np.bool_], float]],
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """One effect per study in each sample: effects, variances and presence, (B, S)."""
    column = {label: i for i, label in enumerate(dict.fromkeys(study))}
    shape = (len(samples), len(column))
    effects, variances = np.zeros(shape), np.ones(shape)
    present = np.zeros(shape, dtype=np.bool_)
    done: dict[tuple[bytes, float], int] = {}
    for row, (mask, rho) in enumerate(samples):
        before = done.setdefault((mask.tobytes(), rho), row)
        if before != row:
            for block in (effects, variances, present):
                block[row] = block[before]
        elif mask.any():
            chosen = [label for label, there in zip(study, mask, strict=True) if there]
            found = aggregate(yi[mask], vi[mask], chosen, rho)
            columns = [column[label] for label in found.study]
            effects[row, columns], variances[row, columns] = found.yi, found.vi
            present[row, columns] = True
    return effects, variances, present


def _summarise(found: list[Specification]) -> Multiverse:
    pooled = sorted((s for s in found if s.k >= LEAST), key=lambda s: s.estimate or 0.0)
    rest = sorted((s for s in found if s.k < LEAST), key=lambda s: -s.k)
    too_few = sum(s.k > 0 for s in rest)
    if not pooled:
        return Multiverse(tuple(rest), 0, too_few, *(None,) * 6)
    estimates = [s.estimate for s in pooled if s.estimate is not None]
    share = 100.0 / len(pooled)
    return Multiverse(
        specifications=(*pooled, *rest),
        pooled=len(pooled),
        too_few=too_few,
        median=float(np.median(estimates)),
        lowest=estimates[0],
        highest=estimates[-1],
        share_positive=share * sum(e > 0.0 for e in estimates),
        share_above=share * sum(s.ci_lower is not None and s.ci_lower > 0.0 for s in pooled),
        share_below=share * sum(s.ci_upper is not None and s.ci_upper < 0.0 for s in pooled),
    )
