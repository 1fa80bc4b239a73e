"""The page Your data: a table in, effects checked and pooled, and everything out again.

The table stays in the session. Choices stand in the address, by the ids of meanings and measures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from ipt_evidence.analyses.answer import HOW_TO_READ
from ipt_evidence.analyses.clinical_units import panel as clinical_units
from ipt_evidence.analyses.forest.panel import FIGURE
from ipt_evidence.analyses.panel import Option
from ipt_evidence.analyses.sensitivity import panel as sensitivity
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address, controls
from ipt_evidence.dashboard.components import trial as trial_panel
from ipt_evidence.dashboard.components.analysis import choose, show_analysis
from ipt_evidence.dashboard.components.certainty_panel import certainty_panel
from ipt_evidence.dashboard.components.downloads import File, csv_file, show_downloads
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition.sections import clinical_sections
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.selection import Question, usable_studies
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.exchange.own_data import words
from ipt_evidence.exchange.own_data.base import (
    OwnNames,
    base_of,
    can_be_saved,
    named_by,
    saved,
    study_keys,
    view_of,
)
from ipt_evidence.exchange.own_data.bibliography import bibliography_of, with_bibliography
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.columns import FIELDS
from ipt_evidence.exchange.own_data.effects import Effects, measures_of, read_effects
from ipt_evidence.exchange.own_data.examples import EXAMPLES, example
from ipt_evidence.exchange.own_data.moderators import candidates, differences
from ipt_evidence.exchange.own_data.recipes import RECIPES, Settings
from ipt_evidence.exchange.own_data.table import OwnTable, read_table
from ipt_evidence.meta_analysis.escalc import MEASURES

__all__ = ["render"]

MOST_DRAWN = 200  # trials: a picture with more rows is no picture, and slow
MOST_CHECKS = 12
KEPT = 4  # effects of one table by different settings
ROWS_SHOWN = 2_000
MOST_CHOSEN = 2_000  # trials among which a box can choose; the browser is sent every name
ZIP = "application/zip"
_OF_TABLE = (
    "measure", "flip", "shared", "icc", "cluster-size", "r", "treatment", "against",
    "outcome", "excluded", "by", "study", "section",
)  # fmt: skip
"""Choices that belong to one table."""
_ABOUT = ("study", "year", "outcome", "time", "arm1", "arm2", "doi", "title", "rob", "icc", "size")
_GIVEN = ("yi", "vi", "se", "lower", "upper", "interval")
_SHARED = {
    "": "Leave them as they are",
    "split": "Split its people among them",
}


def render() -> None:
    """A table in; what was recognised, checks, the answer and its sections, files out."""
    st.title("Your data", anchor=False)
    st.markdown(words.LEAD)
    table = _table()
    if table is None:
        st.info(words.PRIVACY, icon=":material/lock:")
        return
    effects, names = _effects(table)
    base = _base(effects, names)
    session.use(base)
    answered = st.container(key="answer")
    below = st.container()
    with st.container(horizontal=True, key="choices"):
        view = _view(base)
    answer = estimate_of(base, view)
    answered.markdown(escape(words.answer(answer, effects, names)))
    below.caption(escape(words.basis(answer, effects)))
    if view.question.excluded:
        trial_panel.chips(answer, estimate_of(base, view_of(view.model)))
    _what_to_check(effects)
    section = choose(_sections(effects), pills=session.is_narrow())
    with st.container(key=f"section-{section}"):
        _SECTIONS[section][1](view, effects)
    _open_trial(answer, effects)
    _downloads(base, view, effects, names)


def _table() -> OwnTable | None:
    """The table that the reader brings, pastes or begins with; None before that."""
    file = st.file_uploader(
        "Drop a CSV or Excel file here", type=["csv", "tsv", "txt", "xlsx"], key="own-file"
    )
    with st.container(horizontal=True, vertical_alignment="center", key="own-start"):
        st.markdown("Or begin with an example:")
        for name, label in EXAMPLES.items():
            st.button(label, key=f"example-{name}", on_click=_begin, args=(name,))
        with st.popover("Paste cells", icon=":material/content_paste:"):
            pasted = st.text_area(
                "Cells of a spreadsheet, with their header",
                key="own-pasted",
                height=140,
                placeholder=words.HOW_TO_FILL,
            )
    if file is not None:
        given = (file.name, file.getvalue())
    elif pasted and pasted.strip():
        given = ("pasted cells", pasted.encode("utf-8", "replace"))
    elif chosen := st.session_state.get("own-example"):
        given = example(session.bundled(), View(Question("depression")), str(chosen))
    else:
        st.caption(words.HOW_TO_FILL)
        return None
    return _read(*given)


def _begin(name: str) -> None:
    st.session_state["own-example"] = name
    st.session_state["own-pasted"] = ""


def _read(name: str, data: bytes) -> OwnTable:
    """The table in a file, kept for this session while the file stays."""
    digest = hashlib.sha256(data).hexdigest()
    sheet = st.session_state.get("own-sheet")
    known = st.session_state.get("own-table")
    if known is None or known[0] != (name, digest, sheet):
        if known is not None:
            _forget_choices()
        if known is not None and known[0][:2] != (name, digest):
            sheet = None
            st.session_state.pop("own-sheet", None)
        known = ((name, digest, sheet), read_table(data, name, sheet), {})
        st.session_state["own-table"] = known
    table: OwnTable = known[1]
    if len(table.sheets) > 1:
        st.selectbox(
            "Sheet or analysis",
            sorted(table.sheets),
            key="own-sheet",
            placeholder=table.sheets[0],
            index=None,
        )
    return table


def _forget_choices() -> None:
    """Take back what was chosen for another table or sheet, whose columns and trials differ."""
    chosen = [key for key in st.session_state if str(key).startswith("column-")]
    for key in (*_OF_TABLE, *map(str, chosen)):
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def _effects(table: OwnTable) -> tuple[Effects, OwnNames]:
    """Effects and names by the reader's choices, which begin with what was recognised."""
    found = _computed(table, Settings())
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        measure = address.one_of(
            st.selectbox,
            "Effect",
            list(measures_of(found.mapped, found.numbers)),
            key="measure",
            default=found.measure,
            format_func=lambda name: f"{MEASURES[name].label} ({name})",
        )
        flip = address.switch("Lower is better: turn the sign", key="flip", help=words.MIXED_SIGNS)
        further = _further(found)
    said = st.empty()
    known = len(found.mapped)
    with st.expander(f"Columns and names ({known} recognised)", icon=":material/view_column:"):
        names = _names(found)
        columns = _columns(found, str(measure))
        beside = st.file_uploader(words.BIBLIOGRAPHY, key="own-bibliography")
    chosen = replace(further, measure=str(measure), flip=flip, columns=columns)
    effects = found if chosen == Settings(measure=found.measure) else _computed(table, chosen)
    if beside is not None:
        effects = _joined(effects, beside.name, beside.getvalue())
    said.markdown(escape(words.recognised_sentence(effects)))
    return effects, names


