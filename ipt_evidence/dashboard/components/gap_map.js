// Builds the gap map from data. Text goes in as text, never as HTML.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  const cellOf = (cell, label) => {
    const box = make("td", `cell ${cell.state} ${cell.side} tone-${cell.tone}`);
    const link = make("a");
    link.href = `condition?condition=${encodeURIComponent(cell.condition)}` +
      `&comparison=${encodeURIComponent(cell.comparison)}`;
    link.setAttribute("aria-label", cell.alt);
    link.append(make("span", "versus", label), make("span", "main", cell.main));
    if (cell.interval) link.append(make("span", "interval", cell.interval));
    if (cell.detail) link.append(make("span", "detail", cell.detail));
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the reader's wish
      event.preventDefault();
      setTriggerValue("opened", { condition: cell.condition, comparison: cell.comparison });
    };
    box.append(link);
    return box;
  };

  const table = make("table", "map");
  table.setAttribute("aria-label", "What is known for each condition and comparison");
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
    const name = make("th", "name", row.label);
    name.scope = "row";
    name.style.setProperty("--condition", row.colour);
    line.append(name);
    row.cells.forEach((cell, i) => line.append(cellOf(cell, data.columns[i].label)));
    body.append(line);
  }
  table.append(header, body);
  const old = parentElement.querySelector("table.map");
  if (old) old.replaceWith(table);
  else parentElement.append(table);
}
