"""``studies.csv``: one row a study."""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import Column, Table
from ipt_evidence.evidence.schema.levels import (
    AGE_GROUPS,
    BASES,
    DESIGNS,
    FORMATS,
    ROB_LEVELS,
    VARIANTS,
)

__all__ = ["STUDIES"]

STUDIES = Table(
    name="studies",
    file="studies.csv",
    key="study_id",
    title="Studies",
    description="One row a study: a trial, with all the reports that describe it.",
    columns=(
        Column("study_id", "string", "Key of the study, like elkin1989", required=True),
        Column(
            "label", "string", "How the study is named in figures, like Elkin 1989", required=True
        ),
        Column("year", "integer", "Year of the main report", unit="year", minimum=1900),
        Column(
            "references",
            "list",
            "Keys in references.bib of the reports of this study; the main report comes first",
            references="references.bib",
        ),
        Column(
            "conditions",
            "list",
            "Conditions of the participants (ids in taxonomy.toml); a study may have several",
            required=True,
            references="taxonomy.conditions",
        ),
        Column(
            "comparisons",
            "list",
            "What IPT was compared with in this study, also where no effect can be used; empty "
            "when there was no comparison arm",
            references="taxonomy.comparisons",
        ),
        Column(
            "design",
            "string",
            "How participants came to their arm",
            required=True,
            levels=DESIGNS,
        ),
        Column(
            "ipt_variant",
            "string",
            "Which relative of IPT was given",
            required=True,
            levels=VARIANTS,
        ),
        Column("treatment", "string", "The IPT arm in words"),
        Column("format", "string", "How the treatment was delivered", levels=FORMATS),
        Column(
            "n_sessions",
            "number",
            "Sessions, planned or received on average (see note)",
            unit="sessions",
            minimum=0,
        ),
        Column("population", "string", "Who took part, in words"),
        Column("age_group", "string", "Age group of the participants", levels=AGE_GROUPS),
        Column("mean_age", "number", "Mean age of the participants", unit="years", minimum=0),
        Column("percent_women", "number", "Share of women", unit="percent", minimum=0),
        Column("country", "string", "Country of the study"),
        Column(
            "country_basis",
            "string",
            "Whether the country stands in a source that was seen or is general knowledge",
            levels=BASES,
        ),
        Column("n_randomised", "integer", "People randomised, all arms", unit="people", minimum=0),
        Column("rob", "string", "Overall risk of bias", levels=ROB_LEVELS),
        Column("rob_detail", "string", "The rating as its source gives it, and which source"),
        Column(
            "overlaps_with",
            "list",
            "Other studies of this table in which the same people took part",
            references="studies.study_id",
        ),
        Column("flags", "list", "Warnings that a reader should see, like se_for_sd"),
        Column("no_effect_reason", "string", "Why the study has no effect that can be pooled"),
        Column("note", "string", "Anything else that a reader should know"),
        Column(
            "source_id",
            "string",
            "Where the study was found",
            required=True,
            references="sources.toml",
        ),
        Column("source_url", "string", "Address at which the source can be opened", required=True),
        Column("quote", "string", "The phrase of the source on which the row rests"),
    ),
)
