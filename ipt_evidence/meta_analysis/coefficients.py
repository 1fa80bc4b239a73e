"""Moderators as columns of a design matrix, and estimates as a table of coefficients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, labels_of, refuse_positions

__all__ = [
    "BareCoefficient",
    "Coding",
    "Coefficient",
    "Formula",
    "Moderator",
    "Moderators",
    "code_moderators",
    "coefficient_table",
    "collinear",
    "columns_of",
    "design_matrix",
    "joint_test",
]

INFLATION = 10.0  # the common limit; O'Brien (2007) doi:10.1007/s11135-006-9018-6
Moderator = Sequence[object] | npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Formula:
    """Moderators with what a plain mapping of them cannot say.

    Attributes
    ----------
    values
        Name to values (K,).
    interactions
        Names of moderators whose product enters besides, such as ("year", "format").
    reference
        For a category, the level with which the others are compared; else the first as sorted.
    """

    values: Mapping[str, Moderator]
    interactions: Sequence[tuple[str, ...]] = ()
    reference: Mapping[str, str] = field(default_factory=dict)


Moderators = Mapping[str, Moderator] | Formula


@dataclass(frozen=True, slots=True)
class Coding:
    """How one moderator enters: as itself (`levels` empty) or as contrasts with the first level.

    An interaction has neither values nor levels of its own but is the product `of` others.
    """

    name: str
    levels: tuple[str, ...] = ()
    of: tuple[str, ...] = ()


def code_moderators(moderators: Moderators, k: int) -> tuple[Coding, ...]:
    """Decide for each moderator of `k` values whether it is a number or a category."""
    formula = moderators if isinstance(moderators, Formula) else Formula(moderators)
    codings = [
        _coding(name, labels_of(values, k, name), formula.reference)
        for name, values in formula.values.items()
    ]
    known = {coding.name: coding for coding in codings}
    for name in formula.reference:
        if name not in known or not known[name].levels:
            raise PoolingError(
                f"{name} is no category of this model, so that it has no reference level: "
                "give it as words"
            )
    for names in formula.interactions:
        if absent := [name for name in names if name not in known]:
            raise PoolingError(
                f"interaction {':'.join(names)} needs {', '.join(absent)} as a moderator too: "
                "without it the product has no meaning of its own"
            )
        codings.append(Coding(":".join(names), of=tuple(names)))
    return tuple(codings)


def _coding(name: str, labels: list[object], reference: Mapping[str, str]) -> Coding:
    words = [isinstance(label, str) for label in labels]
    if any(words) and not all(words):
        raise PoolingError(f"moderator {name} mixes words and numbers: make it one or the other")
    if not all(words):
        return Coding(name)
    levels = sorted({str(label) for label in labels}, key=_in_order)
    if len(levels) == 1:
        raise PoolingError(f"moderator {name} is always {levels[0]!r}: leave it out")
    first = reference.get(name, levels[0])
    if first not in levels:
        raise PoolingError(f"moderator {name} has no level {first!r}: it has {', '.join(levels)}")
    levels.remove(first)
    return Coding(name, (first, *levels))


def _in_order(level: str) -> tuple[float, str]:
    """Words that are numbers, as years taken for categories, in the order of numbers."""
    try:
        return float(level), level
    except ValueError:
        return math.inf, level


def columns_of(codings: Sequence[Coding]) -> dict[str, tuple[int, ...]]:
    """Columns of each moderator and interaction, and of all together where there are several."""
    width: dict[str, int] = {}
    found: dict[str, tuple[int, ...]] = {}
    start = 1
    for coding in codings:
        width[coding.name] = (
            math.prod(width[name] for name in coding.of) if coding.of
            else max(1, len(coding.levels) - 1)
        )  # fmt: skip
        found[coding.name] = tuple(range(start, start + width[coding.name]))
        start += width[coding.name]
    return found | ({"all moderators": tuple(range(1, start))} if len(codings) > 1 else {})


def design_matrix(
    codings: Sequence[Coding], moderators: Moderators, rows: int = 1
) -> tuple[FloatArray, tuple[str, ...]]:
    """Build columns and their names: an intercept, then one for each number or further level.

    Those of an interaction are all products of the columns of its moderators, the first changing
    fastest, as in R. `rows` is the number of rows when no moderator tells it.
    """
    values = moderators.values if isinstance(moderators, Formula) else moderators
    made: dict[str, tuple[list[FloatArray], list[str]]] = {}
    for coding in codings:
        made[coding.name] = (
            _product([made[name] for name in coding.of]) if coding.of else _columns(coding, values)
        )
    columns = [column for found, _ in made.values() for column in found]
    size = columns[0].size if columns else rows
    if any(column.size != size for column in columns):
        raise PoolingError("the moderators have different numbers of values")
    terms = [term for _, found in made.values() for term in found]
    return np.column_stack([np.ones(size), *columns]), ("intercept", *terms)


def _product(
    factors: Sequence[tuple[list[FloatArray], list[str]]],
) -> tuple[list[FloatArray], list[str]]:
    columns, terms = factors[0]
    for others, names in factors[1:]:
        columns = [one * other for other in others for one in columns]
        terms = [f"{one}:{name}" for name in names for one in terms]
    return columns, terms


def _columns(
    coding: Coding, moderators: Mapping[str, Moderator]
) -> tuple[list[FloatArray], list[str]]:
    if coding.name not in moderators:
        raise PoolingError(f"no values for moderator {coding.name}: give one for each row")
    values = np.atleast_1d(np.asarray(moderators[coding.name], dtype=object)).tolist()
    if not coding.levels:
        return [_numbers(values, coding.name)], [coding.name]
    unknown = sorted({str(v) for v in values} - set(coding.levels))
    if unknown:
        raise PoolingError(
            f"moderator {coding.name} has no level {', '.join(unknown)}: "
            f"the model knows {', '.join(coding.levels)}"
        )
    columns = [np.array([float(str(v) == level) for v in values]) for level in coding.levels[1:]]
    return columns, [f"{coding.name}={level}" for level in coding.levels[1:]]


def collinear(codings: Sequence[Coding], x: FloatArray) -> tuple[str, ...]:
    """Note on moderators that the others nearly tell: their coefficients are hardly estimable.

    Judged by the variance inflation 1 / (1 - r²), with r the largest canonical correlation of a
    moderator's columns and those of all others. `x` (K, p) has the intercept first. Interactions
    are left aside: they follow from their moderators on purpose.
    """
    codings = [coding for coding in codings if not coding.of]
    if len(codings) < 2:
        return ()
    owner = np.repeat(np.arange(len(codings)), [max(1, len(c.levels) - 1) for c in codings])
    centred = x[:, 1 : owner.size + 1] - x[:, 1 : owner.size + 1].mean(axis=0)
    found = []
    for i, coding in enumerate(codings):
        own, others = (
            np.linalg.qr(centred[:, owner == i])[0],
            np.linalg.qr(centred[:, owner != i])[0],
        )
        r = float(np.linalg.svd(own.T @ others, compute_uv=False)[0])
        if 1.0 - r**2 < 1.0 / INFLATION:
            found.append(coding.name)
    if not found:
        return ()
    return (
        f"{', '.join(found)} nearly follow from each other (variance inflation above "
        f"{INFLATION:g}): which of them matters is not identified; give one of them",
    )


def _numbers(values: list[object], name: str) -> FloatArray:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise PoolingError(f"moderator {name} holds something that is not a number: {err}") from err
    refuse_positions(~np.isfinite(numbers), f"moderator {name} is missing or infinite")
    return numbers


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimated coefficient on the scale of yi; `df` None means a z test.

    `stat` and `p` are None where the standard error is 0.
    """

    term: str
    estimate: float
    se: float
    stat: float | None
    df: float | None
    p: float | None
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class BareCoefficient:
    """An estimated coefficient of which the effects do not say how sure it is; notes say why."""

    term: str
    estimate: float
    se: None = None
    stat: None = None
    df: None = None
    p: None = None
    ci_lower: None = None
    ci_upper: None = None


