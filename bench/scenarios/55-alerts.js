import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../bundle.js";
import { growthos, measure, row } from "../measure.js";

/** A year and a half of a shop that quadruples: long enough for forty quiet weeks, and for limits that were made long ago. */
const WORLD = { seed: 7, days: 540, asOf: "2026-02-09" };

const JUDGE = `
  import { writeFileSync } from "node:fs";
  import { addDays, isoDate } from "./src/base/dates.js";
  import { alertWeeks, falseAlarms, missedAnomalies } from "./src/testing/demo-alerts.js";
  import { diskFiles } from "./src/warehouse/disk.js";
  import { openDatabase } from "./src/warehouse/duckdb.js";
  import { openWorkspace } from "./src/warehouse/layout.js";
  import { currentBuild } from "./src/warehouse/publish.js";
  const [, , projectRoot, days, asOf, out] = process.argv;
  const ws = openWorkspace({ projectRoot, name: "demo", files: diskFiles });
  const db = await openDatabase({ path: currentBuild(ws).path, readOnly: true });
  const weeks = await alertWeeks(db, addDays(isoDate(asOf), -Number(days)));
  await db.close();
  const quiet = weeks.filter(({ isQuiet }) => isQuiet).length;
  writeFileSync(out, JSON.stringify({ quiet, alarms: falseAlarms(weeks), missed: missedAnomalies(weeks), weeks: weeks.length }));
`;

/** Every week of that shop judged in turn: how long it takes, and how often something is told of a week in which nothing happened. */
export async function scenario({ folder }) {
  const project = join(folder, "alerts");
  mkdirSync(project);
  const shop = { name: "Demo", currency: "USD", timeZone: "America/New_York" };
  const config = { workspaces: { demo: { shop, sources: { demo: WORLD } } } };
  writeFileSync(join(project, "growthos.config.ts"), `export default ${JSON.stringify(config)};\n`);
  for (const step of ["sync", "build"]) await growthos([step, "--quiet"], { cwd: project });
  const out = join(project, "judged.json");
  const programs = await bundle({ judge: JUDGE });
  try {
    const args = [programs.paths.judge, project, String(WORLD.days), WORLD.asOf, out];
    const ours = await measure(args, { cwd: project });
    const { quiet, alarms, missed, weeks } = JSON.parse(readFileSync(out, "utf8"));
    console.error(`alerts: ${alarms.length} false alarms in ${quiet} quiet weeks (${alarms.join(", ")})`);
    console.error(`alerts: anomalies of the answer key that were missed: ${missed.length} (${missed.join(", ")})`);
    const isMet = alarms.length <= quiet / 20 && missed.length === 0;
    return [row(`alerts: ${weeks} weeks judged`, ours, { target: `<= ${Math.floor(quiet / 20)} false alarms`, isMet })];
  } finally {
    programs.remove();
  }
}
