"""What a report says: the condition's answers one by one, in the words and numbers of its page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.certainty.panel import (
    SUGGESTION,
    certainty_sentence,
    domains_table,
    findings_table,
)
from ipt_evidence.analyses.certainty.result import Certainty, Finding, findings
from ipt_evidence.analyses.methods import METHODS
from ipt_evidence.analyses.sensitivity.panel import LEAD, alternatives_table
from ipt_evidence.analyses.sensitivity.result import alternatives
from ipt_evidence.citations.writers.formatted import references
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.figures import figure_files
from ipt_evidence.exchange.methods_text import methods_paragraph
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.flags import flag_words

__all__ = ["Report", "Section", "Titled", "report"]

FEWEST_FOR_SENSITIVITY = 3
NOT_ADVICE = (
    "This report shows what trials found. It is not medical advice, and it is only as complete as "
    "the searches behind it."
)


@dataclass(frozen=True, slots=True)
class Titled:
    """A table with its heading and the sentence that introduces it."""

    heading: str
    lead: str
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Section:
    """One comparison: its question, the answer in words, figures as (name, SVG, PNG), tables."""

    title: str
    answer: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[str, bytes, bytes], ...]
    tables: tuple[Titled, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All sections of one condition, the overview before them, and what stands behind them."""

    title: str
    basis: str
    overview: Titled
    sections: tuple[Section, ...]
    methods: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    sources: tuple[str, ...]
    not_advice: str = NOT_ADVICE


def report(base: EvidenceBase, view: View) -> Report:
    """The report of the condition of ``view``, with its filters and model in every comparison.

    Raises
    ------
    QuestionError
        When the base does not know the condition.
    """
    condition = str(view.question.condition)
    everything = replace(view.question, comparison=None)
    found = findings(base, condition, view.model, filters=everything)
    label = base.taxonomy.condition(condition).label
    return Report(
        title=f"Interpersonal psychotherapy and {label[0].lower() + label[1:]}: the evidence",
        basis=f"The IPT evidence explorer, data version {base.version}",
        overview=Titled(
            "Summary of findings",
            "Each comparison that was studied. " + SUGGESTION,
            findings_table(base, found),
        ),
        sections=tuple(_section(base, finding) for finding in found),
        methods=METHODS,
        references=_references(base, found),
        sources=_sources(base, found),
    )


def _section(base: EvidenceBase, finding: Finding) -> Section:
    answer = finding.estimate
    title = words.title(base, answer.selection.question)
    # On the page a caution ends in where to click; on paper there is nothing to click.
    cautions = (text.partition(" Under “")[0] for text in words.cautions(base, answer))
    paragraphs = [words.basis(base, answer), *cautions]
    if answer.pooled is not None:
        if answer.k > 1:
            paragraphs.append(sentences.heterogeneity(answer.pooled))
        paragraphs.append(certainty_sentence(base, answer, finding.certainty))
        paragraphs.append("For a methods section: " + methods_paragraph(base, answer).strip())
    return Section(
        title=title,
        answer=words.answer_sentence(base, answer),
        paragraphs=tuple(paragraphs),
        figures=_figures(answer, title),
        tables=tuple(_tables(base, answer, finding.certainty)),
    )


def _figures(answer: Estimate, title: str) -> tuple[tuple[str, bytes, bytes], ...]:
    files = figure_files(answer, title)
    names = [name.removesuffix(".svg") for name in files if name.endswith(".svg")]
    return tuple((name, files[f"{name}.svg"], files[f"{name}.png"]) for name in names)


def _tables(base: EvidenceBase, answer: Estimate, certainty: Certainty) -> list[Titled]:
    made = []
    if answer.pooled is not None:
        made.append(Titled("The trials", "", tables.trials_table(_newest_first(answer))))
        made.append(Titled("The estimate in full", "", tables.pooled_table(answer.pooled)))
        made.append(Titled("How sure is that?", SUGGESTION, domains_table(certainty)))
        if answer.k >= FEWEST_FOR_SENSITIVITY:
            view = View(answer.selection.question, answer.model)
            others = alternatives_table(answer.pooled, alternatives(base, view))
            made.append(Titled("Does it hold up?", LEAD, others))
    left_out = words.left_out_table(answer)
    if len(left_out):
        lead = "Nothing disappears: each trial or result that was not used, and why."
        made.append(Titled("Not in this estimate", lead, left_out))
    return made


def _newest_first(answer: Estimate) -> pd.DataFrame:
    trials = answer.trials.sort_values(["year", "label"], ascending=[False, True], kind="stable")
    named = [", ".join(flag_words(flag).short for flag in flags) for flags in trials["flags"]]
    return trials.assign(flags=named)


def _references(base: EvidenceBase, found: tuple[Finding, ...]) -> tuple[str, ...]:
    keys = {
        key
        for finding in found
        for own in finding.estimate.selection.studies["references"]
        for key in own
    }
    records = base.references.loc[base.references["key"].isin(keys)]
    return tuple(references(records, "apa"))


def _sources(base: EvidenceBase, found: tuple[Finding, ...]) -> tuple[str, ...]:
    used = dict.fromkeys(name for f in found for name in f.estimate.studies_per_source)
    lines = []
    for name in used:
        source = base.sources[name]
        when = f"searched up to {source.last_search}" if source.last_search else ""
        parts = (source.label, source.attribution, when, source.licence, source.address)
        lines.append(". ".join(part.rstrip(".") for part in parts if part))
    return tuple(lines)
