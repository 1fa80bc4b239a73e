// The module that Streamlit loads: it offers the tools to the other components of the page.
let iptSource = "";
export default function ({ data, setStateValue }) {
  const { source, terms, classroom } = unpacked(data);
  iptSource = source;
  if (!window.iptPage) {
    window.iptPage = { tables, downloads, words: ({ parentElement }) => { fillWords(parentElement); }, unpacked };
    watchPrint();
    watchRows();
    oneStepBack();
    window.dispatchEvent(new Event("ipt-page"));
  }
  keepClassroom(classroom);
  watchWords(terms);
  return watchScreen(setStateValue);
}
