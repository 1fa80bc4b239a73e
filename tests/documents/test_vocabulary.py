"""Plain, standard English: words that readers stumbled over stay out of pages and documents."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What readers met, and what stands there now.
BANNED = {
    r"carr(y|ies|ying) (the|its|their|any|a|part)\b.{0,20}\b(claim|sentence|statement)": "support",
    r"\bcarr(y|ies) (part of )?it\b": "support",
    r"\btake (it|them) (with you|along)\b": "download",
    r"\bwords on this page\b": "glossary",
    r"\bpoolable\b": "usable",
    r"\bto bear in mind\b": "before you rely on this",
    r"\bhuman units\b": "clinical units",
    r"\bworth having\b": "of interest",
    r"\bhangs? on\b": "depends on",
    r"\bset aside\b": "excluded",
    r"\bruler\b": "unit",
    r"\btake (it|them) out (again )?in\b": "download",
    r"\bheld against\b": "compared with",
    r"\bRead are\b": "it reads",
    r"\bexcludes? no (effect|difference)\b": "excludes 0",
    r"\bbeyond doubt\b": "clearly",
    r"\blike treatments\b": "similar treatments",
}


def texts() -> Iterator[tuple[str, str]]:
    """What a reader may see: strings of the package that are no docstrings, and the documents."""
    for path in sorted((ROOT / "ipt_evidence").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree)
                if isinstance(node, documented)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                if node.value not in docs:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_no_text_has_a_word_that_readers_stumbled_over() -> None:
    found = [
        f"{where}: {match.group()!r}, write {instead!r}"
        for where, text in texts()
        for banned, instead in BANNED.items()
        if (match := re.search(banned, text, re.IGNORECASE))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["It carries its claim", "Take it with you", "a poolable result"])
def test_the_banned_words_are_found(text: str) -> None:
    assert any(re.search(banned, text, re.IGNORECASE) for banned in BANNED)
