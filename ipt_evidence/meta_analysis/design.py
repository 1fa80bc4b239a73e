"""From moderators, numbers or words, to the columns of a design matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.inputs import FloatArray, labels_of, refuse_positions

__all__ = ["Coding", "code_moderators", "design_matrix"]

Moderator = Sequence[object] | npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Coding:
    """How one moderator enters: as itself (`levels` empty) or as contrasts with the first level."""

    name: str
    levels: tuple[str, ...]


def code_moderators(moderators: Mapping[str, Moderator], k: int) -> tuple[Coding, ...]:
    """Decide for each moderator of `k` values whether it is a number or a category."""
    codings = []
    for name, values in moderators.items():
        labels = labels_of(values, k, name)
        words = [isinstance(label, str) for label in labels]
        if any(words) and not all(words):
            raise PoolingError(
                f"moderator {name} mixes words and numbers: make it one or the other"
            )
        levels = tuple(sorted({str(label) for label in labels})) if all(words) else ()
        if len(levels) == 1:
            raise PoolingError(f"moderator {name} is always {levels[0]!r}: leave it out")
        codings.append(Coding(name, levels))
    return tuple(codings)


def design_matrix(
    codings: Sequence[Coding], moderators: Mapping[str, Moderator], rows: int = 1
) -> tuple[FloatArray, tuple[str, ...]]:
    """Build columns and their names: an intercept, then one for each number or further level.

    `rows` is the number of rows when no moderator tells it.
    """
    columns: list[FloatArray] = []
    terms: list[str] = []
    size = rows
    for coding in codings:
        if coding.name not in moderators:
            raise PoolingError(f"no values for moderator {coding.name}: give one for each row")
        values = np.atleast_1d(np.asarray(moderators[coding.name], dtype=object)).tolist()
        size = len(values)
        if not coding.levels:
            columns.append(_numbers(values, coding.name))
            terms.append(coding.name)
            continue
        unknown = sorted({str(v) for v in values} - set(coding.levels))
        if unknown:
            raise PoolingError(
                f"moderator {coding.name} has no level {', '.join(unknown)}: "
                f"the model knows {', '.join(coding.levels)}"
            )
        for level in coding.levels[1:]:
            columns.append(np.array([float(str(v) == level) for v in values]))
            terms.append(f"{coding.name}={level}")
    if any(column.size != size for column in columns):
        raise PoolingError("the moderators have different numbers of values")
    return np.column_stack([np.ones(size), *columns]), ("intercept", *terms)


def _numbers(values: list[object], name: str) -> FloatArray:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise PoolingError(f"moderator {name} holds something that is not a number: {err}") from err
    refuse_positions(~np.isfinite(numbers), f"moderator {name} is missing or infinite")
    return numbers
