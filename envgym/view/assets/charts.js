// Two small charts: bars over bins, and one bar cut into parts.

const WIDEST_BAR = 40;
const CHART = { width: 320, height: 96, left: 30, bottom: 16, top: 6 };

/** A histogram as SVG. `most` is the count at the full height, so that two charts side by side share one scale. */
function histogram(bins, counts, most, what) {
  const { width, height, left, bottom, top } = CHART;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const label = `Histogram of ${what}, ${plural(total, "episode")}`;
  const step = Math.min((width - left) / Math.max(bins.length, 1), WIDEST_BAR);
  const room = height - bottom - top;
  const bars = bins.map(([low, high], at) => {
    const size = most ? (counts[at] / most) * room : 0;
    const tall = counts[at] ? Math.max(size, 1) : 0;
    const range = low === high ? short(low) : `${short(low)} to ${short(high)}`;
    return svg(
      "g",
      null,
      svg("title", null, `${range}: ${plural(counts[at], "episode")}`),
      svg("rect.hit", { x: left + at * step, y: top, width: step, height: room }),
      svg("rect.bar", {
        x: left + at * step + 1,
        y: height - bottom - tall,
        width: Math.max(step - 2, 1),
        height: tall,
      }),
    );
  });
  const base = height - bottom;
  return svg(
    "svg.histogram",
    { viewBox: `0 0 ${width} ${height}`, width, role: "img", "aria-label": label },
    svg("line.axis", { x1: left, x2: width, y1: base + 0.5, y2: base + 0.5 }),
    svg("line.grid", { x1: left, x2: width, y1: top + 0.5, y2: top + 0.5 }),
    svg("text.end", { x: left - 4, y: top + 4 }, number(most)),
    svg("text.end", { x: left - 4, y: base + 1 }, "0"),
    bars,
    binLabels(bins, step),
  );
}

/** Values under their bars; with equal bins only the two ends and the middle edge. */
function binLabels(bins, step) {
  const { height, left } = CHART;
  const single = bins.length > 0 && bins.every(([low, high]) => low === high);
  const every = Math.ceil(bins.length / 7);
  const places = single
    ? bins.map(([low], at) => [left + (at + 0.5) * step, low]).filter((_, at) => at % every === 0)
    : bins.length
      ? [0, bins.length / 2, bins.length].map((at) => [left + at * step, (bins[at] ?? [bins.at(-1)[1]])[0]])
      : [];
  return places.map(([x, value], at) => {
    const anchor = single ? "middle" : ["start", "middle", "end"][at];
    return svg("text", { x, y: height - 4, "text-anchor": anchor }, short(value));
  });
}

/** A number in at most four digits. */
function short(value) {
  return String(Number(value.toPrecision(3)));
}

/** One bar cut into named parts: [name, value, text]. */
function cutBar(parts, label) {
  const whole = parts.reduce((sum, [, value]) => sum + value, 0);
  let from = 0;
  const pieces = parts.map(([name, value, text], at) => {
    const size = whole ? (value / whole) * 100 : 0;
    const piece = svg(
      `rect.part${at}`,
      { x: from, y: 0, width: size, height: 8 },
      svg("title", null, `${name}: ${text}`),
    );
    from += size;
    return piece;
  });
  return el(
    "div.cut",
    null,
    svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label }, pieces),
    el(
      "ul",
      null,
      parts.map(([name, value, text], at) =>
        el(
          "li",
          null,
          el(`span.key.part${at}`),
          `${name} `,
          el("b", null, text),
          whole ? ` ${share(value, whole)}` : null,
        ),
      ),
    ),
  );
}
