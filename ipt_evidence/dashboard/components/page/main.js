// The module that Streamlit loads: it offers the tools to the other components of the page.
let iptSource = "";
export default function ({ data }) {
  iptSource = data.source;
  if (!window.iptPage) {
    window.iptPage = { twin, words: fillWords };
    watchPrint();
    oneStepBack();
    window.dispatchEvent(new Event("ipt-page"));
  }
  watchWords(data.terms);
}
