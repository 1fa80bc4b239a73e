"""The ways from the numbers of a row to an effect, and what makes such numbers impossible.

A `Recipe` is one way: what it needs, and the function of `meta_analysis` that makes the effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ipt_evidence.exchange.own_data.columns import FIELDS
from ipt_evidence.meta_analysis import conversions as cv
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis import escalc
from ipt_evidence.meta_analysis.effect_sizes import EffectSizes, ZeroCells
from ipt_evidence.meta_analysis.inputs import FloatArray

__all__ = ["COUNTS", "GIVEN", "RECIPES", "TABLE", "Numbers", "Recipe", "Settings", "faults"]

Numbers = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a reader decides about a table; everything else is found.

    Attributes
    ----------
    measure
        A name of `escalc.MEASURES`; found from the columns where it is empty.
    columns
        Meanings given by hand: id of `columns.FIELDS` → column, empty for none.
    flip
        Turn the sign of every effect.
    r
        Correlation of scores before and after, where no column holds it.
    icc, cluster_size
        Of trials that randomised clusters and did not account for it, where no column holds them.
    shared
        What becomes of an arm with which several others are compared: one of `shared_arms.SHARED`;
        empty leaves the effects as if independent.
    zeros
        The rule for empty cells; None takes the measure's own.
    """

    measure: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    flip: bool = False
    r: float | None = None
    icc: float | None = None
    cluster_size: float | None = None
    shared: str = ""
    zeros: ZeroCells | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to an effect: its name for readers, the numbers that it needs, the function."""

    reads: str
    needs: tuple[str, ...]
    make: Callable[[Numbers, Settings], EffectSizes]


def _plain(function: Callable[..., EffectSizes], *needs: str) -> Recipe:
    return Recipe("", needs, lambda numbers, _: function(*(numbers[name] for name in needs)))


def _named(reads: str, recipe: Recipe) -> Recipe:
    return Recipe(reads, recipe.needs, recipe.make)


_ARMS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
TABLE = ("e1", "en1", "e2", "en2")
_CHANGES = ("ch1", "chsd1", "chn1", "ch2", "chsd2", "chn2")
_BEFORE_AFTER = ("pre1", "m1", "presd1", "n1", "pre2", "m2", "presd2", "n2", "rpre")
_MEANS = "means, standard deviations and people"
COUNTS = "events and people"


def _tabled(function: Callable[..., EffectSizes]) -> Recipe:
    def make(numbers: Numbers, settings: Settings) -> EffectSizes:
        rule = {} if settings.zeros is None else {"zeros": settings.zeros}
        return function(*(numbers[name] for name in TABLE), whole=False, **rule)

    return Recipe(COUNTS, TABLE, make)


def _converted(recipe: Recipe) -> Recipe:
    def make(numbers: Numbers, settings: Settings) -> EffectSizes:
        odds = recipe.make(numbers, settings)
        return EffectSizes(odds.yi * es.LOG_ODDS_TO_SMD, odds.vi * es.LOG_ODDS_TO_SMD**2)

    return Recipe(f"{recipe.reads}, log odds ratio × √3/π", recipe.needs, make)


def _ratio(name: str, label: str) -> Recipe:
    def make(numbers: Numbers, _: Settings) -> EffectSizes:
        low, high = np.log(numbers["lower"]), np.log(numbers["upper"])
        return EffectSizes(np.log(numbers[name]), es.variance_from_interval(low, high))

    return Recipe(f"{label} with its interval", (name, "lower", "upper"), make)


def _with_zeros(function: Callable[..., EffectSizes], reads: str, *needs: str) -> Recipe:
    def make(numbers: Numbers, settings: Settings) -> EffectSizes:
        rule = {} if settings.zeros is None else {"zeros": settings.zeros}
        return function(*(numbers[name] for name in needs), **rule)

    return Recipe(reads, needs, make)


def _observed_less(numbers: Numbers, _: Settings) -> EffectSizes:
    """The log hazard ratio, or Peto's log odds ratio, of a log-rank analysis."""
    return EffectSizes(numbers["oe"] / numbers["oev"], 1.0 / numbers["oev"])


def _given(numbers: Numbers, _: Settings) -> EffectSizes:
    return EffectSizes(numbers["yi"], numbers["vi"])


def _from_sizes(numbers: Numbers, _: Settings) -> EffectSizes:
    return EffectSizes(numbers["d"], es.smd_variance(numbers["d"], numbers["n1"], numbers["n2"]))


def _by_means(function: Callable[..., EffectSizes]) -> tuple[Recipe, ...]:
    return (_named(_MEANS, _plain(function, *_ARMS)),)


GIVEN = Recipe("the effect and its variance as given", ("yi", "vi"), _given)
_OR_TABLE, _OR_REPORTED = _tabled(es.log_odds_ratio), _ratio("or", "odds ratio")

