"""What looks like a mistake in a reader's own table: reported, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.exchange.own_data.columns import given_measure
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis.escalc import MEASURES
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.wording.phrases import first_of

__all__ = ["Check", "checks_of"]

LARGE = 2.0  # standard deviations: metafor warns of larger ones, in which SEs often stand for SDs
SMALL_SPREAD, NEAR = 1 / 3, 2.0  # of the usual SD; by what factor SE times root n may miss it
LEAST_ROWS = 4  # from which a "usual" SD or sign can be spoken of
CLEAR = 1.96  # standard errors from 0
AGREE = 0.8  # share of effects on one side, from which a clear one on the other is worth a look
APART = 0.1  # standard deviations between an effect as given and as its arms give it
LISTED = 6


@dataclass(frozen=True, slots=True)
class Check:
    """One suspicion: its kind, the lines it is about, and what to look at."""

    kind: str
    lines: tuple[int, ...]
    message: str

    def __str__(self) -> str:
        shown = first_of(list(map(str, self.lines)), LISTED)
        lines = "line" if len(self.lines) == 1 else "lines"
        return f"{self.message} ({lines} {shown})" if self.lines else self.message


def checks_of(effects: Effects) -> tuple[Check, ...]:
    """Suspicions about the rows of ``effects``: sizes, spreads, signs, repetitions, studies."""
    return tuple(
        check
        for find in (
            _direction,
            _large,
            _errors_for_deviations,
            _signs,
            _against_arms,
            _repeated,
            _studies,
        )
        for check in find(effects)
    )


def _lines(effects: Effects, rows: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(line) for line in effects.rows["line"].to_numpy()[rows])


def _large(effects: Effects) -> Iterator[Check]:
    if not MEASURES[effects.measure].standardised:
        return
    large = np.abs(effects.rows["yi"].to_numpy(float)) > LARGE
    if large.any():
        message = (
            f"Effects beyond {LARGE:g} standard deviations are rare: check whether standard errors "
            "stand in the place of standard deviations, and the scale"
        )
        yield Check("large", _lines(effects, large), message)


def _direction(effects: Effects) -> Iterator[Check]:
    """Means of which nearly all are lower with the treatment: scores that should fall."""
    if effects.settings.flip or not {"m1", "ch1"} & set(effects.numbers):
        return
    if effects.measure not in ("SMD", "SMDH", "SMD1", "PPC", "SMCR", "MD"):
        return
    if (effects.rows["yi"].to_numpy(float) < 0.0).mean() >= AGREE:
        message = (
            "Scores are nearly always lower with the treatment. If lower is better, turn the sign, "
            "so that positive favours the treatment"
        )
        yield Check("direction", (), message)


def _errors_for_deviations(effects: Effects) -> Iterator[Check]:
    """Both SDs far below what others of the same outcome have, and times √n near it."""
    numbers = effects.numbers
    if not {"sd1", "sd2", "n1", "n2"} <= set(numbers):
        return
    sd, n = (np.column_stack([numbers[f"{name}{arm}"] for arm in "12"]) for name in ("sd", "n"))
    usual = np.full(len(sd), np.nan)
    for rows in _by_outcome(effects):
        found = sd[rows][np.isfinite(sd[rows]) & (sd[rows] > 0.0)]
        if rows.size >= LEAST_ROWS and found.size:
            usual[rows] = np.median(found)
    with np.errstate(invalid="ignore"):
        small = (sd < usual[:, None] * SMALL_SPREAD).all(axis=1)
        as_error = sd * np.sqrt(n) / usual[:, None]
        near = ((as_error > 1.0 / NEAR) & (as_error < NEAR)).all(axis=1)
    if (small & near).any():
        message = (
            "Standard deviations look like standard errors: far below those of the other rows, and "
            "times the root of n near them"
        )
        yield Check("se_for_sd", _lines(effects, small & near), message)


def _by_outcome(effects: Effects) -> Iterator[npt.NDArray[np.intp]]:
    column = effects.mapped.get("outcome")
    if column is None:
        yield np.arange(len(effects.rows))
        return
    cells = effects.table.cells[column].iloc[effects.rows["place"]].str.casefold().to_numpy()
    names, index = np.unique(cells.astype(str), return_inverse=True)
    for number in range(names.size):
        yield np.flatnonzero(index == number)


def _signs(effects: Effects) -> Iterator[Check]:
    yi = effects.rows["yi"].to_numpy(float)
    if yi.size < LEAST_ROWS:
        return
    clear = np.abs(yi) > CLEAR * np.sqrt(effects.rows["vi"].to_numpy(float))
    positive = float(np.mean(yi > 0.0))
    if max(positive, 1.0 - positive) < AGREE:
        return
    against = clear & (yi < 0.0 if positive > 0.5 else yi > 0.0)
    if against.any():
        message = "Clearly on the other side than most rows: check the direction of the scale"
        yield Check("sign", _lines(effects, against), message)


def _against_arms(effects: Effects) -> Iterator[Check]:
    """Effects given ready beside the arms that they come from."""
    numbers = effects.numbers
    arms = ("m1", "sd1", "n1", "m2", "sd2", "n2")
    column = effects.mapped.get("yi", "")
    if not {*arms, "yi"} <= set(numbers) or given_measure(column) not in ("SMD", "GEN"):
        return
    found = _recomputed(*(numbers[name] for name in arms))
    given = numbers["yi"]
    both = np.isfinite(found) & np.isfinite(given) & (np.abs(found) > APART)
    if both.sum() < LEAST_ROWS:
        return
    same = np.sign(found) == np.sign(given)
    share = float(np.mean(same[both]))
    usual = 1.0 if share >= 0.5 else -1.0
    if max(share, 1.0 - share) >= AGREE:
        turned = both & (np.sign(given) != usual * np.sign(found)) & (np.abs(given) > APART)
        if turned.any():
            message = f"The sign of {column!r} contradicts the means of the arms, unlike other rows"
            yield Check("sign_of_arms", _lines(effects, turned), message)
    off = both & (np.abs(np.abs(found) - np.abs(given)) > APART)
    if off.any() and off.sum() < both.sum():
        message = f"{column!r} is not what means, SDs and people of the row give"
        yield Check("not_of_arms", _lines(effects, off), message)


def _recomputed(*arms: FloatArray) -> FloatArray:
    """Hedges g of arms, missing where they are impossible."""
    _, sd1, n1, _, sd2, n2 = arms
    usable = np.all([sd1 > 0.0, sd2 > 0.0, n1 >= 2.0, n2 >= 2.0], axis=0)
    safe = [np.where(usable, values, 2.0) for values in arms]
    return np.where(usable, es.standardised_mean_difference(*safe).yi, np.nan)


def _repeated(effects: Effects) -> Iterator[Check]:
    """The same effect and variance, to the last digit, in several rows."""
    keys = effects.rows[["yi", "vi"]].round(10)
    twice = keys.duplicated(keep=False).to_numpy(bool)
    if not twice.any():
        return
    names = effects.rows["study"].str.casefold()
    same = effects.rows.assign(key=names).duplicated(["yi", "vi", "key"], keep=False)
    of_one = twice & same.to_numpy(bool)
    if of_one.any():
        message = "The same effect stands more than once under one study"
        yield Check("repeated", _lines(effects, of_one), message)
    other = twice & ~same.to_numpy(bool)
    if other.sum() > 1:
        message = "The same effect stands under different studies: is it one trial under two names?"
        yield Check("two_names", _lines(effects, other), message)


def _studies(effects: Effects) -> Iterator[Check]:
    """Studies with several effects, and names that differ in case or blanks alone."""
    studies = effects.rows["study"]
    plain = pd.Series(
        [" ".join(name.casefold().split()) for name in studies.tolist()], studies.index, dtype="str"
    )
    spellings = studies.groupby(plain).nunique()
    if (several := set(spellings.index[spellings > 1])) and "study" in effects.mapped:
        alike = plain.isin(several).to_numpy(bool)
        message = "Names of studies differ only in case or blanks and count as different studies"
        yield Check("spelling", _lines(effects, alike), message)
    counts = studies.value_counts()
    many = int((counts > 1).sum())
    if many:
        message = (
            f"{many} of {counts.size} studies have several effects, which are not independent: "
            "they are combined, or modelled together"
        )
        yield Check("clusters", (), message)
