// Which view is shown is in the page's address alone: #/, #/episodes, #/episode/a/17, #/compare, #/compare/17-23.

const main = document.getElementById("main");
const views = {};
let shown = "";

/** Views are made when they are first looked at. */
function view(name) {
  views[name] ??= name === "episodes" ? new Episodes() : new Compare();
  return views[name];
}

/** Goes to an address of this page at once; a changed location.hash would be followed later. */
function go(hash) {
  if (location.hash !== hash) history.pushState(null, "", hash);
  route();
}

function openEpisodes(wanted) {
  view("episodes").find(wanted);
  go("#/episodes");
}

const PLACES = new Map([
  ["episodes", "episodes"],
  ["episode", "episodes"],
]);
if (twoRuns) PLACES.set("compare", "compare");

function route() {
  const [name = "", first, second] = location.hash.replace(/^#\/?/, "").split("/");
  const place = PLACES.get(name) ?? "overview";
  if (place !== shown) main.scrollTop = 0;
  shown = place;
  for (const link of document.querySelectorAll("#views a")) {
    if (link.dataset.view === place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (place === "overview") {
    showOverview(main);
    return;
  }
  const open = view(place);
  if (main.firstChild !== open.node) main.replaceChildren(open.node);
  if (place === "compare") open.open(first);
  else showEpisode(open, name === "episode" ? [first, second] : null);
}

/** The episode that the address names; without one, the first of the list. */
function showEpisode(episodes, address) {
  const row =
    address === null ? episodes.list.rows[Math.max(0, episodes.list.chosen)] : rowByName.get(address.join(""));
  if (address !== null && row === undefined) {
    episodes.pane.replaceChildren(el("p.note", null, "There is no such episode in this page."));
    return;
  }
  episodes.open(row);
}

const KEYS = [
  ["j, k", "next, previous episode or pair"],
  ["/", "search"],
  ["Esc", "leave the search"],
  ["1, 2, 3", "overview, episodes, compare"],
  ["?", "this list"],
];

function keyed(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || document.getElementById("help").open) return;
  const typing = event.target.closest("input, select, textarea") !== null;
  if (event.key === "Escape" && typing) {
    event.target.blur();
    return;
  }
  const act = typing ? undefined : ACTS[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

const ACTS = {
  j: () => moveBy(1),
  k: () => moveBy(-1),
  "/": () => {
    if (shown === "overview") go("#/episodes");
    setTimeout(() => view(shown === "compare" ? "compare" : "episodes").text.select());
  },
  "?": () => document.getElementById("help").showModal(),
  1: () => go("#/"),
  2: () => go("#/episodes"),
  3: () => twoRuns && go("#/compare"),
};

function moveBy(step) {
  if (shown === "overview") go("#/episodes");
  else view(shown).move(step);
}

function start() {
  const links = [
    ["overview", "#/", "Overview"],
    ["episodes", "#/episodes", `Episodes ${number(rows.length)}`],
  ];
  if (twoRuns) links.push(["compare", "#/compare", "Compare"]);
  document
    .getElementById("views")
    .append(...links.map(([name, href, text]) => el("a", { href, "data-view": name }, text)));
  document.getElementById("title").replaceChildren(...visible(page.title));
  const help = document.getElementById("help");
  help.append(
    el("h2", { id: "help-title" }, "Keys"),
    el(
      "dl.facts",
      null,
      KEYS.map(([key, what]) => [el("dt", null, el("kbd", null, key)), el("dd", null, what)]),
    ),
    el("button", { type: "button", onclick: () => help.close() }, "close"),
  );
  document.getElementById("help-button").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", keyed);
  window.addEventListener("hashchange", route);
  route();
}

start();