def _joined(effects: Effects, name: str, data: bytes) -> Effects:
    """The effects with their references; the same object while nothing changes, as `_base` asks."""
    digest = hashlib.sha256(data).hexdigest()
    known = st.session_state.get("own-joined")
    if known is None or known[0] is not effects or known[1] != digest:
        try:
            found = with_bibliography(effects, bibliography_of(data, name))
        except DataError as err:  # the table is as good without it
            st.warning(escape(str(err)), icon=":material/warning:")
            return effects
        known = st.session_state["own-joined"] = (effects, digest, found)
    joined: Effects = known[2]
    return joined


def _computed(table: OwnTable, settings: Settings) -> Effects:
    """Effects of the table by these settings; the last few are kept while the table stays."""
    kept: dict[str, Effects] = st.session_state["own-table"][2]
    asked = repr(settings)
    if asked not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        kept[asked] = read_effects(table, settings)
    return kept[asked]


def _further(found: Effects) -> Settings:
    """Choices that few tables need."""
    shared = any("comparison arm" in note for note in found.notes)
    with st.popover("More", icon=":material/tune:", key="own-more", on_change=address.by_reader):
        how = address.one_of(
            st.radio,
            "An arm that stands in several comparisons",
            list(_SHARED),
            key="shared",
            default="",
            format_func=_SHARED.__getitem__,
            disabled=not shared,
        )
        icc = address.number(
            "Clusters were randomised: intracluster correlation", 0.0, 0.3, key="icc", default=0.0,
            step=0.01,
        )  # fmt: skip
        size = address.number(
            "Mean size of clusters", 1.0, 200.0, key="cluster-size", default=1.0, step=1.0
        )
        r = address.number(
            "Correlation of scores before and after", 0.0, 0.95, key="r", default=0.0, step=0.05
        )
    clustered = icc > 0.0 and size > 1.0
    return Settings(
        shared=how or "",
        r=r or None,
        icc=icc if clustered else None,
        cluster_size=size if clustered else None,
    )


