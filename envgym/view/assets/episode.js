// One episode from top to bottom: failures, verdict, task, messages, tokens, record.

/** The whole episode. `differs` is the place of the first message that the episode it is compared with has not. */
function episodeNode(row, differs = -1) {
  const details = detailsOf(row);
  const parts = [
    details.failures.length ? part("Failures", failureList(details.failures)) : null,
    part("Verdict", verdictOf(row, details)),
    part("Task", taskNode(details)),
    messagesPart(details, differs),
    details.tokens.length
      ? part(
          "Tokens",
          details.tokens.map((path, at) => tokenPath(path, at + 1)),
        )
      : null,
    part("Record", recordNode(row, details)),
  ].filter(Boolean);
  return el(
    "article.episode",
    { "aria-label": `Episode ${row.task}, number ${row.index}` },
    episodeHead(row, details, parts),
    parts,
  );
}

function part(title, ...content) {
  return el("section.part", { "aria-label": title }, el("h3", null, title), content);
}

function episodeHead(row, details, parts) {
  const { timing } = details;
  const turns = plural(row.turns, "turn");
  const told = details.steps.filter((step) => step.error).length;
  return [
    el(
      "header.episode-head",
      null,
      el("h2", null, twoRuns ? letterBadge(row.run) : null, visible(row.task), el("i", null, ` #${row.index}`)),
      row.outcome ? badge(row.outcome) : null,
      row.status === "ok" ? null : badge(row.status),
      el("b", { title: "score" }, score(row.score)),
      el("nav.jumps", { "aria-label": "Parts of the episode" }, parts.map(jumpTo)),
    ),
    el(
      "p.marks",
      null,
      row.reward !== null && row.reward !== row.score ? el("span", null, `reward ${score(row.reward)}`) : null,
      el("span", null, told ? `${turns}, ${plural(told, "error")} told` : turns),
      row.sampled ? el("span", null, `${plural(row.sampled, "token")} sampled`) : null,
      el("span", null, seconds(timing.total_s)),
      timing.attempts > 1 ? el("span", null, `${timing.attempts} attempts`) : null,
      el("span", null, visible(lastName(row.scaffold))),
      el("span", null, visible(row.policy)),
    ),
    siblings(row),
  ];
}

function jumpTo(section) {
  return el(
    "button.link",
    { type: "button", onclick: () => section.scrollIntoView() },
    section.getAttribute("aria-label"),
  );
}

const MOST_SIBLINGS = 32;

/** The tries of the same task in the same run, by score. */
function siblings(row) {
  const tries = row.run.rows
    .filter((other) => other.task === row.task && other.series === row.series)
    .sort((one, two) => one.member - two.member);
  if (tries.length < 2) return null;
  const link = (other) =>
    el(
      `a.is-${OUTCOMES.includes(other.outcome) ? other.outcome : "gone"}`,
      {
        href: `#/episode/${other.run.letter}/${other.line}`,
        "aria-current": other === row ? "true" : null,
        title: `#${other.index}, ${other.outcome || other.status}`,
      },
      score(other.score),
    );
  const more =
    tries.length > MOST_SIBLINGS ? el("span", null, `and ${number(tries.length - MOST_SIBLINGS)} more`) : null;
  return el(
    "nav.siblings",
    { "aria-label": "Tries of this task" },
    el("span", null, `${number(tries.length)} tries`),
    tries.slice(0, MOST_SIBLINGS).map(link),
    more,
  );
}

function verdictOf(row, details) {
  if (details.verdict === null)
    return el(
      "p.nothing",
      null,
      `There is no verdict: the episode is ${row.status.replaceAll("_", " ")} and counts in no mean.`,
    );
  const shaped = Object.keys(details.rewards).length > 0;
  return [
    row.score === null ? el("p.warning", null, "This episode has no score and counts in no mean.") : null,
    verdictTree(details.verdict),
    shaped
      ? el(
          "p.line",
          null,
          `reward ${score(row.reward)} = `,
          Object.entries(details.rewards).map(([name, value]) =>
            el("span.term", null, visible(name), ` ${score(value)}`),
          ),
        )
      : null,
  ];
}

