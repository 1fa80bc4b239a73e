"""Conditions as cards of words, each with a link to its page: one message instead of thirty."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ipt_evidence.analyses.overview.panel import cards
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.figures.template import condition_colour

__all__ = ["condition_cards"]

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "ipt_cards",
    css=(_HERE / "cards.css").read_text(encoding="utf-8"),
    js=(_HERE / "cards.js").read_text(encoding="utf-8"),
)


@cached
def _packed_cards(base: EvidenceBase, dark: bool) -> bytes:
    return packed(
        {
            "page": "condition",
            "cards": [
                {
                    "title": card.title,
                    "answer": card.answer,
                    "others": list(card.others),
                    "link": card.link,
                    "colour": condition_colour(card.condition, dark),
                    "query": {"condition": card.condition, "comparison": card.comparison},
                }
                for card in cards(base)
            ],
        }
    )


def condition_cards() -> None:
    """Show a card for each condition; a click on a link opens it."""
    data = _packed_cards(session.evidence(), session.is_dark())
    result = _component(key="condition-cards", data=data, on_opened_change=lambda: None)
    if result.opened:
        query = {str(name): str(value) for name, value in result.opened.items()}
        navigation.go("condition", **query)
