// A row of buttons that make files, see downloads.py. The file comes with the answer to the click.
let lastTicket = 0;
const rowButton = (item, action) => {
  const element = button(item.primary ? "ipt-button primary" : "ipt-button", "", action);
  if (item.icon) {
    const icon = make("span", "ipt-icon", item.icon);
    icon.setAttribute("aria-hidden", "true");
    element.append(icon);
  }
  element.append(make("span", "", item.label));
  element.disabled = Boolean(item.empty);
  element.dataset.name = item.name ?? item.label;
  return element;
};
const copyable = (text) => {
  const box = make("div", "ipt-passage");
  const copy = button("ipt-tool", "Copy", async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  });
  box.append(make("pre", "ipt-text", text), copy);
  return box;
};
const saveAnswer = ({ name, mime }, content) => save(new Blob([content], { type: mime }), name);
const fileList = (item, ask) => {
  const list = make("ul", "ipt-list");
  for (const file of item.files) {
    const line = make("li");
    line.append(rowButton(file, () => ask(file.name, saveAnswer)));
    if (file.about) line.append(make("span", "ipt-about", file.about));
    list.append(line);
  }
  return list;
};
const drawDownloads = (host, shown, ask) => {
  const focused = [...host.querySelectorAll("button")].indexOf(document.activeElement);
  const row = make("div", "ipt-row");
  const panel = make("div", "ipt-more");
  const status = make("p", "ipt-status");
  status.setAttribute("role", "status");
  const opened = () => row.querySelector('[aria-expanded="true"]');
  const close = () => {
    opened()?.setAttribute("aria-expanded", "false");
    panel.replaceChildren();
    panel.hidden = true;
    host.dataset.open = "";
  };
  const panelButton = (item) => {
    const opener = rowButton(item, () => {
      const closing = opener === opened();
      close();
      if (closing) return;
      const show = (...parts) => {
        close();
        opener.setAttribute("aria-expanded", "true");
        panel.replaceChildren(...(item.lead ? [make("p", "", item.lead)] : []), ...parts);
        panel.hidden = false;
      };
      if (item.kind === "passages") {
        ask(item.name, ({ texts }) => show(...texts.map(copyable)));
        return;
      }
      show(fileList(item, ask));
      host.dataset.open = item.label;
    });
    opener.setAttribute("aria-expanded", "false");
    return opener;
  };
  host.onkeydown = (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    const opener = opened();
    close();
    opener?.focus();
  };
  // A row that is drawn again, with another number of trials perhaps, keeps what it shows and the focus.
  const open = host.dataset.open;
  for (const item of shown.items) {
    row.append(item.kind === "file"
      ? rowButton(item, () => ask(item.name, saveAnswer)) : panelButton(item));
  }
  close();
  host.replaceChildren(row, panel, status);
  if (shown.note) host.append(make("p", "ipt-note", shown.note));
  if (open) [...row.children].find((one) => one.dataset.name === open)?.click();
  if (focused >= 0) host.querySelectorAll("button")[focused]?.focus();
};
const downloads = ({ data, parentElement, setTriggerValue }) => {
  const bytes = new Uint8Array(data);
  const cut = bytes.indexOf(0);
  const { answer, ...shown } = unpacked(bytes.subarray(0, cut));
  let host = parentElement.querySelector(":scope > .ipt-downloads");
  if (!host) parentElement.append(host = make("div", "ipt-downloads"));
  const busy = (name) => {
    for (const one of host.querySelectorAll("button[data-name]")) {
      one.setAttribute("aria-busy", String(one.dataset.name === name));
    }
  };
  const say = (text) => { host.querySelector(".ipt-status").textContent = text; };
  // One thing is made at a time; asking for another forgets the first.
  const ask = (name, then) => {
    clearTimeout(host.iptPending?.slow);
    const ticket = `${Date.now()}-${lastTicket += 1}`;
    const slow = setTimeout(() => say("It is being made …"), 300);
    host.iptPending = { name, ticket, then, slow };
    say("");
    busy(name);
    setTriggerValue("wanted", { name, ticket });
  };
  const said = JSON.stringify(shown);
  if (host.iptSaid !== said) {
    host.iptSaid = said;
    drawDownloads(host, shown, ask);
    busy(host.iptPending?.name);
  }
  const pending = host.iptPending;
  if (!answer || answer.ticket !== pending?.ticket) return;
  clearTimeout(pending.slow);
  host.iptPending = null;
  busy();
  say(answer.error ?? "");
  if (!answer.error) pending.then(answer, bytes.slice(cut + 1));
};
