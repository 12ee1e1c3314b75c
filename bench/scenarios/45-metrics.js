import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateShop } from "../generate.js";
import { BIN, growthos, inTurn, measure, row } from "../measure.js";

const bare = fileURLToPath(new URL("../reference/bare-metrics.js", import.meta.url));

/** Windows with the one of the same length before: all orders, and four weeks of them, where starting the program is most of the time. */
const WINDOWS = [
  { title: "a year and the one before", from: "2025-01-01", to: "2025-12-31", most: 1.5 },
  { title: "four weeks and the four before", from: "2025-12-04", to: "2025-12-31" },
];

/** A shop exports its history in pieces: a file is staged as a whole. */
const FILE_ORDERS = 1_000_000;

/** Every metric of the catalog with its comparison, against the best single statement for the same sums in the bare engine. */
export async function scenario({ folder, orders, rounds }) {
  const project = join(folder, "metrics");
  await generateShop(project, orders, FILE_ORDERS);
  await growthos(["sync", "--quiet"], { cwd: project });
  await growthos(["build", "--quiet"], { cwd: project });
  const build = currentBuild(project);
  const rows = [];
  for (const { title, from, to, most } of WINDOWS) {
    const question = [
      "metrics",
      "all",
      "--window",
      `${from}..${to}`,
      "--compare",
      "previous",
      "--format",
      "json",
      "--quiet",
    ];
    assertSame(project, { build, from, to, question });
    const [ours, reference] = await inTurn(rounds, [
      () => growthos(question, { cwd: project }),
      () => measure([bare, build, from, to]),
    ]);
    rows.push(row(`metrics: all, ${title}, ${orders} orders`, ours, { reference, most }));
  }
  return rows;
}

function currentBuild(project) {
  const warehouse = join(project, "workspaces", "main", "warehouse");
  const { buildId } = JSON.parse(readFileSync(join(warehouse, "CURRENT"), "utf8"));
  return join(warehouse, `${buildId}.duckdb`);
}

/** Two answers that differ would make the ratio worthless. */
function assertSame(project, { build, from, to, question }) {
  const out = join(project, "bare.json");
  execFileSync(process.execPath, [bare, build, from, to, out], { env: { ...process.env, TZ: "UTC" } });
  const sums = JSON.parse(readFileSync(out, "utf8"));
  const { totals } = JSON.parse(
    execFileSync(process.execPath, [BIN, ...question], { cwd: project, encoding: "utf8", maxBuffer: 2 ** 28 }),
  );
  const pairs = {
    orders: "orders",
    gross_revenue: "gross_cents",
    customers: "customers",
    spend: "spend_cents",
    sessions: "sessions",
  };
  for (const [metric, column] of Object.entries(pairs)) {
    const [now, before] = [totals[metric].value.value, totals[metric].previous.value];
    if (now !== Number(sums[0][column]) || before !== Number(sums[1][column]))
      throw new Error(`${metric}: ${now}, ${before} here, ${sums[0][column]}, ${sums[1][column]} in the bare engine`);
  }
}
