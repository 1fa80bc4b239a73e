"""``pool``: one number for a view of the evidence base, or for a CSV of effects.

One document for every model: simple, regression, three-level, CHE; subgroups; robust errors. Names
are those of the dataclasses of `meta_analysis`. A field that a model does not have is null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import click
import numpy as np

from ipt_evidence.analyses.answer import answer_sentence, interpretation
from ipt_evidence.cli.effects import Document, Request, Sample, combined, fitted, statistic
from ipt_evidence.cli.own_data import natural
from ipt_evidence.cli.text import pooled_table
from ipt_evidence.errors import DataError, PoolingError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.view import MODEL_WORDS
from ipt_evidence.meta_analysis.coefficients import BareCoefficient, Coefficient, Formula
from ipt_evidence.meta_analysis.dependent_effects import (
    RobustEstimate,
    cluster_robust,
    multilevel,
    variance_intervals,
)
from ipt_evidence.meta_analysis.dependent_effects.robust import KINDS
from ipt_evidence.meta_analysis.estimators import COMMON_EFFECT_METHODS
from ipt_evidence.meta_analysis.heterogeneity import heterogeneity_interval
from ipt_evidence.meta_analysis.inputs import FloatArray
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression, residual_heterogeneity, subgroups
from ipt_evidence.wording import sentences

__all__ = ["pool_command"]

MODELS = ("simple", "three-level", "che")
_OF_INTERCEPT = ("estimate", "se", "ci_lower", "ci_upper", "stat", "p", "df")
_FIELDS = (
    "k estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q q_df q_p stat p df method test "
    "level"
).split()
_INTERVALS = "tau2_ci_lower tau2_ci_upper i2_ci_lower i2_ci_upper h2_ci_lower h2_ci_upper".split()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fit: ``kind`` of `MODELS`, by a ``model`` whose test is one that the kind has."""

    kind: str
    model: Model
    mods: Terms = field(default_factory=lambda: Terms())
    subgroup: str | None = None
    common_tau2: bool = False
    robust: str | None = None
    smooth: bool = False
    profile: bool = False

    @property
    def simple(self) -> bool:
        """True where the effects of a study are combined before pooling."""
        return self.kind == "simple"

    @property
    def groups(self) -> tuple[str, ...]:
        """The column of subgroups, if there is one."""
        return (self.subgroup,) if self.subgroup else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the input that the plan needs."""
        return (*self.mods.columns, *self.groups)

    def taking(self, sample: Sample) -> Sample:
        """The sample with the columns of the plan; categories may mix numbers and words."""
        return sample.taking(self.columns, (*self.groups, *self.mods.categories))

    def moderators(self, sample: Sample) -> Formula:
        """What to regress on."""
        return self.mods.of(sample.values)

    def check(self, *, clustered: bool) -> None:
        """Refuse combinations that do not exist, as errors of the call."""
        if not clustered and (not self.simple or self.robust):
            raise click.UsageError("--model three-level and che, and --robust, need --cluster")
        if self.subgroup and (not self.simple or self.robust):
            raise click.UsageError(
                "--subgroup goes with --model simple and without --robust: "
                f"give {self.subgroup} to --mods instead"
            )
        if self.common_tau2 and not self.subgroup:
            raise click.UsageError("--common-tau2 goes with --subgroup")
        if self.simple and (self.smooth or self.profile):
            raise click.UsageError("--smooth and --profile go with --model three-level and che")
        if absent := sorted({*self.mods.reference} - {*self.mods.columns}):
            raise click.UsageError(f"--reference names {', '.join(absent)}, which --mods does not")
        if not self.simple and self.model.method not in ("REML", "ML"):
            raise click.UsageError(f"--model {self.kind} takes --method REML or ML")
        if not self.simple and self.model.test not in ("t", "z"):
            raise click.UsageError(f"--model {self.kind} takes --test t or z")


def _plan(
    request: Request,
    kind: str,
    robust: str | None,
    mods: Terms,
    reference: dict[str, str],
    **rest: Any,
) -> Plan:
    model = request.model
    if model.dependence == "che":  # as the page fits it: see `evidence.estimation.Model`
        if kind == "three-level":
            raise click.UsageError("--dependence che goes with --model che, not three-level")
        kind, robust, model = (
            "che",
            robust or "CR2",
            replace(model, method=Model().method, test="t"),
        )
    elif kind != "simple" and "test" not in request.words:
        model = replace(model, test="t")
    plan = Plan(kind, model, replace(mods, reference=reference), robust=robust, **rest)
    plan.check(clustered=True)  # whether a file tells studies is seen when it is read
    return plan


@dataclass(frozen=True, slots=True)
class Terms:
    """What ``--mods`` and ``--reference`` say; names are columns of the input."""

    columns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    interactions: tuple[tuple[str, ...], ...] = ()
    reference: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Terms:
        """Read terms with commas between: a, factor(a), a:b, or a*b for a, b and a:b."""
        columns: list[str] = []
        categories, interactions = [], []
        for term in filter(None, (part.strip() for part in text.split(","))):
            parts = [part.strip() for part in re.split(r"[*:]", term)]
            names = [found[1].strip() if (found := _FACTOR.fullmatch(p)) else p for p in parts]
            categories += [name for name, part in zip(names, parts, strict=True) if name != part]
            if len(names) > 1:
                interactions.append(tuple(names))
            if ":" in term:
                continue
            if len(names) == 1 and names[0] in columns:
                raise click.BadParameter("a column is named twice")
            columns += [name for name in names if name not in columns]
        for product in interactions:
            if absent := [name for name in product if name not in columns]:
                raise click.BadParameter(
                    f"{':'.join(product)} needs {', '.join(absent)} too: write {'*'.join(product)}"
                )
        return cls(tuple(columns), tuple(dict.fromkeys(categories)), tuple(interactions))

    def of(self, values: Mapping[str, list[Any]]) -> Formula:
        """The moderators with these values; numbers of categories become words."""
        chosen = {
            name: [_word(value) for value in values[name]]
            if name in self.categories
            else values[name]
            for name in self.columns
        }
        return Formula(chosen, self.interactions, self.reference)


_FACTOR = re.compile(r"factor\((.+)\)")


def _word(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _terms(_: click.Context, __: click.Parameter, value: str | None) -> Terms:
    return Terms.read(value or "")


def _levels(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in value]
    if not all(name and mark and level for name, mark, level in pairs):
        raise click.BadParameter("write COLUMN=LEVEL, like format=group")
    return {name.strip(): level.strip() for name, _, level in pairs}


@statistic(
    "pool",
    click.option(
        "--model",
        "kind",
        type=click.Choice(MODELS),
        default="simple",
        help="The test of three-level and che is t, where none is named.",
    ),
    click.option(
        "--mods",
        callback=_terms,
        help="Columns to regress on, like year,format; factor(year) takes numbers for categories, "
        "year*format adds their interaction.",
    ),
    click.option(
        "--reference",
        multiple=True,
        callback=_levels,
        metavar="COLUMN=LEVEL",
        help="Level with which the others of a category are compared.  [default: the first]",
    ),
    click.option("--subgroup", help="Column whose groups are pooled separately and compared."),
    click.option("--common-tau2", is_flag=True, help="One tau² for all subgroups."),
    click.option("--robust", type=click.Choice(KINDS), help="Cluster-robust standard errors."),
    click.option(
        "--smooth",
        is_flag=True,
        help="Give the effects of a study their mean variance (three-level, che).",
    ),
    click.option(
        "--profile",
        is_flag=True,
        help="Intervals and tests of the variances between and within studies.",
    ),
    text=pooled_table,
    uses=MODEL_WORDS,
)
def pool_command(request: Request, **chosen: Any) -> Document | tuple[Document, str | None]:
    """Pool the effects of the evidence base for one question, or those of a CSV file.

    Positive estimates favour IPT. Several effects of one study are combined first, unless --model
    says three-level or che. The prediction interval is that of t with k - 1 degrees of freedom and
    the standard error of the test, with knha that of Hartung and Knapp.
    """
    plan = _plan(request, **chosen)
    return _of_file(request, plan) if request.table else _of_base(request, plan)


def _of_base(request: Request, plan: Plan) -> tuple[Document, str | None]:
    base, answer, sample = request.answer()
    if not answer.k:
        nothing = _nothing(plan) | _facts(base, answer, plan, None) | interpretation(answer)
        return nothing, _sentences(base, answer)
    numbers = _fit(plan.taking(sample), plan)
    document = numbers | _facts(base, answer, plan, numbers) | interpretation(answer)
    if answer.shown is None:  # shown one by one, whatever the model
        return document | {"favours": "neither"}, _sentences(base, answer)
    as_on_the_page = (plan.simple and not plan.robust) or plan.model.dependence == "che"
    return document, _sentences(base, answer) if as_on_the_page and not plan.columns else None


def _facts(base: EvidenceBase, answer: Estimate, plan: Plan, numbers: Document | None) -> Document:
    question = answer.selection.question
    return {
        "n": answer.people.value if answer.people.studies_known else None,
        "n_studies": answer.k,
        "n_studies_known": answer.people.studies_known,
        "n_effects": len(answer.selection.effects),
        "measure": "SMD",
        "favours": {"positive": "IPT", "negative": "comparison"}.get(_sign(numbers), "neither"),
        "condition": question.condition,
        "comparison": question.comparison,
        "time": question.time,
        "rho": _rho(plan),
        "sources": answer.studies_per_source,
        "as_of": answer.as_of,
        "data_version": base.version,
        "trials": answer.trials,
        "left_out": answer.selection.left_out[["effect_id", "study_id", "reason"]],
        "quarantined": len(base.problems),
    }


def _rho(plan: Plan) -> float:
    return 0.0 if plan.kind == "three-level" else plan.model.rho


def _sign(numbers: Document | None) -> str:
    """Where the interval lies, if there is one: the point estimate alone decides nothing."""
    if numbers is None or numbers["ci_lower"] is None:
        return "neither"
    if numbers["ci_lower"] > 0:
        return "positive"
    return "negative" if numbers["ci_upper"] < 0 else "neither"


def _sentences(base: EvidenceBase, answer: Estimate) -> str:
    lines = [base.names.said(answer_sentence(base, answer))]
    if answer.studies_per_source:
        found = (f"{base.sources[s].label}: {k}" for s, k in answer.studies_per_source.items())
        lines.append("Studies by source: " + "; ".join(found))
    if len(base.problems):
        excluded = "1 row is" if len(base.problems) == 1 else f"{len(base.problems)} rows are"
        lines.append(f"{excluded} quarantined: run validate to see why")
    return "\n".join(lines)


def _of_file(request: Request, plan: Plan) -> Document:
    sample = plan.taking(request.file(plan.columns))
    plan.check(clustered=sample.study is not None)
    if not sample.yi.size and sample.notes:
        raise DataError(sample.notes[0])
    numbers = _fit(sample, plan)
    studies = sample.yi.size if sample.study is None else len(set(sample.study))
    read = sentences.interpretation(studies)
    if sample.references is not None:
        numbers["references"] = sample.references
    return numbers | {
        "n": None,
        "n_studies": None if sample.study is None else studies,
        "n_effects": sample.yi.size,
        "measure": sample.measure,
        "natural": natural(sample.measure, numbers),
        "favours": _sign(numbers) if read["interpretable"] else "neither",
        "rho": None if sample.study is None else _rho(plan),
        **read,
        **({} if read["interpretable"] else {"studies": _each(sample, plan)}),
    }


def _each(sample: Sample, plan: Plan) -> list[Document]:
    """The effect of each study by itself."""
    alone = combined(replace(sample, values={}), plan.model.rho)
    rows = zip(alone.labels, alone.yi.tolist(), alone.vi.tolist(), strict=True)
    return [{"label": label, "yi": yi, "vi": vi} for label, yi, vi in rows]


def _nothing(plan: Plan) -> Document:
    """Give the fields of an answer without effects."""
    asked = {"k": 0, **fitted(plan.model)}
    return {name: asked.get(name) for name in (*_FIELDS, *_INTERVALS)} | {
        "coefficients": [],
        "model": plan.kind,
        "robust": None,
        "notes": [],
    }


def _fit(sample: Sample, plan: Plan) -> Document:
    """Fit the plan to the effects of ``sample`` and give every field of the result.

    Raises
    ------
    EvidenceError
        When the effects cannot be combined or the model cannot be fitted.
    """
    if not plan.simple:
        return _multilevel(sample, plan)
    if sample.sampling is not None:
        raise click.UsageError(
            "--shared-control covariance goes with --model che or three-level, where all effects "
            "count; here take --shared-control split"
        )
    alone = combined(sample, plan.model.rho)
    document = _regression(alone, plan) if plan.mods.columns else _pooled(alone, plan)
    document |= _heterogeneity(alone, plan) | {"model": plan.kind, "robust": None}
    if plan.robust:
        _robustly(document, alone, plan)
    if plan.subgroup is not None:
        found = asdict(
            subgroups(
                alone.yi,
                alone.vi,
                alone.values[plan.subgroup],
                common_tau2=plan.common_tau2,
                **fitted(plan.model),
            )
        )
        found["groups"] = [one | sentences.interpretation(one["k"]) for one in found["groups"]]
        document["subgroups"] = found
    document["notes"] = [*alone.notes, *document["notes"]]
    return document


def _pooled(sample: Sample, plan: Plan) -> Document:
    found = pool(sample.yi, sample.vi, **fitted(plan.model))
    own = {name: getattr(found, name) for name in _OF_INTERCEPT}
    return {**asdict(found), "coefficients": [Coefficient("intercept", **own)]}


def _regression(sample: Sample, plan: Plan) -> Document:
    fit = meta_regression(sample.yi, sample.vi, plan.moderators(sample), **fitted(plan.model))
    residual = {"q": fit.qe, "q_df": fit.qe_df, "q_p": fit.qe_p}
    return dict.fromkeys(_FIELDS) | asdict(fit) | residual


def _heterogeneity(sample: Sample, plan: Plan) -> Document:
    """Q-profile limits; None where tau² is 0 by definition or cannot be bounded."""
    none: Document = dict.fromkeys(_INTERVALS)
    if plan.model.method in COMMON_EFFECT_METHODS or sample.yi.size < 2:
        return none
    level, moderators = plan.model.level, plan.moderators(sample)
    try:
        if moderators.values:
            found = residual_heterogeneity(sample.yi, sample.vi, moderators, level=level)
        else:
            found = heterogeneity_interval(sample.yi, sample.vi, level=level)
    except PoolingError:
        return none
    return {name: getattr(found, name.replace("_ci", "")) for name in _INTERVALS}


def _robustly(document: Document, sample: Sample, plan: Plan) -> None:
    """Put cluster-robust numbers in the place of the model's own."""
    found: RobustEstimate = cluster_robust(
        sample.yi,
        sample.vi,
        sample.study or [],
        tau2=document["tau2"] or 0.0,
        moderators=plan.moderators(sample),
        kind=plan.robust or "CR2",
        level=plan.model.level,
    )
    _replace_coefficients(document, found.coefficients, plan)
    document["robust_joint"] = found.joint
    document["notes"] = [*document["notes"], *found.notes]


