// Two runs side by side. Episodes are paired by task and by which episode of the task they are; a pair has a delta where both are scored.

const EPSILON = 1e-9;

function makePairs() {
  const keyOf = (row) => `${row.member}/${row.task}`;
  const byKey = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!byKey.has(key)) byKey.set(key, { task: row.task, env: row.env, member: row.member, a: null, b: null });
    byKey.get(key)[row.run.letter] ??= row;
  }
  return [...byKey.values()].map((pair) => {
    const comparable = pair.a !== null && pair.b !== null && pair.a.score !== null && pair.b.score !== null;
    return { ...pair, delta: comparable ? pair.b.score - pair.a.score : null };
  });
}

function pairName(pair) {
  return `${pair.a?.line ?? "-"}-${pair.b?.line ?? "-"}`;
}

const KINDS = {
  all: ["all pairs", () => true],
  changed: ["changed", (pair) => pair.delta !== null && Math.abs(pair.delta) > EPSILON],
  better: ["B better", (pair) => pair.delta !== null && pair.delta > EPSILON],
  worse: ["B worse", (pair) => pair.delta !== null && pair.delta < -EPSILON],
  same: ["same score", (pair) => pair.delta !== null && Math.abs(pair.delta) <= EPSILON],
  unscored: ["one failed", (pair) => pair.a !== null && pair.b !== null && pair.delta === null],
  alone: ["in one run only", (pair) => pair.a === null || pair.b === null],
};

class Compare {
  constructor() {
    this.pairs = makePairs();
    this.byName = new Map(this.pairs.map((pair) => [pairName(pair), pair]));
    this.pane = el("div.pane.pair", { role: "region", tabindex: -1, "aria-label": "Both episodes" });
    this.count = el("output.count", { "aria-live": "polite" });
    this.list = new List({
      label: "Pairs of episodes",
      columns: this.columns(),
      name: (pair) => `pair-${pairName(pair)}`,
      choose: (pair) => go(`#/compare/${pairName(pair)}`),
    });
    this.text = searchBox("Search tasks", "task", () => this.filter());
    this.kinds = this.makeKinds();
    this.node = el(
      "div.split.compare",
      null,
      el(
        "div.left",
        null,
        this.summary(),
        el(
          "form.filters",
          { role: "search", onsubmit: (event) => event.preventDefault() },
          this.text,
          this.kinds,
          this.count,
        ),
        this.list.node,
      ),
      this.pane,
    );
    this.choose("all");
  }

  columns() {
    const member = this.pairs.some((pair) => pair.member > 0);
    const side = (letter) => ({
      title: letter.toUpperCase(),
      size: "52px",
      end: true,
      value: (pair) => pair[letter]?.score ?? null,
      cell: (pair) => sideCell(pair[letter]),
    });
    return [
      { title: "task", size: "minmax(70px, 1fr)", value: (pair) => pair.task, cell: (pair) => visible(taskName(pair)) },
      member && {
        title: "try",
        size: "34px",
        end: true,
        value: (pair) => pair.member,
        cell: (pair) => pair.member + 1,
      },
      side("a"),
      side("b"),
      { title: "B − A", size: "62px", end: true, value: (pair) => pair.delta, cell: (pair) => deltaCell(pair.delta) },
    ].filter(Boolean);
  }

  makeKinds() {
    this.buttons = Object.entries(KINDS).map(([kind, [label, fits]]) => {
      const count = this.pairs.filter(fits).length;
      return el(
        "button",
        { type: "button", "data-kind": kind, onclick: () => this.choose(kind) },
        label,
        el("i", null, ` ${number(count)}`),
      );
    });
    return el("div.kinds", { role: "group", "aria-label": "Which pairs" }, this.buttons);
  }

