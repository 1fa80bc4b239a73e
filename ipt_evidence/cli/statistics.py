"""The statistical commands beside ``pool``: each is one function of a request.

`SMALL_STUDY_METHODS` are the tests and corrections of ``bias``, one row a method.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click
import numpy as np

from ipt_evidence.cli.effects import MISSING, Document, Request, Sample, fitted, statistic
from ipt_evidence.cli.own_data import Option
from ipt_evidence.cli.text import (
    ADJUSTED,
    bias_table,
    influence_table,
    nested_lines,
    rows_table,
    steps_table,
)
from ipt_evidence.errors import DataError, PoolingError
from ipt_evidence.meta_analysis.bayesian import PRIORS, bayesian_pool
from ipt_evidence.meta_analysis.clinical_units import clinical_units
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.gosh import LARGEST, MAX_SUBSETS, gosh
from ipt_evidence.meta_analysis.influence import (
    Outliers,
    cumulative,
    influence,
    leave_one_out,
    outliers,
)
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.models import TESTS, pool
from ipt_evidence.meta_analysis.multiverse import multiverse
from ipt_evidence.meta_analysis.power import next_trial, pooled_power
from ipt_evidence.meta_analysis.shrinkage import true_effects
from ipt_evidence.meta_analysis.small_study_effects import (
    asymmetry,
    cautions,
    henmi_copas,
    limit,
    pet_peese,
    selection,
    significance,
    trim_and_fill,
)
from ipt_evidence.wording.sentences import interpretation

__all__ = [
    "SMALL_STUDY_METHODS",
    "SmallStudyMethod",
    "bayes_command",
    "bias_command",
    "cumulative_command",
    "gosh_command",
    "influence_command",
    "multiverse_command",
    "power_command",
    "true_effects_command",
    "units_command",
]


def _labelled(sample: Sample, rows: Sequence[Any]) -> list[Document]:
    return [{"label": sample.labels[row.position], **asdict(row)} for row in rows]


def _pooled(sample: Sample, rows: Sequence[Any]) -> list[Document]:
    """The same of pooled effects, each with whether it may be read as an answer."""
    return [row | interpretation(row["k"]) for row in _labelled(sample, rows)]


def _choice(
    name: str, values: Sequence[str], default: str | None = None, about: str | None = None
) -> Option:
    return click.option(name, type=click.Choice(values), default=default, help=about)


def _number(name: str, default: float | None = None, about: str | None = None) -> Option:
    return click.option(name, type=float, default=default, help=about)


def _listed(name: str, default: str, example: str) -> Option:
    """An option that takes numbers with commas between."""

    def taken(_: click.Context, __: click.Parameter, value: str) -> tuple[float, ...]:
        try:
            return tuple(float(part) for part in value.split(","))
        except ValueError:
            raise click.BadParameter(f"give {example}") from None

    return click.option(name, callback=taken, default=default)


@dataclass(frozen=True, slots=True)
class SmallStudyMethod:
    """A test of or correction for small-study effects.

    Attributes
    ----------
    name
        Its key in the document.
    run
        Effects and variances in, the method's result or its fields out.
    shown
        The fields that the text shows.
    takes
        What ``run`` takes besides, by name: method, test and level, or options of the command.
    options
        Options of the command that this method alone takes.
    """

    name: str
    run: Callable[..., Any]
    shown: tuple[str, ...]
    takes: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()


def _pet_peese(name: str, yi: FloatArray, vi: FloatArray, level: float) -> Document:
    found = asdict(pet_peese.pet_peese(yi, vi, level=level))
    return {
        "k": found["k"],
        **found[name],
        "slope": found[f"{name}_slope"],
        "selected": found["selected"] == name.upper(),
        "cautions": found["cautions"],
    }


_EGGER = (
    click.option("--egger-model", "model", type=click.Choice(["lm", "mixed"]), default="lm"),
    click.option(
        "--predictor",
        help="Of Egger's test: vi, or a column of the input.  [default: the standard error]",
    ),
)
_TRIM_AND_FILL = (
    _choice("--estimator", trim_and_fill.ESTIMATORS, "L0"),
    _choice("--side", ("left", "right"), about="Where studies are missing."),
    _choice(
        "--trim-model",
        trim_and_fill.TRIM_MODELS,
        "random",
        "Model by which studies are trimmed: common as R's meta and Metapsy, random as metafor.",
    ),
)
_STEPS = (_listed("--steps", "0.025", "p values with commas between, like .025,.5"),)
_FITTED = ("method", "test", "level")

SMALL_STUDY_METHODS = (
    SmallStudyMethod("egger", asymmetry.egger_test, ("slope", "se", "p"),
                     ("model", "predictor", "level"), _EGGER),
    SmallStudyMethod("begg", asymmetry.begg_test, ("kendall_tau", "p")),
    SmallStudyMethod("trimfill", trim_and_fill.trim_and_fill, ("k0", "side", *ADJUSTED[:4]),
                     ("estimator", "side", "trim_model", *_FITTED), _TRIM_AND_FILL),
    SmallStudyMethod("pet", functools.partial(_pet_peese, "pet"), ADJUSTED, ("level",)),
    SmallStudyMethod("peese", functools.partial(_pet_peese, "peese"), ADJUSTED, ("level",)),
    SmallStudyMethod("selection", selection.selection_model, (*ADJUSTED, "lrt_p"),
                     ("steps", "level"), _STEPS),
    SmallStudyMethod("limit", limit.limit_meta_analysis, ADJUSTED[:4], ("method", "level")),
    SmallStudyMethod("henmi_copas", henmi_copas.henmi_copas, ("estimate", *ADJUSTED[1:4]),
                     ("level",)),
    SmallStudyMethod("lfk", asymmetry.doi_plot, ("lfk", "asymmetry")),
    SmallStudyMethod("p_curve", significance.p_curve,
                     ("significant", "p_full", "p_half", "p_flat", "power")),
    SmallStudyMethod("excess_significance", significance.excess_significance,
                     ("observed", "expected", "p_exact")),
    SmallStudyMethod("failsafe_n", significance.fail_safe_n, ("rosenthal", "rosenberg", "orwin")),
)  # fmt: skip
"""What ``bias`` runs, in the order of its document: a new method is a row here."""


@statistic(
    "bias",
    *(option for method in SMALL_STUDY_METHODS for option in method.options),
    text=lambda found: bias_table(found, {one.name: one.shown for one in SMALL_STUDY_METHODS}),
)
def bias_command(request: Request, predictor: str | None, **chosen: Any) -> Document:
    """Run every test of and correction for small-study effects, with when not to rely on each.

    Effects must be coded so that positive is the direction in which publication is favoured.
    --estimator, --side and --trim-model are those of trim and fill, --steps the p values of the
    selection model.
    """
    columns = () if predictor in (None, "vi") else (str(predictor),)
    sample = request.sample(columns)
    values = sample.numbers(columns[0]) if columns else sample.vi if predictor else None
    settings = {**chosen, **fitted(request.model), "predictor": values}
    return {one.name: _attempt(one, sample, settings) for one in SMALL_STUDY_METHODS}


def _attempt(method: SmallStudyMethod, sample: Sample, settings: Mapping[str, Any]) -> Document:
    """Give the result, or why there is none: one method that fails must not hide the others."""
    k = sample.yi.size
    try:
        result = method.run(sample.yi, sample.vi, **{name: settings[name] for name in method.takes})
    except PoolingError as err:
        return {"k": k, "error": str(err), "cautions": cautions.few_studies(k)}
    found = result if isinstance(result, dict) else asdict(result)
    adjusted = found.get("adjusted")
    if isinstance(adjusted, dict):  # repeated beside the rest, where every correction has it
        found |= {name: adjusted[name] for name in ADJUSTED}
    elif adjusted is not None:
        found["estimate"] = adjusted
    return {"k": k} | found


_PREDICTED = ("label", "estimate", "se", "pi_lower", "pi_upper", "kept")


def _predicted(document: Document) -> str:
    if not document["interpretable"]:
        return str(document["why_not"])
    return rows_table(document["studies"], _PREDICTED)


@statistic("true-effects", text=_predicted)
def true_effects_command(request: Request) -> Document:
    """Predict the true effect of each study: its own, drawn towards the mean (BLUP)."""
    sample, choice = request.sample(), fitted(request.model)
    rows = _labelled(sample, true_effects(sample.yi, sample.vi, **choice))
    found: Document = {"k": sample.yi.size, **choice, "studies": rows, "notes": sample.notes}
    return found | interpretation(sample.yi.size)


@statistic("influence", text=influence_table)
def influence_command(request: Request) -> Document:
    """Show which studies carry the result: diagnostics, the effect without each, outliers.

    The diagnostics belong to the model with test z.
    """
    sample, choice = request.sample(), fitted(request.model)
    k, notes = sample.yi.size, list(sample.notes)
    if k < 3:
        notes.append(f"k = {k}: diagnostics of influence need at least 3 studies")
    found = outliers(sample.yi, sample.vi, **choice)
    studies = influence(sample.yi, sample.vi, method=choice["method"]) if k >= 3 else ()
    without = leave_one_out(sample.yi, sample.vi, **choice) if k >= 2 else ()
    return {
        "k": k,
        **choice,
        "studies": _labelled(sample, studies),
        "leave_one_out": _pooled(sample, without),
        "outliers": _outliers(sample, found),
        "notes": notes,
    }


def _outliers(sample: Sample, found: Outliers) -> Document:
    document: Document = asdict(found) | {"labels": [sample.labels[i] for i in found.positions]}
    for name in ("full", "without"):
        if document[name] is not None:
            document[name] |= interpretation(document[name]["k"])
    return document


@statistic(
    "cumulative",
    click.option(
        "--by",
        help="Column whose ascending order is followed, or precision (smallest variance first).  "
        "[default: year; for --input precision]",
    ),
    text=steps_table,
)
def cumulative_command(request: Request, by: str | None) -> Document:
    """Pool the first study, the first two, and so on."""
    by = by or ("precision" if request.table else "year")
    sample, choice = request.sample(() if by == "precision" else (by,)), fitted(request.model)
    order = sample.vi.tolist() if by == "precision" else sample.numbers(by)
    found = _pooled(sample, cumulative(sample.yi, sample.vi, order, **choice))
    steps = [{**row, "by": order[row["position"]]} for row in found]
    return {"by": by, **choice, "steps": steps, "notes": sample.notes}


@statistic(
    "bayes",
    _choice("--tau-prior", PRIORS, "half-normal"),
    _number("--tau-scale", 0.5, "Units of yi."),
    _number("--mu-mean", 0.0),
    _number("--mu-sd", about="Of a normal prior of the mean.  [default: flat]"),
    _number("--mid", 0.0, "Smallest that matters."),
    uses=("rho",),
)
def bayes_command(request: Request, **prior: Any) -> Document:
    """Give the posterior of the random-effects model: mean, tau, new study, shrunken effects."""
    sample = request.sample()
    found = asdict(bayesian_pool(sample.yi, sample.vi, level=request.level, **prior))
    rows = zip(sample.labels, found["shrunken"], strict=True)
    shrunken = [{"label": label, **row} for label, row in rows]
    return found | {"shrunken": shrunken} | interpretation(sample.yi.size)


@statistic(
    "power",
    _number("--effect", about="True effect.  [default: the pooled one]"),
    _number("--next-effect", 0.0),
)
def power_command(request: Request, effect: float | None, next_effect: float) -> Document:
    """Give the power of the pooled test, and the next trial that would change the conclusion.

    --next-effect is what that trial is imagined to observe.
    """
    sample, choice = request.sample(), fitted(request.model)
    coming = next_trial(sample.yi, sample.vi, effect=next_effect, **choice)
    current = coming.current
    power = pooled_power(
        sample.vi,
        current.estimate if effect is None else effect,
        tau2=current.tau2 or 0.0,
        test="knha" if current.test == "adhoc" else current.test,
        alpha=1.0 - request.level / 100.0,
    )
    found = asdict(coming)
    for name in ("current", "updated"):
        if found[name] is not None:
            found[name] |= interpretation(found[name]["k"])
    return {"power": asdict(power), "next_trial": found} | interpretation(sample.yi.size)


@statistic(
    "units",
    _number("--control-event-rate", about="Share of the comparison arm that responds."),
    _number("--instrument-sd", about="SD of an instrument, in points."),
)
def units_command(request: Request, **known: float | None) -> Document:
    """Restate the pooled effect, a standardised mean difference, in units for people."""
    sample = request.sample()
    pooled = pool(sample.yi, sample.vi, **fitted(request.model))
    found = clinical_units(pooled.estimate, pooled.ci_lower, pooled.ci_upper, **known)
    names = ("k", "estimate", "ci_lower", "ci_upper", "method", "test", "level")
    own = {name: getattr(pooled, name) for name in names}
    return {**own, **asdict(found), **interpretation(pooled.k)}


QUANTILES = (0.0, 2.5, 25.0, 50.0, 75.0, 97.5, 100.0)


@statistic(
    "gosh",
    click.option("--max-subsets", type=click.IntRange(1, LARGEST), default=MAX_SUBSETS),
    click.option("--seed", type=int, default=20240501),
    uses=("method", "rho"),
)
def gosh_command(request: Request, max_subsets: int, seed: int) -> Document:
    """Pool every subset of three studies or more, in quantiles.

    A random sample of subsets stands for all when there are too many. Those of one or two
    studies are counted and left out: two are too few to pool.
    """
    sample = request.sample()
    found = gosh(
        sample.yi, sample.vi, method=request.model.method, max_subsets=max_subsets, seed=seed
    )
    document: Document = {
        "k": sample.yi.size,
        "subsets": int(found.several.sum()),
        "too_few": int((~found.several).sum()),
        "exhaustive": found.exhaustive,
        "method": found.method,
        "seed": found.seed,
    }
    for name in ("estimate", "tau2", "i2"):
        values = getattr(found, name)[found.several]
        at = np.percentile(values, QUANTILES) if values.size else [None] * len(QUANTILES)
        document[name] = {f"{q:g}": value for q, value in zip(QUANTILES, at, strict=True)}
    return document | interpretation(sample.yi.size)


MOST_OPTIONS = 20  # a question with more answers is a moderator, not a choice


def _list(_: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    known = {"methods": METHODS, "tests": TESTS}.get(parameter.name or "", ())
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    if known and (not found or not {*found} <= {*known}):
        raise click.BadParameter(f"choose from {', '.join(known)}")
    return found


@statistic(
    "multiverse",
    click.option(
        "--choices",
        callback=_list,
        default="",
        show_default=False,
        help="Columns: any value, or only one.",
    ),
    click.option("--methods", callback=_list, default="EE,DL,PM,REML"),
    click.option("--tests", callback=_list, default="z,knha"),
    _listed("--rhos", "0.3,0.6,0.8", "correlations with commas between, like 0.3,0.6"),
    text=lambda found: "\n".join(
        nested_lines(found | {"specifications": len(found["specifications"])})
    ),
    uses=(),
)
def multiverse_command(request: Request, choices: tuple[str, ...], **varied: Any) -> Document:
    """Pool under every combination of choices.

    Each column of --choices asks a question: effects with any value of it, or with one only.
    """
    sample = request.effects()
    found = multiverse(
        sample.yi,
        sample.vi,
        sample.study or list(range(sample.yi.size)),
        {name: _masks(sample, name) for name in choices},
        level=request.level,
        **varied,
    )
    rows = [
        {**asdict(row), "choices": dict(row.choices), **interpretation(row.k)}
        for row in found.specifications
    ]
    return asdict(found) | {"specifications": rows}


def _masks(sample: Sample, name: str) -> dict[str, list[bool]]:
    """Masks of any value, also a missing one, and of each value alone."""
    texts = sample.texts(name)
    values = sorted(set(texts) - set(MISSING))
    if len(values) > MOST_OPTIONS:
        raise DataError(f"{name} has {len(values)} values: too many to choose between")
    only = {value: [text == value for text in texts] for value in values}
    return {"any": [True] * len(texts), **only}
