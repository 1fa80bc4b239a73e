"""The tables of a reproduction bundle: the rows of one view, and how they came down to it."""

from __future__ import annotations

from dataclasses import replace

from ipt_evidence.evidence.schema.columns import Column, Table
from ipt_evidence.evidence.schema.effects import EFFECTS
from ipt_evidence.evidence.schema.studies import STUDIES

__all__ = ["BUNDLE_TABLES"]

_LABEL = Column("label", "string", "How the study is named in figures", required=True)

_EFFECTS = replace(
    EFFECTS,
    file="data/effects.csv",
    description="The effects that were pooled, one row each. Positive yi always favours IPT.",
    columns=(*EFFECTS.columns[:2], _LABEL, *EFFECTS.columns[2:]),
)
_STUDIES = replace(
    STUDIES,
    file="data/studies.csv",
    description="The trials that were pooled, one row each.",
    # Trials outside this view are not in the bundle.
    columns=tuple(
        replace(column, references="") if column.name == "overlaps_with" else column
        for column in STUDIES.columns
    ),
)
_TRIALS = Table(
    name="trials",
    file="data/trials.csv",
    key="study_id",
    title="Trials as pooled",
    description="One row a trial: its effects combined into one.",
    columns=(
        Column("study_id", "string", "The trial", required=True, references="studies.study_id"),
        _LABEL,
        Column("year", "integer", "Year of the main report", unit="year"),
        Column("yi", "number", "Hedges g; positive favours IPT", required=True),
        Column("vi", "number", "Sampling variance of yi", required=True, minimum=0),
        Column("weight", "number", "Share of the pooled estimate", unit="percent", minimum=0),
        Column("n", "number", "People in the arms compared", unit="people", minimum=0),
        Column("n_effects", "integer", "Effects that were combined", required=True, minimum=1),
    ),
)
_LEFT_OUT = Table(
    name="left_out",
    file="data/left_out.csv",
    key="effect_id",
    title="Effects left out",
    description="Results of the same condition and comparison that were not used, and why.",
    columns=(
        Column("effect_id", "string", "Key of the effect in the whole base", required=True),
        Column("study_id", "string", "The study", required=True),
        Column("reason", "string", "Why it was not used", required=True),
    ),
)
_FLOW = Table(
    name="flow",
    file="data/flow.csv",
    key="",
    title="Flow of trials",
    description="From all studies of the question to those pooled, for a PRISMA diagram.",
    columns=(
        Column("step", "string", "in the base, left out, or pooled", required=True),
        Column("reason", "string", "Why these were left out"),
        Column("studies", "integer", "Studies (left out: lost altogether here)", minimum=0),
        Column("effects", "integer", "Effects", minimum=0),
    ),
)

BUNDLE_TABLES = (_EFFECTS, _TRIALS, _STUDIES, _LEFT_OUT, _FLOW)
