"""The documentation says what is in the code: commands, columns, settings, sources, addresses."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import ipt_evidence
from ipt_evidence.about import AUTHORS, ERRORS_ADDRESS, PRODUCT, VERSION
from ipt_evidence.analyses.glossary import GLOSSARY
from ipt_evidence.analyses.methods import found_an_error
from ipt_evidence.cli import cli
from ipt_evidence.evidence.schema import TABLES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOI = re.compile(r"10\.\d{4,}/[^\s\"'`,\]]+")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """The script that writes what the documentation takes from the code."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "ipt_evidence").rglob("*.py"))
    )


def dois(text: str) -> set[str]:
    """DOIs in a text, without the signs that follow them in a sentence or link."""
    found = set()
    for doi in DOI.findall(text):
        doi = doi.partition("](")[0].rstrip(".:;*|")
        while doi.endswith(")") and doi.count(")") > doi.count("("):
            doi = doi[:-1].rstrip(".:;")
        found.add(doi)
    return found


def test_every_part_is_written_and_used(generate: ModuleType) -> None:
    used = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        used |= set(re.findall(r"^\{\{ (\w+) \}\}$", text, flags=re.MULTILINE))
        assert "{{" not in generate.filled(text), page.name
    assert used == set(generate.PARTS)


def test_every_command_and_option_is_documented(generate: ModuleType) -> None:
    listed, described = generate.command_list(), generate.commands()
    for name, command, _ in generate._commands():
        assert f"[`{name}`](#{name})" in listed
        section = described.split(f"### {name}\n")[1].split("\n### ")[0]
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.opts[-1] in section, (name, parameter.name)
    assert len(re.findall(r"^### ", described, flags=re.MULTILINE)) == len(cli.list_commands(None))


def test_every_column_is_in_the_data_dictionary(generate: ModuleType) -> None:
    sections = generate.columns().split("\n## ")
    assert len(sections) == len(TABLES)
    for table, section in zip(TABLES, sections, strict=True):
        assert table.file in section
        assert re.findall(r"^\| `(\w+)` ", section, flags=re.MULTILINE) == list(table.column_names)


def test_every_address_parameter_name_and_term_is_documented(generate: ModuleType) -> None:
    from ipt_evidence.api.answers import RESOURCES
    from ipt_evidence.evidence.view import VIEW_WORDS

    for resource in RESOURCES:
        assert f"/{resource.name}.json`" in generate.addresses()
    for word in VIEW_WORDS:
        assert f"| `{word}` |" in generate.parameters()
    for name in ipt_evidence.__all__:
        assert f"::: ipt_evidence.{name}\n" in generate.public_names() + "\n"
    for term in GLOSSARY.values():
        assert f"### {term.name} {{#" in generate.glossary()


def test_every_setting_is_documented(generate: ModuleType) -> None:
    named = set(re.findall(r"\"(IPT_EVIDENCE_[A-Z_]+)\"", code()))
    assert named
    for name in named:
        assert f"| `{name}` |" in generate.settings()


def test_sources_of_the_documentation_are_those_of_the_code() -> None:
    inside = dois(code())
    for page in PAGES:
        assert dois(page.read_text(encoding="utf-8")) <= inside, page.name


def test_methods_name_every_source_of_the_statistics() -> None:
    statistics = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "ipt_evidence/meta_analysis").rglob("*.py"))
    )
    cited = dois(statistics)
    assert len(cited) > 40
    assert cited <= dois(text_of("docs/methods.md"))


def test_errors_are_reported_to_one_address() -> None:
    """Whoever sets the address reads here what else to change."""
    address = ERRORS_ADDRESS
    sentence = found_an_error()
    assert sentence in " ".join(text_of("README.md").split()), f"README.md should say: {sentence}"
    urls = tomllib.loads(text_of("pyproject.toml"))["project"].get("urls", {})
    assert urls.get("Issues", "") == address, "pyproject.toml: Issues under [project.urls]"
    citation = re.findall(r'^url: "?([^"\n]*)"?$', text_of("CITATION.cff"), flags=re.MULTILINE)
    assert citation == ([address] if address else []), "CITATION.cff: url"


def test_descriptions_for_other_services_say_what_the_project_says() -> None:
    """codemeta.json and .zenodo.json against pyproject.toml, CITATION.cff and about.py."""
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    cited = dict(re.findall(r'^([a-z-]+): "?([^"\n]+)"?$', text_of("CITATION.cff"), re.MULTILINE))
    codemeta, zenodo = (json.loads(text_of(name)) for name in ("codemeta.json", ".zenodo.json"))
    assert cited["version"] == codemeta["version"] == zenodo["version"] == VERSION
    released = cited["date-released"]
    assert released == codemeta["dateModified"] == zenodo["publication_date"]
    assert cited["title"] == codemeta["name"] == zenodo["title"] == PRODUCT
    assert (codemeta["description"], zenodo["description"]) == (
        project["description"], cited["abstract"]
    )  # fmt: skip
    licence = f"https://spdx.org/licenses/{project['license']}"
    assert codemeta["license"] == licence and zenodo["license"] == project["license"].lower()
    assert cited["license"] == project["license"]
    for people in (codemeta["author"], zenodo["creators"], project["authors"]):
        assert [person["name"] for person in people] == [AUTHORS]
    assert codemeta["keywords"] == zenodo["keywords"] == project["keywords"]
    assert codemeta["identifier"] == project["name"]
    assert codemeta["runtimePlatform"] == f"Python {project['requires-python']}"
    assert codemeta.get("issueTracker", "") == ERRORS_ADDRESS
    # An address that nobody has set is not made up.
    named = re.findall(r'https?://[^"]+', text_of("codemeta.json") + text_of(".zenodo.json"))
    assert set(named) <= {"https://w3id.org/codemeta/3.0", licence, ERRORS_ADDRESS}


def test_with_an_address_the_app_names_it() -> None:
    assert "<https://example.org/issues>" in found_an_error("https://example.org/issues")
    assert "whoever gave you this copy" in found_an_error("")
