// Everything on the screen is made here. Text goes in as text nodes; nothing on this page ever parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `el("button.quiet", {type: "button", onclick: go}, "Go")`. Null attributes and children are left out. */
function el(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  return fill(document.createElement(tag), classes, attributes, children);
}

function svg(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  return fill(document.createElementNS(SVG, tag), classes, attributes, children);
}

function fill(node, classes, attributes, children) {
  if (classes.length) node.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Characters that a reader cannot see, or that turn the text around them: a model can hide an instruction in them.
// Line breaks, tabs and the two joiners that scripts and emoji need are left alone.
const UNSEEN = /(?![\n\t\u200c\u200d]|\r\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** `text` as nodes in which unseen characters are spelled out, such as U+202E. */
function visible(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(UNSEEN)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    const point = text.codePointAt(found.index).toString(16).toUpperCase().padStart(4, "0");
    nodes.push(el("span.unseen", { title: "a character that cannot be seen" }, `U+${point}`));
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

const MOST_CHARS = 1800;
const MOST_LINES = 28;

/** Text as it was written, in one block. Long text is cut and has a button that shows all of it. */
function textBlock(text, kind = "") {
  const cut = cutAt(text);
  const block = el(kind ? `div.text.${kind}` : "div.text", { dir: "auto" }, visible(text.slice(0, cut)));
  if (cut === text.length) return block;
  const more = el("button.more", { type: "button" }, `show all ${number(text.length)} characters`);
  more.addEventListener("click", () => {
    block.replaceChildren(...visible(text));
    more.remove();
    block.tabIndex = -1;
    block.focus();
  });
  return el("div", null, block, more);
}

function cutAt(text) {
  let at = -1;
  for (let line = 0; line < MOST_LINES; line++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0 || at > MOST_CHARS) break;
  }
  const cut = Math.min(at < 0 ? text.length : at, MOST_CHARS);
  return text.length - cut < 200 ? text.length : cut;
}

/** A closed box that is filled when it is first opened. */
function folded(summary, make, kind = "") {
  const box = el(kind ? `details.${kind}` : "details", null, el("summary", null, summary));
  box.addEventListener("toggle", () => box.childElementCount === 1 && box.append(make()));
  return box;
}

function number(value) {
  return value.toLocaleString("en-US");
}

/** A score or reward: three places where it needs them, a dash where there is none. */
function score(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return minus(Number.isInteger(value) ? value.toFixed(1) : value.toFixed(3));
}

function minus(text) {
  return text.replace("-", "−");
}

function signed(value) {
  return `${value > 0 ? "+" : ""}${minus(value.toFixed(3))}`;
}

function seconds(value) {
  if (value === 0) return "0";
  if (value < 0.001) return `${(value * 1e6).toFixed(0)} µs`;
  if (value < 1) return `${(value * 1e3).toPrecision(3)} ms`;
  return value < 120 ? `${value.toPrecision(3)} s` : `${(value / 60).toFixed(1)} min`;
}

function share(part, whole) {
  return whole ? `${((100 * part) / whole).toFixed(part && part < whole / 100 ? 1 : 0)} %` : "–";
}

function plural(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
