"""The words and tables of the Studies page."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.presentation import tables
from ipt_evidence.presentation.studies import label_of

__all__ = ["LEAD", "NOTHING_FOUND", "export_studies", "found_line", "studies_table"]

LEAD = (
    "Every study in the base, with or without a usable number. Select a row, or choose a name "
    "below the table, to see what the study found and where each number stands."
)
NOTHING_FOUND = "No study fits. Take a filter away, or search for fewer words."


def found_line(found: int, total: int) -> str:
    """How many studies the filters leave."""
    if found == total:
        return f"**All {tables.count(total)} studies**"
    return f"**{tables.count(found)} of {tables.count(total)} studies**"


def studies_table(base: EvidenceBase, studies: pd.DataFrame) -> pd.DataFrame:
    """One row a study, in words."""
    condition, comparison = base.taxonomy.condition, base.taxonomy.comparison
    return pd.DataFrame(
        {
            "Study": studies["label"],
            "Conditions": [
                ", ".join(condition(c).label for c in cell) for cell in studies["conditions"]
            ],
            "Compared with": [
                ", ".join(comparison(c).label for c in cell) or tables.NOT_REPORTED
                for cell in studies["comparisons"]
            ],
            "Design": studies["design"].map(label_of),
            "Format": studies["format"].map(label_of),
            "People": studies["n_randomised"].astype(object).map(tables.count),
            "Risk of bias": studies["rob"].map(tables.risk_of_bias),
            "Poolable results": [
                f"{usable} of {total}" if total else "none"
                for usable, total in zip(studies["n_usable"], studies["n_effects"], strict=True)
            ],
        }
    )


def export_studies(studies: pd.DataFrame) -> pd.DataFrame:
    """The same rows with every column of ``studies.csv``."""
    return studies.drop(columns=["source_line", "conditions_all", "n_effects", "n_usable"])