def _replace_coefficients(
    document: Document, robust: tuple[Coefficient | BareCoefficient, ...], plan: Plan
) -> None:
    document |= {
        "robust": plan.robust,
        "model_coefficients": document["coefficients"],
        "coefficients": robust,
        "robust_coefficients": robust,
    }
    if document["estimate"] is not None:  # with moderators an intercept is no pooled effect
        document |= {name: getattr(robust[0], name) for name in _OF_INTERCEPT}


def _sum(between: float | None, within: float | None) -> float | None:
    return None if between is None or within is None else between + within


def _sampling(sample: Sample, plan: Plan) -> FloatArray | None:
    """Covariance of effects that share an arm; other effects of a study correlate by rho."""
    if sample.sampling is None or sample.study is None:
        return None
    study, sd = np.array(sample.study), np.sqrt(sample.vi)
    assumed = _rho(plan) * np.outer(sd, sd)
    open_pairs = (study[:, None] == study[None, :]) & (sample.sampling == 0.0)
    return np.where(open_pairs, assumed, sample.sampling)


def _multilevel(sample: Sample, plan: Plan) -> Document:
    data = (sample.yi, sample.vi, sample.study or [])
    choice: dict[str, Any] = {
        "rho": plan.model.rho if plan.kind == "che" else 0.0,
        "moderators": plan.moderators(sample),
        "smooth": plan.smooth,
        "sampling": _sampling(sample, plan),
        "method": plan.model.method,
        "level": plan.model.level,
    }
    found = multilevel(*data, test=plan.model.test, robust=plan.robust or "CR2", **choice)
    document = dict.fromkeys((*_FIELDS, *_INTERVALS)) | asdict(found)
    document |= {
        "tau2": _sum(found.tau2_between, found.tau2_within),
        "i2": _sum(found.i2_between, found.i2_within),
        "model": plan.kind,
        "robust": None,
        "coefficients": found.coefficients,
        "robust_coefficients": found.robust_coefficients,
    }
    if not plan.mods.columns:
        first = found.coefficients[0]
        document |= {name: getattr(first, name) for name in _OF_INTERCEPT}
    if plan.robust:
        if not found.robust_coefficients:
            raise PoolingError("; ".join(found.notes))
        _replace_coefficients(document, found.robust_coefficients, plan)
    if plan.profile:
        document["variances"] = variance_intervals(*data, **choice)
    document["notes"] = [*sample.notes, *found.notes]
    return document
