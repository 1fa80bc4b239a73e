"""The words and tables of the Claims page, and the findings behind one claim, row by row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Audit, AuditedReference, Claim
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import author_line, authors_and_year
from ipt_evidence.wording.phrases import comparison_words, counted, upper_first, verdict
from ipt_evidence.wording.sentences import two_values

__all__ = [
    "AS_CITED",
    "COMPARISONS",
    "HOW_WE_JUDGED",
    "TABLE_LEAD",
    "acronym_notes",
    "article_line",
    "by_section",
    "finding_rows",
    "findings",
    "findings_table",
    "own_estimates",
    "panel",
    "reference_facts",
    "references_table",
    "see_condition",
    "short",
    "text_alternative",
    "verdict_rows",
]

HOW_WE_JUDGED = (
    "For each statement we asked four things of the reference behind it: is it the right paper, is "
    "it about interpersonal psychotherapy, is it about this condition, and does what it found "
    "support the statement? The statements are given in our words. A reference that does not "
    "support a statement can still be a good paper."
)

AS_CITED = "As the article prints it"
TABLE_LEAD = (
    "One row a statement, in the order of the article. The table may be cited as part of this "
    "explorer; the file holds the whole of every text."
)


def by_section(audit: Audit) -> list[tuple[str, list[Claim]]]:
    """Claims under the heading of their section, in the order of the article."""
    return [(section, list(claims)) for section, claims in groupby(audit.claims, _section)]


def _section(claim: Claim) -> str:
    return claim.section


def article_line(audit: Audit) -> str:
    """Which article is audited, as far as it is known; empty where the base does not name it."""
    known = {name: value for name, value in audit.article.items() if value != tables.MISSING}
    if "title" not in known:
        return ""
    parts = [f"The article: “{known['title']}”", known.get("author", ""), known.get("note", "")]
    line = ". ".join(part.rstrip(".") for part in parts if part)
    return f"{line}."


def acronym_notes(audit: Audit) -> list[str]:
    """What is said of each reference in which the letters IPT stand for something else."""
    return [r.acronym_note for r in audit.references if r.acronym_collision and r.acronym_note]


def short(reference: AuditedReference, record: Mapping[str, Any] | None) -> str:
    """Who wrote the reference and when, as far as verified, and what kind of study it is."""
    if record is None or not author_line(record["authors"]):
        return f"{reference.design} (authors not verified)"
    return f"{authors_and_year(record)}. {reference.design}"


def reference_facts(reference: AuditedReference) -> list[tuple[str, str]]:
    """Heading and text of each thing that is known of a reference."""
    facts = [
        ("What it is.", reference.what_it_is),
        ("Design.", reference.design),
        ("In whom.", reference.population),
        ("About interpersonal psychotherapy.", "Yes" if reference.about_ipt else "No"),
        ("What it found.", reference.finding),
        ("Why this verdict.", reference.reason),
    ]
    return [(heading, value) for heading, value in facts if value]


def see_condition(base: EvidenceBase, condition: str) -> str:
    """The text of the link from a claim to the trials of its condition."""
    return f"See the trials: {base.taxonomy.condition(condition).label}"


@cached
def references_table(base: EvidenceBase) -> pd.DataFrame:
    """One row a reference: number and key, verdict and why."""
    audit = base.audit
    return pd.DataFrame(
        {
            "Reference": [f"[{r.number}] {_name(base, r.key)}" for r in audit.references],
            "Verdict": [verdict(r.verdict) for r in audit.references],
            "About IPT": ["yes" if r.about_ipt else "no" for r in audit.references],
            "What it is": [r.what_it_is for r in audit.references],
            "Why": [r.reason for r in audit.references],
            "As printed": [r.printed for r in audit.references],
        }
    )


@cached
def verdict_rows(base: EvidenceBase) -> pd.DataFrame:
    """One row a statement: section, statement, references, verdict and why; to be cited."""
    rows = [
        {
            "Section": base.taxonomy.condition(claim.section).label,
            "Statement (in our words)": claim.statement,
            "Reference": ", ".join(f"[{number}]" for number in claim.references),
            "Verdict": verdict(claim.verdict),
            "Why": claim.reason,
        }
        for claim in base.audit.claims
    ]
    return pd.DataFrame(rows)


COMPARISONS = ("control", "other_psychotherapy")  # of our own estimates that stand beside a claim
EFFECT = ("yi", "yi_lower", "yi_upper")
MOST_CITED, MOST_BETTER = 4, 2  # rows of one paper: twenty subgroups would hide the others
FINDINGS_LEAD = "The findings side by side, positive in favour of IPT"
NOT_IPT, NO_NUMBER = "not about IPT", "no verified effect"
KIND_WORDS = {"cited": "Cited by the article", "better": "Better evidence", "own": "Our estimate"}
HOW_TO_READ = (
    "One row a finding. A square is what the cited paper found about IPT, a circle what better "
    "evidence found, a diamond our own average of the trials in this explorer; lines are 95% "
    "intervals.\n\n"
    "- Right of 0 favours IPT, left of 0 favours the comparison.\n"
    "- A cited paper that is not about IPT is named without a mark: a number about something else "
    "is not an effect of IPT.\n"
    "- The rows rest on partly the same trials, so they do not confirm one another."
)


@cached
def panel(base: EvidenceBase, claim: Claim) -> Panel:
    """The findings behind ``claim``; not drawn where there is no number of IPT."""
    rows = findings(base, claim)
    return Panel(
        (),
        findings_table(rows),
        text_alternative(rows),
        HOW_TO_READ,
        drawn=bool(rows["yi"].notna().any()),
    )


def own_estimates(base: EvidenceBase, condition: str) -> dict[str, Estimate]:
    """Our estimates in ``condition``, by comparison."""
    return {kind: estimate_of(base, View(Question(condition, kind))) for kind in COMPARISONS}


def findings(base: EvidenceBase, claim: Claim) -> pd.DataFrame:
    """`finding_rows` beside our own estimates."""
    return finding_rows(base, claim, own_estimates(base, claim.condition))


def finding_rows(base: EvidenceBase, claim: Claim, own: Mapping[str, Estimate]) -> pd.DataFrame:
    """One row a finding: kind, source, about, yi, yi_lower, yi_upper, why.

    Parameters
    ----------
    base
        The evidence base that holds the claim.
    claim
        The statement.
    own
        Our estimates in the condition of the claim, by comparison.

    Returns
    -------
    pandas.DataFrame
        Cited papers, better evidence, our estimates; positive in favour of IPT. A cited paper
        without a standardised effect of IPT has a row that says why.
    """
    rows: list[dict[str, Any]] = []
    for place in claim.references:
        reference = base.audit.reference(place)
        found = _published(base, reference.key) if reference.about_ipt else []
        why = NO_NUMBER if reference.about_ipt else NOT_IPT
        name = f"[{place}] {_name(base, reference.key)}"
        nothing = [_row("cited", name, reference.design, why=why)]
        rows += [{**row, "kind": "cited", "source": name} for row in found] or nothing
    cited = {base.audit.reference(place).key for place in claim.references}
    for better in claim.better_evidence:
        if better.key not in cited:
            rows += _published(base, better.key, claim.condition) or _trial(base, better.key, own)
    for comparison, answer in own.items():
        if answer.pooled is not None:
            against = comparison_words(comparison).comparator
            about = f"{upper_first(counted(answer.k))}, against {against}"
            numbers: dict[str, Any] = {"why": two_values(list(answer.trials["yi"]))}
            if p := answer.shown:
                numbers = {"yi": p.estimate, "lower": p.ci_lower, "upper": p.ci_upper}
            rows.append(_row("own", "This evidence base", about, **numbers))
    return pd.DataFrame(rows, columns=["kind", "source", "about", *EFFECT, "why"])


def _row(
    kind: str,
    source: str,
    about: str,
    yi: float = math.nan,
    lower: float = math.nan,
    upper: float = math.nan,
    why: str = "",
) -> dict[str, Any]:
    return {"kind": kind, "source": source, "about": about, "yi": yi, "yi_lower": lower,
            "yi_upper": upper, "why": why}  # fmt: skip


def _name(base: EvidenceBase, key: str) -> str:
    record = base.reference(key)
    if record is None or not author_line(record["authors"]):
        return "authors not verified"
    return authors_and_year(record)


def _published(base: EvidenceBase, key: str, condition: str | None = None) -> list[dict[str, Any]]:
    """Verified, standardised effects of IPT in one paper; of parts only where it has no whole."""
    pooled = base.pooled
    rows = pooled.loc[
        (pooled["reference"] == key)
        & pooled["about_ipt"]
        & pooled["verified"]
        & pooled["yi"].notna()
    ]
    if condition is not None:
        parents = base.taxonomy.with_parents
        rows = rows.loc[[condition in parents(tags) for tags in rows["conditions"]]]
    whole = ~rows["outcome"].str.contains("subgroup", na=False)
    rows = rows.loc[whole] if whole.any() else rows
    return [
        _row("better", _name(base, key), _about(row), *_effect(row, EFFECT))
        for row in rows.head(MOST_CITED if condition is None else MOST_BETTER).to_dict("records")
    ]


def _about(row: Mapping[Any, Any]) -> str:
    known = not tables.is_missing(row["comparison"])
    against = f", against {comparison_words(str(row['comparison'])).comparator}" if known else ""
    return upper_first(f"{row['outcome']}{against}")


def _trial(base: EvidenceBase, key: str, own: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    """The trial that a paper reports, as it enters our estimates."""
    rows = []
    for comparison, answer in own.items():
        trials = answer.trials
        reported = [key in base.study(study)["references"] for study in trials["study_id"]]
        for trial in trials.loc[reported].to_dict("records"):
            about = f"One trial, against {comparison_words(comparison).comparator}"
            effect = _effect(trial, ("yi", "ci_lower", "ci_upper"))
            rows.append(_row("better", _name(base, key), about, *effect))
    return rows


def _effect(row: Mapping[Any, Any], names: tuple[str, str, str]) -> tuple[float, float, float]:
    value, lower, upper = (
        math.nan if tables.is_missing(row[name]) else float(row[name]) for name in names
    )
    return value, lower, upper


def findings_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the figure as a table."""
    return pd.DataFrame(
        {
            "Standing": rows["kind"].map(KIND_WORDS),
            "Source": rows["source"],
            "What was compared": rows["about"],
            "g (95% CI)": [
                row["why"]
                if math.isnan(row["yi"])
                else tables.estimate_with_interval(*(row[name] for name in EFFECT))
                for row in rows.to_dict("records")
            ],
        }
    )


def text_alternative(rows: pd.DataFrame) -> str:
    """What the figure shows, in words."""
    parts = [
        f"{row['Standing']}, {row['Source']} ({row['What was compared']}): {row['g (95% CI)']}"
        for row in findings_table(rows).to_dict("records")
    ]
    return f"{FINDINGS_LEAD}. {'; '.join(parts)}."
