// The list of episodes with its filters, and the chosen episode next to it.

const SPOKEN_SLICE_MS = 12;

class Episodes {
  constructor() {
    this.pane = el("div.pane", { role: "region", tabindex: -1, "aria-label": "Episode" });
    this.count = el("output.count", { "aria-live": "polite" });
    this.list = new List({
      label: "Episodes",
      columns: this.columns(),
      name: nameOf,
      choose: (row) => go(`#/episode/${row.run.letter}/${row.line}`),
    });
    this.filters = this.makeFilters();
    this.node = el("div.split", null, el("div.left", null, this.filters, this.list.node), this.pane);
    this.search = 0;
    this.filter();
  }

  columns() {
    const crowded = variesInRun("scaffold") && variesInRun("policy");
    return [
      twoRuns && { title: "run", size: "30px", value: (row) => row.run.letter, cell: (row) => letterBadge(row.run) },
      { title: "#", size: "40px", end: true, value: placeOf, cell: (row) => row.index },
      { title: "task", size: "minmax(80px, 1.4fr)", value: (row) => row.task, cell: (row) => visible(taskName(row)) },
      variesInRun("scaffold") && {
        title: "scaffold",
        size: "minmax(56px, 1fr)",
        value: (row) => row.scaffold,
        cell: (row) => visible(lastName(row.scaffold)),
      },
      variesInRun("policy") && {
        title: "policy",
        size: "minmax(48px, 0.7fr)",
        value: (row) => row.policy,
        cell: (row) => visible(row.policy),
      },
      {
        title: "outcome",
        size: "78px",
        value: (row) => row.outcome || row.status,
        cell: (row) => badge(row.outcome || row.status),
      },
      {
        title: "score",
        size: "48px",
        end: true,
        downFirst: true,
        value: (row) => row.score,
        cell: (row) => score(row.score),
      },
      { title: "turns", size: "38px", end: true, downFirst: true, value: (row) => row.turns, cell: (row) => row.turns },
      !crowded && {
        title: "time",
        size: "54px",
        end: true,
        downFirst: true,
        value: (row) => row.seconds,
        cell: (row) => seconds(row.seconds),
      },
    ].filter(Boolean);
  }

  makeFilters() {
    const changed = () => this.filter();
    this.text = searchBox("Search", "task, code, or what was said", changed);
    this.low = scoreBox("from", changed);
    this.high = scoreBox("to", changed);
    this.told = el("input", { type: "checkbox", onchange: changed });
    const choices = filterChoices(changed);
    this.choices = Object.fromEntries(choices.map(({ name, select }) => [name, select]));
    const range = [el("span", null, "score"), this.low, this.high];
    return el(
      "form.filters",
      { role: "search", onsubmit: (event) => event.preventDefault() },
      this.text,
      el(
        "div.choices",
        null,
        choices.map(({ node }) => node),
        el("span.choice.range", { role: "group", "aria-label": "Score" }, range),
        el("label.choice", null, this.told, el("span", null, "errors told")),
      ),
      el("div.found", null, this.count, el("button.quiet", { type: "button", onclick: () => this.find({}) }, "clear")),
    );
  }

  /** Sets the filters to `wanted` alone. */
  find(wanted) {
    this.text.value = wanted.text ?? "";
    this.low.value = this.high.value = "";
    this.told.checked = false;
    for (const [name, select] of Object.entries(this.choices)) select.value = wanted[name] ?? "";
    this.filter();
  }

  /** Shows the rows that fit. What was said is searched in slices, so that typing never waits for it. */
  filter() {
    const search = ++this.search;
    const fits = this.fitsFields();
    const text = this.text.value.trim().toLowerCase();
    const candidates = rows.filter(fits);
    if (!text) {
      this.showRows(candidates);
      return;
    }
    const found = [];
    let at = 0;
    const slice = () => {
      if (search !== this.search) return;
      const until = performance.now() + SPOKEN_SLICE_MS;
      for (; at < candidates.length && performance.now() < until; at++) {
        if (labelText(candidates[at]).includes(text) || spokenText(candidates[at]).includes(text))
          found.push(candidates[at]);
      }
      if (at < candidates.length) {
        this.count.textContent = `searching … ${share(at, candidates.length)}`;
        setTimeout(slice);
      } else this.showRows(found);
    };
    slice();
  }

  fitsFields() {
    const wanted = Object.entries(this.choices).filter(([, select]) => select.value);
    const low = this.low.value === "" ? null : Number(this.low.value);
    const high = this.high.value === "" ? null : Number(this.high.value);
    return (row) =>
      wanted.every(([name, select]) => (name === "run" ? row.run.letter : row[name]) === select.value) &&
      (low === null || (row.score !== null && row.score >= low)) &&
      (high === null || (row.score !== null && row.score <= high)) &&
      (!this.told.checked || row.errors.length > 0);
  }

  showRows(found) {
    this.list.show(found);
    const missing = leftOutOf(runs);
    const left = missing ? `; ${number(missing)} left out of this page` : "";
    this.count.textContent =
      found.length === rows.length
        ? `${plural(rows.length, "episode")}${left}`
        : `${number(found.length)} of ${plural(rows.length, "episode")}${left}`;
  }

  /** Opens an episode, or says what can be done. */
  open(row) {
    if (row === undefined) {
      const text = rows.length
        ? "Choose an episode on the left, or go through them with j and k."
        : "There are no episodes to show.";
      this.pane.replaceChildren(el("p.note", null, text));
      return;
    }
    document.title = `${row.task} #${row.index} · ${page.title}`;
    this.list.mark(row);
    this.pane.replaceChildren(episodeNode(row));
    this.pane.scrollTop = 0;
  }

  move(by) {
    this.list.move(by);
  }
}

/** A select for each thing by which the episodes can be told apart. What only tells the two runs apart has none of its own. */
function filterChoices(changed) {
  const valuesOf = (name) => [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort(NATURAL.compare);
  const anyOf = (name, word, values) => [name, word, ["", `any ${word}`], ...values.map((value) => [value, value])];
  const choices = [
    [
      "run",
      "run",
      ["", "both runs"],
      ...(twoRuns ? runs.map(({ letter }) => [letter, `run ${letter.toUpperCase()}`]) : []),
    ],
    anyOf("outcome", "outcome", valuesOf("outcome")),
    anyOf("status", "status", valuesOf("status")),
    anyOf("env", "environment", valuesOf("env")),
    anyOf("scaffold", "scaffold", variesInRun("scaffold") ? valuesOf("scaffold") : []),
    anyOf("policy", "policy", variesInRun("policy") ? valuesOf("policy") : []),
  ];
  return choices
    .filter(([, , ...options]) => options.length > 2)
    .map(([name, word, ...options]) => ({ name, ...choice(word, options, changed) }));
}

function scoreBox(label, oninput) {
  const bounds = { min: 0, max: 1, step: "any", placeholder: label, "aria-label": `Score ${label}` };
  return el("input", { type: "number", ...bounds, oninput });
}
