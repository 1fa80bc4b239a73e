"""The methods paragraph of a paper that uses this estimate, and the flow of trials behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.analyses.composition import search_words
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import comparison_words, lower_first

__all__ = ["flow", "methods_paragraph"]

_ESTIMATORS = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "PM": "the method of Paule and Mandel",
    "EB": "the empirical Bayes method",
    "DL": "the method of DerSimonian and Laird",
    "HE": "the method of Hedges",
    "SJ": "the method of Sidik and Jonkman",
    "HS": "the method of Hunter and Schmidt",
}
_WHEN = {
    "post": "after treatment",
    "follow_up": "at follow-up",
    "to_6_months": "at follow-up of up to six months",
    "over_6_months": "at follow-up of more than six months",
}
_INTERVALS = {
    "knha": "by the method of Hartung and Knapp",
    "adhoc": "by the method of Hartung and Knapp, not allowed to become narrower than without it",
    "t": "from the t distribution",
    "z": "from the normal distribution",
}


def methods_paragraph(base: EvidenceBase, answer: Estimate) -> str:
    """Say in a paper's words how this estimate was made, with versions and dates."""
    question = answer.selection.question
    condition = base.taxonomy.condition(str(question.condition)).label
    words = comparison_words(str(question.comparison))
    treatment = words.treatment.replace("IPT", "interpersonal psychotherapy (IPT)", 1)
    parts = [
        f"We took the trials of {treatment} against {words.comparator} in "
        f"{lower_first(condition)} from the evidence base of the IPT evidence explorer (data "
        f"version {base.version}), which draws them from {_sources(base, answer)}.",
        f"Effects {_WHEN[question.time]} were expressed as Hedges g with the exact correction for "
        "small samples, positive values favouring IPT.",
        _model(answer),
        *_filters(answer),
    ]
    if answer.pooled is not None and answer.shown is None:
        parts.append(f"Two trials are too few to pool: {_one_by_one(answer)}.")
    elif answer.shown is not None and answer.k > 1:
        pooled = answer.shown
        estimate = tables.pooled_effect(pooled)
        parts.append(
            f"The {answer.k} trials gave g {estimate}; {tables.heterogeneity_line(pooled)}."
        )
    return " ".join(parts) + "\n"


def _one_by_one(answer: Estimate) -> str:
    return "; ".join(
        f"{trial['label']} gave g "
        f"{tables.estimate_with_interval(trial['yi'], trial['ci_lower'], trial['ci_upper'])}"
        for trial in answer.trials.to_dict("records")
    )


def _sources(base: EvidenceBase, answer: Estimate) -> str:
    question = answer.selection.question
    named = [
        f"{base.sources[source].label} ({tables.count(k)}, {search_words(base, source, question)})"
        for source, k in answer.studies_per_source.items()
    ]
    return "; ".join(named) or "several sources"


def _model(answer: Estimate) -> str:
    model = answer.model
    if answer.pooled is not None and answer.pooled.method == "CHE":
        return (
            "All effects were modelled together as correlated and hierarchical effects (assumed "
            f"correlation within trials {model.rho:g}) by restricted maximum likelihood, with "
            "cluster-robust (CR2) standard errors."
        )
    combined = (
        "Several effects of one trial were combined before pooling (assumed correlation "
        f"{model.rho:g}), so that each trial counts once. "
    )
    if answer.pooled is not None and answer.shown is None:
        return combined.strip()
    if model.method in {"EE", "FE"}:
        pooled = "Trials were pooled under an equal-effects model"
    else:
        pooled = (
            "Trials were pooled under a random-effects model with the between-trial variance "
            f"estimated by {_ESTIMATORS[model.method]}"
        )
    return f"{combined}{pooled} and {model.level:g}% confidence intervals {_INTERVALS[model.test]}."


def _filters(answer: Estimate) -> list[str]:
    """One sentence for each choice that narrowed the trials."""
    question, found = answer.selection.question, []
    for values, words in (
        (question.sources, "Only these sources were used: {}."),
        (question.comparator_types, "Only these comparison arms were kept: {}."),
        (question.age_groups, "Only these age groups were kept: {}."),
        (question.variants, "Only these variants of IPT were kept: {}."),
        (question.formats, "Only these formats were kept: {}."),
        (question.outcome_domains, "Only these outcomes were used: {}."),
        (question.rob, "Only trials at this risk of bias were kept: {}."),
        (question.raters, "Only outcomes rated by these were kept: {}."),
        (question.without_flags, "Trials with these warnings were left out: {}."),
        (question.without_conditions, "Trials in these conditions were left out: {}."),
        (question.excluded, "These trials were left out by hand: {}."),
    ):
        if values:
            found.append(words.format(", ".join(value.replace("_", " ") for value in values)))
    if question.only_double:
        found.append("Only numbers that were read twice from their source were used.")
    if question.only_printed:
        found.append("Numbers that had to be derived or reconstructed were not used.")
    if question.doubtful_moved:
        found.append("Doubtful supportive comparators were counted on the other side.")
    if answer.model.without_outliers:
        found.append("Trials whose own interval lay wholly beside the pooled one were left out.")
    return found


def flow(answer: Estimate) -> pd.DataFrame:
    """How the trials came down to those pooled: columns step, reason, studies, effects."""
    selection = answer.selection
    used = set(answer.trials["study_id"])
    rows: list[tuple[str, str, int, Any]] = [("in the base", "", len(selection.studies), pd.NA)]
    silent = selection.studies.loc[
        ~selection.studies["study_id"].isin(used | set(selection.left_out["study_id"]))
    ]
    rows.append(("left out", "No result with a usable number", len(silent), 0))
    for reason, effects in selection.left_out.groupby("reason", sort=True):
        lost = set(effects["study_id"]) - used
        rows.append(("left out", str(reason), len(lost), len(effects)))
    rows.append(("pooled", "", answer.k, len(selection.effects)))
    frame = pd.DataFrame(rows, columns=["step", "reason", "studies", "effects"])
    return frame.astype({"studies": "Int64", "effects": "Int64"})
