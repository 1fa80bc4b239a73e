// Words of the glossary: underlined with dots where they stand, explained on a click, and listed at
// the end of the page for the keyboard. The page's own elements are never changed: the browser
// paints ranges of text (CSS custom highlights), so that Streamlit can redraw them as it likes.
const SKIP = "h1, h2, h3, h4, a, button, code, pre, input, textarea, svg, label, summary, " +
  ".ipt-words, .ipt-unseen, [popover], .st-key-glossary, [data-testid='stPopover'], " +
  "[data-testid='stAlert'] a, [contenteditable]";
const main = () => document.querySelector('[data-testid="stMain"]');
let words = null; // terms, their finder, and what was found
let wordsHost = null;

const isTermLink = (element) => element.matches('a[href*="topic=glossary"]');
const scanWords = () => {
  const root = main();
  if (!root || !words) return;
  words.ranges = [];
  const onPage = new Map();
  const seen = new Set();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => {
      if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
      if (isTermLink(node)) {
        const term = words.byAddress(node.getAttribute("href"));
        if (term) onPage.set(term, seen.add(term));
      }
      return node.matches(SKIP) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
    },
  });
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.length < 2) continue;
    for (const match of node.data.matchAll(words.finder)) {
      const term = words.terms[match.slice(1).findIndex((group) => group !== undefined)];
      onPage.set(term, true);
      if (seen.has(term)) continue;
      seen.add(term);
      const range = new Range();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      words.ranges.push({ range, term });
    }
  }
  if (window.Highlight) {
    CSS.highlights.set("ipt-term", new Highlight(...words.ranges.map(({ range }) => range)));
  }
  listWords([...onPage.keys()]);
};

const termAt = (x, y) => {
  const spot = document.caretPositionFromPoint
    ? document.caretPositionFromPoint(x, y)
    : document.caretRangeFromPoint && document.caretRangeFromPoint(x, y);
  const node = spot && (spot.offsetNode || spot.startContainer);
  if (!node || node.nodeType !== Node.TEXT_NODE) return null;
  return words.ranges.find(({ range }) => range.startContainer === node &&
    [...range.getClientRects()].some((box) =>
      x >= box.left - 1 && x <= box.right + 1 && y >= box.top - 2 && y <= box.bottom + 2));
};

const explainTerm = (term, box) => {
  let card = document.querySelector(".ipt-card");
  if (!card) {
    card = make("div", "ipt-card");
    card.popover = "auto";
    card.setAttribute("role", "dialog");
    (document.querySelector('[data-testid="stApp"]') || document.body).append(card);
  }
  card.setAttribute("aria-label", term.name);
  const more = make("a", "", "Look it up in the glossary");
  more.href = term.address;
  const links = make("p", "ipt-more");
  links.append(more);
  if (term.topic) {
    const lesson = make("a", "", "Open the lesson");
    lesson.href = `learn?topic=${encodeURIComponent(term.topic)}`;
    links.append(lesson);
  }
  card.replaceChildren(make("p", "ipt-name", term.name), make("p", "", term.meaning), links);
  card.showPopover();
  const room = card.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - room.width - 8));
  const below = box.bottom + 6;
  const top = below + room.height < innerHeight ? below : Math.max(8, box.top - room.height - 6);
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
};

const listWords = (terms) => {
  if (!wordsHost || !wordsHost.isConnected) return;
  const names = terms.map((term) => term.name).join("|");
  if (wordsHost.iptNames === names) return;
  wordsHost.iptNames = names;
  const section = make("section", "ipt-words");
  section.setAttribute("aria-label", "Glossary");
  section.append(make("p", "ipt-label", "Glossary"));
  const list = make("ul");
  for (const term of [...terms].sort((a, b) => a.name.localeCompare(b.name))) {
    const item = make("li");
    const word = button("ipt-word", term.name, () => explainTerm(term, word.getBoundingClientRect()));
    word.setAttribute("aria-haspopup", "dialog");
    item.append(word);
    list.append(item);
  }
  section.append(list);
  wordsHost.replaceChildren(...(terms.length ? [section] : []));
};
const fillWords = (element) => {
  wordsHost = element;
  wordsHost.iptNames = null;
  scanWords();
};

const watchWords = (terms) => {
  if (words) return;
  const source = terms.map((term) => `(${term.pattern})`).join("|");
  words = {
    terms,
    ranges: [],
    finder: new RegExp(`(?<![\\w-])(?:${source})(?!\\w)`, "g"),
    byAddress: (href) => terms.find((term) => href.endsWith(term.address)),
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => requestIdleCallback(scanWords, { timeout: 1000 }), 250);
  };
  const ours = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)
    ?.closest(".ipt-words, .ipt-card, svg, .js-plotly-plot");
  new MutationObserver((changes) => {
    if (changes.some((change) => !ours(change.target))) soon();
  }).observe(document.querySelector('[data-testid="stApp"]') || document.body,
    { childList: true, characterData: true, subtree: true });
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href*="topic=glossary"]');
    if (link && link.closest('[data-testid="stMain"]')) {
      const term = words.byAddress(link.getAttribute("href"));
      if (!term || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      explainTerm(term, link.getBoundingClientRect());
      return;
    }
    if (!getSelection().isCollapsed || !main()?.contains(event.target)) return;
    if (event.target.closest("a, button, input, label, summary")) return;
    const found = termAt(event.clientX, event.clientY);
    if (found) explainTerm(found.term, found.range.getBoundingClientRect());
  }, true);
  let painting = 0;
  document.addEventListener("pointermove", (event) => {
    if (painting || event.pointerType === "touch") return;
    painting = requestAnimationFrame(() => {
      painting = 0;
      const over = Boolean(termAt(event.clientX, event.clientY));
      document.documentElement.classList.toggle("ipt-over-word", over);
    });
  }, { passive: true });
  soon();
};
