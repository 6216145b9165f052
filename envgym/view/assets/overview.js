// The figures of each run. Means are over scored episodes; failed ones stand apart and are never a 0.

function showOverview(main) {
  document.title = page.title;
  const played = runs.filter((run) => run.episodes);
  main.replaceChildren(
    el(
      `div.overview${twoRuns ? ".two" : ""}`,
      null,
      el("div.headlines", null, runs.map(headline)),
      runs.map(leftOut),
      runs.some((run) => run.kinds?.length) ? kindTables() : null,
      played.length ? el("div.cards", null, CARDS.map(card)) : null,
    ),
  );
}

const CARDS = [
  ["Run", factsTable],
  ["Outcomes", outcomesTable],
  ["Reward", (run) => chartOf(page.rewards, run, "the reward", "No episode was rewarded.")],
  ["Turns", (run) => [chartOf(page.turns, run, "turns", "No episode was scored."), turnsLine(run)]],
  ["Verdict codes", codesTable],
  ["Errors told to the agent", errorsTable],
  ["Failures of the world", failuresTable],
  ["Time, summed over episodes", timeSplit],
];

/** One card: the same figures of each run next to each other. */
function card([title, make]) {
  const half = (run) =>
    el(
      "div",
      { "aria-label": `${title} of ${run.name}`, role: "group" },
      twoRuns ? letterBadge(run) : null,
      run.episodes ? make(run) : el("p.nothing", null, "no episodes"),
    );
  return el("section.card", null, el("h3", null, title), el("div.halves", null, runs.map(half)));
}

function leftOut(run) {
  const missing = leftOutOf([run]);
  if (!missing) return null;
  const text = `${number(missing)} of ${plural(run.episodes, "episode")} are left out of this page to keep it small: the first ${number(run.rows.length)} of the file can be opened. The figures here cover all ${number(run.episodes)}.`;
  return el("p.warning", null, text);
}

function headline(run) {
  const name = el("h2", null, twoRuns ? letterBadge(run) : null, el("span.file", null, visible(run.name)));
  if (!run.episodes) return el("div.headline", null, name, el("p.note", null, "There are no episodes in this file."));
  const error = run.standard_error === null ? "" : ` ± ${run.standard_error.toFixed(3)}`;
  const figure = (title, value, more, explanation) =>
    el(
      "div",
      { title: explanation },
      el("dt", null, title),
      el("dd", null, el("b", null, value), more ? el("span", null, more) : null),
    );
  return el(
    "div.headline",
    null,
    name,
    el(
      "dl",
      null,
      figure(
        "mean score",
        score(run.mean_score),
        error,
        "over scored episodes; ± is the standard error, clustered by task",
      ),
      figure(
        "passed",
        share(run.passed, run.scored),
        ` ${number(run.passed)} of ${number(run.scored)}`,
        "of the scored episodes",
      ),
      figure("scored", number(run.scored), ` of ${number(run.episodes)}`, "episodes with a verdict that has a score"),
      figure("failed, not scored", number(run.failed), "", "the world or a part of it broke: excluded, never a 0"),
      figure(
        "truncated",
        number(countOf(run.statuses, "truncated")),
        "",
        "cut off by a limit of turns or tokens, then scored",
      ),
      figure("tasks", number(run.tasks), mixedText(run), "mixed: episodes of one task got different scores"),
    ),
  );
}

function mixedText(run) {
  return run.groups.tried ? ` ${number(run.groups.mixed)} of ${number(run.groups.tried)} mixed` : "";
}

function countOf(pairs, name) {
  return pairs.find(([each]) => each === name)?.[1] ?? 0;
}

/** Where a file holds more than one kind of episode: the figures of each environment, scaffold and policy. */
function kindTables() {
  const part = (run) =>
    el(
      "div",
      { role: "group", "aria-label": `Kinds of ${run.name}` },
      twoRuns ? letterBadge(run) : null,
      kindTable(run),
    );
  return el(
    "section.card",
    null,
    el("h3", null, "By environment, scaffold and policy"),
    el("div.stack", null, runs.map(part)),
  );
}

function kindTable(run) {
  const line = (kind) => {
    const { env, scaffold, policy } = kind;
    const find = { run: run.letter, env, scaffold, policy };
    const error = kind.standard_error === null ? "" : `± ${kind.standard_error.toFixed(3)}`;
    return el(
      "tr",
      null,
      el("td", null, el("button.link", { type: "button", onclick: () => openEpisodes(find) }, visible(env))),
      el("td", null, visible(lastName(scaffold))),
      el("td", null, visible(policy)),
      el("td.end", null, el("b", null, score(kind.mean_score))),
      el("td.end.soft", null, error),
      el("td.end", null, `${number(kind.scored)} of ${number(kind.episodes)}`),
    );
  };
  if (!run.kinds.length) return el("p.nothing", null, "all episodes are of one kind");
  const heads = ["environment", "scaffold", "policy", "mean score", "", "scored"];
  return el(
    "table.kinds-table",
    null,
    el(
      "thead",
      null,
      el(
        "tr",
        null,
        heads.map((head, at) => el(at > 2 ? "th.end" : "th", { scope: "col" }, head)),
      ),
    ),
    el("tbody", null, run.kinds.map(line)),
  );
}

