// Builds the gap map from data. Text goes in as text, never as HTML.
export default function (component) {
  const { parentElement, setTriggerValue } = component;
  const data = JSON.parse(new TextDecoder().decode(component.data));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const cellOf = (cell, label) => {
    const box = make("td", `cell ${cell.state} ${cell.side} tone-${cell.tone}`);
    const link = make("a");
    const words = Object.entries(cell.query).flatMap(([w, v]) => [v].flat().map((one) => [w, one]));
    link.href = `${cell.page}?${new URLSearchParams(words)}`;
    link.setAttribute("aria-label", cell.alt);
    const main = make("span", "main", cell.main);
    if (cell.dots) {
      const circles = make("span", "circles", "⊕".repeat(cell.dots) + "◯".repeat(4 - cell.dots));
      circles.title = `${cell.certainty} certainty`;
      circles.setAttribute("aria-hidden", "true");
      main.append(circles);
    }
    link.append(make("span", "versus", label), main);
    if (cell.interval) link.append(make("span", "interval", cell.interval));
    if (cell.detail) {
      const detail = make("span", "detail");
      cell.detail.split(" · ").forEach((part, i) => {
        if (i) detail.append(" · ");
        detail.append(make("span", "part", part));
      });
      link.append(detail);
    }
    if (cell.dots) link.append(make("span", "certainty", `${cell.certainty} certainty`));
    if (cell.note) link.append(make("span", "note", cell.note));
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the reader's wish
      event.preventDefault();
      setTriggerValue("opened", { page: cell.page, query: cell.query });
    };
    box.append(link);
    return box;
  };

  const table = make("table", `map columns-${data.columns.length}`);
  table.setAttribute("aria-label", data.label);
  const head = make("tr");
  head.append(make("th", "corner", "Condition"));
  for (const column of data.columns) {
    const cell = make("th", "", column.label);
    cell.scope = "col";
    head.append(cell);
  }
  const header = make("thead");
  header.append(head);
  const body = make("tbody");
  for (const row of data.rows) {
    const line = make("tr");
    if (row.parent) line.className = "narrower";
    const name = make("th", "name");
    if (row.narrower > 0) {
      const button = make("button", "turn", row.label);
      button.setAttribute("aria-expanded", String(row.opened));
      button.title = row.opened ? "Close" : `Open ${row.narrower} narrower conditions`;
      button.onclick = () => setTriggerValue("turned", row.condition);
      name.append(button);
    } else name.textContent = row.label;
    name.scope = "row";
    name.style.setProperty("--condition", row.colour);
    line.append(name);
    row.cells.forEach((cell, i) => line.append(cellOf(cell, data.columns[i].label)));
    body.append(line);
  }
  // Arrows go from cell to cell, beside Tab.
  table.onkeydown = (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[
      event.key
    ];
    const here = event.target.closest?.("td");
    if (!step || !here) return;
    const line = body.rows[here.parentElement.sectionRowIndex + step[0]];
    const link = line?.cells[here.cellIndex + step[1]]?.querySelector("a");
    if (!link) return;
    event.preventDefault();
    link.focus();
  };
  table.append(header, body);
  const old = parentElement.querySelector("table.map");
  if (old) old.replaceWith(table);
  else parentElement.append(table);
}
