"""In human units: the estimate as people and as points, following two choices of the reader."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.certainty.findings import assumed_rate
from ipt_evidence.analyses.clinical_units import panel as words
from ipt_evidence.analyses.clinical_units.distributions import two_distributions
from ipt_evidence.analyses.clinical_units.people import hundred_people
from ipt_evidence.analyses.clinical_units.result import instruments_for, restated
from ipt_evidence.analyses.sensitivity.result import Ruler
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.meta_analysis.clinical_units import ClinicalUnits

__all__ = ["show"]

EXAMPLE = 30.0  # percent who do well, where no trial tells


def show(answer: Estimate) -> None:
    """People of a hundred, two bell curves, and every restatement as a table."""
    if answer.pooled is None or answer.k < words.LEAST:
        st.markdown(words.TOO_FEW)
        return
    _follow(answer)


@st.fragment
def _follow(answer: Estimate) -> None:
    """What follows the choices; the rest of the page stands still."""
    question = answer.selection.question
    rate, ruler = _choices(answer)
    units = restated(answer, rate / 100, ruler)
    if units is None:
        return
    st.markdown(escape(words.people_sentence(units, rate / 100, str(question.comparison))))
    people = session.recall(_people, question, answer.model, rate, look(answer))
    show_picture(people, answer, "people")
    st.markdown(escape(words.points_sentence(units, ruler)))
    curves = session.recall(_curves, question, answer.model, look(answer))
    show_picture(curves, answer, "curves")
    table = words.units_table(answer, units, ruler)
    show_table(table, key="units", name=f"ipt-{question.condition}-human-units")


def _choices(answer: Estimate) -> tuple[float, Ruler | None]:
    question = answer.selection.question
    rate = session.recall(assumed_rate, question)
    rulers = session.recall(_instruments, question, answer.model)
    start = EXAMPLE if rate is None else float(round(100 * rate.value))
    with st.container(horizontal=True, vertical_alignment="bottom", key="human-choices"):
        share = address.number(
            "People of 100 who do well with the comparison",
            1.0,
            90.0,
            key="share",
            default=start,
            step=1.0,
            format="%d",
        )
        name = None
        if rulers:
            name = address.one_of(
                st.selectbox,
                "Points of which instrument",
                list(rulers),
                key="instrument",
                default=next(iter(rulers)),
                format_func=lambda one: rulers[one].label,
            )
    st.caption(escape(words.rate_basis(rate)))
    return share, rulers[str(name)] if name else None


def _instruments(base: EvidenceBase, question: Question, model: Model) -> dict[str, Ruler]:
    return instruments_for(base, session.answer(question, model))


def _units(answer: Estimate, rate: float | None) -> ClinicalUnits:
    units = restated(answer, rate, None)
    assert units is not None  # noqa: S101 - shown only where something was pooled
    return units


def _people(
    base: EvidenceBase, question: Question, model: Model, rate: float, look: Look
) -> Picture:
    answer = session.answer(question, model)
    units = _units(answer, rate / 100)
    needed = units.nnt_furukawa
    assert needed is not None  # noqa: S101 - a rate was given
    comparison = str(question.comparison)
    return Picture(
        hundred_people(
            rate, needed.per_100, labels=words.labels_of_arms(comparison), **look.drawing
        ),
        words.people_sentence(units, rate / 100, comparison),
        words.units_table(answer, units, None),
        words.HOW_TO_READ_PEOPLE,
    )


def _curves(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture:
    answer = session.answer(question, model)
    pooled = answer.pooled
    assert pooled is not None  # noqa: S101 - shown only where something was pooled
    return Picture(
        two_distributions(pooled.estimate, pooled.ci_lower, pooled.ci_upper, **look.drawing),
        words.curves_twin(answer, _units(answer, None)),
        words.units_table(answer, _units(answer, None), None),
        words.HOW_TO_READ_CURVES,
    )
