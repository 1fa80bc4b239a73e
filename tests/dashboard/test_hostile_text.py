"""Text from data is text: markup in any string of a base is shown as it stands."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from defusedxml.ElementTree import fromstring as parse_xml
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.gap_map.result import coverage
from ipt_evidence.analyses.lessons import LESSONS
from ipt_evidence.evidence.package import write_descriptor
from ipt_evidence.evidence.schema import TABLES, Column
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.bundle import bundle_files
from ipt_evidence.exchange.feed import atom_feed
from ipt_evidence.exchange.grade import summary_docx
from ipt_evidence.exchange.handout import handout_html
from ipt_evidence.exchange.json_ld import articles, dataset, json_ld
from ipt_evidence.exchange.map_files import map_file
from ipt_evidence.exchange.report import report, report_html
from ipt_evidence.living.changes import Entry
from ipt_evidence.paths import DATA_VARIABLE

MARKUP = (
    "**Qz** [Qz](http://qz.example) :red[Qz] :material/Qz: $Qz$ ~~Qz~~ `Qz` <b>Qz</b> </script>"
)
# Elements whose strings Streamlit shows as they are, and the fields that are no text at all.
PLAIN = {
    ("PlotlyChart", "alt"),
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("MultiSelect", "options"),
    ("MultiSelect", "raw_values"),
    ("TextInput", "value"),
}
NAMES = {"id", "key", "element_id", "user_key", "form_id", "placeholder", "url", "raw_options"}
FREE = (
    "label|short_label|description|statement|reason|text|finding|what_it_is|population|design"
    "|design_tier|certainty|note|attribution|printed|title"
)
VIEWS = (
    ("overview", {}),
    ("condition", {"condition": "depression"}),
    ("condition", {"condition": "depression", "study": "elkin1989"}),
    ("condition", {"condition": "eating_disorders"}),
    ("condition", {"condition": "anxiety", "section": "differences"}),
    ("studies", {}),
    ("studies", {"study": "elkin1989"}),
    ("coverage", {}),
    ("robustness", {"condition": "depression"}),
    ("candidates", {}),
    ("claims", {}),
    ("learn", {}),
    ("learn", {"lesson": "forest"}),
    ("importing", {}),
    ("methods", {}),
)


def _is_free(column: Column) -> bool:
    return (
        column.type == "string"
        and not column.levels
        and not column.references
        and not column.name.endswith(("_id", "_url", "url", "reference", "date", "formula"))
        and column.name not in ("country", "reported_p", "reported_metric", "obtained")
    )


def _in_quotes(match: re.Match[str]) -> str:
    return f"{match.group(1)}{match.group(2)} {MARKUP}{match.group(3)}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, base: EvidenceBase) -> Path:
    """A copy of the fixture base in which every free text ends in markup."""
    folder = tmp_path_factory.mktemp("hostile") / "data"
    shutil.copytree(base.folder, folder)
    for table in TABLES:
        path = folder / table.file
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        free = {column.name for column in table.columns if _is_free(column)}
        for row in rows:
            row |= {n: f"{row[n]} {MARKUP}" for n in free & row.keys() if row[n] not in ("", "NA")}
        if rows:
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    for name in ("taxonomy", "claims", "sources"):
        path = folder / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        pattern = rf'(?m)((?:^|\{{ |, )(?:{FREE}) = ")((?!NA")[^"\n]+)(")'
        path.write_text(re.sub(pattern, _in_quotes, text), encoding="utf-8")
    loaded = EvidenceBase.load(folder)
    write_descriptor(folder, loaded.sources)
    assert not loaded.problems, loaded.problems[:3]
    assert len(loaded.studies) == len(base.studies)
    return folder


def _strings(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string of an element with the name of its field."""
    for field, value in message.ListFields():
        kind = message.DESCRIPTOR.name
        if (kind, field.name) in PLAIN or field.name in NAMES:
            continue
        where = f"{path}{kind}.{field.name} "
        values = value if field.is_repeated else [value]
        for one in values if not isinstance(values, dict) else values.values():
            if isinstance(one, Message):
                yield from _strings(one, where)
            elif isinstance(one, str):
                yield where, one


_MARKUP = re.compile(r"(?<!\\)(?:\*\*|:red\[|\$|~~|`|<b>)Qz|(?<!\\)\[Qz\]\(|(?<!\\):material/Qz:")


def _obeyed(where: str, text: str) -> bool:
    """Whether markup of the data stands in ``text`` unescaped; Plotly knows HTML alone."""
    if "PlotlyChart" in where:
        return "<b>Qz" in text
    return _MARKUP.search(text) is not None


@pytest.mark.parametrize(("view", "query"), VIEWS)
def test_no_page_obeys_markup_in_data(
    view: str, query: dict[str, str], hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(hostile))
    st.cache_resource.clear()
    script = f"from ipt_evidence.dashboard.views import {view}\n{view}.render()\n"
    app = AppTest.from_string(script, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    texts = [(where, text) for element in _elements(app) for where, text in _strings(element)]
    assert texts
    found = [f"{where}: {text[:300]}" for where, text in texts if _obeyed(where, text)]
    assert not found, "\n".join(found[:10])


def _elements(app: AppTest) -> Iterator[Message]:
    waiting: list[Any] = [app.main, app.sidebar]
    while waiting:
        block = waiting.pop()
        if isinstance(getattr(block, "proto", None), Message):
            yield block.proto
        waiting += list(getattr(block, "children", {}).values())


TEXTS = (".md", ".svg", ".html", ".json")
_WRITTEN = re.compile(r"<b>Qz|</script>", re.IGNORECASE)


def test_no_file_obeys_markup_in_data(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages to keep, the feed, what search engines read, and the texts of the bundle."""
    monkeypatch.setattr("ipt_evidence.exchange.bundle.figure_files", lambda *_: {})  # slow
    base = EvidenceBase.load(hostile)
    view = View(Question("social_anxiety", "other_psychotherapy"))  # few trials: fast pictures
    answer = estimate(base, view.question)
    assert answer.k > 1
    taken = bundle_files(base, answer)
    files = {
        "report.html": report_html(report(base, view)),
        "map.html": map_file(base, coverage(base), "html", MARKUP, MARKUP).decode(),
        "feed.xml": atom_feed((Entry("2026.1", "2026-01-01", MARKUP, (MARKUP,), (MARKUP,)),), "x:"),
        "handout.html": handout_html(base, LESSONS["forest"]),
        **{name: data.decode() for name, data in taken.items() if name.endswith(TEXTS)},
    }
    for name, text in files.items():
        if name.endswith(".html"):
            assert "Content-Security-Policy" in text, name
        if name.endswith((".html", ".svg", ".xml")):
            assert _WRITTEN.search(text) is None, name
        if name.endswith((".svg", ".xml")):
            parse_xml(text)
        if name.endswith(".md"):
            assert _MARKUP.search(text.replace(":material/", "")) is None, name
    for name in ("report.html", "map.html", "feed.xml", "README.md", "methods.md"):
        assert "Qz" in files[name], name
    engines = json_ld([*articles(base, "elkin1989"), dataset(hostile, "x:", ["studies"])])
    assert "Qz" in engines and "</script" not in engines and json.loads(engines)
    word = zipfile.ZipFile(io.BytesIO(summary_docx(base, answer)))
    for part in word.namelist():
        if part.endswith((".xml", ".rels")):
            assert ".rels" not in part or b"qz.example" not in word.read(part)
            parse_xml(word.read(part))
