// JSON text laid out for reading without reading its numbers: 2^53 + 1 stays what it is, and so does a key that occurs twice.

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const WIDEST_LINE = 88;
const DEEPEST = 100;

/** `text` as a tree: a leaf is its token, an object or list is {open, close, items: [{key, value}], flat}. Null where it is no JSON. */
function treeOf(text) {
  try {
    JSON.parse(text);
  } catch {
    return null; // shown as the text that it is
  }
  const root = { items: [] };
  const stack = [root];
  let key = null;
  for (const token of text.match(TOKEN)) {
    const top = stack.at(-1);
    if (token === "{" || token === "[") {
      const node = { open: token, items: [] };
      top.items.push({ key, value: node });
      key = null;
      if (stack.push(node) > DEEPEST) return null;
    } else if (token === "}" || token === "]") {
      stack.pop().close = token;
      top.flat = flatText(top);
    } else if (token === ":") key = top.items.pop().value;
    else if (token !== ",") {
      top.items.push({ key, value: token });
      key = null;
    }
  }
  return root.items[0].value;
}

/** A whole object or list on one line, null where that is too long. */
function flatText({ open, close, items }) {
  const parts = items.map((item) => {
    const value = typeof item.value === "string" ? item.value : item.value.flat;
    return value === null ? null : item.key === null ? value : `${item.key}: ${value}`;
  });
  if (parts.includes(null)) return null;
  const text = open + parts.join(", ") + close;
  return text.length <= WIDEST_LINE ? text : null;
}

/** A tree as text: on one line what is short, else one item per line. */
function printed(node, depth = 0) {
  if (typeof node === "string") return node;
  if (node.flat !== null) return node.flat;
  const indent = "  ".repeat(depth + 1);
  const lines = node.items.map(
    ({ key, value }) => `${indent}${key === null ? "" : `${key}: `}${printed(value, depth + 1)}`,
  );
  return `${node.open}\n${lines.join(",\n")}\n${"  ".repeat(depth)}${node.close}`;
}

/** A JSON object as names and values. Strings are shown as the text they stand for; anything that is no object as it is. */
function jsonTable(text, nothing = "nothing") {
  const tree = treeOf(text);
  if (tree === null || tree.open !== "{") return textBlock(tree === null ? text : printed(tree));
  if (!tree.items.length) return el("p.nothing", null, nothing);
  return fieldTable(tree.items.map(({ key, value }) => [JSON.parse(key), value]));
}

/** [name, tree] pairs as a table. */
function fieldTable(fields) {
  return el(
    "dl.fields",
    null,
    fields.map(([name, value]) => [el("dt", null, visible(name)), el("dd", null, treeBlock(value))]),
  );
}

function treeBlock(tree) {
  const isText = typeof tree === "string" && tree.startsWith('"');
  return isText ? textBlock(JSON.parse(tree)) : textBlock(printed(tree));
}
