// In a figure whose rows are trials the whole row opens the trial, as its square does.
const rowAt = (plot, event) => {
  const meta = plot.layout?.meta, layout = plot._fullLayout;
  const trace = meta?.rows && plot._fullData.find(({ name }) => name === meta.rows);
  const area = plot.querySelector(".nsewdrag");
  if (!trace || !area || area.contains(event.target)) return null; // Plotly's own part of the row
  const frame = plot.getBoundingClientRect();
  const y = event.clientY - frame.top, { xaxis, yaxis } = layout;
  const half = Math.abs(yaxis.d2p(1) - yaxis.d2p(0)) / 2;
  const place = [...trace.y].findIndex((row) => Math.abs(yaxis.d2p(row) + yaxis._offset - y) <= half);
  if (place < 0) return null;
  return {
    area,
    clientX: frame.left + xaxis._offset + xaxis.d2p([...trace.x][place]),
    clientY: frame.top + yaxis._offset + yaxis.d2p([...trace.y][place]),
  };
};
const plotOf = (event) => event.target.closest?.(".js-plotly-plot");
const watchRows = () => {
  document.addEventListener("mousemove", (event) => {
    const plot = plotOf(event);
    if (plot) plot.style.cursor = rowAt(plot, event) ? "pointer" : "";
  });
  document.addEventListener("click", (event) => {
    const plot = event.isTrusted && plotOf(event);
    const row = plot && rowAt(plot, event);
    if (!row) return;
    // A press on the row's square, so that the figure tells the page what it always tells.
    const { area, ...place } = row;
    const press = (kind) =>
      area.dispatchEvent(new MouseEvent(kind, { ...place, bubbles: true, cancelable: true, view: window }));
    press("mousemove");
    setTimeout(() => ["mousedown", "mouseup", "click"].forEach(press), 80); // it looks twice in 50 ms
  });
};
