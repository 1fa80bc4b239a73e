"""Which questions were searched, and how a finished search becomes part of ``sources.toml``.

A search closes a question when it looked through all years and people have decided about what it
found; a program cannot say the second, so the entry is printed for a person to add.
"""

from __future__ import annotations

import json

import pandas as pd

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.living import candidates
from ipt_evidence.living.runs import load_queries, runs
from ipt_evidence.wording.phrases import numbered

__all__ = ["open_questions", "search_entry", "searched_table"]

ALL_YEARS = ""
"""What stands in the log as the first day of a run that looked through all years."""
NOT_SEARCHED = "not searched: look through all years (--since all)"


def open_questions(base: EvidenceBase) -> dict[str, list[str]]:
    """Comparisons of each top-level condition for which nobody has searched."""
    found = {
        condition: [
            comparison.id
            for comparison in base.taxonomy.comparisons
            if not base.searched(condition, comparison.id)
        ]
        for condition in base.taxonomy.top_level
    }
    return {condition: comparisons for condition, comparisons in found.items() if comparisons}


def searched_table(base: EvidenceBase) -> pd.DataFrame:
    """One row a question: how trials of it were looked for, and until when."""
    rows = [
        {
            "Condition": base.taxonomy.condition(condition).label,
            "IPT compared with": comparison.label,
            "Looked for": base.searched(condition, comparison.id) or NOT_SEARCHED,
        }
        for condition in base.taxonomy.top_level
        for comparison in base.taxonomy.comparisons
    ]
    return pd.DataFrame(rows)


def search_entry(base: EvidenceBase) -> str:
    """The ``[[searches]]`` of ``sources.toml`` that close the open questions.

    Raises
    ------
    DataError
        When no run has looked through all years with every search, when candidates wait for a
        decision, or when no question is open; the message says which.
    """
    asked = {query.id for query in load_queries(base.folder)}
    days: dict[str, str] = {}
    for run in runs(base.folder):
        if run.get("kind") == "update" and run.get("since") == ALL_YEARS:
            days |= dict.fromkeys(run.get("finished") or (), str(run.get("date", "")))
    if lacking := sorted(asked - days.keys()):
        raise DataError(
            f"{', '.join(lacking)} never looked through all years. Run: python -m ipt_evidence "
            "update --since all"
        )
    waiting = [one for one in candidates.load(base.folder) if not one.decision]
    if waiting:
        raise DataError(
            f"A decision is missing on {numbered(len(waiting), 'candidate')}. A "
            f"search is done when they are "
            "decided: python -m ipt_evidence update --list"
        )
    questions = open_questions(base)
    if not questions:
        raise DataError("No question is open: sources.toml names a search for each")
    return "\n".join(
        _entry([condition], comparisons, min(days.values()))
        for condition, comparisons in questions.items()
    )


def _entry(conditions: list[str], comparisons: list[str], until: str) -> str:
    how = "Search of all years with the documented strings of this file; every record screened"
    return (
        f"[[searches]]\nconditions = {json.dumps(conditions)}\n"
        f"comparisons = {json.dumps(comparisons)}\nhow = {json.dumps(how)}\nuntil = "
        f'"{until}"\n'
    )
