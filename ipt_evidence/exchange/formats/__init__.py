"""The rows of a view as other programs take them in. A format is a module here and a row below.

metafor.py   yi, vi, sei, slab and the raw numbers, for rma()
revman.py    four CSV files for RevMan's import of study data
robvis.py    risk of bias by domain, for rob_traffic_light() and rob_summary()
findings.py  a summary of findings
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.formats.findings import findings_files
from ipt_evidence.exchange.formats.metafor import metafor_files
from ipt_evidence.exchange.formats.revman import revman_files
from ipt_evidence.exchange.formats.robvis import robvis_files

__all__ = ["FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """What people call a format, for which program, and its files: name to table."""

    name: str
    label: str
    about: str
    files: Callable[[EvidenceBase, Estimate], dict[str, pd.DataFrame]]


FORMATS = (
    Format(
        "metafor",
        "metafor (R)",
        "One row an effect: yi, vi, sei, slab and the raw numbers",
        metafor_files,
    ),
    Format(
        "revman",
        "RevMan",
        "Study information, arms, results and risk of bias, for RevMan's import from CSV",
        revman_files,
    ),
    Format(
        "robvis",
        "robvis (R)",
        "Risk of bias by domain, one file for each version of the Cochrane tool",
        robvis_files,
    ),
    Format(
        "findings",
        "Summary of findings",
        "Each comparison of the condition with its certainty and people of 100",
        findings_files,
    ),
)
