"""``instruments.csv``: one row a scale or criterion."""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import Column, Table
from ipt_evidence.evidence.schema.levels import DIRECTIONS, OUTCOME_DOMAINS

__all__ = ["INSTRUMENTS"]

INSTRUMENTS = Table(
    name="instruments",
    file="instruments.csv",
    key="instrument_id",
    title="Instruments",
    description="Scales and criteria by which outcomes were measured.",
    columns=(
        Column("instrument_id", "string", "Key of the instrument, like bdi-1", required=True),
        Column("label", "string", "Short name as readers know it", required=True),
        Column("name", "string", "Full name"),
        Column("outcome_domain", "string", "What it measures", levels=OUTCOME_DOMAINS),
        Column(
            "direction",
            "string",
            "Which way is better for the patient",
            required=True,
            levels=DIRECTIONS,
        ),
        Column("minimum", "number", "Lowest possible score", unit="points"),
        Column("maximum", "number", "Highest possible score", unit="points"),
        Column(
            "reference_sd",
            "number",
            "Spread by which g becomes points; written by `derive`",
            unit="points",
            minimum=0,
        ),
        Column(
            "reference_sd_basis", "string", "Which rows of effects.csv the reference SD comes from"
        ),
        Column("source_url", "string", "Address at which the range can be checked"),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)