def coefficient_table(
    terms: Sequence[str],
    estimates: FloatArray,
    covariance: FloatArray,
    df: float | Sequence[float] | None,
    level: float,
) -> tuple[Coefficient, ...]:
    """Give tests and intervals of `level` percent for each term; `df` for all or one each."""
    each = list(df) if isinstance(df, Sequence) else [df] * len(terms)
    rows = []
    for i, term in enumerate(terms):
        estimate, se = float(estimates[i]), math.sqrt(max(float(covariance[i, i]), 0.0))
        half = distributions.critical_value(level, each[i]) * se
        stat = estimate / se if se > 0.0 else None
        p = None if stat is None else distributions.two_sided_p(stat, each[i])
        rows.append(
            Coefficient(term, estimate, se, stat, each[i], p, estimate - half, estimate + half)
        )
    return tuple(rows)


def joint_test(
    beta: FloatArray, covariance: FloatArray, df: int | None
) -> tuple[float | None, int | None, int | None, float | None]:
    """Test that all of `beta` (p,) are 0: statistic, its one or two df, p value.

    Chi-squared with p degrees for `df` None, else F with p and `df`. All None for p = 0; the
    statistic is None where a standard error is 0.
    """
    if beta.size == 0:
        return None, None, None, None
    scale = np.sqrt(np.diag(covariance))
    if (scale == 0.0).any():
        return None, int(beta.size), df, None
    # On the scale of correlations the matrix is well conditioned whatever the units.
    z = beta / scale
    against = np.linalg.solve(covariance / np.outer(scale, scale), z) if z.size > 1 else z
    chi2 = float(z @ against)
    if df is None:
        return chi2, int(beta.size), None, distributions.chi2_upper_tail(chi2, beta.size)
    f = chi2 / beta.size
    return f, int(beta.size), df, distributions.f_upper_tail(f, beta.size, df)
