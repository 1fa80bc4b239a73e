// A figure as a file: Plotly's layers put together as one SVG with its typefaces, or painted as PNG.
const SVG = "http://www.w3.org/2000/svg";
const FACES = [
  ["IBM Plex Sans", "ibm-plex-sans-latin-wght-normal", "100 700", /./],
  ["IBM Plex Sans", "ibm-plex-sans-greek-wght-normal", "100 700", /[\u0370-\u03ff]/],
  ["IBM Plex Sans", "ibm-plex-sans-latin-ext-wght-normal", "100 700", /[\u0100-\u0130\u0132-\u0151\u0154-\u02ba]/],
  ["Newsreader", "newsreader-latin-opsz-normal", "200 800", /./],
];
const asDataUrl = (blob) => new Promise((done) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(blob);
});
const fontFaces = async (svg) => {
  const text = svg.textContent;
  const styles = new XMLSerializer().serializeToString(svg);
  const faces = FACES.filter(([family, , , needed]) => styles.includes(family) && needed.test(text));
  const root = document.baseURI.replace(/[^/]*$/, "");
  const rules = await Promise.all(faces.map(async ([family, file, weight]) => {
    const answer = await fetch(`${root}app/static/fonts/${file}.woff2`);
    if (!answer.ok) return "";
    const blob = new Blob([await answer.arrayBuffer()], { type: "font/woff2" });
    return `@font-face{font-family:'${family}';font-weight:${weight};` +
      `src:url(${await asDataUrl(blob)}) format('woff2')}`;
  }));
  return rules.join("\n");
};
const figureSvg = async (plot, facts) => {
  const layers = [...plot.querySelectorAll("svg.main-svg")];
  const width = Math.round(layers[0].clientWidth || layers[0].width.baseVal.value);
  const height = Math.round(layers[0].clientHeight || layers[0].height.baseVal.value);
  const foot = 34; // room for the line that says where the figure comes from
  const page = getComputedStyle(document.querySelector('[data-testid="stApp"]'));
  const add = (parent, tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    parent.append(element);
    return element;
  };
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({
    width, height: height + foot, viewBox: `0 0 ${width} ${height + foot}`, role: "img",
  })) svg.setAttribute(name, value);
  add(svg, "title", {}, facts.name);
  add(svg, "desc", {}, facts.alt);
  const style = add(svg, "style", {});
  add(svg, "rect", { width, height: height + foot, fill: page.backgroundColor });
  for (const layer of layers) {
    const group = add(svg, "g", {});
    for (const child of layer.cloneNode(true).childNodes) group.append(child.cloneNode(true));
  }
  for (const gone of svg.querySelectorAll(".hoverlayer, .zoomlayer, .draglayer, .modebar-container")) {
    gone.remove();
  }
  add(svg, "text", {
    x: 8, y: height + 20, fill: page.color, "fill-opacity": 0.75,
    style: "font-family: 'IBM Plex Sans', 'Helvetica Neue', Arial, sans-serif; font-size: 11px",
  }, facts.source);
  style.textContent = `text{white-space:pre}\n${await fontFaces(svg)}`;
  return { text: new XMLSerializer().serializeToString(svg), width, height: height + foot };
};
const figurePng = async ({ text, width, height }, scale = 3) => {
  const image = new Image(width, height);
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = make("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};
const saveFigure = async (host, facts, form) => {
  const box = host.closest(`[class*="st-key-figure-"]`);
  const plot = box && box.querySelector(".js-plotly-plot");
  if (!plot) return;
  await document.fonts.ready;
  const drawn = await figureSvg(plot, { ...facts, source: iptSource });
  if (form === "svg") save(new Blob([drawn.text], { type: "image/svg+xml" }), `${facts.name}.svg`);
  else save(await figurePng(drawn), `${facts.name}.png`);
};
