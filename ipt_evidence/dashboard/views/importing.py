"""The Import page: bring a bibliography, see what arrives, download it in any format."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from ipt_evidence.analyses import intake as words
from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import jobs, session
from ipt_evidence.dashboard.components.downloads import File, show_downloads
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.intake import Intake, assess, decided, each_once, read_uploads
from ipt_evidence.wording.phrases import numbered

__all__ = ["render"]

MAX_UPLOAD_RECORDS_SHOWN = 5_000  # more rows than this no browser edits comfortably
MAX_DOUBTS_SHOWN = 25
MAX_UPLOAD_BYTES = 200_000_000  # of all files of one session; each has a limit of its own
ROW_HEIGHT = 80  # pixels: three lines, so that titles wrap instead of being cut
PAIR_HEIGHT = 116  # five lines: a whole reference
_ANSWERS = {"Same publication": True, "Different publications": False}


def render() -> None:
    """Files or pasted text in; what arrived, tags to correct, duplicates, and every format out."""
    st.title("Import your references", anchor=False)
    st.markdown(words.LEAD)
    st.info(words.PRIVACY, icon=":material/lock:")
    uploads = _uploads()
    if not uploads:
        return
    if (size := sum(len(data) for _, data in uploads)) > MAX_UPLOAD_BYTES:
        st.error(words.too_much(size, MAX_UPLOAD_BYTES), icon=":material/error:")
        return
    try:
        intake, number = _intake(uploads)
    except jobs.Busy as error:
        st.error(escape(f"{error}."), icon=":material/error:")
        return
    after = decided(intake, _decisions(intake, number))
    st.header("What arrived", anchor=False)
    with st.container(horizontal=True, key="arrived"):
        for label, count, meaning in words.figures(after):
            st.metric(label, count, help=meaning, border=True)
    st.markdown(words.arrived(after))
    if said := words.screened(after):
        st.markdown(escape(said))
    for file in after.refused:
        st.error(
            f"**{escape(file.name)}** was not read: {escape(file.reason)}", icon=":material/error:"
        )
    if len(after.files):
        show_table(words.files_table(after), key="files", name="import-files")
    if len(after.records):
        st.subheader("What was understood", anchor=False)
        st.markdown(words.UNDERSTOOD)
        show_table(words.fields_table(after), key="fields", name="import-fields")
    _faults(after)
    if len(after.records):
        _duplicates(intake, number)
        _records(after, number)


def _uploads() -> tuple[tuple[str, bytes], ...]:
    files = st.file_uploader(
        "Drop bibliographies here", accept_multiple_files=True, key="uploads", help=words.FORMATS
    )
    st.caption(f"It reads {words.FORMATS}. The format is recognised from the content.")
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


def _intake(uploads: tuple[tuple[str, bytes], ...]) -> tuple[Intake, int]:
    """The assessment of exactly these files, kept in this session alone, and its number."""
    known = st.session_state.get("intake")
    if known is not None and known[0] == uploads:
        kept: tuple[Intake, int] = known[1:]
        return kept
    bar = st.progress(0.0, "Reading…")

    def begun(number: int, name: str) -> None:
        said = f"Reading {escape(name)} ({number + 1} of {len(uploads)})…"
        bar.progress(0.7 * number / len(uploads), said)

    def told(ahead: int) -> None:
        bar.progress(0.0, f"Waiting: {ahead} uploads of other readers come first…")

    reader = session.reader_id()
    with jobs.upload(reader, session.visitor(), lambda: session.is_connected(reader), told):
        loaded, refused = read_uploads(uploads, begun)
        count = sum(len(result.citations) for result in loaded)
        bar.progress(0.7, f"Tagging {count:,} records and comparing them with the evidence base…")
        intake = assess(session.evidence(), loaded, refused)
    bar.empty()
    number = 1 if known is None else known[2] + 1
    st.session_state["intake"] = (uploads, intake, number)
    return intake, number


def _faults(intake: Intake) -> None:
    if len(intake.rejected):
        st.subheader("Rejected", anchor=False)
        st.markdown("Nothing is dropped in silence: these records could not be read.")
        show_table(words.faults_table(intake.rejected), key="rejected", name="import-rejected")
    if len(intake.repaired):
        st.subheader("Repaired", anchor=False)
        st.markdown("These records had a fault that could be repaired. Please check them.")
        show_table(words.faults_table(intake.repaired), key="repaired", name="import-repaired")


def _decisions(intake: Intake, number: int) -> dict[str, bool]:
    """What was decided by hand about pairs: record key → whether it is the same publication."""
    found: dict[str, bool] = {}
    edited = st.session_state.get(f"merged-{number}", {}).get("edited_rows", {})
    merged: Sequence[str] = ()
    if edited:
        merged = words.merged_table(intake, session.evidence().references)["Key"].tolist()
    for row, change in edited.items():
        if "Same" in change:
            found[merged[int(row)]] = bool(change["Same"])
    for key in intake.records.loc[intake.records["status"] == "doubtful", "key"]:
        answer = st.session_state.get(f"decide-{number}-{key}")
        if answer is not None:
            found[key] = _ANSWERS[answer]
    return found


def _duplicates(intake: Intake, number: int) -> None:
    references = session.evidence().references
    doubts, merged = words.doubts(intake, references), words.merged_table(intake, references)
    if not doubts and merged.empty:
        return
    st.header("Duplicates", anchor=False)
    if doubts:
        st.subheader("To compare", anchor=False)
        st.markdown(
            "These pairs may be the same publication. Nothing is merged unless you say so: until "
            "then each counts as a record to compare."
        )
        for pair in doubts[:MAX_DOUBTS_SHOWN]:
            _doubt(pair, number)
        if len(doubts) > MAX_DOUBTS_SHOWN:
            st.caption(f"The likeliest {MAX_DOUBTS_SHOWN} of {len(doubts)} pairs are shown.")
    if len(merged):
        st.subheader("Taken for the same", anchor=False)
        st.markdown("Untick a pair to undo it: the record then counts as new.")
        st.data_editor(
            merged,
            hide_index=True,
            key=f"merged-{number}",
            row_height=PAIR_HEIGHT,
            disabled=[column for column in merged.columns if column != "Same"],
            column_config={
                "Same": st.column_config.CheckboxColumn(width=75),
                "Your record": st.column_config.TextColumn(width=310),
                "Same as": st.column_config.TextColumn(width=310),
                "Why": st.column_config.TextColumn(width=260),
                "Score": st.column_config.TextColumn(
                    width=75, help="How likely the two are the same, from 0 to 1"
                ),
            },
        )


def _doubt(pair: dict[str, str], number: int) -> None:
    with st.container(border=True):
        yours, other = st.columns(2)
        yours.markdown(f"**Yours**  \n{escape(pair['yours'])}")
        other.markdown(f"**Another {pair['where']}**  \n{escape(pair['other'])}")
        st.caption(f"Score {pair['score']}: {escape(pair['reason'])}")
        st.segmented_control(
            "What they are",
            list(_ANSWERS),
            key=f"decide-{number}-{pair['key']}",
            label_visibility="collapsed",
        )


def _records(intake: Intake, number: int) -> None:
    taxonomy = session.evidence().taxonomy
    st.header("Tags", anchor=False)
    st.markdown(
        "Conditions come from rules; the words that matched stand beside them. Correct them by "
        "hand where a rule was wrong: what you download carries your tags."
    )
    table = words.records_table(intake).head(MAX_UPLOAD_RECORDS_SHOWN)
    edited = st.data_editor(
        table,
        hide_index=True,
        key=f"tags-by-hand-{number}",
        row_height=ROW_HEIGHT,
        disabled=[column for column in table.columns if column != "Conditions"],
        column_config={
            "Title": st.column_config.TextColumn(width=320),
            "Conditions": st.column_config.MultiselectColumn(
                options=[condition.id for condition in taxonomy.conditions],
                format_func=lambda c: taxonomy.condition(c).short_label,
                width="medium",
            ),
            "Words that matched": st.column_config.TextColumn(width=180),
            "Why": st.column_config.TextColumn(width=260),
        },
    )
    if len(intake.records) > len(table):
        st.caption(
            f"The table shows the first {len(table)} records; the others keep the tags that the "
            "rules gave them."
        )
    st.header("What is new, by condition", anchor=False)
    show_table(words.new_by_condition(intake, taxonomy), key="new", name="import-new")
    conditions = dict(zip(intake.records["key"], intake.records["conditions"], strict=True))
    conditions |= dict(zip(edited["Key"], edited["Conditions"], strict=True))
    _take_out(intake, conditions)


_CHOICES = {
    "all": "All that were read",
    "once": "Each publication once",
    "new": "Only new ones",
}


def _take_out(intake: Intake, conditions: dict[str, Sequence[str]]) -> None:
    st.header("Download", anchor=False)
    which = st.segmented_control(
        "Which records",
        list(_CHOICES),
        default="new" if intake.count("new") else "all",
        format_func=_CHOICES.__getitem__,
        required=True,
        key="take-out",
        help="Each publication once: what your files hold twice is merged, the best of each field.",
    )
    chosen = intake.records
    if which != "all":
        chosen = each_once(intake)
    if which == "new":
        chosen = chosen.loc[chosen["status"] == "new"]
    form = st.selectbox(
        "Format", list(WRITERS), format_func=lambda name: WRITERS[name].label, key="format-out"
    )
    writer = WRITERS[form]

    def write() -> bytes:
        return write_citations(chosen, form, _tags(intake, chosen, conditions)).encode("utf-8")

    show_downloads(
        File(
            f"Download {numbered(len(chosen), 'record')} as {writer.label}",
            f"ipt-import{writer.suffix}",
            write,
            writer.mime,
            icon="download",
            empty=chosen.empty,
        ),
        note="Tags go out as keywords, such as condition:depression, which Zotero keeps.",
    )


def _tags(
    intake: Intake, chosen: pd.DataFrame, conditions: dict[str, Sequence[str]]
) -> pd.DataFrame:
    """Conditions as corrected by hand, and every other tag as the rules gave it."""
    by_hand = [
        {"key": key, "kind": "condition", "value": value}
        for key in chosen["key"]
        for value in conditions.get(key, ())
    ]
    others = intake.tags.loc[intake.tags["kind"] != "condition", ["key", "kind", "value"]]
    columns = ["key", "kind", "value"]
    return pd.concat([pd.DataFrame(by_hand, columns=columns), others], ignore_index=True)
