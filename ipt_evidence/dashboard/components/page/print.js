// Before printing: figures are made to fit the paper, and a line says where the page comes from.
const PAPER = 680; // CSS pixels between the margins of A4
const dark = (colour) => {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
};
const beforePrint = () => {
  const app = document.querySelector('[data-testid="stApp"]');
  const column = document.querySelector('[data-testid="stMainBlockContainer"]');
  if (!app || !column) return;
  document.documentElement.classList.toggle("ipt-dark", dark(getComputedStyle(app).backgroundColor));
  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    const width = plot.querySelector(".main-svg")?.width.baseVal.value || 0;
    plot.style.zoom = width > PAPER ? String(PAPER / width) : "";
  }
  let line = column.querySelector(":scope > .ipt-print");
  if (!line) column.append(line = make("p", "ipt-print"));
  const today = new Date().toISOString().slice(0, 10);
  line.textContent = `${iptSource}. ${decodeURI(location.href)} (${today})`;
};
const afterPrint = () => {
  for (const plot of document.querySelectorAll(".js-plotly-plot")) plot.style.zoom = "";
};
const watchPrint = () => {
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
};