function taskNode(details) {
  const hidden = details.private !== "{}";
  return [
    jsonTable(details.public),
    hidden ? folded("not shown to the agent", () => jsonTable(details.private), "private") : null,
  ];
}

/** The last path of the message tree, with buttons for the others where there are any. */
function messagesPart(details, differs = -1) {
  const chains = chainsOf(details);
  if (!chains.length) return part("Messages", el("p.nothing", null, "Nothing was said."));
  const last = chains.length - 1;
  const place = el("div");
  const title = el("span.line", { "aria-live": "polite" });
  const show = (shown) => {
    const notes = branchNotes(chains, shown);
    if (shown === last && differs >= 0) notes.set(differs, "from here on the two episodes differ");
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === shown)));
    title.textContent = pathTitle(details, chains[shown]);
    place.replaceChildren(messageList(details, chains[shown], notes));
  };
  const buttons = chains.map((_, at) => el("button", { type: "button", onclick: () => show(at) }, String(at + 1)));
  const paths = el(
    "div.paths",
    { role: "group", "aria-label": "Paths of the message tree" },
    el("span", null, "path"),
    buttons,
    title,
  );
  show(last);
  return part("Messages", last > 0 ? paths : null, place);
}

/** place in the shown chain -> which other paths leave it there. */
function branchNotes(chains, shown) {
  const leaving = new Map();
  chains.forEach((chain, at) => {
    if (at === shown) return;
    const fork = chain.findIndex((node, place) => node !== chains[shown][place]);
    leaving.set(fork, [...(leaving.get(fork) ?? []), at + 1]);
  });
  const words = ([fork, paths]) => {
    const names = `${paths.length > 1 ? "paths" : "path"} ${paths.join(", ")}`;
    const verb = paths.length > 1 ? "go" : "goes";
    return [fork, fork ? `${names} ${verb} another way from here` : `${names} ${verb} another way from the start`];
  };
  return new Map([...leaving].map(words));
}

/** Which turns a path holds. */
function pathTitle(details, chain) {
  const nodes = new Set(chain);
  const turns = details.steps.flatMap((step, at) => (nodes.has(step.reply) ? [at + 1] : []));
  const said = plural(chain.length, "message");
  if (!turns.length) return `${said}, no turn`;
  const span = turns.length === 1 ? `turn ${turns[0]}` : `turns ${turns[0]} to ${turns.at(-1)}`;
  return `${said}, ${span}`;
}

function recordNode(row, details) {
  const { timing } = details;
  const rest = Math.max(0, timing.total_s - timing.model_s - timing.env_s);
  const times = [
    ["model", timing.model_s, seconds(timing.model_s)],
    ["environment", timing.env_s, seconds(timing.env_s)],
    ["other", rest, seconds(rest)],
  ];
  const facts = {
    "line of the file": String(row.line),
    id: details.id,
    group: `${details.group}, episode ${row.member + 1} of this task`,
    environment: `${row.env} ${details.env_version}`,
    scaffold: `${row.scaffold} ${details.scaffold_version}`,
    policy: row.policy,
    temperature: details.temperature === null ? "" : String(details.temperature),
    "seed of the task": details.seeds.task,
    "seed of the world": details.seeds.world,
    "seed of the policy": details.seeds.policy,
    "hash of the task": details.task_hash,
    run: details.run,
  };
  return [
    cutBar(times, "Time of this episode"),
    el(
      "dl.facts",
      null,
      Object.entries(facts)
        .filter(([, value]) => value)
        .map(([name, value]) => [el("dt", null, name), el("dd", null, visible(value))]),
    ),
    folded("limits, tags and difficulty of the task", () => jsonTable(details.about)),
    details.certificate ? folded("certificate of the task", () => jsonTable(details.certificate)) : null,
    details.knobs !== "{}" ? folded("knobs of the environment", () => jsonTable(details.knobs)) : null,
  ];
}
