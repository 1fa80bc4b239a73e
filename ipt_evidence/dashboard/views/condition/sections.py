"""The sections of the Condition page, of which one is open at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.clinical_units import panel as clinical_units
from ipt_evidence.analyses.clinical_units.result import assumed_rate
from ipt_evidence.analyses.differences import panel as differences
from ipt_evidence.analyses.forest.panel import FIGURE
from ipt_evidence.analyses.multiverse.result import curve_of
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.analyses.sensitivity import panel as sensitivity
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.analysis import choose, show_analysis
from ipt_evidence.dashboard.components.certainty_panel import certainty_panel, findings_panel
from ipt_evidence.dashboard.components.controls import choose_smallest_effect
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.wording import sentences

__all__ = ["LESSON_OF", "SECTIONS", "clinical_sections"]


def _trials(view: View) -> None:
    """Forest plot or drapery plot, what the groups say, and the estimate in full."""
    answer = _answer(view)
    if answer.trials.empty and not view.question.excluded:
        _no_trials(view)
        return
    show_analysis(choose(FIGURE) if answer.k > 1 else "forest", view)
    if answer.shown is None:
        return
    st.header("The estimate in full", anchor=False)
    left, right = st.columns([1, 1], gap="large")
    with left:
        name = f"ipt-{view.question.condition}-{view.question.comparison}-estimate"
        wide = {"Quantity": {"width": "large"}}
        show_table(words.in_full(answer), key="in-full", name=name, column_config=wide)
    with right:
        spread = escape(sentences.heterogeneity(answer.shown))
        st.markdown(f"{spread}\n\n{words.HOW_TO_READ}")


def _no_trials(view: View) -> None:
    """Why there is nothing to draw, and where there is something for the same condition."""
    st.markdown(escape(words.empty(_answer(view))))
    elsewhere = words.elsewhere(session.evidence(), view.question)
    if elsewhere:
        st.markdown("For this condition there are trials of IPT against something else:")
        for comparison, label in elsewhere:
            navigation.link(
                "condition", label, ":material/arrow_forward:",
                condition=str(view.question.condition), comparison=comparison,
            )  # fmt: skip


def _certainty(view: View) -> None:
    """The certainty of this answer, then the summary of findings of the condition."""
    bound = choose_smallest_effect()
    if _answer(view).pooled is None:
        st.markdown(
            "Nothing was pooled, so there is no certainty to speak of: no evidence is not the "
            "same as very uncertain evidence."
        )
    else:
        certainty_panel(view, bound)
    st.subheader("Every comparison of this condition", anchor=False)
    findings_panel(view, bound)


def _robustness(view: View) -> None:
    """Other models, other trials, corrections; then one trial less at a time."""
    if _answer(view).k < sensitivity.LEAST:
        st.markdown(sensitivity.TOO_FEW)
        return
    show_analysis("alternatives", view)
    st.subheader("Without each trial in turn", anchor=False)
    show_analysis("leave-one-out", view)
    st.subheader("How much depends on the choices?", anchor=False)
    wanted = address.switch(
        "Run every other reasonable analysis (takes a second or two)", key="analyses"
    )
    if wanted:
        worth = choose_smallest_effect()
        with st.spinner("Running thousands of other analyses…"):
            curve_of(session.evidence(), view)
            show_analysis("fragility", view, worth=worth)
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    kept = {name: texts for name, texts in query.items() if name not in ("section", "analyses")}
    navigation.link("robustness", "Every other analysis, one by one", ":material/balance:", **kept)


def _differences(view: View) -> None:
    """Groups side by side, then one number of the trials against their effects."""
    if _answer(view).k < differences.LEAST:
        st.markdown(differences.TOO_FEW)
        return
    st.markdown(differences.LEAD)
    st.subheader("Groups of trials", anchor=False)
    show_analysis("groups", view)
    st.subheader("One number of the trials", anchor=False)
    show_analysis("bubbles", view)


def _therapies(view: View) -> None:
    """Each therapy against control, then all of them in one network."""
    show_analysis("therapies", view)
    st.subheader("All in one network", anchor=False)
    show_analysis("network", view)


def _clinical_units(view: View) -> None:
    """People of a hundred, two bell curves, and every restatement as a table."""
    if _answer(view).k < clinical_units.LEAST:
        st.markdown(clinical_units.TOO_FEW)
        return
    clinical_sections(view)


def _published(view: View) -> None:
    """What reviews published beside our estimate, and the trials that they share."""
    show_analysis("published", view)
    st.subheader(analysis("shared-trials").label, anchor=False)
    show_analysis("shared-trials", view)


@st.fragment
def clinical_sections(view: View) -> None:
    """What follows the choices; the rest of the page stands still."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="human-choices"):
        options = clinical_units.curves_options(base, view)
        chosen = {option.id: choose(option, labelled=True) for option in options}
    st.caption(escape(clinical_units.rate_basis(assumed_rate(base, view.question))))
    show_analysis("people", view, share=chosen["share"])
    show_analysis("curves", view, **chosen)


def _answer(view: View) -> Estimate:
    return estimate_of(session.evidence(), view)


SECTIONS: dict[str, tuple[str, Callable[[View], None]]] = {
    "trials": ("Trials", _trials),
    "certainty": ("How sure", _certainty),
    "robustness": ("Does it hold up?", _robustness),
    "differences": ("Why results differ", _differences),
    "small-studies": ("Publication bias", partial(show_analysis, "funnel")),
    "over-time": ("Over time", partial(show_analysis, "over-time")),
    "published": ("Published reviews", _published),
    "therapies": ("Other therapies", _therapies),
    "human": ("In clinical units", _clinical_units),
}

LESSON_OF = {
    "trials": "forest",
    "certainty": "grade",
    "robustness": "trials",
    "differences": "heterogeneity",
    "small-studies": "small-studies",
    "therapies": "indirect",
    "human": "effect",
}
"""The lesson that explains a section."""
