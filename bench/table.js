/** Prints rows `{ what, ours, reference, ratio, target }` as an aligned table; a missing figure is a dash. */
export function printRows(rows) {
  const cells = cellsOf(rows);
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells) {
    console.log(
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
    );
  }
}

/** The same as the lines of a table in Markdown. */
export function markdownRows(rows) {
  const [head, ...body] = cellsOf(rows).map((cells) => `| ${cells.join(" | ")} |`);
  return [head, head.replace(/[^|]+/g, " --- "), ...body];
}

function cellsOf(rows) {
  return [
    ["scenario", "growthos", "cpu", "peak", "reference", "cpu", "ratio", "target", ""],
    ...rows.map(({ what, ours, reference, ratio, target, isMet }) => [
      what,
      seconds(ours.wallMs),
      seconds(ours.cpuMs),
      megabytes(ours.peakMb),
      seconds(reference?.wallMs),
      seconds(reference?.cpuMs),
      ratio === undefined ? "–" : `${ratio.toFixed(2)}x`,
      target,
      isMet === undefined ? "" : isMet ? "met" : "missed",
    ]),
  ];
}

function seconds(ms) {
  if (ms === undefined) return "–";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(value) {
  return value === undefined ? "–" : `${Math.round(value)} MB`;
}
