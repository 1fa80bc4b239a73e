"""The words and tables of the Condition page, a module for each section of it."""

from __future__ import annotations

from ipt_evidence.analyses.answer.panel import (
    HOW_TO_READ,
    answer_sentence,
    basis,
    cautions,
    elsewhere,
    empty,
    excluded_sentence,
    export_effects,
    left_out_table,
    title,
)
from ipt_evidence.analyses.forest.panel import ORDERS, plotted
from ipt_evidence.analyses.published.panel import (
    PUBLISHED_EXPLAINED,
    comparable,
    published_table,
    published_twin,
)

__all__ = [
    "HOW_TO_READ",
    "ORDERS",
    "PUBLISHED_EXPLAINED",
    "answer_sentence",
    "basis",
    "cautions",
    "comparable",
    "elsewhere",
    "empty",
    "excluded_sentence",
    "export_effects",
    "left_out_table",
    "plotted",
    "published_table",
    "published_twin",
    "title",
]
