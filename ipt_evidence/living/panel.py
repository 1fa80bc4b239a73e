"""The words and tables of what changes: checks, corrections, candidates, searches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.schema import INTEGRITY_STATUSES
from ipt_evidence.living.candidates import Candidate, Flow
from ipt_evidence.living.corrections import Correction, sentences_of
from ipt_evidence.living.links import Links, Suggestion, linked_reports
from ipt_evidence.living.runs import as_of, last_search, load_queries
from ipt_evidence.services.settings import SERVICES, service_label
from ipt_evidence.wording import tables
from ipt_evidence.wording.citation_text import author_line
from ipt_evidence.wording.phrases import first_of

__all__ = [
    "CANDIDATES_LEAD",
    "CORRECTIONS_LEAD",
    "ELSEWHERE",
    "FLOW_FILES",
    "FLOW_HOW",
    "FLOW_TITLE",
    "NETWORK_HOW",
    "NO_CANDIDATES",
    "NO_LINKS",
    "OFFLINE",
    "REGISTERED_LEAD",
    "SINCE_HELP",
    "as_of_table",
    "candidates_table",
    "corrections_table",
    "flow_words",
    "integrity_line",
    "integrity_summary",
    "linked_table",
    "machine_sentences",
    "queries_table",
    "suggestions_matrix",
    "suggestions_table",
]

OFFLINE = (
    "**Everything here works offline.** No page asks another computer for anything; what you see "
    "is as of the dates below. A refresh asks Crossref, OpenAlex, PubMed, Europe PMC and "
    "ClinicalTrials.gov, and only when you start it."
)
CANDIDATES_LEAD = (
    "Records that the documented searches found and the base does not hold, the likeliest "
    "randomised trials of IPT first. Each point of a score says where it comes from. Nothing "
    "enters the evidence base by itself: a person decides, with a reason."
)
ELSEWHERE = (
    "All candidates for Rayyan, Covidence or EPPI-Reviewer, with the decisions made here. What is "
    "decided there comes back by: python -m ipt_evidence update --decisions FILE."
)
NO_CANDIDATES = (
    "No candidates are waiting: nobody has searched yet with this copy of the data, or nothing new "
    "was found. Start a search above, or run `python -m ipt_evidence update`."
)
NO_LINKS = (
    "Nobody has asked who cites these papers yet. Check the references above, or run "
    "`python -m ipt_evidence enrich --citing`."
)
REGISTERED_LEAD = (
    "Trials of IPT in ClinicalTrials.gov that no report in this base names, those under way first. "
    "They are no evidence yet. A trial that ended long ago without a report may have found "
    "something that nobody wrote down. Conditions and comparisons were read by rules."
)
SINCE_HELP = (
    "An earlier day finds older trials too, for questions that nobody has searched yet: see below "
    "until when each was searched. The next search goes on from today all the same."
)
CORRECTIONS_LEAD = (
    "Where a service disagrees with our record, nothing is changed until a person accepts it: "
    "`python -m ipt_evidence enrich --accept ID`."
)
FLOW_HOW = (
    "Read from top to bottom: records that the searches found, what fell away by machine, and what "
    "people decided about the rest.\n\nThe boxes follow PRISMA 2020 as far as this program counts: "
    "full texts are read outside it."
)
FLOW_TITLE = "Records found by the searches for new trials of IPT"
FLOW_FILES = (
    "The CSV has the rows of the R package PRISMA2020, with the records of each database: "
    "PRISMA_flowdiagram(PRISMA_data(read.csv(FILE)), other = FALSE, detail_databases = TRUE)."
)
NETWORK_HOW = (
    "Each row is a work that the base lacks, each column a paper that it holds; of many papers the "
    "most tied ones are drawn, and the number at the end counts them all. A filled dot: our "
    "paper cites the work. A ring: the work cites our paper. Rows with many marks are tied to many "
    "of our papers; that makes them worth a look, and says nothing about their quality."
)


def _labels(services: Iterable[str]) -> str:
    return ", ".join(map(service_label, services))


def integrity_line(row: Mapping[str, Any]) -> str:
    """Status of one reference, by whom and when: ``Checked: no notice found (Crossref, ...)``."""
    words = INTEGRITY_STATUSES[str(row["status"])]
    facts = [str(row["checked"])] if not tables.is_missing(row.get("checked")) else []
    if asked := row.get("asked_of"):
        facts.append(_labels(asked))
    if silent := row.get("no_answer"):
        facts.append(f"no answer from {_labels(silent)}")
    if notices := row.get("notices"):
        facts.append("notice " + ", ".join(str(one).partition(":")[2] for one in notices))
    if not tables.is_missing(row.get("published_as")):
        facts.append(f"published as {row['published_as']}")
    return f"{words} ({'; '.join(facts)})" if facts else words


def linked_table(base: EvidenceBase) -> pd.DataFrame:
    """Reports that name the same trial registration: one trial, several papers."""
    own = zip(base.references["key"], base.references["registry_ids"], strict=True)
    ids = {key: set(names) for key, names in own}
    for key, names in zip(base.integrity["reference"], base.integrity["registry_ids"], strict=True):
        ids.setdefault(key, set()).update(names)
    linked = linked_reports({key: sorted(names) for key, names in ids.items()})
    return pd.DataFrame(
        {
            "Registration": list(linked),
            "Reports": [
                ", ".join(paperservice_label(base, key) for key in keys) for keys in linked.values()
            ],
        }
    )


def integrity_summary(base: EvidenceBase) -> str:
    """How many references were checked, and what was found, in a sentence."""
    counts = base.integrity["status"].value_counts().to_dict()
    total = len(base.references)
    checked = sum(n for status, n in counts.items() if status != "not_checked")
    if not checked:
        return (
            f"None of the {tables.count(total)} references has been checked for retractions and "
            "corrections with this copy of the data."
        )
    found = [
        f"{tables.count(counts[status])} {INTEGRITY_STATUSES[status].lower()}"
        for status in ("retracted", "expression_of_concern", "corrected")
        if counts.get(status)
    ]
    flagged = "; ".join(found) if found else "no notice was found"
    return f"{tables.count(checked)} of {tables.count(total)} references were checked: {flagged}."


def as_of_table(folder: Path) -> pd.DataFrame:
    """One row a service: when it last answered, and how its last run went."""
    rows = as_of(folder, tuple(SERVICES))
    return pd.DataFrame(
        {
            "Service": [service_label(one.service) for one in rows],
            "As of": [one.date or "never asked" for one in rows],
            "Asked": [one.asked for one in rows],
            "Answered": [one.answered for one in rows],
            "Not known there": [one.empty for one in rows],
            "Failed": [one.failed for one in rows],
            "Why": [one.reasons or "–" for one in rows],
        }
    )


def queries_table(folder: Path) -> pd.DataFrame:
    """The search strings as they are sent, with the day on which each was last finished."""
    queries = load_queries(folder)
    return pd.DataFrame(
        {
            "Searched in": [service_label(query.service) for query in queries],
            "Search string": [query.query for query in queries],
            "Last search": [last_search(folder, query.id) or "never" for query in queries],
            "Next search looks from": [
                last_search(folder, query.id) or query.since for query in queries
            ],
            "Note": [query.note for query in queries],
        }
    )


def candidates_table(base: EvidenceBase, found: Sequence[Candidate]) -> pd.DataFrame:
    """One row a candidate, as it is ordered."""
    known = {condition.id: condition.short_label for condition in base.taxonomy.conditions}
    return pd.DataFrame(
        {
            "Title": [tables.text(one.title) for one in found],
            "Score": [one.score for one in found],
            "Why": [re.sub(r"(?<![^ ])-(?=\d)", "−", one.points) for one in found],
            "Year": [one.year or None for one in found],
            "Journal": [one.journal or None for one in found],
            "Conditions": [
                ", ".join(known[c] for c in one.conditions.split(";") if c in known)
                for one in found
            ],
            "Decision": [one.decision or "waiting" for one in found],
            "Reason": [one.reason for one in found],
            **(
                {"Perhaps the same as": [one.same_as for one in found]}
                if any(one.same_as for one in found)
                else {}
            ),
        }
    )


def corrections_table(found: Sequence[Correction]) -> pd.DataFrame:
    """Disagreements, and fields that were missing, with their source and what was decided."""
    return pd.DataFrame(
        {
            "Record": [one.key for one in found],
            "Field": [one.field.replace("_", " ") for one in found],
            "We have": [one.ours or None for one in found],
            "The service has": [one.theirs for one in found],
            "Source": [_labels([one.source, *filter(None, one.also.split(";"))]) for one in found],
            "Date": [one.date for one in found],
            "Decision": [
                "filled in" if one.kind == "missing" and one.decision == "open" else one.decision
                for one in found
            ],
            "ID": [one.correction_id for one in found],
        }
    )


def machine_sentences(found: Iterable[Correction], number: int) -> list[str]:
    """What a comparison by machine says about one printed reference of the article."""
    return sentences_of(one for one in found if one.number == number)


def flow_words(counts: Flow) -> str:
    """The flow in a few sentences."""
    if not counts.runs:
        return "No search has been finished yet."
    return (
        f"{tables.count(counts.found)} records were found. "
        f"{tables.count(counts.repeated + counts.known)} were found more than once and "
        f"{tables.count(counts.in_base)} stand in the base already. Of "
        f"{tables.count(counts.queued)} candidates {tables.count(counts.included)} were included, "
        f"{tables.count(counts.excluded)} excluded, {tables.count(counts.unsure)} are unsure and "
        f"{tables.count(counts.waiting)} wait for a decision."
    )


def suggestions_table(
    base: EvidenceBase, links: Links, found: Sequence[Suggestion]
) -> pd.DataFrame:
    """One row a work that the base lacks, with the reason."""
    outside = [links.outside[one.id] for one in found]
    return pd.DataFrame(
        {
            "You may also need": [tables.text(one.title) for one in outside],
            "Year": [one.year for one in outside],
            "Why": [_why(base, one) for one in found],
            "Open": [f"https://doi.org/{one.doi}" if one.doi else None for one in outside],
        }
    )


def _why(base: EvidenceBase, one: Suggestion) -> str:
    parts = []
    if one.cited_by:
        parts.append(f"cited by {_papers(base, one.cited_by)}")
    if one.cites:
        parts.append(f"cites {_papers(base, one.cites)}")
    return "; ".join(parts)


def _papers(base: EvidenceBase, keys: Sequence[str]) -> str:
    return first_of([paperservice_label(base, key) for key in keys], 3)


def paperservice_label(base: EvidenceBase, key: str) -> str:
    """``Sockol 2018`` for a key of references.bib."""
    record = base.reference(key)
    if record is None:
        return key
    year = "" if tables.is_missing(record["year"]) else f" {int(record['year'])}"
    family = record["authors"][0]["family"] if record["authors"] else author_line([]) or key
    return f"{family}{year}"


def suggestions_matrix(
    base: EvidenceBase, links: Links, found: Sequence[Suggestion]
) -> pd.DataFrame:
    """One row a mark: work, paper (labels) and kind, ``cited`` or ``citing``."""
    rows = []
    for one in found:
        title = links.outside[one.id].title
        rows += [(title, paperservice_label(base, key), "cited") for key in one.cited_by]
        rows += [(title, paperservice_label(base, key), "citing") for key in one.cites]
    return pd.DataFrame(rows, columns=["work", "paper", "kind"])
