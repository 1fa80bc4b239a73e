"""The findings behind one claim, row by row: what is cited, what is better, what we pool."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.claims import Claim
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import author_line
from ipt_evidence.wording.phrases import COMPARISON_WORDS, spell, upper_first

__all__ = ["COMPARISONS", "FINDINGS_LEAD", "finding_rows", "findings_table", "findings_twin"]

COMPARISONS = ("control", "other_psychotherapy")  # of our own estimates that stand beside a claim
EFFECT = ("yi", "yi_lower", "yi_upper")
MOST_CITED, MOST_BETTER = 4, 2  # rows of one paper: twenty subgroups would hide the others
FINDINGS_LEAD = "The findings side by side, positive in favour of IPT"
NOT_IPT, NO_NUMBER = "not about IPT", "no verified effect"
KIND_WORDS = {"cited": "Cited by the article", "better": "Better evidence", "own": "Our estimate"}


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
            trials = f"{upper_first(spell(answer.k))} trial{'' if answer.k == 1 else 's'}"
            about = f"{trials}, against {COMPARISON_WORDS[comparison].comparator}"
            p = answer.pooled
            rows.append(
                _row("own", "This evidence base", about, p.estimate, p.ci_lower, p.ci_upper)
            )
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
    year = "" if tables.is_missing(record["year"]) else f" {int(record['year'])}"
    return f"{author_line(record['authors'])}{year}"


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
    against = f", against {COMPARISON_WORDS[str(row['comparison'])].comparator}" if known else ""
    return upper_first(f"{row['outcome']}{against}")


def _trial(base: EvidenceBase, key: str, own: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    """The trial that a paper reports, as it enters our estimates."""
    rows = []
    for comparison, answer in own.items():
        trials = answer.trials
        reported = [key in base.study(study)["references"] for study in trials["study_id"]]
        for trial in trials.loc[reported].to_dict("records"):
            about = f"One trial, against {COMPARISON_WORDS[comparison].comparator}"
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


def findings_twin(rows: pd.DataFrame) -> str:
    """What the figure shows, in words."""
    parts = [
        f"{row['Standing']}, {row['Source']} ({row['What was compared']}): {row['g (95% CI)']}"
        for row in findings_table(rows).to_dict("records")
    ]
    return f"{FINDINGS_LEAD}. {'; '.join(parts)}."
