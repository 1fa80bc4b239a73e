"""The pages, their addresses, and links between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn, cast

import streamlit as st

from ipt_evidence.about import NAME
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape

__all__ = [
    "FIRST",
    "NOT_IN_CLASS",
    "PAGES",
    "TITLED_BY_QUESTION",
    "go",
    "link",
    "navigation",
    "page_title",
    "renderer",
]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Title and icon of a page at ``/<name>``, and a sentence on it for search engines.

    Its module is ``views.<name>`` unless named.
    """

    title: str
    icon: str
    about: str = "What the evidence for Interpersonal Psychotherapy shows."
    module: str = ""


PAGES = {
    "overview": PageFacts(
        "Overview",
        ":material/grid_view:",
        "What the evidence for Interpersonal Psychotherapy (IPT) shows: a map of conditions and "
        "comparisons with pooled effects, trials, certainty and gaps.",
    ),
    "condition": PageFacts(
        "Condition",
        ":material/insights:",
        "Trials of Interpersonal Psychotherapy pooled: forest plot, certainty, sources, downloads.",
    ),
    "studies": PageFacts(
        "Studies",
        ":material/library_books:",
        "Every study of Interpersonal Psychotherapy in the base: search, filter, compare, and "
        "export references.",
    ),
    "coverage": PageFacts(
        "Coverage",
        ":material/map:",
        "Who took part in trials of Interpersonal Psychotherapy, where, when and how; and what "
        "nobody has studied.",
    ),
    "robustness": PageFacts(
        "Robustness",
        ":material/balance:",
        "How much an answer depends on the choices of an analysis and on single trials.",
    ),
    "claims": PageFacts(
        "Claims",
        ":material/fact_check:",
        "Whether the references of an overview article support what it says about "
        "Interpersonal Psychotherapy.",
    ),
    "candidates": PageFacts(
        "New evidence",
        ":material/new_releases:",
        "Records of new trials of Interpersonal Psychotherapy that a search found, to be decided.",
    ),
    "learn": PageFacts(
        "Learn",
        ":material/school:",
        "Short lessons on effect sizes, forest plots, heterogeneity and certainty, with a "
        "glossary, on the data of these trials.",
    ),
    "import": PageFacts(
        "Import",
        ":material/upload_file:",
        "Read a bibliography, see what the base already holds, and write it in another format.",
        module="importing",
    ),
    "your-data": PageFacts(
        "Your data",
        ":material/table_view:",
        "Pool a table of your own trials with the same methods and figures.",
        module="own_data",
    ),
    "methods": PageFacts(
        "Methods & data",
        ":material/science:",
        "Methods, sources, licences, versions and downloads of the data.",
    ),
}
FIRST = "overview"
TITLED_BY_QUESTION = ("condition",)  # pages that give the window their own title
_MADE = "pages"  # in the session, and for whom
NOT_IN_CLASS = ("robustness",)  # pages, and sections of the Condition page


def renderer(name: str) -> Callable[[], None]:
    """The function that shows this page."""
    module = import_module(f"ipt_evidence.dashboard.views.{PAGES[name].module or name}")
    return cast("Callable[[], None]", module.render)


def page_title(name: str) -> str:
    """The window's title for ``name``, a page or a question; the site alone where it is empty."""
    return f"{name} – {NAME}" if name else NAME


def _page(name: str) -> st.Page:
    made: tuple[bool, dict[str, st.Page]] | None = st.session_state.get(_MADE)
    return (made[1] if made else _pages())[name]


def _pages() -> dict[str, st.Page]:
    """The pages by name, made once a session: Streamlit notes in them which one runs.

    To make them anew for each run and each link took a twentieth of a run.
    """
    classroom = session.classroom()
    made: tuple[bool, dict[str, st.Page]] | None = st.session_state.get(_MADE)
    if made is None or made[0] != classroom:
        hidden = NOT_IN_CLASS if classroom else ()
        pages = {
            name: st.Page(
                renderer(name),
                title=facts.title,
                icon=facts.icon,
                url_path=name,
                default=name == FIRST,
                visibility="hidden" if name in hidden else "visible",
            )
            for name, facts in PAGES.items()
        }
        made = st.session_state[_MADE] = (classroom, pages)
    return made[1]


def navigation() -> st.Page:
    """Declare all pages and give back the one that the address names."""
    return st.navigation(list(_pages().values()), position="sidebar")


def go(name: str, **query: str | list[str]) -> NoReturn:
    """Leave for another page, with its filters in the address."""
    address.finish()  # what was chosen here does not bear on the address there
    st.switch_page(_page(name), query_params=query)


def link(name: str, label: str, icon: str | None = None, **query: str | list[str]) -> None:
    """A link to another page, with its filters in the address."""
    st.page_link(_page(name), label=escape(label), icon=icon, query_params=query or None)
