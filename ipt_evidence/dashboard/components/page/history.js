// Streamlit notes a change of page that has choices in its address in two steps: the old page with
// the new choices, then the new page. Going back would lead to the first, which nobody has seen.
// The second step therefore takes the place of the first. (Without this,
// tests/dashboard/test_overview_page.py fails where it goes back from a cell of the map.)
const oneStepBack = () => {
  if (window.iptHistory) return;
  const push = history.pushState.bind(history);
  let last = { at: -Infinity, search: "" };
  window.iptHistory = true;
  history.pushState = (state, unused, url) => {
    const to = new URL(url ?? location.href, location.href);
    if (window.iptClassroom && !to.searchParams.has("classroom")) {
      to.searchParams.set("classroom", "true");
      url = to.href;
    }
    const again = to.search && to.search === last.search && to.pathname !== location.pathname &&
      performance.now() - last.at < 400;
    last = { at: performance.now(), search: to.search };
    if (again) history.replaceState(state, unused, url);
    else push(state, unused, url);
  };
};
// A link for a class says so in the address (?classroom=true), on every page that is opened from it.
const keepClassroom = (wanted) => {
  window.iptClassroom = wanted;
  const here = new URL(location.href);
  if (wanted === here.searchParams.has("classroom")) return;
  if (wanted) here.searchParams.set("classroom", "true");
  else here.searchParams.delete("classroom");
  history.replaceState(history.state, "", here);
};
