"""The pages, their addresses, and links between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn, cast

import streamlit as st

from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape

__all__ = ["FIRST", "PAGES", "go", "link", "navigation", "renderer"]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Title and icon of a page at ``/<name>``; its module is ``views.<name>`` unless named."""

    title: str
    icon: str
    module: str = ""


PAGES = {
    "overview": PageFacts("Overview", ":material/grid_view:"),
    "condition": PageFacts("Condition", ":material/insights:"),
    "studies": PageFacts("Studies", ":material/library_books:"),
    "coverage": PageFacts("Coverage", ":material/map:"),
    "robustness": PageFacts("Robustness", ":material/balance:"),
    "claims": PageFacts("Claims", ":material/fact_check:"),
    "candidates": PageFacts("New evidence", ":material/new_releases:"),
    "learn": PageFacts("Learn", ":material/school:"),
    "import": PageFacts("Import", ":material/upload_file:", module="importing"),
    "your-data": PageFacts("Your data", ":material/table_view:", module="own_data"),
    "methods": PageFacts("Methods & data", ":material/science:"),
}
FIRST = "overview"


def renderer(name: str) -> Callable[[], None]:
    """The function that shows this page."""
    module = import_module(f"ipt_evidence.dashboard.views.{PAGES[name].module or name}")
    return cast("Callable[[], None]", module.render)


def _page(name: str) -> st.Page:
    facts = PAGES[name]
    render = renderer(name)
    return st.Page(render, title=facts.title, icon=facts.icon, url_path=name, default=name == FIRST)


def navigation() -> st.Page:
    """Declare all pages and give back the one that the address names."""
    return st.navigation([_page(name) for name in PAGES], position="sidebar")


def go(name: str, **query: str) -> NoReturn:
    """Leave for another page, with its filters in the address."""
    address.finish()  # what was chosen here does not bear on the address there
    st.switch_page(_page(name), query_params=query)


def link(name: str, label: str, icon: str | None = None, **query: str | list[str]) -> None:
    """A link to another page, with its filters in the address."""
    st.page_link(_page(name), label=escape(label), icon=icon, query_params=query or None)
