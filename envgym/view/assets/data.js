// The data of the page. An episode's details stay text until somebody looks at the episode.

const page = JSON.parse(document.getElementById("page").textContent);
const runs = page.runs;
const twoRuns = runs.length === 2;
for (const run of runs) run.rows.sort((one, two) => placeOf(one) - placeOf(two));
const rows = runs.flatMap((run) => run.rows.map((row) => Object.assign(row, { run })));
const rowByName = new Map(rows.map((row) => [nameOf(row), row]));

/** Where a row stands among all of its file, which may hold several runs, in the order in which they were planned. */
function placeOf(row) {
  return row.series * 2 ** 32 + row.index;
}

/** Whether episodes of one run differ in `name`. */
function variesInRun(name) {
  return runs.some((run) => new Set(run.rows.map((row) => row[name])).size > 1);
}

/** How many episodes are in the files but not in this page. */
function leftOutOf(some) {
  return some.reduce((sum, run) => sum + run.episodes - run.rows.length, 0);
}

const oneEnv = new Set(rows.map((row) => row.env)).size === 1;

/** A task's name for the lists: without its environment where there is only one. */
function taskName({ task, env }) {
  return oneEnv && task.startsWith(`${env}/`) ? task.slice(env.length + 1) : task;
}

/** The name of an episode in the page's address: a17 is line 17 of the first file. */
function nameOf(row) {
  return `${row.run.letter}${row.line}`;
}

const read = new Map();

/** What a data element of the page holds. */
function dataOf(name) {
  return JSON.parse(document.getElementById(name).textContent);
}

/** The details of an episode and of its task. The last few stay parsed. */
function detailsOf(row) {
  const name = nameOf(row);
  if (!read.has(name)) {
    if (read.size >= 8) read.delete(read.keys().next().value);
    const own = dataOf(`episode-${row.run.letter}-${row.line}`);
    read.set(name, { ...dataOf(`task-${own.task}`), ...own });
  }
  return read.get(name);
}

/** What is written about a row itself, in lower case. */
function labelText(row) {
  return [
    row.task,
    row.status,
    row.outcome,
    row.code,
    row.env,
    row.scaffold,
    row.policy,
    ...row.errors,
    ...row.failures,
  ]
    .join("\n")
    .toLowerCase();
}

/** Everything that was said in an episode, in lower case. */
function spokenText(row) {
  if (row.spoken === undefined) {
    const details = dataOf(`episode-${row.run.letter}-${row.line}`);
    const said = details.messages.flatMap((message) => [
      message.text,
      message.thinking ?? "",
      ...(message.calls ?? []).flatMap((call) => [call.name, call.arguments]),
    ]);
    row.spoken = said.join("\n").toLowerCase();
  }
  return row.spoken;
}

/** The messages from the root to `leaf`, as indices. A parent stands before its child; a file that says otherwise ends the chain. */
function chainTo(leaf, parents) {
  const chain = [];
  for (let node = leaf; node >= 0; node = parents[node] < node ? parents[node] : -1) chain.push(node);
  return chain.reverse();
}

/** One chain per leaf of the message tree, in the order in which the leaves were said. */
function chainsOf(details) {
  const inner = new Set(details.parents);
  return details.messages
    .map((_, node) => node)
    .filter((node) => !inner.has(node))
    .map((leaf) => chainTo(leaf, details.parents));
}