def _columns(found: Effects, measure: str) -> dict[str, str]:
    """What each column means; boxes are set to what was recognised."""
    needed = {name for way in RECIPES[measure] for name in way.needs}
    if "yi" in found.mapped or not needed:
        needed |= set(_GIVEN)
    meanings = [name for name in FIELDS if name in needed or name in _ABOUT]
    options = ["", *found.table.cells.columns]
    chosen: dict[str, str] = {}
    for start in range(0, len(meanings), 3):
        for place, name in zip(st.columns(3), meanings[start : start + 3], strict=False):
            with place:
                column = address.one_of(
                    st.selectbox,
                    FIELDS[name].label,
                    options,
                    key=f"column-{name}",
                    default=found.mapped.get(name, ""),
                    format_func=lambda column: column or "–",
                )
            if (column or "") != found.mapped.get(name, ""):
                chosen[name] = column or ""
    return chosen


def _names(effects: Effects) -> OwnNames:
    usual = named_by(effects)
    with st.container(horizontal=True, key="own-names"):
        given = [
            address.words(label, key=key, max_chars=60, placeholder=default)
            for label, key, default in (
                ("Treatment", "treatment", usual.treatment),
                ("Compared with", "against", usual.comparison),
                ("What was measured", "outcome", usual.outcome),
            )
        ]
    defaults = (usual.treatment, usual.comparison, usual.outcome)
    return OwnNames(*(one.strip() or default for one, default in zip(given, defaults, strict=True)))


def _base(effects: Effects, names: OwnNames) -> EvidenceBase:
    """The base of these effects: the same object while nothing changes, so that it caches."""
    known = st.session_state.get("own-base")
    if known is None or known[0] is not effects or known[1] != names:
        known = st.session_state["own-base"] = (effects, names, base_of(effects, names))
    base: EvidenceBase = known[2]
    return base


def _view(base: EvidenceBase) -> View:
    model = controls.choose_model()
    trials = usable_studies(base, view_of().question)
    if len(trials) > MOST_CHOSEN:
        return view_of(model)
    labels = controls.study_labels()
    excluded = address.several_of(
        st.multiselect,
        "Leave out trials",
        list(trials),
        key="excluded",
        joined=True,
        format_func=labels.__getitem__,
        placeholder="Leave out none",
        label_visibility="collapsed",
    )
    return view_of(model, excluded)


def _what_to_check(effects: Effects) -> None:
    """Notes on the reading, and what looks like a mistake."""
    checks = [str(check) for check in checks_of(effects)]
    notes = [note[:1].upper() + note[1:] for note in effects.notes]
    found = [*checks, *notes]
    if not found:
        st.success("Nothing in the table looks like a mistake.", icon=":material/task_alt:")
        return
    with st.expander(
        f"To check ({len(found)})", icon=":material/rule:", expanded=not session.is_narrow()
    ):
        st.markdown("\n".join(f"- {escape(one)}" for one in found[:MOST_CHECKS]))


def _sections(effects: Effects) -> Option:
    standard = MEASURES[effects.measure].standardised
    shown = {
        name: label for name, (label, _, needs_sd) in _SECTIONS.items() if standard or not needs_sd
    }
    return Option("section", "Section of the page", shown)


def _trials(view: View, effects: Effects) -> None:
    answer = _answer(view)
    if answer.k > MOST_DRAWN:
        st.markdown(f"{answer.k:,} trials are too many for a forest plot; here are their numbers.")
        shown = answer.trials[["label", "yi", "ci_lower", "ci_upper", "weight"]]
        show_table(shown.head(ROWS_SHOWN), key="own-trials", name="own-trials")
    elif answer.k > 1 and choose(FIGURE) == "drapery":
        show_analysis("drapery", view)
    else:
        show_analysis("forest", view, group="none")
    full = words.in_full(answer, effects, session.evidence().names)
    if len(full):
        st.header("The estimate in full", anchor=False)
        show_table(full, key="in-full", name="own-estimate")
    if MEASURES[effects.measure].standardised:
        st.markdown(HOW_TO_READ)


