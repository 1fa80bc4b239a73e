"""``bayes``, ``power``, ``units``, ``gosh`` and ``multiverse``: further readings of effects."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
import numpy as np

from ipt_evidence.cli.inputs import (
    Request,
    all_effects,
    effect_options,
    level_option,
    method_option,
    test_option,
    usable,
    usable_sample,
)
from ipt_evidence.cli.output import echo_json, json_option
from ipt_evidence.cli.samples import MISSING, Sample, texts_of
from ipt_evidence.cli.statistics_text import nested_lines
from ipt_evidence.errors import DataError
from ipt_evidence.meta_analysis.bayesian import PRIORS, bayesian_pool
from ipt_evidence.meta_analysis.clinical_units import clinical_units
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.gosh import LARGEST, MAX_SUBSETS, gosh
from ipt_evidence.meta_analysis.models import TESTS, pool
from ipt_evidence.meta_analysis.multiverse import multiverse
from ipt_evidence.meta_analysis.power import next_trial, pooled_power
from ipt_evidence.wording.plain import plain

__all__ = [
    "bayes_command",
    "gosh_command",
    "multiverse_command",
    "power_command",
    "units_command",
]

MOST_OPTIONS = 20  # a question with more answers is a moderator, not a choice
QUANTILES = (0.0, 2.5, 25.0, 50.0, 75.0, 97.5, 100.0)


def _answer(document: Any, as_json: bool) -> None:
    if as_json:
        echo_json(document)
    else:
        click.echo("\n".join(nested_lines(plain(document))))


@click.command("bayes")
@effect_options
@level_option
@click.option("--tau-prior", type=click.Choice(PRIORS), default="half-normal", show_default=True)
@click.option("--tau-scale", type=float, default=0.5, show_default=True, help="Units of yi.")
@click.option("--mu-mean", type=float, default=0.0, show_default=True)
@click.option("--mu-sd", type=float, help="Of a normal prior of the mean.  [default: flat]")
@click.option("--mid", type=float, default=0.0, show_default=True, help="Smallest that matters.")
@json_option
def bayes_command(
    request: Request,
    level: float,
    tau_prior: str,
    tau_scale: float,
    mu_mean: float,
    mu_sd: float | None,
    mid: float,
    as_json: bool,
) -> None:
    """Give the posterior of the random-effects model: mean, tau, new study, shrunken effects."""
    sample = usable_sample(request)
    found = asdict(
        bayesian_pool(
            sample.yi,
            sample.vi,
            tau_prior=tau_prior,
            tau_scale=tau_scale,
            mu_mean=mu_mean,
            mu_sd=mu_sd,
            mid=mid,
            level=level,
        )
    )
    rows = zip(sample.labels, found["shrunken"], strict=True)
    found["shrunken"] = [{"label": label, **row} for label, row in rows]
    _answer(found, as_json)


@click.command("power")
@effect_options
@method_option
@test_option
@level_option
@click.option("--effect", type=float, help="True effect.  [default: the pooled one]")
@click.option("--next-effect", type=float, default=0.0, show_default=True)
@json_option
def power_command(
    request: Request,
    method: str,
    test: str | None,
    level: float,
    effect: float | None,
    next_effect: float,
    as_json: bool,
) -> None:
    """Give the power of the pooled test, and the next trial that would change the conclusion.

    --next-effect is what that trial is imagined to observe.
    """
    sample = usable_sample(request)
    chosen = test or "knha"
    coming = next_trial(
        sample.yi, sample.vi, effect=next_effect, method=method, test=chosen, level=level
    )
    current = coming.current
    power = pooled_power(
        sample.vi,
        current.estimate if effect is None else effect,
        tau2=current.tau2 or 0.0,
        test="knha" if current.test == "adhoc" else current.test,
        alpha=1.0 - level / 100.0,
    )
    _answer({"power": asdict(power), "next_trial": asdict(coming)}, as_json)


@click.command("units")
@effect_options
@method_option
@test_option
@level_option
@click.option("--control-event-rate", type=float, help="Share of the comparison arm that responds.")
@click.option("--instrument-sd", type=float, help="SD of an instrument, in points.")
@json_option
def units_command(
    request: Request,
    method: str,
    test: str | None,
    level: float,
    control_event_rate: float | None,
    instrument_sd: float | None,
    as_json: bool,
) -> None:
    """Restate the pooled effect, a standardised mean difference, in units for people."""
    sample = usable_sample(request)
    pooled = pool(sample.yi, sample.vi, method=method, test=test or "knha", level=level)
    found = clinical_units(
        pooled.estimate,
        pooled.ci_lower,
        pooled.ci_upper,
        control_event_rate=control_event_rate,
        instrument_sd=instrument_sd,
    )
    names = ("k", "estimate", "ci_lower", "ci_upper", "method", "test", "level")
    _answer({**{name: getattr(pooled, name) for name in names}, **asdict(found)}, as_json)


@click.command("gosh")
@effect_options
@method_option
@click.option("--max-subsets", type=click.IntRange(1, LARGEST), default=MAX_SUBSETS)
@click.option("--seed", type=int, default=20240501, show_default=True)
@json_option
def gosh_command(request: Request, method: str, max_subsets: int, seed: int, as_json: bool) -> None:
    """Pool every subset of studies (a random sample when there are too many), in quantiles."""
    sample = usable_sample(request)
    found = gosh(sample.yi, sample.vi, method=method, max_subsets=max_subsets, seed=seed)
    document = {
        "k": sample.yi.size,
        "subsets": found.estimate.size,
        "exhaustive": found.exhaustive,
        "method": found.method,
        "seed": found.seed,
    }
    for name in ("estimate", "tau2", "i2"):
        values = np.percentile(getattr(found, name), QUANTILES)
        document[name] = {f"{q:g}": value for q, value in zip(QUANTILES, values, strict=True)}
    _answer(document, as_json)


def _list(_: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    known = {"methods": METHODS, "tests": TESTS}.get(parameter.name or "", ())
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    unknown = [part for part in found if known and part not in known]
    if unknown or (known and not found):
        raise click.BadParameter(f"choose from {', '.join(known)}")
    return found


def _correlations(_: click.Context, __: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("give correlations with commas between, like 0.3,0.6") from None


@click.command("multiverse")
@effect_options
@level_option
@click.option("--choices", callback=_list, default="", help="Columns: any value, or only one.")
@click.option("--methods", callback=_list, default="EE,DL,PM,REML", show_default=True)
@click.option("--tests", callback=_list, default="z,knha", show_default=True)
@click.option("--rhos", callback=_correlations, default="0.3,0.6,0.8", show_default=True)
@json_option
def multiverse_command(
    request: Request,
    level: float,
    choices: tuple[str, ...],
    methods: tuple[str, ...],
    tests: tuple[str, ...],
    rhos: tuple[float, ...],
    as_json: bool,
) -> None:
    """Pool under every combination of choices.

    Each column of --choices asks a question: effects with any value of it, or with one only.
    """
    sample = usable(all_effects(request))
    found = multiverse(
        sample.yi,
        sample.vi,
        sample.study or list(range(sample.yi.size)),
        {name: _options(sample, name) for name in choices},
        rhos=rhos,
        methods=methods,
        tests=tests,
        level=level,
    )
    document = asdict(found)
    for row in document["specifications"]:
        row["choices"] = dict(row["choices"])
    if not as_json:
        document["specifications"] = len(found.specifications)
    _answer(document, as_json)


def _options(sample: Sample, name: str) -> dict[str, list[bool]]:
    """Masks of any value, also a missing one, and of each value alone."""
    texts = texts_of(sample, name)
    values = sorted(set(texts) - set(MISSING))
    if len(values) > MOST_OPTIONS:
        raise DataError(f"{name} has {len(values)} values: too many to choose between")
    only = {value: [text == value for text in texts] for value in values}
    return {"any": [True] * len(texts), **only}
