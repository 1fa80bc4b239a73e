// Cards of text with a link each. Text goes in as text, never as HTML.
export default function ({ data: bytes, parentElement, setTriggerValue }) {
  const data = JSON.parse(new TextDecoder().decode(bytes));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const cards = make("div", "cards");
  for (const card of data.cards) {
    const box = make("article", "card");
    box.style.setProperty("--condition", card.colour);
    box.append(make("h3", "", card.title), make("p", "answer", card.answer));
    for (const line of card.others) box.append(make("p", "other", line));
    const link = make("a", "", card.link);
    link.href = `${data.page}?${new URLSearchParams(card.query)}`;
    link.onclick = (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the reader's wish
      event.preventDefault();
      setTriggerValue("opened", card.query);
    };
    box.append(link);
    cards.append(box);
  }
  const old = parentElement.querySelector(".cards");
  if (old) old.replaceWith(cards);
  else parentElement.append(cards);
}
