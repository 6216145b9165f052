// A verdict as a tree: parts within parts, each with its outcome, score, code, reason and evidence.

const SHORT_REASON = 160;

function verdictTree(verdict, name = "") {
  const parts = Object.entries(verdict.parts);
  const inline = verdict.reason.length <= SHORT_REASON && !verdict.reason.includes("\n");
  return el(
    "div.verdict",
    null,
    el(
      "div.decision",
      null,
      name ? el("span.name", null, visible(name)) : null,
      badge(verdict.outcome),
      el("b", null, score(verdict.score)),
      verdict.code ? el("code", null, visible(verdict.code)) : null,
      inline ? el("span", { dir: "auto" }, visible(verdict.reason)) : null,
      verdict.attribution !== "policy" ? el("i", null, `attributed to the ${verdict.attribution}`) : null,
      verdict.cost ? el("i", null, costText(verdict.cost)) : null,
    ),
    inline ? null : textBlock(verdict.reason),
    evidenceOf(verdict, name !== ""),
    parts.length
      ? el(
          "ul.parts",
          null,
          parts.map(([part, inner]) => el("li", null, verdictTree(inner, part))),
        )
      : null,
  );
}

/** The evidence of a part that passed is folded: who reads a verdict looks for what did not. */
function evidenceOf({ evidence, outcome }, isPart) {
  if (!evidence.length) return null;
  const lines = () => el("div", null, evidence.map(evidenceLine));
  return isPart && outcome === "pass" ? folded(`evidence ${evidence.length}`, lines) : lines();
}

function evidenceLine(evidence) {
  return el(
    "div.evidence",
    null,
    el("span.kind", null, visible(evidence.kind)),
    textBlock(evidence.text),
    evidence.data ? folded("data", () => jsonTable(evidence.data)) : null,
  );
}

function costText({ seconds: spent, calls, tokens }) {
  const parts = [seconds(spent)];
  if (calls) parts.push(plural(calls, "call"));
  if (tokens) parts.push(plural(tokens, "token"));
  return `cost ${parts.join(", ")}`;
}

function failureList(failures) {
  return el(
    "ol.failures",
    null,
    failures.map((failure) =>
      el(
        "li",
        null,
        el(
          "div.decision",
          null,
          el("span.badge.is-env_failed", { title: "the part that broke" }, visible(failure.boundary)),
          el("code", null, visible(failure.type)),
          el("i", null, `attempt ${failure.attempt + 1}`),
        ),
        textBlock(failure.message),
      ),
    ),
  );
}
