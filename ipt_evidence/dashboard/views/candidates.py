"""New evidence: how current the base is, what waits for a decision, and what may be missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.corpus import show_corpus
from ipt_evidence.dashboard.components.downloads import File, csv_file, show_downloads
from ipt_evidence.dashboard.components.figure import show_figure
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape, link
from ipt_evidence.exchange.prisma import prisma_of_searches, prisma_svg, prisma_table
from ipt_evidence.living import candidates as queue
from ipt_evidence.living import panel as words
from ipt_evidence.living.candidates import Candidate, flow
from ipt_evidence.living.figures import citation_matrix, prisma_flow
from ipt_evidence.living.links import load_links, needed
from ipt_evidence.living.refreshing import REFRESH_VARIABLE, Refresh, allowed
from ipt_evidence.living.registered import registered_table
from ipt_evidence.living.searches import searched_table

__all__ = ["render"]

MOST_SHOWN = 200  # a longer queue is worked from the top; the file holds it all


def render() -> None:
    """As-of dates and refresh, candidates with decisions, the flow, searches, suggestions."""
    base = session.evidence()
    st.title("New evidence", anchor=False)
    st.markdown(words.OFFLINE)
    st.markdown(escape(words.integrity_summary(base)))
    show_table(words.as_of_table(base.folder), key="as-of", name="ipt-as-of", download=False)
    _refresh_panel()
    found = queue.load(base.folder)
    st.header("Candidates", anchor=False)
    st.markdown(words.CANDIDATES_LEAD)
    if found:
        _candidates(found)
    else:
        st.info(words.NO_CANDIDATES, icon=":material/inbox:")
    show_corpus()
    _flow()
    st.header("How new trials are looked for", anchor=False)
    show_table(words.queries_table(base.folder), key="queries", name="ipt-search-strings")
    with st.expander("Until when each question was searched", icon=":material/event_available:"):
        show_table(searched_table(base), key="searched", name="ipt-searched-questions")
    _registered()
    linked = words.linked_table(base)
    if len(linked):
        st.header("Reports of one trial", anchor=False)
        st.markdown("These papers name the same trial registration: count their people once.")
        show_table(linked, key="linked", name="ipt-linked-reports")
    _suggestions()


def _registered() -> None:
    table = registered_table(session.evidence())
    if not len(table):
        return
    st.header("Registered trials without a report here", anchor=False)
    st.markdown(words.REGISTERED_LEAD)
    show_table(
        table,
        key="registered",
        name="ipt-registered-trials",
        column_config={"Open": st.column_config.LinkColumn(display_text="Open")},
    )


def _candidates(found: list[Candidate]) -> None:
    base = session.evidence()
    shown = found[:MOST_SHOWN]
    ids = [one.candidate_id for one in shown]
    opened = show_table(
        words.candidates_table(base, shown),
        key="candidates",
        name="ipt-candidates",
        ids=ids,
        open_label="Decide",
    )
    if len(found) > len(shown):
        st.caption(f"The {len(shown)} likeliest of {len(found)}; the file holds them all.")
    show_downloads(
        *(_file(found, form) for form in ("ris", "csv")),
        key="candidates-files",
        note=words.ELSEWHERE,
    )
    if opened:
        st.session_state["candidate"] = opened
    chosen = {one.candidate_id: one for one in found}.get(st.session_state.get("candidate", ""))
    if chosen is not None:
        _decide(chosen)


def _file(found: list[Candidate], form: str) -> File:
    writer = WRITERS[form]

    def write() -> bytes:
        return write_citations(queue.candidates_citations(found), form).encode()

    name = f"ipt-candidates{writer.suffix}"
    return File(f"Candidates as {writer.label}", name, write, writer.mime, icon="download")


def _decide(one: Candidate) -> None:
    folder = session.evidence().folder
    with st.container(border=True, key="decide"):
        st.subheader(escape(one.title), anchor=False)
        paper = f"https://doi.org/{one.doi}" if one.doi else ""
        st.markdown(
            f"{escape(one.authors)} {escape(one.year)}. {escape(one.journal)}. "
            f"{link('Open the paper', paper) if paper else ''}"
        )
        st.caption(escape(one.points))
        if not allowed(folder):
            return
        with st.form("decision", border=False):
            decision = st.segmented_control(
                "Decision", queue.DECISIONS, default=one.decision or None, key="decision-of"
            )
            reason = st.text_input("Reason", value=one.reason, key="reason-of", max_chars=300)
            if st.form_submit_button("Keep this decision") and decision:
                queue.decide(
                    folder, one.candidate_id, str(decision), reason, date.today().isoformat()
                )
                st.rerun()


def _flow() -> None:
    base = session.evidence()
    counts = flow(base.folder)
    if not counts.runs:
        return
    st.header("What became of the records", anchor=False)
    show_figure(
        prisma_flow(counts, dark=session.is_dark(), compact=session.is_narrow()),
        key="prisma",
        name="ipt-prisma-flow",
        alt=words.flow_words(counts),
        how_to_read=words.FLOW_HOW,
    )
    prisma = prisma_of_searches(base, counts)
    show_downloads(
        csv_file("PRISMA 2020 (CSV for R)", prisma_table(prisma), "ipt-prisma.csv"),
        File(
            "PRISMA 2020 (SVG)",
            "ipt-prisma.svg",
            lambda: prisma_svg(prisma, words.FLOW_TITLE).encode(),
            "image/svg+xml",
            icon="image",
        ),
        key="prisma-files",
        note=words.FLOW_FILES,
    )


def _suggestions() -> None:
    base = session.evidence()
    st.header("You may also need", anchor=False)
    links = load_links(base.folder)
    if not links.date:
        st.info(words.NO_LINKS, icon=":material/hub:")
        return
    taxonomy = base.taxonomy
    condition = st.segmented_control(
        "Condition",
        list(taxonomy.top_level),
        default=taxonomy.top_level[0],
        format_func=lambda c: escape(taxonomy.condition(c).label),
        required=True,
        key="needed-for",
    )
    found = needed(base, links, str(condition))
    if not found:
        st.markdown("No work outside the base is tied to two of its papers on this condition.")
        return
    marks = words.suggestions_matrix(base, links, found)
    show_figure(
        citation_matrix(marks, dark=session.is_dark(), compact=session.is_narrow()),
        key="network",
        name=f"ipt-{condition}-citations",
        alt=f"{len(found)} works outside the base are tied to its papers. As of {links.date}, by "
        "OpenAlex.",
        table=marks,
        how_to_read=words.NETWORK_HOW,
    )
    show_table(
        words.suggestions_table(base, links, found),
        key="needed",
        name=f"ipt-{condition}-also",
        column_config={"Open": st.column_config.LinkColumn(display_text="Open")},
    )


_WORDS = {"update": "Search for new trials", "enrich": "Check and complete the references"}
_ICONS = {"update": ":material/travel_explore:", "enrich": ":material/verified_user:"}


@st.cache_resource(show_spinner=False)
def _refresh() -> Refresh:
    """The one refresh of this server."""
    return Refresh()


def _refresh_panel() -> None:
    """Buttons while nothing runs; else what is going on, told every second."""
    folder = session.evidence().folder
    if not allowed(folder):
        st.caption(
            f"A refresh cannot be started here: the data are read-only, or {REFRESH_VARIABLE} is "
            "off. On your own computer: `python -m ipt_evidence update`."
        )
        return
    if _refresh().running:
        _watch()
        return
    since = _since()
    with st.container(horizontal=True, key="refresh"):
        for kind, label in _WORDS.items():
            if st.button(label, icon=_ICONS[kind], key=f"start-{kind}"):
                _refresh().start(kind, folder, since, session.reader_id())
                st.rerun()
    _outcome()


def _since() -> str | None:
    """The day from which a search looks; None goes on from the last one."""
    day = st.date_input(
        "Look for trials from (empty: since the last search)",
        value=None,
        min_value=date(1900, 1, 1),
        max_value="today",
        key="search-since",
        help=words.SINCE_HELP,
    )
    return day.isoformat() if isinstance(day, date) else None


@st.fragment(run_every=1.0)
def _watch() -> None:
    refresh = _refresh()
    if not refresh.running:
        st.rerun(scope="app")
    share = refresh.done / refresh.total if refresh.total else 0.0
    st.progress(
        min(1.0, share),
        text=f"{_WORDS[refresh.kind]}: {escape(refresh.step)}, {refresh.done:,} of "
        f"{refresh.total:,}",
    )
    if refresh.stopping:
        st.caption("Stopping when the last question is answered…")
        return
    st.button("Stop", icon=":material/stop_circle:", key="stop-refresh", on_click=refresh.cancel)


def _outcome() -> None:
    refresh = _refresh()
    if refresh.error:
        st.error(escape(refresh.error), icon=":material/cloud_off:")
    elif refresh.lines:
        show, icon = _OUTCOMES[refresh.outcome]
        show("\n".join(f"- {escape(line)}" for line in refresh.lines), icon=icon)


_OUTCOMES: dict[str, tuple[Callable[..., object], str]] = {
    "done": (st.success, ":material/done:"),
    "partly": (st.warning, ":material/warning:"),
    "failed": (st.error, ":material/cloud_off:"),
}
