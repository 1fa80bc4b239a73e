"""Exports of a view: a bundle that re-runs, a report, data, references, a citation."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.citations.writers import WRITERS
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.downloads import (
    File,
    Item,
    Menu,
    Passages,
    csv_file,
    references_file,
    show_downloads,
)
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.files import zipped
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.exchange.citation import CITED_WORDS, cite, moved, moved_sentence, read_cited
from ipt_evidence.exchange.formats import FORMATS, Format

__all__ = ["cited_notice", "show"]

ZIP = "application/zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_REFERENCES = ("ris", "csl-json", "apa", "vancouver")
_RERUN = (
    "One zip: exactly these rows with their sources, a program in R (metafor) and one in Python "
    "that print this number again, references, figures and a methods paragraph."
)
_CITED = (
    "The view holds the filters, the model, the data version and the number. Opened under newer "
    "data it says what the number was, what it is, and why it changed."
)

_FOREST_CODE = (
    "Exactly this plot, with its order, groups and columns: paste it into R with the package "
    "metafor. It computes the pooled effect again and prints it."
)
_FEED = "Keep up: [new versions of the data and answers that moved](feed.xml) as an Atom feed."


def cited_notice(view: View) -> None:
    """Tell who followed a citation how its number stands today; once the view changes, no more."""
    found = read_cited({word: st.query_params.get_all(word) for word in CITED_WORDS})
    if found is None:
        return
    if st.session_state.setdefault(f"cited {found}", view) != view:
        for word in CITED_WORDS:
            st.query_params.pop(word, None)
        return
    base = session.evidence()
    answer = estimate_of(base, view)
    if sentence := moved_sentence(base, answer, moved(base, answer, found)):
        st.info(escape(sentence), icon=":material/history:")


def show(view: View, stem: str) -> None:
    """Buttons for every export; each file is made when it is asked for."""
    answer = estimate_of(session.evidence(), view)
    st.header("Download and cite", anchor=False)
    studies = answer.selection.studies
    keys = [key for own in studies["references"] for key in own]
    items: list[Item] = [
        _reports(view, stem),
        _data(answer, stem),
        references_file("References (BibTeX)", keys, stem),
        _references(keys, stem),
        _citation(answer),
    ]
    if answer.k:
        items.append(_forest_code(view))
    pooled = answer.pooled is not None
    if pooled:
        items.insert(0, _bundle(view, stem))
    show_downloads(*items, note=_RERUN if pooled else "", of=view)
    st.caption(_FEED)


def _bundle(view: View, stem: str) -> File:
    def write() -> bytes:
        from ipt_evidence.exchange.bundle import bundle

        return bundle(session.evidence(), view)

    label = "Everything, to re-run it (zip)"
    return File(label, f"{stem}.zip", write, ZIP, icon="folder_zip", primary=True)


def _reports(view: View, stem: str) -> Menu:
    def page() -> bytes:
        from ipt_evidence.exchange.report import report, report_html

        return report_html(report(session.evidence(), view)).encode()

    def document() -> bytes:
        from ipt_evidence.exchange.report import report, report_docx

        return report_docx(report(session.evidence(), view))

    files = (
        File("One page (HTML)", f"{stem}.html", page, "text/html"),
        File("Word document (docx)", f"{stem}.docx", document, DOCX),
    )
    lead = "Every comparison of this condition, to print or to go on writing in."
    return Menu("Report", "description", files, lead)


def _data(answer: Estimate, stem: str) -> Menu:
    files = [
        csv_file(
            "Trials pooled (CSV)",
            answer.trials,
            f"{stem}-trials.csv",
            about="One row a trial, as in the forest plot",
        ),
        csv_file(
            "Effects behind them (CSV)",
            answer.selection.effects,
            f"{stem}-effects.csv",
            lambda _: words.export_effects(answer),
            about="One row an outcome, with the source of each number",
        ),
    ]
    return Menu("Data", "table", [*files, *(_format(answer, stem, form) for form in FORMATS)])


def _format(answer: Estimate, stem: str, form: Format) -> File:
    def write() -> bytes:
        return zipped(form.files(session.evidence(), answer))

    name = f"{stem}-{form.name}.zip"
    return File(f"{form.label} (zip)", name, write, ZIP, about=form.about, empty=not answer.k)


def _references(keys: list[str], stem: str) -> Menu:
    files = [references_file(WRITERS[form].label, keys, stem, form) for form in _REFERENCES]
    return Menu("References in other formats", "format_quote", files)


def _forest_code(view: View) -> Passages:
    def write() -> tuple[str]:
        from ipt_evidence.exchange.scripts import forest_code

        base, forest = session.evidence(), analysis("forest")
        words = {one.id: st.query_params.get_all(one.id) for one in forest.options(base, view)}
        return (forest_code(base, view, **forest.chosen(base, view, words)),)

    return Passages("R code of the forest plot", "code", "forest-code", write, _FOREST_CODE)


def _citation(answer: Estimate) -> Passages:
    def write() -> tuple[str, str]:
        base = session.evidence()
        title = words.title(base, answer.selection.question)
        made = cite(base, answer, title, _page(), datetime.now(UTC).date())
        return made.text, made.bibtex

    return Passages("Cite this view", "link", "citation", write, _CITED)


def _page() -> str:
    """The last part of this page's address."""
    return urlsplit(st.context.url or "").path.rpartition("/")[2]
