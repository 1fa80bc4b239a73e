"""The report as one page that needs nothing else: no script, no font, no other file."""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ipt_evidence.exchange.report.content import Report

__all__ = ["report_html"]


def report_html(report: Report) -> str:
    """The text of the page. Everything that comes from data is escaped by the template engine."""
    return str(_template().render(report=report))


@cache
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["picture"] = _picture
    environment.filters["strong"] = _strong
    text = resources.files(__package__) / "report.html"
    return environment.from_string(text.read_text(encoding="utf-8"))


def _picture(svg: bytes) -> str:
    """An address that holds the drawing itself; as an image it can run nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def _strong(text: str) -> Markup:
    """Our own method texts mark words by ``**`` and links as in Markdown; show them plainly."""
    parts = _plain_links(text).split("**")
    marked = [Markup("<strong>{}</strong>").format(part) if i % 2 else Markup.escape(part)
              for i, part in enumerate(parts)]  # fmt: skip
    return Markup("").join(marked)


def _plain_links(text: str) -> str:
    """``[doi:10.1/x](https://…)`` becomes ``doi:10.1/x``."""
    start = text.find("](")
    while start >= 0:
        end, opening = text.find(")", start), text.rfind("[", 0, start)
        text = text[:opening] + text[opening + 1 : start] + text[end + 1 :]
        start = text.find("](")
    return text
