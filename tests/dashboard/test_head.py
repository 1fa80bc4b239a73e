"""What a page says before a script has run: its head, and the feed to which it leads."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import anyio
import pytest
import streamlit

from ipt_evidence import dashboard
from ipt_evidence.api.routes import routes
from ipt_evidence.dashboard.components.style import rules_address, style_sheet
from ipt_evidence.dashboard.head import TABLES, PageHead, page_html
from ipt_evidence.dashboard.navigation import PAGES
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.exchange.json_ld import articles, json_ld

INDEX = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
ROOT = "https://example.org/ipt/"


class Head(HTMLParser):
    """Title, meta and link elements, JSON-LD and addresses in noscript, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.texts: dict[str, list[str]] = {}
        self.addresses: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[found.get("property") or found.get("name", "")] = found.get("content", "")
        elif tag == "link":
            self.links[found.get("type", found["rel"])] = found["href"]
        elif tag == "a" and "noscript" in self._open:
            self.addresses.append(found["href"])
        if tag not in ("meta", "link"):
            self._open.append(found.get("type", tag))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "link"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open[-1] if self._open else "", []).append(data)


def head(page: str, **words: str) -> Head:
    return Head(page_html(INDEX, page, {word: [value] for word, value in words.items()}, ROOT))


def test_every_page_has_a_title_and_a_description_of_its_own(base: EvidenceBase) -> None:
    made = {page: head(page) for page in PAGES}
    titles = {one.texts["title"][0] for one in made.values()}
    assert len(titles) == len(PAGES) and all("IPT evidence explorer" in one for one in titles)
    assert len({one.meta["description"] for one in made.values()}) == len(PAGES)
    for page, one in made.items():
        assert one.meta["og:title"] == one.texts["title"][0]
        assert one.meta["og:url"] == ROOT + ("" if page == "overview" else page)
        assert one.links["application/atom+xml"] == "./feed.xml"
    asked = head("condition", condition="anxiety", comparison="pharmacotherapy")
    assert asked.texts["title"] == ["Anxiety disorders v medication – IPT evidence explorer"]
    assert asked.meta["og:url"].endswith("condition?condition=anxiety&comparison=pharmacotherapy")


def test_the_style_is_fetched_before_the_first_run_asks_for_it() -> None:
    address = rules_address()
    assert f'<link rel="preload" href="./{address}" as="style">' in page_html(
        INDEX, "claims", {}, ROOT
    )
    assert all(f'@import url("{address}");' in style_sheet(dark) for dark in (False, True))
    served = Path(dashboard.__file__).parent / address.removeprefix("app/").partition("?")[0]
    assert served.read_text(encoding="utf-8").count("{") > 100


def test_who_runs_no_scripts_is_led_to_the_data() -> None:
    found = {address.removeprefix("./") for address in head("overview").addresses}
    assert found == {*TABLES, "api/v1", "api/v1/openapi.json", "feed.xml"}
    served = [route.path_regex for route in routes()]  # type: ignore[attr-defined]
    assert all(any(one.match(f"/{address}") for one in served) for address in found)
    assert "JavaScript" in "".join(head("overview").texts["p"])


def test_the_dataset_says_what_search_engines_for_data_ask(base: EvidenceBase) -> None:
    document = json.loads(head("overview").texts["application/ld+json"][0])
    assert document["@context"] == "https://schema.org"
    [found] = document["@graph"]
    assert found["@type"] == "Dataset"
    # Required and recommended by Google's documentation of the type.
    assert 50 <= len(found["description"]) <= 5000
    for name in ("name", "license", "creator", "url", "version", "datePublished", "keywords"):
        assert found[name]
    assert [one["contentUrl"] for one in found["distribution"]] == [ROOT + one for one in TABLES]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", found["dateModified"])
    assert "application/ld+json" not in head("learn").texts


def test_a_study_names_its_reports(base: EvidenceBase) -> None:
    study = base.studies.iloc[0]
    document = json.loads(head("studies", study=study["study_id"]).texts["application/ld+json"][0])
    assert document["@graph"] == articles(base, study["study_id"])
    first = document["@graph"][0]
    assert first["@type"] == "ScholarlyArticle" and first["headline"] and first["author"]
    assert articles(base, "nobody2020") == []


def test_what_an_address_says_cannot_become_markup() -> None:
    evil = '"><script>alert(1)</script>'
    assert "alert" not in page_html(INDEX, "condition", {"condition": [evil]}, ROOT).replace(
        "alert%281%29",
        "",  # escaped, in the address that is repeated
    )
    assert evil not in page_html(INDEX, "overview", {}, f"http://{evil}/")
    assert "<" not in json_ld([{"name": "</script><b>"}])


def test_other_html_stays_as_it_is() -> None:
    assert page_html("<title>Mine</title>", "overview", {}, ROOT) == "<title>Mine</title>"


def answered(path: str, method: str = "GET", kind: str = "text/html") -> tuple[Any, bytes]:
    """What the middleware makes of Streamlit's answer."""
    sent: list[Any] = []
    asked: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        asked.append(dict(scope["headers"]))
        body = INDEX.encode() if method == "GET" else b""
        headers = [(b"content-type", kind.encode()), (b"etag", b'"1"'), (b"content-length", b"9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:500], "more_body": True})
        await send({"type": "http.response.body", "body": body[500:]})

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        headers = [(b"host", b"here:1"), (b"if-none-match", b'"1"')]
        scope = {"type": "http", "method": method, "path": path, "headers": headers}
        await PageHead(inner)(scope, send, send)

    with ThreadPoolExecutor(1) as thread:  # a browser of another test may keep a loop in this one
        thread.submit(anyio.run, ask).result()
    assert (b"if-none-match" in asked[0]) == (path == "/static/x.js")
    return dict(sent[0]["headers"]), b"".join(one["body"] for one in sent[1:])


def test_the_answer_on_its_way_is_whole(base: EvidenceBase) -> None:
    headers, body = answered("/learn")
    assert b"<title>Learn" in body and b"http://here:1/learn" in body
    assert int(headers[b"content-length"]) == len(body) and b"etag" not in headers
    headers, body = answered("/", method="HEAD")
    assert body == b"" and b"content-length" not in headers
    assert answered("/static/x.js")[1] == INDEX.encode()


@pytest.mark.parametrize("address", ["/learn/", "/overview"])
def test_a_page_is_known_by_its_address(address: str, base: EvidenceBase) -> None:
    assert b"<title>Streamlit" not in answered(address)[1]
