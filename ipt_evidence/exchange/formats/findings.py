"""The summary of findings of the view's condition as a table."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.certainty.panel import findings_table
from ipt_evidence.analyses.certainty.result import findings
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["findings_files"]


def findings_files(base: EvidenceBase, answer: Estimate) -> dict[str, pd.DataFrame]:
    """``summary-of-findings.csv``: every comparison of the condition, under the view's filters."""
    question = answer.selection.question
    found = findings(base, str(question.condition), answer.model, filters=question)
    return {"summary-of-findings.csv": findings_table(base, found)}
