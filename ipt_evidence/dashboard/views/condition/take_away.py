"""What a reader takes away from a view: a bundle that re-runs, a report, data, a citation."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.downloads import bibtex_button, csv_button
from ipt_evidence.dashboard.components.drawer import drawer
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.cited import CITED_WORDS, moved, read_cited
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.once import once
from ipt_evidence.evidence.view import View
from ipt_evidence.presentation import condition as words
from ipt_evidence.presentation.export.archive import zipped
from ipt_evidence.presentation.export.citing import cite, moved_sentence
from ipt_evidence.presentation.export.formats import FORMATS, Format
from ipt_evidence.presentation.safety import csv_safe

__all__ = ["cited_notice", "show"]

_REFERENCES = ("ris", "csl-json", "apa", "vancouver")
_RERUN = (
    "One zip: exactly these rows with their sources, a program in R (metafor) and one in Python "
    "that print this number again, references, figures and a methods paragraph."
)


def cited_notice(answer: Estimate) -> None:
    """Tell who followed a citation how its number stands today; once the view changes, no more."""
    found = read_cited({word: st.query_params.get_all(word) for word in CITED_WORDS})
    if found is None:
        return
    shown = (answer.selection.question, answer.model)
    if st.session_state.setdefault(f"cited {found}", shown) != shown:
        for word in CITED_WORDS:
            st.query_params.pop(word, None)
        return
    base = session.evidence()
    if sentence := moved_sentence(base, answer, moved(base, answer, found)):
        st.info(escape(sentence), icon=":material/history:")


def show(answer: Estimate, stem: str) -> None:
    """Buttons for everything that can be taken away; each file is made when it is asked for."""
    st.header("Take it with you", anchor=False)
    with st.container(horizontal=True, key="downloads"):
        if answer.pooled is not None:
            _bundle(answer, stem)
        _reports(answer, stem)
        with drawer("Data", key="data", icon=":material/table:") as is_open:
            if is_open:
                _data(answer, stem)
        studies = answer.selection.studies
        keys = once(studies, "keys", lambda: [key for own in studies["references"] for key in own])
        bibtex_button("References (BibTeX)", keys, f"{stem}.bib")
        with drawer(
            "References in other formats", key="formats", icon=":material/format_quote:"
        ) as is_open:
            if is_open:
                _references(keys, stem)
        with drawer("Cite this view", key="cite", icon=":material/link:") as is_open:
            if is_open:
                _citation(answer)
    if answer.pooled is not None:
        st.caption(_RERUN)


def _view(answer: Estimate) -> View:
    return View(answer.selection.question, answer.model)


def _bundle(answer: Estimate, stem: str) -> None:
    def write() -> bytes:
        from ipt_evidence.presentation.export.bundle import bundle

        return bundle(session.evidence(), _view(answer))

    st.download_button(
        "Everything, to re-run it (zip)",
        write,
        file_name=f"{stem}.zip",
        mime="application/zip",
        type="primary",
        icon=":material/folder_zip:",
        on_click="ignore",
    )


def _reports(answer: Estimate, stem: str) -> None:
    def page() -> bytes:
        from ipt_evidence.presentation.export.report import report, report_html

        return report_html(report(session.evidence(), _view(answer))).encode()

    def document() -> bytes:
        from ipt_evidence.presentation.export.report import report
        from ipt_evidence.presentation.export.report.docx import report_docx

        return report_docx(report(session.evidence(), _view(answer)))

    with drawer("Report", key="report", icon=":material/description:") as is_open:
        if not is_open:
            return
        st.markdown("Every comparison of this condition, to print or to go on writing in.")
        st.download_button("One page (HTML)", page, file_name=f"{stem}.html", mime="text/html",
                           on_click="ignore")  # fmt: skip
        st.download_button(
            "Word document (docx)",
            document,
            file_name=f"{stem}.docx",
            mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            on_click="ignore",
        )


def _data(answer: Estimate, stem: str) -> None:
    csv_button("Trials pooled (CSV)", answer.trials, f"{stem}-trials.csv")
    csv_button("Effects behind them (CSV)", words.export_effects(answer), f"{stem}-effects.csv")
    for form in FORMATS:
        _format(answer, stem, form)


def _format(answer: Estimate, stem: str, form: Format) -> None:
    def write() -> bytes:
        tables = form.files(session.evidence(), answer)
        files = {name: csv_safe(table).encode() for name, table in tables.items() if len(table)}
        return zipped(files)

    st.download_button(
        f"{form.label} (zip)",
        write,
        file_name=f"{stem}-{form.name}.zip",
        mime="application/zip",
        help=form.about,
        on_click="ignore",
        disabled=not answer.k,
    )


def _references(keys: list[str], stem: str) -> None:
    records = session.evidence().references
    held = once(records, "keys", lambda: set(records["key"]))
    known = [key for key in dict.fromkeys(keys) if key in held]
    for name in _REFERENCES:
        writer = WRITERS[name]

        def write(form: str = name) -> bytes:
            ordered = records.set_index("key", drop=False).loc[known]
            return write_citations(ordered, form).encode()

        st.download_button(
            f"{writer.label} ({len(known)})",
            write,
            file_name=f"{stem}{writer.suffix}",
            mime=writer.mime,
            key=f"references-{name}",
            on_click="ignore",
            disabled=not known,
        )


def _citation(answer: Estimate) -> None:
    base = session.evidence()
    title = words.title(base, answer.selection.question)
    made = cite(base, answer, title, _page(), datetime.now(UTC).date())
    st.markdown(
        "The address holds the filters, the model, the data version and the number. Opened under "
        "newer data it says what the number was, what it is, and why it moved."
    )
    st.code(made.text, language=None, wrap_lines=True)
    st.code(made.bibtex, language="bibtex", wrap_lines=True)


def _page() -> str:
    """The address of this page without its query."""
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
