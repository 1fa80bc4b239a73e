"""What a page says before any script has run: title, description, metadata, and a way without it.

Streamlit sends one HTML file for every page, whose title is "Streamlit". On its way to the browser
(or to a search engine, a reference manager, a preview of a link) it gets what the address asks for:
a title, OpenGraph, schema.org as JSON-LD, the feed, and links for who runs no scripts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool

from ipt_evidence.about import PRODUCT
from ipt_evidence.analyses.answer import versus
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.dashboard.components.style import rules_address
from ipt_evidence.dashboard.navigation import FIRST, PAGES, page_title
from ipt_evidence.errors import EvidenceError
from ipt_evidence.evidence.base import current_base
from ipt_evidence.exchange.citation import public_page
from ipt_evidence.exchange.feed import FEED_PATH, FEED_TYPE
from ipt_evidence.exchange.json_ld import articles, dataset, json_ld
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.phrases import lower_first

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["TABLES", "PageHead", "page_html"]

TABLES = tuple(f"api/v1/{name}.csv" for name in ("studies", "effects", "pooled", "coverage"))
"""Addresses of the whole tables as CSV, for who runs no scripts."""


_WITH_DATASET = (FIRST, "methods")
_QUESTION = ("condition", "comparison")
_IMAGE = "app/static/overview.png"
_STREAMLIT_TITLE = re.compile(r"<title>Streamlit</title>")
_STREAMLIT_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
# An answer changed on its way is another one: these would describe the file of Streamlit.
_OF_THE_FILE = (b"etag", b"last-modified", b"content-length", b"accept-ranges")
_ASKED_OF_THE_FILE = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")

Words = Mapping[str, Sequence[str]]


class PageHead:
    """ASGI middleware: the HTML of a page gets the head that its address asks for."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; only the HTML of pages is touched."""
        page = _page(scope)
        if page is None:
            await self._app(scope, receive, send)
            return
        asked = [one for one in scope["headers"] if one[0].lower() not in _ASKED_OF_THE_FILE]
        start: MutableMapping[str, Any] = {}
        body = b""

        async def gather(message: MutableMapping[str, Any]) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await finish()
            else:
                await send(message)

        async def finish() -> None:
            headers = [one for one in start["headers"] if one[0].lower() not in _OF_THE_FILE]
            whole = body
            if start["status"] == 200 and body:
                words = parse_qs(scope.get("query_string", b"").decode("latin-1"))
                text = body.decode("utf-8")
                whole = (
                    await run_in_threadpool(page_html, text, page, words, _root(scope))
                ).encode()
            if body:  # a question for the headers alone has none
                headers.append((b"content-length", str(len(whole)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": whole})

        await self._app({**scope, "headers": asked}, receive, gather)


def _page(scope: Scope) -> str | None:
    """The page that a request asks for; None where it asks for something else."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    name = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
    return name if name in PAGES else None if name else FIRST


def _root(scope: Scope) -> str:
    """Where the explorer is reached: as it was told, else as the caller reached it."""
    host = dict(scope["headers"]).get(b"host", b"localhost").decode("latin-1")
    here = f"{scope.get('scheme', 'http')}://{host}{scope.get('root_path', '')}/"
    return public_page("") or here


def page_html(text: str, page: str, words: Words, root: str) -> str:
    """The HTML ``text`` that Streamlit sends, with the head of ``page``.

    Parameters
    ----------
    text
        As Streamlit sends it; without its title it stays as it is.
    page
        A key of `navigation.PAGES`.
    words
        The words of the address.
    root
        Where the explorer is reached, with a slash at its end.
    """
    title, about = _said(page, words)
    address = root if page == FIRST else f"{root}{page}"
    if page == "condition" and (named := [(w, words[w][0]) for w in _QUESTION if w in words]):
        address += f"?{urlencode(named)}"
    properties = {
        "og:type": "website", "og:site_name": PRODUCT, "og:title": title, "og:description": about,
        "og:url": address, "og:image": f"{root}{_IMAGE}",
        "og:image:alt": "A map of conditions and comparisons with the effects of IPT",
    }  # fmt: skip
    head = [
        f"<title>{html.escape(title)}</title>",
        f'<meta name="description" content="{html.escape(about)}">',
        *(f'<meta property="{name}" content="{html.escape(value)}">'
          for name, value in properties.items()),
        '<meta name="twitter:card" content="summary_large_image">',
        f'<link rel="alternate" type="{FEED_TYPE}" title="Versions of the data" '
        f'href=".{FEED_PATH}">',
        f'<link rel="preload" href="./{rules_address()}" as="style">',
    ]  # fmt: skip
    if things := _things(page, words, root):
        head.append(f'<script type="application/ld+json">{json_ld(things)}</script>')
    added = "\n    ".join(head)
    with_head, found = _STREAMLIT_TITLE.subn(lambda _: added, text, count=1)
    return _STREAMLIT_NOSCRIPT.sub(lambda _: _without_scripts(), with_head) if found else text


def _said(page: str, words: Words) -> tuple[str, str]:
    """Title and description of a page; of the Condition page those of its question."""
    about = PAGES[page].about
    if page == "condition":
        try:
            return _question(_taxonomy(), words, about)
        except EvidenceError:
            pass  # the page itself says what is wrong with the data
    return page_title(PAGES[page].title if page != FIRST else ""), about


def _question(taxonomy: Taxonomy, words: Words, about: str) -> tuple[str, str]:
    condition, comparison = _asked(taxonomy, words)
    question = lower_first(taxonomy.comparison(comparison).question)
    about = f"{taxonomy.condition(condition).label}: {question} {about}"
    return page_title(versus(taxonomy, condition, comparison)), about


def _asked(taxonomy: Taxonomy, words: Words) -> tuple[str, str]:
    """Condition and comparison of an address; the first where it names none that is known."""
    known = [one.id for one in taxonomy.conditions], [one.id for one in taxonomy.comparisons]
    asked = (words.get(word, [""])[0] for word in _QUESTION)
    condition, comparison = (
        one if one in ids else ids[0] for one, ids in zip(asked, known, strict=True)
    )
    return condition, comparison


def _taxonomy() -> Taxonomy:
    path = default_data_folder() / "taxonomy.toml"
    return _read_taxonomy(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=2)
def _read_taxonomy(path: Path, changed: int) -> Taxonomy:
    return load_taxonomy(path)


def _things(page: str, words: Words, root: str) -> list[dict[str, Any]]:
    """What the page is about in the words of schema.org."""
    try:
        if page in _WITH_DATASET:
            return [dataset(default_data_folder(), root, TABLES)]
        if page == "studies" and words.get("study"):
            return articles(current_base(), words["study"][0])
    except EvidenceError:
        pass  # the page itself says what is wrong with the data
    return []


def _without_scripts() -> str:
    links = "".join(
        f'<li><a href="./{table}">{table.rpartition("/")[2]}</a></li>' for table in TABLES
    )
    return (
        f"<noscript><h1>{html.escape(PRODUCT)}</h1>"
        "<p>These pages are drawn by JavaScript, which is off or not supported here. Turn it on to "
        "see them. The evidence can be had without it:</p>"
        f'<ul>{links}<li><a href="./api/v1">All addresses of the REST interface</a>, such as the '
        'pooled answers</li><li><a href="./api/v1/openapi.json">Its description (OpenAPI)</a></li>'
        f'<li><a href=".{FEED_PATH}">What changed in the data (Atom feed)</a></li></ul></noscript>'
    )