function factsTable(run) {
  return el(
    "dl.facts",
    null,
    run.facts.map(([name, values, others]) => [
      el("dt", null, name),
      el(
        "dd",
        null,
        values.map(([value, count]) =>
          el("div", null, visible(value), values.length > 1 ? el("i", null, ` ${number(count)}`) : null),
        ),
        others ? el("i", null, `and ${number(others)} more`) : null,
      ),
    ]),
    run.completion_tokens
      ? [
          el("dt", null, "tokens"),
          el("dd", null, `${number(run.completion_tokens)} sampled, ${number(run.prompt_tokens)} in prompts`),
        ]
      : null,
  );
}

/** A table whose last column is a count with a bar; a row leads to its episodes. */
function countTable(heads, lines, whole) {
  if (!lines.length) return el("p.nothing", null, "none");
  const most = Math.max(...lines.map((line) => line.count));
  return el(
    "table.counts",
    null,
    el(
      "thead",
      null,
      el(
        "tr",
        null,
        heads.map((head, at) =>
          el(
            at === heads.length - 1 ? "th.end" : "th",
            { scope: "col", colspan: at === heads.length - 1 ? 2 : 1 },
            head,
          ),
        ),
        whole ? el("td") : null,
      ),
    ),
    el(
      "tbody",
      null,
      lines.map((line) => countLine(line, most, whole)),
    ),
  );
}

function countLine(line, most, whole) {
  const bar = el("span.bar");
  bar.style.width = `${(100 * line.count) / most}%`;
  const open =
    line.find && el("button.link", { type: "button", onclick: () => openEpisodes(line.find) }, line.cells[0]);
  return el(
    "tr",
    null,
    line.cells.map((cell, at) => el("td", null, at === 0 && open ? open : cell)),
    el("td.meter", null, bar),
    el("td.end", null, number(line.count)),
    whole ? el("td.end.soft", null, share(line.count, whole)) : null,
  );
}

function outcomesTable(run) {
  const scored = run.outcomes.map(([outcome, count]) => ({
    cells: [badge(outcome)],
    count,
    find: { run: run.letter, outcome },
  }));
  const failed = run.statuses.filter(([status]) => !["ok", "truncated"].includes(status));
  const apart = failed.map(([status, count]) => ({ cells: [badge(status)], count, find: { run: run.letter, status } }));
  const unscored = run.failed - failed.reduce((sum, [, count]) => sum + count, 0);
  if (unscored > 0) apart.push({ cells: ["no score"], count: unscored });
  return [
    countTable(["outcome", "episodes"], scored, run.scored),
    apart.length ? el("h4", null, "Failed, not scored") : null,
    apart.length ? countTable(["status", "episodes"], apart) : null,
  ];
}

function codesTable(run) {
  const lines = run.codes.map(([outcome, code, count]) => ({
    cells: [code ? codeOf(code) : "no code", badge(outcome)],
    count,
    find: { run: run.letter, outcome, text: code },
  }));
  return countTable(["code", "outcome", "episodes"], lines);
}

function errorsTable(run) {
  const lines = run.errors.map(([code, count, episodes]) => ({
    cells: [codeOf(code), number(episodes)],
    count,
    find: { run: run.letter, text: code },
  }));
  return countTable(["code", "episodes", "times"], lines);
}

function failuresTable(run) {
  const lines = run.failures.map(([boundary, type, message, count]) => ({
    cells: [codeOf(`${boundary}: ${type}`), el("span.soft", null, visible(message))],
    count,
    find: { run: run.letter, text: `${boundary}: ${type}` },
  }));
  const table = countTable(["what broke", "message", "times"], lines);
  return run.retried
    ? [table, el("p.line", null, `${plural(run.retried, "episode")} took more than one attempt`)]
    : table;
}

function chartOf(shared, run, what, nothing) {
  const at = runs.indexOf(run);
  const most = Math.max(0, ...shared.counts.flat());
  const mine = shared.counts[at].some((count) => count > 0);
  return mine ? histogram(shared.bins, shared.counts[at], most, what) : el("p.nothing", null, nothing);
}

function turnsLine(run) {
  const { turns } = run;
  if (!turns) return null;
  return el(
    "p.line",
    null,
    `mean ${turns.mean.toFixed(2)} · median ${turns.median} · least ${turns.least} · most ${turns.most}`,
  );
}

function timeSplit(run) {
  const rest = Math.max(0, run.total_s - run.model_s - run.env_s);
  const parts = [
    ["model", run.model_s, seconds(run.model_s)],
    ["environment", run.env_s, seconds(run.env_s)],
    ["other", rest, seconds(rest)],
  ];
  const each = run.seconds;
  return [
    cutBar(parts, "Time of model, environment and the rest"),
    el(
      "p.line",
      null,
      `per episode: mean ${seconds(each.mean)} · median ${seconds(each.median)} · 95 % ${seconds(each.p95)} · most ${seconds(each.most)}`,
    ),
  ];
}

const OUTCOMES = ["pass", "partial", "fail", "malformed", "hack", "task_invalid", "infra_error"];
const STATUSES = ["ok", "truncated", "infra_failed", "env_failed", "aborted"];

/** An outcome or status as a word in its colour. Only known words choose a class. */
function badge(word) {
  const known = OUTCOMES.includes(word) || STATUSES.includes(word);
  return el(`span.badge${known ? `.is-${word}` : ""}`, null, word.replaceAll("_", " "));
}

function letterBadge(run) {
  return el(`span.letter.run-${run.letter}`, { title: run.name }, run.letter.toUpperCase());
}

/** A machine code or a type, which may be broken between its words. */
function codeOf(code) {
  return el(
    "code",
    null,
    code.split(/(?<=[._ ])|(?<=[a-z])(?=[A-Z])/).map((piece) => [visible(piece), el("wbr")]),
  );
}