RECIPES: dict[str, tuple[Recipe, ...]] = {
    "SMD": (
        *_by_means(es.standardised_mean_difference),
        _named("mean changes in SDs of the scores", _plain(cv.smd_from_change, *_CHANGES, "rpre")),
        _named(
            "mean changes in SDs of the changes",
            _plain(es.standardised_mean_difference, *_CHANGES),
        ),
        _named("standardised difference and its standard error", _plain(cv.smd_from_se, "d", "se")),
        _named(
            "standardised difference and its interval",
            _plain(cv.smd_from_interval, "d", "lower", "upper"),
        ),
        Recipe("standardised difference and people", ("d", "n1", "n2"), _from_sizes),
        _named("t and people", _plain(cv.smd_from_t, "t", "n1", "n2")),
        _named("F and people", _plain(cv.smd_from_f, "f", "n1", "n2", "sign")),
        _named("p and people", _plain(cv.smd_from_p, "p", "n1", "n2", "sign")),
        _converted(_OR_TABLE),
        _converted(_OR_REPORTED),
    ),
    "SMDH": _by_means(escalc.heteroscedastic_smd),
    "SMD1": (_named(_MEANS, _plain(escalc.glass_delta, "m1", "n1", "m2", "sd2", "n2")),),
    "PPC": (
        _named("means before and after", _plain(escalc.pretest_posttest_control, *_BEFORE_AFTER)),
    ),
    "SMCR": (
        _named("means before and after", _plain(escalc.difference_of_changes, *_BEFORE_AFTER)),
    ),
    "MD": (
        *_by_means(es.mean_difference),
        _named("mean changes", _plain(es.mean_difference, *_CHANGES)),
    ),
    "ROM": _by_means(escalc.log_ratio_of_means),
    "OR": (_OR_TABLE, _OR_REPORTED),
    "RR": (_tabled(es.log_risk_ratio), _ratio("rr", "risk ratio")),
    "RD": (_tabled(es.risk_difference),),
    "PETO": (_tabled(escalc.peto_odds_ratio),),
    "IRR": (
        _with_zeros(
            escalc.incidence_rate_ratio, "events and person-time", "e1", "pt1", "e2", "pt2"
        ),
    ),
    "PLO": (_with_zeros(escalc.logit_proportion, "events of people", "x", "n"),),
    "PFT": (_named("events of people", _plain(escalc.double_arcsine, "x", "n")),),
    "COR": (_named("correlation and people", _plain(escalc.correlation, "r", "n")),),
    "ZCOR": (_named("correlation and people", _plain(cv.fisher_z, "r", "n")),),
    "GEN": (
        Recipe("observed minus expected events and their variance", ("oe", "oev"), _observed_less),
    ),
}
"""The ways to each measure, best first; an effect that is given ready comes before them all."""


_POSITIVE = re.compile(r"(?:sd|se|presd|chsd)[12]|vi|se|oev|or|rr|pt[12]")
_PEOPLE = re.compile(r"(?:n|en|chn|pren)[12]|n")


def faults(recipe: Recipe, numbers: Numbers, rows: npt.NDArray[np.intp]) -> list[str]:
    """What is impossible about each of ``rows``; empty where nothing is."""
    found = np.full(rows.size, "", dtype=object)

    def refuse(bad: npt.NDArray[np.bool_], what: str) -> None:
        found[bad & (found == "")] = what

    for name in recipe.needs:
        values, label = numbers[name][rows], FIELDS[name].label
        if _POSITIVE.fullmatch(name):
            refuse(values <= 0.0, f"{label} is not above 0")
        elif _PEOPLE.fullmatch(name):
            refuse(values <= (0.0 if "e1" in recipe.needs else 1.0), f"{label}: too few")
        elif name in ("e1", "e2", "x"):
            total = {"e1": "en1", "e2": "en2", "x": "n"}[name]
            refuse(values < 0.0, f"{label} is below 0")
            if total in recipe.needs:
                refuse(values > numbers[total][rows], f"{label}: more events than people")
        elif name in ("r", "rpre"):
            refuse(np.abs(values) >= 1.0, f"{label} is not between -1 and 1")
        elif name == "p":
            refuse((values <= 0.0) | (values > 1.0), "p is not above 0 and at most 1")
        elif name == "f":
            refuse(values < 0.0, "F is negative")
        elif name == "sign":
            refuse(np.abs(values) != 1.0, "The sign is neither 1 nor -1")
    if "lower" in recipe.needs:
        low, high = numbers["lower"][rows], numbers["upper"][rows]
        centre = numbers[recipe.needs[0]][rows]
        refuse(high <= low, "The upper end of the interval is not above the lower")
        refuse((centre < low) | (centre > high), "The effect lies outside its interval")
        if recipe.needs[0] in ("or", "rr"):
            refuse(low <= 0.0, "The interval of a ratio must lie above 0")
            with np.errstate(invalid="ignore", divide="ignore"):
                centre, low, high = np.log(centre), np.log(low), np.log(high)
        refuse(cv.lopsided(centre, low, high), "The effect is far from the middle of its interval")
    return [str(fault) for fault in found]
