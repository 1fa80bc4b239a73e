// How wide the screen is: figures are drawn to fit it.
const watchScreen = (setStateValue) => {
  // Narrow is the column, not the screen: an open sidebar takes its share of a tablet.
  const column = document.querySelector('[data-testid="stMainBlockContainer"]');
  const wide = window.matchMedia("(min-width: 1680px)");
  const room = () => {
    const style = getComputedStyle(column);
    return column.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  };
  const size = () => (room() < 760 ? "narrow" : wide.matches ? "wide" : "medium");
  let told = "medium"; // what the server assumes: it need not be told
  const tell = () => { if (size() !== told) setStateValue("size", told = size()); };
  // Another screen says so when the first run has ended, so that it is not cut short.
  const app = document.querySelector('[data-testid="stApp"]');
  const idle = () => !app || app.dataset.testScriptState === "notRunning";
  const watch = new MutationObserver(() => { if (idle()) { watch.disconnect(); tell(); } });
  if (idle()) tell();
  else watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => idle() && tell(), 300);
  };
  const widths = new ResizeObserver(later);
  widths.observe(column);
  wide.addEventListener("change", tell);
  return () => {
    wide.removeEventListener("change", tell);
    widths.disconnect();
    watch.disconnect();
    clearTimeout(waiting);
  };
};
