"""Conditions as cards of words, each with a link to its page: one message instead of thirty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ipt_evidence.analyses.overview.figures import Card
from ipt_evidence.dashboard import navigation
from ipt_evidence.dashboard.components.packing import packed
from ipt_evidence.figures.template import condition_colour

__all__ = ["condition_cards", "packed_cards"]

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "ipt_cards",
    css=(_HERE / "cards.css").read_text(encoding="utf-8"),
    js=(_HERE / "cards.js").read_text(encoding="utf-8"),
)


def packed_cards(cards: Sequence[Card], *, dark: bool) -> bytes:
    """The cards as `condition_cards` shows them."""
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
                    "query": {"condition": card.condition},
                }
                for card in cards
            ],
        }
    )


def condition_cards(data: bytes) -> None:
    """Show packed cards; a click on a link opens the condition."""
    result = _component(key="condition-cards", data=data, on_opened_change=lambda: None)
    if result.opened:
        navigation.go("condition", condition=str(result.opened["condition"]))
