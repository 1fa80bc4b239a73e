"""The interactive parts on many trials: heterogeneity, funnel, number of trials, GRADE."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.learn.shared import (
    answer_for,
    choose_example,
    draw,
    draw_rows,
)
from ipt_evidence.presentation import how_to_read, tables
from ipt_evidence.presentation.charts.simple_funnel import simple_funnel
from ipt_evidence.presentation.learn import grade, heterogeneity, live, small_studies, trials

__all__ = ["certainty", "number_of_trials", "small_study_effects", "spread"]


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
    rest = answer_for(condition, out)
    name = str(labels[out])
    rows = pd.DataFrame(
        [
            heterogeneity.interval_row("All trials", condition, answer),
            heterogeneity.interval_row(f"Without {name}", condition, rest),
        ]
    )
    st.markdown(escape(heterogeneity.reading(answer.pooled)))
    draw_rows(rows, "left-out")
    st.markdown(escape(heterogeneity.change(answer.pooled, rest.pooled, name)))


def small_study_effects() -> None:
    """A funnel plot, its two halves, and what Egger's test allows to say."""
    condition, answer = choose_example()
    parts = small_studies.halves(answer)
    draw(
        simple_funnel(
            answer.trials,
            None if answer.pooled is None else answer.pooled.estimate,
            precise=() if parts is None else parts.precise,
            condition=condition,
            dark=session.is_dark(),
            compact=session.is_narrow(),
        ),
        "funnel",
        small_studies.funnel_twin(answer),
        how_to_read.FUNNEL,
        tables.trials_table(answer.trials),
    )
    st.markdown(escape(small_studies.funnel_twin(answer)))
    st.markdown(escape(small_studies.halves_sentence(parts)))
    st.markdown(escape(small_studies.verdict(answer)))


def number_of_trials() -> None:
    """Cells with few and many trials, and one question as its trials came."""
    taxonomy = session.evidence().taxonomy
    st.markdown("**Four questions of the explorer**")
    draw_rows(
        trials.examples(
            session.gap_cells(),
            {c.id: c.label for c in taxonomy.conditions},
            {c.id: c.label for c in taxonomy.comparisons},
        ),
        "cells",
    )
    condition = live.example_conditions(session.gap_cells())[0]
    answer = answer_for(condition)
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
    rows = trials.growth(answer, number, condition)
    st.markdown(escape(trials.growth_sentence(rows, number)))
    draw_rows(rows, "growth")


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
