"""The interactive parts on many trials: heterogeneity, funnel, number of trials, GRADE."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from ipt_evidence.analyses import how_to_read
from ipt_evidence.analyses.lessons import grade, heterogeneity, live, small_studies, trials
from ipt_evidence.analyses.lessons.simple_funnel import simple_funnel
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.learn.shared import (
    answer_for,
    choose_example,
    draw,
    draw_rows,
)
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables

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
    st.markdown(escape(heterogeneity.reading(answer.pooled)))
    draw_rows("left-out", _with_and_without, condition, out, name)
    st.markdown(escape(heterogeneity.change(answer.pooled, rest.pooled, name)))


def _with_and_without(_: EvidenceBase, condition: str, out: str, name: str) -> pd.DataFrame:
    whole, rest = answer_for(condition), answer_for(condition, out)
    return pd.DataFrame(
        [
            heterogeneity.interval_row("All trials", condition, whole),
            heterogeneity.interval_row(f"Without {name}", condition, rest),
        ]
    )


def small_study_effects() -> None:
    """A funnel plot, its two halves, and what Egger's test allows to say."""
    condition, answer = choose_example()
    figure, table = session.recall(_funnel, condition, session.is_dark(), session.is_narrow())
    twin = small_studies.funnel_twin(answer)
    draw(figure, "funnel", twin, how_to_read.FUNNEL, table)
    parts = small_studies.halves(answer)
    said = (twin, small_studies.halves_sentence(parts), small_studies.verdict(answer))
    st.markdown("\n\n".join(map(escape, said)))


def _funnel(
    _: EvidenceBase, condition: str, dark: bool, compact: bool
) -> tuple[go.Figure, pd.DataFrame]:
    answer = answer_for(condition)
    parts = small_studies.halves(answer)
    figure = simple_funnel(
        answer.trials,
        None if answer.pooled is None else answer.pooled.estimate,
        precise=() if parts is None else parts.precise,
        condition=condition,
        dark=dark,
        compact=compact,
    )
    return figure, tables.trials_table(answer.trials)


def number_of_trials() -> None:
    """Cells with few and many trials, and one question as its trials came."""
    st.markdown("**Four questions of the explorer**")
    draw_rows("cells", _cells)
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
    rows = session.recall(_growth, condition, number)
    st.markdown(escape(trials.growth_sentence(rows, number)))
    draw_rows("growth", _growth, condition, number)


def _cells(base: EvidenceBase) -> pd.DataFrame:
    return trials.examples(
        session.gap_cells(),
        {c.id: c.label for c in base.taxonomy.conditions},
        {c.id: c.label for c in base.taxonomy.comparisons},
    )


def _growth(_: EvidenceBase, condition: str, number: int) -> pd.DataFrame:
    return trials.growth(answer_for(condition), number, condition)


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
