"""The Import page: bring a bibliography, see what arrives, take it out again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.intake import Intake, assess, read_uploads
from ipt_evidence.presentation import intake as words

__all__ = ["render"]

MAX_UPLOAD_RECORDS_SHOWN = 5_000  # more rows than this no browser edits comfortably


def render() -> None:
    """Files or pasted text in; what arrived, tags to correct, duplicates, and every format out."""
    st.title("Import your references", anchor=False)
    st.markdown(words.LEAD)
    st.info(words.PRIVACY, icon=":material/lock:")
    uploads = _uploads()
    if not uploads:
        return
    with st.spinner("Reading, tagging and comparing…"):
        intake = _intake(uploads)
    st.header("What arrived", anchor=False)
    st.markdown(words.arrived(intake))
    for file in intake.refused:
        st.error(f"{escape(file.name)}: {escape(file.reason)}", icon=":material/error:")
    if len(intake.files):
        st.dataframe(words.files_table(intake), hide_index=True)
    _faults(intake)
    if len(intake.records):
        _records(intake)


def _uploads() -> tuple[tuple[str, bytes], ...]:
    files = st.file_uploader(
        "Bibliographies: BibTeX, RIS, nbib, CSL-JSON, EndNote, Web of Science, CSV, Excel, ZIP",
        accept_multiple_files=True,
        key="uploads",
    )
    pasted = st.text_area(
        "Or paste references here",
        height=120,
        key="pasted",
        placeholder="Smith J, Jones A. Interpersonal psychotherapy for … J Affect Disord. 2019;…",
    )
    found = [(file.name, file.getvalue()) for file in files]
    if pasted.strip():
        found.append(("pasted text", pasted.encode("utf-8", "replace")))
    return tuple(found)


def _intake(uploads: tuple[tuple[str, bytes], ...]) -> Intake:
    """The assessment of exactly these files, kept in this session alone."""
    known = st.session_state.get("intake")
    if known is not None and known[0] == uploads:
        intake: Intake = known[1]
        return intake
    loaded, refused = read_uploads(uploads)
    intake = assess(session.evidence(), loaded, refused)
    st.session_state["intake"] = (uploads, intake)
    return intake


def _faults(intake: Intake) -> None:
    if len(intake.rejected):
        st.subheader("Rejected", anchor=False)
        st.markdown("Nothing is dropped in silence: these records could not be read.")
        st.dataframe(words.faults_table(intake.rejected), hide_index=True)
    if len(intake.repaired):
        st.subheader("Repaired", anchor=False)
        st.markdown("These records had a fault that could be mended. Please check them.")
        st.dataframe(words.faults_table(intake.repaired), hide_index=True)


def _records(intake: Intake) -> None:
    taxonomy = session.evidence().taxonomy
    st.header("Tags and duplicates", anchor=False)
    st.markdown(
        "Conditions come from rules; the words that matched stand beside them. Correct them by "
        "hand where a rule was wrong: what you take out carries your tags."
    )
    table = words.records_table(intake).head(MAX_UPLOAD_RECORDS_SHOWN)
    edited = st.data_editor(
        table,
        hide_index=True,
        key="tags-by-hand",
        disabled=[column for column in table.columns if column != "Conditions"],
        column_config={
            "Title": st.column_config.TextColumn(width="medium"),
            "Conditions": st.column_config.MultiselectColumn(
                options=[condition.id for condition in taxonomy.conditions],
                format_func=lambda c: taxonomy.condition(c).label,
                width="medium",
            ),
        },
    )
    st.header("What is new, by condition", anchor=False)
    st.dataframe(words.new_by_condition(intake, taxonomy), hide_index=True, width="content")
    if len(intake.records) > len(table):
        st.caption(
            f"The table shows the first {len(table)} records; the others keep the tags that the "
            "rules gave them."
        )
    conditions = dict(zip(intake.records["key"], intake.records["conditions"], strict=True))
    conditions |= dict(zip(edited["Key"], edited["Conditions"], strict=True))
    _take_out(intake, conditions)


def _take_out(intake: Intake, conditions: dict[str, Sequence[str]]) -> None:
    st.header("Take it out", anchor=False)
    records = intake.records
    which = st.segmented_control(
        "Which records",
        ["all", "new"],
        default="new" if intake.count("new") else "all",
        format_func={"all": "All that were read", "new": "Only new ones"}.__getitem__,
        required=True,
        key="take-out",
    )
    chosen = records if which == "all" else records.loc[records["status"] == "new"]
    form = st.selectbox(
        "Format", list(WRITERS), format_func=lambda name: WRITERS[name].label, key="format-out"
    )
    writer = WRITERS[form]
    tags = pd.DataFrame(
        [
            {"key": key, "kind": "condition", "value": value}
            for key in chosen["key"]
            for value in conditions.get(key, ())
        ],
        columns=["key", "kind", "value"],
    )
    st.download_button(
        f"Download {len(chosen)} records as {writer.label}",
        write_citations(chosen, form, tags).encode("utf-8"),
        file_name=f"ipt-import{writer.suffix}",
        mime=writer.mime,
        icon=":material/download:",
        on_click="ignore",
        disabled=chosen.empty,
    )
