"""``effects.csv``: one row a comparison, outcome and time point."""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import Column, Table
from ipt_evidence.evidence.schema.levels import (
    CHECKS,
    COMPARATOR_TYPES,
    DIRECTIONS,
    EXTRACTIONS,
    FAVOURS,
    INPUT_TYPES,
    OBTAINED,
    OUTCOME_DOMAINS,
    RATERS,
    ROB_LEVELS,
    TIMES,
)

__all__ = ["EFFECTS"]

EFFECTS = Table(
    name="effects",
    file="effects.csv",
    key="effect_id",
    title="Effects",
    description=(
        "One row an effect: one comparison, outcome and time point of one study. yi, vi, obtained "
        "and formula are derived from the inputs by `python -m ipt_evidence derive`."
    ),
    columns=(
        Column("effect_id", "string", "Key of the effect, like elkin1989-hdrs", required=True),
        Column("study_id", "string", "The study", required=True, references="studies.study_id"),
        Column(
            "reference", "string", "The report that holds the numbers", references="references.bib"
        ),
        Column(
            "source_id", "string", "Where we took it from", required=True, references="sources.toml"
        ),
        Column(
            "comparison",
            "string",
            "What IPT was compared with",
            required=True,
            references="taxonomy.comparisons",
        ),
        Column("comparator", "string", "The comparison arm in words"),
        Column("comparator_type", "string", "Kind of comparison arm", levels=COMPARATOR_TYPES),
        Column("outcome", "string", "The outcome in words", required=True),
        Column(
            "outcome_domain",
            "string",
            "What the outcome measures",
            required=True,
            levels=OUTCOME_DOMAINS,
        ),
        Column(
            "instrument", "string", "Scale or criterion", references="instruments.instrument_id"
        ),
        Column("rater", "string", "Who rated", levels=RATERS),
        Column(
            "direction",
            "string",
            "Which way is better for the patient",
            required=True,
            levels=DIRECTIONS,
        ),
        Column("time", "string", "After treatment or later", required=True, levels=TIMES),
        Column("time_detail", "string", "The time point as the source gives it"),
        Column(
            "input_type",
            "string",
            "Which inputs yi and vi come from",
            required=True,
            levels=INPUT_TYPES,
        ),
        Column(
            "mean_ipt",
            "number",
            "Mean of the IPT arm (or mean change)",
            unit="points of the instrument",
        ),
        Column(
            "sd_ipt",
            "number",
            "Standard deviation of the IPT arm",
            unit="points of the instrument",
            minimum=0,
        ),
        Column("n_ipt", "number", "People in the IPT arm", unit="people", minimum=0),
        Column(
            "mean_comparator",
            "number",
            "Mean of the comparison arm (or mean change)",
            unit="points of the instrument",
        ),
        Column(
            "sd_comparator",
            "number",
            "Standard deviation of the comparison arm",
            unit="points of the instrument",
            minimum=0,
        ),
        Column("n_comparator", "number", "People in the comparison arm", unit="people", minimum=0),
        Column(
            "events_ipt", "number", "People with the event in the IPT arm", unit="people", minimum=0
        ),
        Column(
            "events_comparator",
            "number",
            "People with the event in the comparison arm",
            unit="people",
            minimum=0,
        ),
        Column("n_basis", "string", "Which people n counts: randomised, analysed, ..."),
        Column("reported_metric", "string", "Name of the effect measure that the source reports"),
        Column("reported_value", "number", "Effect as the source reports it, sign untouched"),
        Column("reported_se", "number", "Standard error that the source reports", minimum=0),
        Column(
            "reported_ci_lower", "number", "Lower end of the 95% interval that the source reports"
        ),
        Column(
            "reported_ci_upper", "number", "Upper end of the 95% interval that the source reports"
        ),
        Column("reported_p", "string", "p as the source reports it"),
        Column(
            "reported_positive_favours",
            "string",
            "Whom a positive reported value favours",
            levels=FAVOURS,
        ),
        Column("yi", "number", "Hedges g; positive always favours IPT", unit="standard deviations"),
        Column(
            "vi", "number", "Sampling variance of yi", unit="squared standard deviations", minimum=0
        ),
        Column("obtained", "string", "How yi was obtained", levels=OBTAINED),
        Column("formula", "string", "Formula behind yi and vi"),
        Column("verified", "boolean", "The number was seen in the source", required=True),
        Column(
            "check",
            "string",
            "Verdict of a second, independent reading",
            required=True,
            levels=CHECKS,
        ),
        Column(
            "extraction",
            "string",
            "Whether the number was read once or twice",
            required=True,
            levels=EXTRACTIONS,
        ),
        Column("include", "boolean", "May enter a pooled estimate", required=True),
        Column("include_reason", "string", "Why it may or may not", required=True),
        Column("rob", "string", "Risk of bias of this effect", levels=ROB_LEVELS),
        Column("flags", "list", "Warnings that a reader should see, like se_for_sd"),
        Column(
            "quote",
            "string",
            "The phrase or database row in which the number stands",
            required=True,
        ),
        Column("source_url", "string", "Address at which the number can be opened", required=True),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)
