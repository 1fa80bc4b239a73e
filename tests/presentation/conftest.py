"""A browser that draws a figure and says which of its texts cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
FACE = ROOT / "ipt_evidence/dashboard/static/fonts/ibm-plex-sans-latin-wght-normal.woff2"
SHEET = f"""<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }}
@font-face {{ font-family: "IBM Plex Sans"; src: url({FACE.as_uri()}); font-weight: 100 700 }}
</style><script src="{PLOTLY.as_uri()}"></script>"""
DRAW = """async (figure) => {
  const sheet = document.createElement('div');
  document.body.replaceChildren(sheet);
  await document.fonts.load("13px 'IBM Plex Sans'");
  await Plotly.newPlot(sheet, figure.data, figure.layout, { displayModeBar: false });
}"""
# Pairs of texts that overlap by more than a hair, and texts that leave the page.
TROUBLE = """() => {
  const boxes = [...document.querySelectorAll('svg text')]
    .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
    .filter(([text, box]) => text && box.width > 0);
  const found = boxes.filter(([, b]) => b.left < -0.5 || b.right > document.body.clientWidth + 0.5
    || b.top < -0.5 || b.bottom > document.body.clientHeight + 0.5).map(([t]) => `cut: ${t}`);
  boxes.forEach(([t, a], i) => boxes.slice(i + 1).forEach(([u, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 4) found.push(`overlap: ${t} | ${u}`);
  }));
  return {found, texts: boxes.length};
}"""


@pytest.fixture(scope="session")
def look(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[go.Figure, int], dict[str, Any]]]:
    """Draw a figure on a sheet of a width: the texts ``found`` in trouble, the number of ``texts``.

    Plotly is read once; each figure is drawn anew on an empty sheet of its own size.
    """
    file = tmp_path_factory.mktemp("sheet") / "sheet.html"
    file.write_text(SHEET, encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())

    def draw(figure: go.Figure, width: int) -> dict[str, Any]:
        page.set_viewport_size({"width": width, "height": int(figure.layout.height)})
        page.evaluate(DRAW, json.loads(figure.to_json()))
        seen: dict[str, Any] = page.evaluate(TROUBLE)
        return seen

    yield draw
    page.close()
