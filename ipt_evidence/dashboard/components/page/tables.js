// Tables and the line of tools below a figure, from plain cells.
const FEW_ROWS = 16; // more of them scroll in a window of their own
const MISSING = "not reported";
const DIGITS = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const shownCell = (value) => {
  if (value === null) return MISSING;
  if (typeof value !== "number") return value;
  return (Number.isInteger(value) && Math.abs(value) < 10000 ? String(value) : DIGITS.format(value))
    .replace("-", "\u2212");
};
// As plain.csv_safe: no cell that a spreadsheet would run; NA for missing; numbers whole.
const csvCell = (value) => {
  if (value === null) return "NA";
  if (typeof value === "number") return String(value);
  const text = value.replace(/\r\n?/g, "\n");
  const safe = /^[=+\-@\t\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const csvOf = (data) => [data.columns.map((column) => column.label), ...data.rows]
  .map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
const order = (value) => {
  if (value === null || value === MISSING) return null;
  if (typeof value === "number") return value;
  const number = value.replaceAll(",", "").replace("\u2212", "-").match(/^[<>≥≤\s]*([-]?\d*\.?\d+)/);
  return number ? Number(number[1]) : value.toLocaleLowerCase();
};
const compare = (a, b) => {
  if (a === null || b === null) return (a === null) - (b === null);
  if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b);
  return typeof a === "number" ? -1 : 1;
};
// A column of numbers, as such or as written ("1,643", "−0.2", "74%"), stands flush right.
const numeric = (rows, place) => rows.some((row) => row[place] !== null) && rows.every((row) =>
  row[place] === null || typeof row[place] === "number" || row[place] === MISSING ||
  /^[<>≥≤]?\s?[\u2212-]?[\d.,]+\s?%?$/.test(row[place]));
const buildTable = (data, open, pick) => {
  const ticked = new Set(data.picked);
  data.columns.forEach((column, place) => { column.number = !column.link && numeric(data.rows, place); });
  const scroll = make("div", data.rows.length > FEW_ROWS ? "ipt-scroll long" : "ipt-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", data.caption || "Table");
  const table = make("table", "ipt-table");
  table.append(make("caption", "ipt-unseen", data.caption || data.name));
  const head = make("tr");
  const body = make("tbody");
  const fill = (rows) => body.replaceChildren(...rows.map(([row, id]) => {
    const line = make("tr");
    row.forEach((value, place) => {
      const column = data.columns[place];
      const cell = make(place ? "td" : "th", column.number ? "number" : "");
      if (!place) cell.scope = "row";
      if (value === null) cell.classList.add("missing");
      if (column.link && value) {
        const link = make("a", "", column.link);
        link.href = value;
        link.target = "_blank";
        link.rel = "noopener noreferrer";
        link.setAttribute("aria-label", `${column.link}: ${shownCell(row[0])}`);
        cell.append(link);
      } else if (!place && open && id !== undefined) {
        const [name, ...under] = shownCell(value).split("\n");
        if (pick) {
          const box = make("input", "ipt-pick");
          box.type = "checkbox";
          box.value = id;
          box.checked = ticked.has(id);
          box.setAttribute("aria-label", `Select ${name}`);
          box.onchange = () => {
            if (box.checked) ticked.add(id);
            else ticked.delete(id);
            pick([...ticked]);
          };
          cell.append(box);
        }
        const opener = button("ipt-open", name, () => open(id));
        opener.setAttribute("aria-label", `${data.open} ${name}`);
        cell.append(opener, ...under.map((line) => make("span", "ipt-under", line)));
      } else cell.textContent = column.link ? "" : shownCell(value);
      line.append(cell);
    });
    return line;
  }));
  const rows = data.rows.map((row, i) => [row, data.ids && data.ids[i]]);
  data.columns.forEach((column, place) => {
    const cell = make("th", column.number ? "number" : "");
    cell.scope = "col";
    if (column.width) cell.style.minWidth = `${column.width}ch`;
    if (column.link) cell.append(make("span", "", column.label));
    else {
      const sorter = button("ipt-sort", column.label, () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of head.children) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sign = up ? 1 : -1;
        fill([...rows].sort(([a], [b]) => {
          const [x, y] = [order(a[place]), order(b[place])];
          return x === null || y === null ? compare(x, y) : sign * compare(x, y);
        }));
      });
      if (column.help) sorter.title = column.help;
      cell.append(sorter);
    }
    head.append(cell);
  });
  fill(rows);
  const header = make("thead");
  header.append(head);
  table.append(header, body);
  scroll.append(table);
  scroll.iptTick = (ids) => {
    ticked.clear();
    ids.forEach((id) => ticked.add(id));
    for (const box of body.querySelectorAll(".ipt-pick")) box.checked = ticked.has(box.value);
  };
  return scroll;
};
// The figure alone, with its source line, for a frame on another site; see embedding.py.
const embedding = (host, data) => {
  const address = new URL(window.location.href);
  address.searchParams.set("embed", "true");
  address.searchParams.set("only", data.key);
  address.hash = "";
  const frame = make("iframe");
  frame.src = address.href;
  frame.title = data.embed;
  frame.loading = "lazy";
  frame.width = "100%";
  const plot = host.closest('[class*="st-key-figure-"]')?.querySelector(".js-plotly-plot");
  frame.height = String(Math.ceil(plot?.clientHeight ?? 500) + 150);
  frame.style.border = "0";
  const parts = [make("p", "", "This figure as it is now, with its source, on your own page:"),
    copyable(frame.outerHTML)];
  if (/^(localhost|127\.|\[::1\])/.test(address.hostname)) {
    parts.push(make("p", "", "Only this computer reaches this address: open the explorer at a public one first."));
  }
  return parts;
};
const toolLine = (host, data) => {
  const line = make("div", "ipt-tools");
  const panel = make("div", "ipt-panel");
  panel.hidden = true;
  const views = {
    words: () => {
      const parts = [make("p", "", data.alt)];
      if (data.rows) parts.push(buildTable({ ...data, caption: `The numbers of the figure (${data.key})` }));
      return parts;
    },
    how: () => paragraphs(data.how),
    embed: () => embedding(host, data),
  };
  const openers = [];
  const toggle = (label, view) => {
    const opener = button("ipt-tool", label, () => {
      const opening = opener.getAttribute("aria-expanded") !== "true";
      for (const other of openers) other.setAttribute("aria-expanded", "false");
      opener.setAttribute("aria-expanded", String(opening));
      host.dataset.view = opening ? view : "";
      panel.replaceChildren(...(opening ? views[view]() : []));
      panel.hidden = !opening;
    });
    opener.setAttribute("aria-expanded", "false");
    openers.push(opener);
    line.append(opener);
    if (host.dataset.view === view) opener.click();
  };
  toggle(data.rows ? "In words and as a table" : "In words", "words");
  if (data.how) toggle("How to read this", "how");
  if (data.embed) toggle("Embed", "embed");
  const files = make("span", "ipt-files");
  files.append(make("span", "ipt-label", "Save as"));
  for (const form of ["svg", "png"]) {
    const saver = button("ipt-tool", form.toUpperCase(), async () => {
      saver.disabled = true;
      try { await saveFigure(host, data, form); } finally { saver.disabled = false; }
    });
    saver.setAttribute("aria-label", `Save this figure as ${form.toUpperCase()}`);
    files.append(saver);
  }
  if (data.rows) files.append(csvButton(data, "Save the numbers of this figure as CSV"));
  line.append(files);
  return [line, panel];
};
const csvButton = (data, label) => {
  const saver = button("ipt-tool", "CSV", () =>
    save(new Blob([csvOf(data)], { type: "text/csv;charset=utf-8" }), `${data.name}.csv`));
  saver.setAttribute("aria-label", label);
  return saver;
};
const tables = ({ data: bytes, parentElement, setTriggerValue }) => {
  const data = unpacked(bytes);
  const { picked, ...rest } = data;
  const said = JSON.stringify(rest);
  if (parentElement.iptSaid === said) {
    if (picked) parentElement.querySelector(".ipt-scroll").iptTick(picked);
    return;
  }
  parentElement.iptSaid = said;
  let host = parentElement.querySelector(":scope > .ipt-tables");
  if (!host) parentElement.append(host = make("div", "ipt-tables"));
  // What is rebuilt keeps the focus where it was.
  const focused = [...host.querySelectorAll("button")].indexOf(document.activeElement);
  const show = (parts) => {
    host.replaceChildren(...parts);
    if (focused >= 0) host.querySelectorAll("button")[focused]?.focus();
  };
  if (data.kind === "figure") return void show(toolLine(host, data));
  const open = data.ids && ((id) => setTriggerValue("opened", id));
  const pick = picked && ((ids) => setTriggerValue("picked", ids));
  const parts = [buildTable(data, open, pick)];
  if (data.download !== false) {
    const line = make("div", "ipt-tools");
    const files = make("span", "ipt-files");
    files.append(make("span", "ipt-label", "Save as"));
    files.append(csvButton(data, `Save this table as CSV: ${data.caption}`));
    line.append(files);
    parts.push(line);
  }
  show(parts);
};
