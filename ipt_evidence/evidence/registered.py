"""Registered trials of IPT: under way, or finished without a report that this base holds.

The table is written by ``python -m ipt_evidence update`` beside the base, in ``living/``. It is no
evidence: nothing in it is pooled, and the base's version does not depend on it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import read_table
from ipt_evidence.evidence.schema import REGISTERED

__all__ = ["UNDER_WAY", "registered", "registered_path", "under_way"]

UNDER_WAY = {
    "NOT_YET_RECRUITING": "Not yet recruiting",
    "RECRUITING": "Recruiting",
    "ENROLLING_BY_INVITATION": "Enrolling by invitation",
    "ACTIVE_NOT_RECRUITING": "Under way, no longer recruiting",
}
"""The registry's words for a trial that is under way, and ours."""


def registered_path(folder: Path) -> Path:
    """Where the table of the base in ``folder`` stands; it need not exist."""
    return folder / REGISTERED.file


@cached
def registered(base: EvidenceBase) -> pd.DataFrame:
    """Registered trials with all parents of their conditions; empty where nobody has searched.

    Rows that break a rule of the schema are left out: the next update writes them again.
    """
    if not registered_path(base.folder).exists():
        return pd.DataFrame(columns=[*REGISTERED.column_names, "conditions_all"])
    frame, _ = read_table(base.folder, REGISTERED)
    known = {condition.id for condition in base.taxonomy.conditions}
    own = [tuple(name for name in named if name in known) for named in frame["conditions"]]
    frame["conditions_all"] = [base.taxonomy.with_parents(named) for named in own]
    return frame


@cached
def under_way(base: EvidenceBase) -> Counter[tuple[str, str]]:
    """Randomised trials under way by condition and comparison; what a report is known of is not."""
    rows = registered(base)
    found: Counter[tuple[str, str]] = Counter()
    for row in rows.to_dict("records"):
        if row["status"] in UNDER_WAY and row["randomised"] and not row["reported_in"]:
            found.update(
                (condition, comparison)
                for condition in row["conditions_all"]
                for comparison in row["comparisons"]
            )
    return found
