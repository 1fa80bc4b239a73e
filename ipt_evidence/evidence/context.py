"""The table ``context.csv``: other psychotherapies against control, and how a question narrows it.

It is read when somebody first asks for it: most pages never do, and reading takes longer than that
of all other tables. Its trials never enter an estimate of this base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import LINE, Problem, read_table
from ipt_evidence.evidence.facets import FACETS, FILTERS
from ipt_evidence.evidence.rules import check_table
from ipt_evidence.evidence.schema import COMPARATOR_TYPES, CONTEXT, CONTROL_TYPES
from ipt_evidence.evidence.selection import Question

__all__ = ["Context", "context_conditions", "context_of", "context_problems", "narrowed"]


@dataclass(frozen=True)
class Context:
    """Rows of ``context.csv`` and the filters of the page that could not be applied to them.

    ``rows`` has the columns of the file, ``conditions_all`` (with all parents) and ``study_id``,
    which tells the trials of several databases apart. ``unapplied`` are labels of filters.
    """

    rows: pd.DataFrame
    unapplied: tuple[str, ...] = ()


@cached
def context_of(base: EvidenceBase) -> pd.DataFrame:
    """Every sound row; empty where the base goes without the table."""
    return _read(base)[0]


@cached
def context_problems(base: EvidenceBase) -> tuple[Problem, ...]:
    """Rows that break a rule of the schema and are left out, each with its place and remedy."""
    return tuple(_read(base)[1])


def _read(base: EvidenceBase) -> tuple[pd.DataFrame, list[Problem]]:
    if not (base.folder / CONTEXT.file).exists():
        names = (*CONTEXT.column_names, LINE, "conditions_all", "study_id")
        return pd.DataFrame(columns=list(names)), []
    frame, problems = read_table(base.folder, CONTEXT)
    known = {
        "sources.toml": set(base.sources),
        "taxonomy.conditions": {one.id for one in base.taxonomy.conditions},
    }
    problems += check_table(CONTEXT, frame, known)
    bad = {problem.line for problem in problems}
    rows = frame.loc[[line not in bad for line in frame[LINE]]].reset_index(drop=True)
    rows["conditions_all"] = [base.taxonomy.with_parents(named) for named in rows["conditions"]]
    rows["study_id"] = rows["source_id"] + ": " + rows["study"]
    return rows, problems


@cached
def context_conditions(base: EvidenceBase) -> tuple[str, ...]:
    """Conditions in which the table holds IPT and at least one other therapy."""
    rows = context_of(base)
    held = {
        condition: {
            therapy
            for therapy, named in zip(rows["therapy"], rows["conditions_all"], strict=True)
            if condition in named
        }
        for condition in (one.id for one in base.taxonomy.conditions)
    }
    return tuple(name for name, found in held.items() if "ipt" in found and len(found) > 1)


def narrowed(base: EvidenceBase, question: Question) -> Context:
    """Rows that fit the condition and the filters of ``question``, for IPT and others alike.

    A filter by what the table does not hold, such as the variant of IPT, is left aside and named.
    The kind of control is taken over where the question is one of IPT against control.
    """
    rows = context_of(base)
    keep = np.ones(len(rows), dtype=bool)
    if question.condition is not None:
        keep &= np.array([question.condition in named for named in rows["conditions_all"]], bool)
    keep &= question.time == "post"
    if question.sources:
        keep &= rows["source_id"].isin(question.sources).to_numpy(bool)
    unapplied = []
    for facet in FILTERS:
        chosen = getattr(question, facet.filter.field) if facet.filter else ()
        if not chosen or (facet.id == "against" and question.comparison != "control"):
            continue
        column = _COLUMNS.get(facet.id)
        if column is None:
            unapplied.append(FACETS[facet.id].label)
        else:
            keep &= column(rows).isin(_levels(facet.id, chosen)).to_numpy(bool)
    unapplied += [label for label, on in _by_study(question) if on]
    return Context(rows.loc[keep].reset_index(drop=True), tuple(unapplied))


_COLUMNS: dict[str, Callable[[pd.DataFrame], pd.Series[str]]] = {
    "against": lambda rows: rows["control_type"],
    "age": lambda rows: rows["age_group"],
    "format": lambda rows: rows["format"],
    "rob": lambda rows: rows["rob"].fillna("unclear"),
    "outcome": lambda rows: rows["outcome_domain"],
    "rater": lambda rows: rows["rater"],
}
"""Facets that filter a page, and what they are in this table."""


def _levels(facet: str, chosen: tuple[str, ...]) -> set[str]:
    """The levels of this table; it has one kind for every control but waiting and usual care."""
    if facet != "against":
        return set(chosen)
    known = {level for level in chosen if level in COMPARATOR_TYPES}
    return {level if level in CONTROL_TYPES else "other_control" for level in known}


def _by_study(question: Question) -> tuple[tuple[str, bool], ...]:
    """Filters that go by trials and results of this base, which the databases do not know."""
    return (
        ("Warnings", bool(question.without_flags)),
        ("Read twice", question.only_double),
        ("Trials taken out by hand", bool(question.excluded)),
    )
