// What Python packed (packing.py): text in bytes, so that it was written out only once.
const unpacked = (data) => JSON.parse(new TextDecoder().decode(data));
// Small makers of elements. Text goes in as text, never as HTML.
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
};
const button = (className, text, action) => {
  const element = make("button", className, text);
  element.type = "button";
  element.onclick = action;
  return element;
};
const save = (blob, name) => {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};
// Paragraphs of plain text; lines that start with "- " are a list, **words** are strong.
const inline = (element, text) => {
  text.split(/\*\*(.+?)\*\*/).forEach((part, i) => {
    if (part) element.append(i % 2 ? make("strong", "", part) : part);
  });
  return element;
};
const paragraphs = (text) => text.split(/\n\s*\n/).map((block) => {
  const lines = block.trim().split("\n");
  if (!lines.every((line) => line.startsWith("- "))) return inline(make("p"), block.trim());
  const list = make("ul");
  for (const line of lines) list.append(inline(make("li"), line.slice(2)));
  return list;
});