  /** The mean difference over pairs with both scores, and its standard error over tasks. */
  summary() {
    const scored = this.pairs.filter((pair) => pair.delta !== null);
    const names = runs.map((run) => el("div", null, letterBadge(run), el("span.file", null, visible(run.name))));
    if (!scored.length) return el("div.summary", null, names, el("p.line", null, "No pair has two scores."));
    const mean = scored.reduce((sum, pair) => sum + pair.delta, 0) / scored.length;
    const error = clusteredError(scored, mean);
    const text = error === null ? "" : ` ± ${error.toFixed(3)}`;
    return el(
      "div.summary",
      null,
      names,
      el(
        "p.line",
        { title: "± is the standard error of the paired difference, clustered by task" },
        "mean B − A ",
        el("b", null, signed(mean)),
        `${text} over ${plural(scored.length, "pair")}`,
      ),
      leftOutOfPairs(),
    );
  }

  choose(kind) {
    this.kind = kind;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    this.filter();
  }

  filter() {
    const text = this.text.value.trim().toLowerCase();
    const fits = KINDS[this.kind][1];
    const found = this.pairs.filter((pair) => fits(pair) && pair.task.toLowerCase().includes(text));
    this.list.show(found);
    this.count.textContent =
      found.length === this.pairs.length
        ? plural(found.length, "pair")
        : `${number(found.length)} of ${plural(this.pairs.length, "pair")}`;
  }

  open(name) {
    const pair = this.byName.get(name);
    document.title = pair ? `${pair.task} in both runs · ${page.title}` : `Compare · ${page.title}`;
    if (!pair) {
      this.pane.replaceChildren(
        el("p.note", null, "Choose a pair on the left to read both episodes next to each other."),
      );
      return;
    }
    this.list.mark(pair);
    const [inA, inB] = firstDifference(pair);
    this.pane.replaceChildren(this.half(pair.a, runs[0], inA), this.half(pair.b, runs[1], inB));
    this.pane.scrollTop = 0;
  }

  half(row, run, differs) {
    if (row !== null) return el("div.half", null, episodeNode(row, differs));
    const missing = leftOutOf([run]);
    const why = missing ? ` It may be among the ${number(missing)} that are left out of this page.` : "";
    return el("div.half", null, el("p.note", null, letterBadge(run), ` This run has no such episode.${why}`));
  }

  move(by) {
    this.list.move(by);
  }
}

function sideCell(row) {
  if (row === null) return el("span.absent", { title: "no such episode" }, "·");
  return row.score === null
    ? el("span.absent", { title: row.status.replaceAll("_", " ") }, "failed")
    : score(row.score);
}

function deltaCell(delta) {
  if (delta === null) return "–";
  if (Math.abs(delta) <= EPSILON) return el("span.same", null, "0");
  return el(`span.${delta > 0 ? "better" : "worse"}`, null, signed(delta));
}

/** Standard error of a mean of deltas that may depend on each other within a task; null for a single task. */
function clusteredError(pairs, mean) {
  const sums = new Map();
  for (const pair of pairs) sums.set(pair.task, (sums.get(pair.task) ?? 0) + pair.delta - mean);
  if (sums.size < 2) return null;
  const spread = [...sums.values()].reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt((spread * sums.size) / (sums.size - 1)) / pairs.length;
}

/** Places of the first message that is not the same in both, on the last path of each; -1 where there is none. */
function firstDifference({ a, b }) {
  if (a === null || b === null) return [-1, -1];
  const [one, two] = [a, b].map((row) => {
    const details = detailsOf(row);
    return (chainsOf(details).at(-1) ?? []).map((node) => JSON.stringify(details.messages[node]));
  });
  const at = one.findIndex((message, place) => message !== two[place]);
  if (at >= 0) return [at, at < two.length ? at : -1];
  return [-1, two.length > one.length ? one.length : -1];
}

function leftOutOfPairs() {
  const missing = leftOutOf(runs);
  return missing
    ? el("p.warning", null, `${number(missing)} episodes are left out of this page and of this comparison.`)
    : null;
}
