"""The interactive parts on many trials: spread, funnel, number of trials, GRADE, therapies."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.lessons import grade, heterogeneity, indirect, small_studies, trials
from ipt_evidence.analyses.lessons.figure import funnel
from ipt_evidence.analyses.lessons.lesson import example, example_conditions
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.learn.shared import (
    choose_example,
    condition_label,
    draw,
    draw_rows,
)
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

__all__ = ["certainty", "number_of_trials", "other_therapies", "small_study_effects", "spread"]


def spread() -> None:
    """What leaving out one trial does to average and prediction interval."""
    condition, answer = choose_example()
    if answer.pooled is None:
        return
    labels = dict(zip(answer.trials["study_id"], answer.trials["label"], strict=True))
    out = str(
        address.one_of(
            st.selectbox,
            "Leave out",
            list(labels),
            key="out",
            default=heterogeneity.most_influential(answer),
            format_func=lambda study: str(labels[study]),
        )
    )
    base = session.evidence()
    rest = example(base, condition, out)
    name = str(labels[out])
    st.markdown(escape(heterogeneity.reading(answer.pooled)))
    draw_rows("left-out", heterogeneity.with_and_without(base, condition, out))
    st.markdown(escape(heterogeneity.change(answer.pooled, rest.pooled, name)))


def small_study_effects() -> None:
    """A funnel plot, its two halves, and what Egger's test allows to say."""
    condition, _ = choose_example()
    base, look = session.evidence(), session.look(View(Question(condition)))
    panel = small_studies.panel(base, condition)
    draw("funnel", funnel(base, condition, look), panel)
    st.markdown("\n\n".join(map(escape, panel.sentences)))


def number_of_trials() -> None:
    """Cells with few and many trials, and one question as its trials came."""
    st.markdown("**Four questions of the explorer**")
    base = session.evidence()
    draw_rows("cells", trials.examples(base))
    condition = example_conditions(base)[0]
    answer = example(base, condition)
    st.markdown("**One question as its trials came**")
    number = int(
        address.number(
            "Trials done so far, oldest first",
            1.0,
            float(answer.k),
            key="first",
            default=float(trials.START),
            step=1.0,
            format="%d",
        )
    )
    rows = trials.growth(base, condition, number)
    st.markdown(escape(trials.growth_sentence(rows, number)))
    draw_rows("growth", rows)


def certainty() -> None:
    """One domain of GRADE at a time, with what our data show."""
    _, answer = choose_example()
    domains = {domain.id: domain for domain in grade.DOMAINS}
    chosen = str(
        address.one_of(
            st.pills,
            "Domain",
            list(domains),
            key="domain",
            default=next(iter(domains)),
            format_func=lambda d: domains[d].label,
            required=True,
            wrap=True,
        )
    )
    domain = domains[chosen]
    with st.container(border=True, key="domain-text"):
        st.markdown(f"**What it asks.** {escape(domain.asks)}")
        st.markdown(f"**What our data show.** {escape(grade.seen(chosen, answer))}")
        st.markdown(f"**Something to think about.** {escape(domain.think)}")


def other_therapies() -> None:
    """Every therapy against control, IPT marked, and the direct trials beside it."""
    conditions = indirect.examples(session.evidence())
    if not conditions:
        st.markdown(indirect.NO_TABLE)
        return
    chosen = str(
        address.one_of(
            st.pills,
            "Therapies for",
            conditions,
            key="for",
            default=conditions[0],
            format_func=condition_label,
            required=True,
            wrap=True,
        )
    )
    show_analysis("therapies", View(Question(chosen)))
