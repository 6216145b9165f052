// A long table of which only the visible rows exist. One listbox: arrows, j and k move, the columns' heads sort.

const ROW_PX = 26;

class List {
  /** `columns`: [{title, size, value(row) to sort by, cell(row) for the screen, end: true to align right}]. */
  constructor({ label, columns, name, choose }) {
    this.columns = columns;
    this.name = name;
    this.choose = choose;
    this.rows = [];
    this.chosen = -1;
    this.order = { column: 0, down: false };
    this.heads = columns.map((column, at) => this.headOf(column, at));
    this.sheet = el("div.sheet", { role: "presentation" });
    this.box = el(
      "div.rows",
      {
        role: "listbox",
        tabindex: 0,
        "aria-label": label,
        onscroll: () => this.draw(),
        onkeydown: (event) => this.keyed(event),
      },
      this.sheet,
    );
    this.node = el("div.list", null, el("div.heads", null, this.heads), this.box);
    this.node.style.setProperty("--columns", columns.map((column) => column.size).join(" "));
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  headOf(column, at) {
    const sort = () => {
      this.order = { column: at, down: this.order.column === at ? !this.order.down : Boolean(column.downFirst) };
      this.sort();
      this.scrollToChosen();
    };
    return el(`button.head${column.end ? ".end" : ""}`, { type: "button", onclick: sort }, column.title);
  }

  /** Shows `rows`; the chosen one stays chosen where it is among them. */
  show(rows) {
    const chosen = this.rows[this.chosen];
    this.rows = [...rows];
    this.chosen = -1;
    this.sort(chosen);
  }

  sort(chosen = this.rows[this.chosen]) {
    const { column, down } = this.order;
    const value = this.columns[column].value;
    const keyed = this.rows.map((row, at) => [value(row), at, row]);
    keyed.sort((one, two) => compareValues(one[0], two[0], down) || one[1] - two[1]);
    this.rows = keyed.map(([, , row]) => row);
    this.chosen = chosen === undefined ? -1 : this.rows.indexOf(chosen);
    this.heads.forEach((head, at) => {
      head.setAttribute("aria-pressed", String(at === column));
      head.dataset.order = at === column ? (down ? "down" : "up") : "";
    });
    this.sheet.style.height = `${this.rows.length * ROW_PX}px`;
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW_PX) - 8);
    const last = Math.min(this.rows.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / ROW_PX) + 8);
    const drawn = [];
    for (let at = first; at < last; at++) drawn.push(this.rowNode(at));
    this.sheet.replaceChildren(...drawn);
    const chosen = this.rows[this.chosen];
    if (chosen === undefined || this.chosen < first || this.chosen >= last)
      this.box.removeAttribute("aria-activedescendant");
    else this.box.setAttribute("aria-activedescendant", `row-${this.name(chosen)}`);
  }

  rowNode(at) {
    const row = this.rows[at];
    const node = el(
      "div.row",
      {
        role: "option",
        id: `row-${this.name(row)}`,
        "aria-selected": String(at === this.chosen),
        "aria-setsize": this.rows.length,
        "aria-posinset": at + 1,
        onclick: () => this.pick(at),
      },
      this.columns.map((column) => el(`span.cell${column.end ? ".end" : ""}`, null, column.cell(row))),
    );
    node.style.top = `${at * ROW_PX}px`;
    return node;
  }

  keyed(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW_PX) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[
      event.key
    ];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.move(move);
  }

  /** Chooses the row that is `by` rows further down, the first or last where the list ends. */
  move(by) {
    if (!this.rows.length) return;
    this.pick(Math.min(this.rows.length - 1, Math.max(0, this.chosen < 0 ? 0 : this.chosen + by)));
  }

  pick(at) {
    this.mark(this.rows[at]);
    this.choose(this.rows[at]);
  }

  /** Marks `row` as the chosen one without choosing it. */
  mark(row) {
    this.chosen = this.rows.indexOf(row);
    this.scrollToChosen();
    this.draw();
  }

  scrollToChosen() {
    if (this.chosen < 0) return;
    const top = this.chosen * ROW_PX;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    const bottom = top + ROW_PX - this.box.clientHeight;
    if (bottom > this.box.scrollTop) this.box.scrollTop = bottom;
  }
}

const NATURAL = new Intl.Collator("en", { numeric: true });

/** Numbers by size, text by its letters; what is missing comes last either way. */
function compareValues(one, two, down) {
  const missing = (one === null) - (two === null);
  if (missing || one === null) return missing;
  const order = typeof one === "number" ? one - two : NATURAL.compare(one, two);
  return down ? -order : order;
}

/** An id without the file or module that it is in: `file.py:Name` is Name. */
function lastName(id) {
  return id.slice(id.lastIndexOf(":") + 1);
}

function searchBox(label, placeholder, oninput) {
  const quiet = { autocomplete: "off", spellcheck: "false" };
  return el("input", { type: "search", "aria-label": label, placeholder, ...quiet, oninput });
}

/** A label with a select. `options` are [value, text]. */
function choice(label, options, onchange) {
  const select = el(
    "select",
    { onchange },
    options.map(([value, text]) => el("option", { value }, text)),
  );
  return { node: el("label.choice", null, el("span", null, label), select), select };
}
