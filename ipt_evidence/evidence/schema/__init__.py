"""The tables of an evidence base, column by column.

This module is the one description of the data's shape: ``EvidenceBase`` checks against it,
``datapackage.json`` is written from it (``python -m ipt_evidence describe``), and the Methods page
shows it. Lists inside a cell are separated by ``;``. Missing is ``NA``.
"""

from __future__ import annotations

from ipt_evidence.evidence.schema.columns import LIST_SEPARATOR, MISSING, Column, Table
from ipt_evidence.evidence.schema.effects import EFFECTS
from ipt_evidence.evidence.schema.instruments import INSTRUMENTS
from ipt_evidence.evidence.schema.integrity import INTEGRITY
from ipt_evidence.evidence.schema.levels import (
    AGE_GROUPS,
    BASES,
    CHECKS,
    COMPARATOR_TYPES,
    DESIGNS,
    DIRECTIONS,
    EXTRACTIONS,
    FAVOURS,
    FORMATS,
    INPUT_TYPES,
    OBTAINED,
    OUTCOME_DOMAINS,
    RANDOMISED,
    RATERS,
    ROB_LEVELS,
    TIMES,
    VARIANTS,
)
from ipt_evidence.evidence.schema.pooled import POOLED
from ipt_evidence.evidence.schema.studies import STUDIES

__all__ = [
    "AGE_GROUPS",
    "BASES",
    "CHECKS",
    "COMPARATOR_TYPES",
    "DESIGNS",
    "DIRECTIONS",
    "EFFECTS",
    "EXTRACTIONS",
    "FAVOURS",
    "FORMATS",
    "INPUT_TYPES",
    "INSTRUMENTS",
    "INTEGRITY",
    "LIST_SEPARATOR",
    "MISSING",
    "OBTAINED",
    "OUTCOME_DOMAINS",
    "POOLED",
    "RANDOMISED",
    "RATERS",
    "ROB_LEVELS",
    "STUDIES",
    "TABLES",
    "TIMES",
    "VARIANTS",
    "Column",
    "Table",
]

TABLES = (STUDIES, EFFECTS, POOLED, INSTRUMENTS, INTEGRITY)
