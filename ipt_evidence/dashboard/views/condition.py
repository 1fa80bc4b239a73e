"""The Condition page: how well IPT works here, against what, and how sure that is."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import controls
from ipt_evidence.dashboard.components.downloads import bibtex_button, csv_button
from ipt_evidence.dashboard.components.study_panel import study_panel
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.published import published_effects
from ipt_evidence.evidence.sensitivity import asymmetry, ruler
from ipt_evidence.presentation import condition as words
from ipt_evidence.presentation import sentences, tables
from ipt_evidence.presentation.charts.forest import forest_plot
from ipt_evidence.presentation.charts.published import published_comparison
from ipt_evidence.presentation.sensitivity import (
    LEAD,
    MIN_STUDIES_HUMAN,
    alternatives_table,
    asymmetry_sentence,
    human_sentence,
)

__all__ = ["render"]


def render() -> None:
    """Answer, forest plot, numbers, published meta-analyses, what was left out, downloads."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        condition = controls.choose_condition(base.taxonomy)
        comparison = controls.choose_comparison(base.taxonomy)
    with st.container(horizontal=True, key="choices"):
        question = controls.choose_trials(condition, comparison)
        model = controls.choose_model()
    answer = session.answer(question, model)
    with st.container(key="answer"):
        st.title(escape(words.title(base, question)), anchor=False)
        st.markdown(escape(words.answer_sentence(base, answer)))
    st.caption(escape(words.basis(base, answer)))
    for note in words.cautions(base, answer):
        st.info(escape(note), icon=":material/info:")
    _trials(answer)
    _numbers(answer)
    _sensitivity(answer)
    _published(answer)
    _left_out(answer)
    _downloads(answer)


def _trials(answer: Estimate) -> None:
    st.header("The trials", anchor=False)
    if answer.trials.empty:
        st.markdown(escape(words.empty(answer)))
    else:
        trials = words.plotted(answer, controls.choose_order(words.ORDERS))
        figure = forest_plot(
            trials,
            answer.pooled,
            dark=session.is_dark(),
            condition=_top(answer),
            selected=st.session_state.get("study"),
            compact=session.is_narrow(),
        )
        twin = sentences.text_twin(trials, answer.pooled)
        st.plotly_chart(
            figure,
            theme=None,
            key="forest",
            on_select=_open_clicked,
            selection_mode="points",
            config={"displayModeBar": False, "scrollZoom": False},
            alt=twin,
        )
        with st.expander("The same in words and as a table", icon=":material/table_rows:"):
            st.markdown(escape(twin))
            st.dataframe(tables.trials_table(trials), hide_index=True)
    study = controls.choose_study(list(answer.selection.studies["study_id"]))
    if study:
        study_panel(study)


def _top(answer: Estimate) -> str:
    """The top-level condition of the page, whose colour the figures carry."""
    condition = str(answer.selection.question.condition)
    return session.evidence().taxonomy.with_parents([condition])[-1]


def _open_clicked() -> None:
    """A click on a trial in the plot opens its panel."""
    points = st.session_state["forest"].selection.points
    for point in points:
        data = point.get("customdata")
        study_id = data[0] if isinstance(data, list | tuple) else data
        if study_id:
            st.session_state["study"] = study_id


def _numbers(answer: Estimate) -> None:
    if answer.pooled is None:
        return
    st.header("The estimate in full", anchor=False)
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.table(tables.pooled_table(answer.pooled).set_index("Quantity"))
    with right:
        if human := _human(answer):
            st.markdown(escape(human))
        st.markdown(escape(sentences.heterogeneity(answer.pooled)))
        st.markdown(words.HOW_TO_READ)


def _human(answer: Estimate) -> str:
    if answer.pooled is None:
        return ""
    comparison = str(answer.selection.question.comparison)
    return human_sentence(answer.pooled, comparison, ruler(session.evidence(), answer))


def _sensitivity(answer: Estimate) -> None:
    if answer.pooled is None or answer.k < MIN_STUDIES_HUMAN:
        return
    st.header("Does it hold up?", anchor=False)
    st.markdown(LEAD)
    others = session.alternatives(answer.selection.question, answer.model)
    st.table(alternatives_table(answer.pooled, others).set_index("Analysis"))
    st.markdown(escape(asymmetry_sentence(asymmetry(answer))))


def _published(answer: Estimate) -> None:
    rows = published_effects(session.evidence(), answer.selection.question)
    if rows.empty:
        return
    st.header("What published meta-analyses found", anchor=False)
    st.markdown(words.PUBLISHED_EXPLAINED)
    drawn = words.comparable(session.evidence(), answer.selection.question, rows)
    if not drawn.empty:
        st.plotly_chart(
            published_comparison(
                drawn,
                answer.pooled,
                condition=_top(answer),
                dark=session.is_dark(),
                compact=session.is_narrow(),
            ),
            theme=None,
            key="published",
            config={"displayModeBar": False},
            alt=words.published_twin(drawn, answer.pooled),
        )
    st.dataframe(
        words.published_table(rows),
        hide_index=True,
        column_config={"Source": st.column_config.LinkColumn(display_text="Open")},
    )


def _left_out(answer: Estimate) -> None:
    table = words.left_out_table(answer)
    if table.empty:
        return
    st.header("Not in this estimate", anchor=False)
    st.markdown("Nothing disappears: each trial or result that was not used, and why.")
    st.dataframe(table, hide_index=True)


def _downloads(answer: Estimate) -> None:
    st.header("Take it with you", anchor=False)
    studies = answer.selection.studies
    question = answer.selection.question
    name = f"ipt-{question.condition}-{question.comparison}"
    keys = [key for refs in studies["references"] for key in refs]
    with st.container(horizontal=True, key="downloads"):
        csv_button("Trials pooled (CSV)", answer.trials, f"{name}-trials.csv")
        csv_button("Effects behind them (CSV)", words.export_effects(answer), f"{name}-effects.csv")
        bibtex_button("References (BibTeX)", keys, f"{name}.bib")
