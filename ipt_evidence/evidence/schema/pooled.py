"""``pooled.csv``: one row a published pooled effect."""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import Column, Table
from ipt_evidence.evidence.schema.levels import (
    CHECKS,
    EXTRACTIONS,
    FAVOURS,
    OUTCOME_DOMAINS,
)

__all__ = ["POOLED"]

POOLED = Table(
    name="pooled",
    file="pooled.csv",
    key="pooled_id",
    title="Published pooled effects",
    description="Effects that meta-analyses published, as they print them.",
    columns=(
        Column("pooled_id", "string", "Key of the row", required=True),
        Column(
            "reference", "string", "The meta-analysis", required=True, references="references.bib"
        ),
        Column(
            "conditions",
            "list",
            "Conditions of the participants",
            required=True,
            references="taxonomy.conditions",
        ),
        Column(
            "comparison",
            "string",
            "What IPT was compared with",
            references="taxonomy.comparisons",
        ),
        Column("comparator", "string", "The comparison as the source words it"),
        Column("population", "string", "Who took part, in words"),
        Column("outcome", "string", "The outcome in words", required=True),
        Column("outcome_domain", "string", "What the outcome measures", levels=OUTCOME_DOMAINS),
        Column("metric", "string", "Effect measure as the source names it", required=True),
        Column("value", "number", "Effect as printed, sign untouched"),
        Column("ci_lower", "number", "Lower end of the 95% interval as printed"),
        Column("ci_upper", "number", "Upper end of the 95% interval as printed"),
        Column(
            "positive_favours", "string", "Whom a positive printed value favours", levels=FAVOURS
        ),
        Column(
            "yi",
            "number",
            "The effect as a standardised mean difference, positive favours IPT; NA for others",
            unit="standard deviations",
        ),
        Column(
            "yi_lower",
            "number",
            "Lower end of its 95% interval, same sign as yi",
            unit="standard deviations",
        ),
        Column(
            "yi_upper",
            "number",
            "Upper end of its 95% interval, same sign as yi",
            unit="standard deviations",
        ),
        Column("k", "integer", "Studies pooled", unit="studies", minimum=0),
        Column("n", "integer", "Participants pooled", unit="people", minimum=0),
        Column("i2", "number", "Heterogeneity as printed", unit="percent", minimum=0),
        Column("nnt", "number", "Number needed to treat as printed", unit="people"),
        Column(
            "about_ipt",
            "boolean",
            "The effect is one of interpersonal psychotherapy",
            required=True,
        ),
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
        Column("quote", "string", "The phrase in which the number stands", required=True),
        Column("source_url", "string", "Address at which the number can be opened", required=True),
        Column(
            "source_id", "string", "Where we took it from", required=True, references="sources.toml"
        ),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)
