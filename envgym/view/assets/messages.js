// The messages along one path of the tree, turn by turn, each call next to its result.

const ROLES = ["system", "user", "assistant", "tool"];

/** The messages `chain` of an episode. `notes`: place in the chain -> a line that stands before the message there. */
function messageList(details, chain, notes = new Map()) {
  const stepOf = new Map(details.steps.map((step, at) => [step.reply, at]));
  const list = el("ol.messages");
  const note = (place) => notes.has(place) && list.append(el("li.aside", null, notes.get(place)));
  let told = false;
  for (let place = 0; place < chain.length; place++) {
    const message = details.messages[chain[place]];
    const at = stepOf.get(chain[place]);
    const step = details.steps[at];
    if (message.role === "assistant") told = Boolean(step?.error);
    const results = message.calls ? resultsOf(details, chain, place) : new Map();
    note(place);
    list.append(messageNode(message, { at, step, results, told }));
    for (let shown = results.size; shown > 0; shown--) note(++place);
  }
  return list;
}

/** call -> the tool message that answers it. Only messages that follow at once count: ids may come again later. */
function resultsOf(details, chain, place) {
  const waiting = [...details.messages[chain[place]].calls];
  const results = new Map();
  for (let next = place + 1; next < chain.length; next++) {
    const message = details.messages[chain[next]];
    const at = message.role === "tool" ? waiting.findIndex((call) => call.id === message.answers) : -1;
    if (at < 0) break;
    results.set(waiting.splice(at, 1)[0], message);
  }
  return results;
}

function messageNode(message, { at, step, results, told }) {
  const known = ROLES.includes(message.role) ? message.role : "other";
  const isTold = told && message.role !== "assistant";
  const body = [
    message.thinking
      ? folded(
          `thinking, ${plural(message.thinking.length, "character")}`,
          () => textBlock(message.thinking, "thought"),
          "thinking",
        )
      : null,
    isTold ? el("div.told-label", null, "error told to the agent") : null,
    message.text ? textBlock(message.text) : null,
    (message.calls ?? []).map((call) => callNode(call, results.get(call), told)),
    (message.pictures ?? []).map(pictureNode),
    message.more
      ? folded("other fields", () =>
          fieldTable(Object.entries(message.more).map(([name, value]) => [name, treeOf(value) ?? value])),
        )
      : null,
  ];
  const empty = !message.thinking && !message.text && !message.calls && !message.pictures;
  return el(
    `li.message.role-${known}${isTold ? ".told" : ""}`,
    null,
    el("div.side", null, el("b", null, message.role), at === undefined ? null : el("span", null, `turn ${at + 1}`)),
    el("div.body", null, body, empty ? el("p.nothing", null, "an empty message") : null, step ? stepLine(step) : null),
  );
}

function callNode(call, result, told) {
  const failed = told && result !== undefined && result.text.startsWith("error:");
  return el(
    "div.call",
    null,
    el("div.asked", null, el("code.name", null, visible(call.name)), jsonTable(call.arguments, "no arguments")),
    el(
      `div.result${failed ? ".told" : ""}`,
      null,
      failed ? el("div.told-label", null, "error told to the agent") : null,
      result === undefined
        ? el("p.nothing", null, "no result on this path")
        : [resultBlock(result.text), (result.pictures ?? []).map(pictureNode)],
    ),
  );
}

/** A tool's answer: laid out where it is a JSON object or list, else as it is. */
function resultBlock(text) {
  if (!text) return el("p.nothing", null, "an empty result");
  return /^\s*[{[]/.test(text) ? jsonTable(text) : textBlock(text);
}

const OWN_PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;

function pictureNode(address) {
  if (OWN_PICTURE.test(address)) return el("img", { src: address, alt: "a picture in this message", loading: "lazy" });
  return el("p.nothing", null, "a picture that is not in the record: ", el("code", null, visible(address)));
}

function stepLine(step) {
  const parts = [];
  if (step.error)
    parts.push(el("span.badge.is-told", { title: "machine code of the error told to the agent" }, visible(step.error)));
  if (step.reward !== null && (step.end || step.reward)) parts.push(el("span", null, `reward ${score(step.reward)}`));
  if (step.end) parts.push(el("span", null, step.end));
  if (step.finish_reason === "length") parts.push(el("span.badge.is-truncated", null, "stopped at the token limit"));
  if (step.completion_tokens)
    parts.push(el("span", null, `${number(step.prompt_tokens)} + ${plural(step.completion_tokens, "token")}`));
  if (step.policy_version) parts.push(el("span", null, `policy version ${step.policy_version}`));
  return parts.length ? el("div.step", null, parts) : null;
}
