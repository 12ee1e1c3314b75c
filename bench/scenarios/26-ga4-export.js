import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateExport } from "../generate.js";
import { growthos, inTurn, measure, row } from "../measure.js";

const bareExport = fileURLToPath(new URL("../reference/bare-export.js", import.meta.url));

/** Tables, one for each day: growthos commits day by day, so that the memory is that of a day. */
const DAYS = 10;

/**
 * Tables of GA4's BigQuery export from a folder (choose the kinds of events, take the members out of the lists, key, verify, fsync,
 * one commit a day), as Parquet and as JSON lines, against a bare COPY of the same files.
 */
export async function scenario({ folder, orders: events, rounds }) {
  const rows = [];
  for (const format of ["parquet", "json"]) {
    const project = join(folder, `ga4-${format}`);
    const files = await generateExport(project, { events, days: DAYS, format });
    const megabytes = Math.round(files.reduce((sum, file) => sum + statSync(file).size, 0) / 2 ** 20);
    const bare = join(project, "bare");
    mkdirSync(bare);
    const [ours, reference] = await inTurn(rounds, [
      () => {
        rmSync(join(project, "workspaces"), { recursive: true, force: true });
        return growthos(["sync", "--quiet"], { cwd: project });
      },
      () => measure([bareExport, join(bare, "day"), ...files]),
    ]);
    rmSync(project, { recursive: true });
    rows.push(row(`ga4 export: ${events} events, ${megabytes} MB of ${format}`, ours, { reference }));
  }
  return rows;
}
