// The tokens of one path as the model saw them: which were sampled, and how sure it was. Only ids are recorded, not their text.

const GIVEN_FIRST = 48;
const SAMPLED_FIRST = 600;

function tokenPath(path, place) {
  const stretches = stretchesOf(path);
  const sampled = stretches.filter((each) => each.sampled).reduce((sum, each) => sum + each.end - each.start, 0);
  const status = el(
    "output.token-status",
    { "aria-live": "polite" },
    "Point at a token, or move through them with the arrow keys.",
  );
  const counts = `${plural(path.ids.length, "token")}: ${number(sampled)} sampled, ${number(path.ids.length - sampled)} given`;
  return el(
    "section.path",
    { "aria-label": `Token path ${place}` },
    el("div.path-head", null, el("b", null, `path ${place}`), el("span", null, counts), shadeKey()),
    spanTable(path, stretches),
    status,
    stretches.map((stretch) => stretchNode(path, stretch, status)),
  );
}

/** Runs of given or sampled tokens, with the place of each run's first log-probability. A sampled run is cut where a step ends. */
function stretchesOf(path) {
  const cuts = new Set(path.spans.flatMap(([, start, end]) => [start, end]));
  const stretches = [];
  let at = 0;
  let logprob = 0;
  for (const [value, length] of path.mask) {
    let start = at;
    for (let here = at + 1; here <= at + length; here++) {
      if (here < at + length && !(value && cuts.has(here))) continue;
      const step = path.spans.find(([, from, to]) => from <= start && start < to)?.[0];
      stretches.push({ start, end: here, sampled: value === 1, step: value === 1 ? step : undefined, logprob });
      if (value) logprob += here - start;
      start = here;
    }
    at += length;
  }
  return stretches;
}

function spanTable(path, stretches) {
  const lines = stretches
    .filter((each) => each.sampled)
    .map((each) => {
      const logprobs = logprobsOf(path, each);
      const mean = logprobs.length ? logprobs.reduce((sum, value) => sum + value, 0) / logprobs.length : null;
      const least = logprobs.length ? logprobs.reduce((one, two) => Math.min(one, two)) : null;
      return [
        each.step === undefined ? "–" : each.step + 1,
        `${each.start}–${each.end}`,
        each.end - each.start,
        logText(mean),
        logText(least),
      ];
    });
  if (!lines.length) return el("p.nothing", null, "No token of this path was sampled.");
  return el(
    "table.spans",
    null,
    el(
      "thead",
      null,
      el(
        "tr",
        null,
        ["turn", "positions", "tokens", "mean log p", "least log p"].map((head) => el("th", { scope: "col" }, head)),
      ),
    ),
    el(
      "tbody",
      null,
      lines.map((cells) =>
        el(
          "tr",
          null,
          cells.map((cell) => el("td", null, String(cell))),
        ),
      ),
    ),
  );
}

/** The log-probabilities of a stretch that are numbers. */
function logprobsOf(path, { start, end, logprob }) {
  return path.logprobs.slice(logprob, logprob + end - start).filter((value) => typeof value === "number");
}

function logText(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "number" ? minus(value.toFixed(3)) : value;
}

function stretchNode(path, stretch, status) {
  const first = stretch.sampled ? SAMPLED_FIRST : GIVEN_FIRST;
  const size = stretch.end - stretch.start;
  const title = stretch.sampled
    ? stretch.step === undefined
      ? "sampled"
      : `sampled in turn ${stretch.step + 1}`
    : "given";
  const grid = el("div.tokens", { tabindex: 0, role: "group", "aria-label": `${title}, ${plural(size, "token")}` });
  grid.append(...chips(path, stretch, 0, Math.min(first, size)));
  const say = (chip) => {
    status.textContent = tokenText(path, stretch, Number(chip.dataset.at));
    grid.querySelector(".here")?.classList.remove("here");
    chip.classList.add("here");
  };
  grid.addEventListener("mouseover", (event) => event.target.dataset.at && say(event.target));
  grid.addEventListener("keydown", (event) => {
    const here = grid.querySelector(".here");
    const next = {
      ArrowRight: here?.nextElementSibling ?? grid.firstElementChild,
      ArrowLeft: here?.previousElementSibling,
    }[event.key];
    if (!next) return;
    event.preventDefault();
    say(next);
    next.scrollIntoView({ block: "nearest" });
  });
  const more =
    size > first ? el("button.more", { type: "button" }, `show the other ${plural(size - first, "token")}`) : null;
  more?.addEventListener("click", () => {
    grid.append(...chips(path, stretch, first, size));
    more.remove();
    grid.focus();
  });
  return el(
    `div.stretch${stretch.sampled ? ".sampled" : ""}`,
    null,
    el("div.side", null, title, el("i", null, `${stretch.start}–${stretch.end}`)),
    el("div", null, grid, more),
  );
}

function chips(path, stretch, from, to) {
  const made = [];
  for (let at = from; at < to; at++) {
    const value = stretch.sampled ? path.logprobs[stretch.logprob + at] : undefined;
    const chip = el(`span.token${value === undefined ? "" : `.shade${shadeOf(Number(value))}`}`, {
      "data-at": stretch.start + at,
      title: tokenText(path, stretch, stretch.start + at),
    });
    chip.textContent = path.ids[stretch.start + at];
    made.push(chip, " ");
  }
  return made;
}

function tokenText(path, stretch, at) {
  const value = stretch.sampled ? path.logprobs[stretch.logprob + at - stretch.start] : undefined;
  const place = `position ${at} · id ${path.ids[at]} · `;
  if (!stretch.sampled) return `${place}given`;
  const sure =
    value === undefined
      ? " · no log-probability"
      : ` · log p ${logText(value)} · p ${Math.exp(Number(value)).toPrecision(3)}`;
  return `${place}sampled${stretch.step === undefined ? "" : ` in turn ${stretch.step + 1}`}${sure}`;
}

// Upper bounds of -log p for the five shades: p above 0.95, 0.6, 0.2, 0.02, and below.
const SHADES = [0.0513, 0.511, 1.609, 3.912];

function shadeOf(logprob) {
  const found = SHADES.findIndex((bound) => -logprob <= bound);
  return found < 0 ? SHADES.length : found;
}

function shadeKey() {
  const names = ["> 0.95", "> 0.6", "> 0.2", "> 0.02", "rarer"];
  return el(
    "span.key-line",
    { role: "group", "aria-label": "Shades by probability" },
    el("span.token", null, "given"),
    el("span", null, "sampled, p"),
    names.map((name, at) => el(`span.token.shade${at}`, null, name)),
  );
}
