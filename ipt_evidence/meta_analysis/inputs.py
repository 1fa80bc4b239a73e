"""What every estimator asks of its input: finite effects and finite positive sampling variances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError

__all__ = ["FloatArray", "effects_and_variances", "labels_of", "number_or_none", "refuse_positions"]

FloatArray = npt.NDArray[np.float64]

POSITIONS_SHOWN = 10  # enough to find the rows, short enough for one line of an error


def effects_and_variances(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, least: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Check effects and their sampling variances and return them as float arrays.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each of shape (K,).
    least
        Fewest effects that the caller can use.

    Raises
    ------
    PoolingError
        If lengths differ, fewer than `least` effects are given, or a value is missing, infinite
        or (variances) not positive. Positions in the message count from 0.
    """
    effects, variances = _vector(yi, "yi"), _vector(vi, "vi")
    if effects.size != variances.size:
        raise PoolingError(
            f"yi has {effects.size} values but vi has {variances.size}: "
            "each effect needs its own sampling variance"
        )
    if effects.size < least:
        raise PoolingError(f"{effects.size} effects given, at least {least} needed")
    # One look at the whole before the three that name positions.
    finite = np.isfinite(effects).all() and np.isfinite(variances).all()
    if not (finite and variances.min() > 0.0):
        refuse_positions(~np.isfinite(effects), "yi is missing or infinite")
        refuse_positions(~np.isfinite(variances), "vi is missing or infinite")
        refuse_positions(variances <= 0.0, "vi is not positive")
    return effects, variances


def labels_of(
    values: Sequence[object] | npt.NDArray[np.generic], k: int, name: str
) -> list[object]:
    """Return `values` as a list of `k` labels (studies, groups), refusing a wrong length."""
    labels = list(np.asarray(values).tolist() if isinstance(values, np.ndarray) else values)
    if len(labels) != k:
        raise PoolingError(f"{name} has {len(labels)} values for {k} effects: give one for each")
    missing = [i for i, label in enumerate(labels) if label is None or label != label]
    if missing:
        raise PoolingError(f"{name} is missing at position {_positions(missing)}")
    return labels


def refuse_positions(bad: npt.NDArray[np.bool_], what: str) -> None:
    """Raise PoolingError naming the positions where `bad` is true."""
    if bad.any():
        raise PoolingError(
            f"{what} at position {_positions(np.flatnonzero(bad).tolist())} (counted from 0): "
            "leave such effects out before pooling"
        )


def number_or_none(value: float) -> float | None:
    """Return a plain float, or None where the number does not exist (NaN or infinite)."""
    return float(value) if np.isfinite(value) else None


def _vector(values: npt.ArrayLike, name: str) -> FloatArray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise PoolingError(f"{name} holds something that is not a number: {err}") from err
    if array.ndim > 1:
        raise PoolingError(f"{name} has {array.ndim} dimensions: give one number per effect")
    return np.atleast_1d(array)


def _positions(found: list[int]) -> str:
    shown = ", ".join(str(i) for i in found[:POSITIONS_SHOWN])
    more = len(found) - POSITIONS_SHOWN
    return shown if more <= 0 else f"{shown} and {more} more"