def _rows(view: View, effects: Effects) -> None:
    st.markdown("What each row was read as, what was done to it, and why a row makes no effect.")
    show_table(words.rows_table(effects).head(ROWS_SHOWN), key="own-rows", name="own-rows")


def _certainty(view: View, effects: Effects) -> None:
    certainty_panel(view, controls.choose_smallest_effect())


def _robustness(view: View, effects: Effects) -> None:
    if _answer(view).k < sensitivity.LEAST:
        st.markdown(sensitivity.TOO_FEW)
        return
    show_analysis("alternatives", view)
    if _answer(view).k <= MOST_DRAWN:
        st.subheader("Without each trial in turn", anchor=False)
        show_analysis("leave-one-out", view)
        st.subheader("Influence of each trial", anchor=False)
        show_analysis("influence", view)


def _differences(view: View, effects: Effects) -> None:
    columns = candidates(effects)
    if not columns:
        st.markdown("The table has no other column by which trials could be compared.")
        return
    column = address.one_of(
        st.selectbox, "Compare trials by", list(columns), key="by", default=columns[0]
    )
    panel = differences(effects, _answer(view), study_keys(effects), str(column))
    for text in panel.sentences:
        st.markdown(escape(session.evidence().names.said(text)))
    if len(panel.table):
        show_table(panel.table, key="own-differences", name="own-differences")
    st.caption(escape(panel.note))


def _shown(name: str, view: View, effects: Effects) -> None:
    if _answer(view).k > MOST_DRAWN and name == "over-time":
        st.markdown("There are too many trials to follow one by one.")
        return
    show_analysis(name, view)


def _clinical(view: View, effects: Effects) -> None:
    if _answer(view).k < clinical_units.LEAST:
        st.markdown(clinical_units.TOO_FEW)
        return
    clinical_sections(view)


_SECTIONS: dict[str, tuple[str, Callable[[View, Effects], None], bool]] = {
    "trials": ("Trials", _trials, False),
    "rows": ("Rows", _rows, False),
    "certainty": ("How sure", _certainty, True),
    "robustness": ("Does it hold up?", _robustness, False),
    "differences": ("Why results differ", _differences, False),
    "small-studies": ("Publication bias", partial(_shown, "funnel"), False),
    "over-time": ("Over time", partial(_shown, "over-time"), False),
    "human": ("In clinical units", _clinical, True),
}
"""The sections: label, what shows them, and whether they need standard deviations."""


def _open_trial(answer: Estimate, effects: Effects) -> None:
    """The rows of one trial, which a click on a figure opens too."""
    if answer.k > MOST_CHOSEN:
        return
    study = controls.choose_study(list(answer.selection.studies["study_id"]))
    if not study:
        return
    own = {key: name for name, key in study_keys(effects).items()}[study]
    table = words.rows_table(effects)
    lines = set(effects.rows.loc[effects.rows["study"] == own, "line"])
    show_table(table.loc[table["Line"].isin(lines)], key="own-study", name="own-study")
    removed = study in trial_panel.left_out()
    st.button(
        "Put this trial back" if removed else "Leave this trial out",
        on_click=trial_panel.put_back if removed else trial_panel.leave_out,
        args=(study,),
        key="own-leave-out",
    )


def _downloads(base: EvidenceBase, view: View, effects: Effects, names: OwnNames) -> None:
    answer = estimate_of(base, view)
    st.header("Download", anchor=False)

    def bundle() -> bytes:
        from ipt_evidence.exchange.own_data.bundle import own_bundle

        return own_bundle(base, answer, effects, names)

    items = [
        File("Everything, to re-run it (zip)", "your-data.zip", bundle, ZIP, icon="folder_zip",
             primary=True, empty=answer.pooled is None),
        csv_file("Effects (CSV)", effects.rows, "effects.csv",
                 lambda rows: rows.drop(columns="place")),
    ]  # fmt: skip
    note = (
        "The zip holds the rows, a program in R (metafor) and one in Python that print this number."
    )
    if can_be_saved(effects):
        items.append(
            File("Save as an evidence base (zip)", "my-base.zip", lambda: saved(effects, names),
                 ZIP, icon="database"),
        )  # fmt: skip
        note += " The evidence base opens with ipt-evidence run --data my-base."
    show_downloads(*items, note=note, of=view)


def _answer(view: View) -> Estimate:
    return estimate_of(session.evidence(), view)
