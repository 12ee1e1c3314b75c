import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { growthos, inTurn, measure, row } from "../measure.js";

const bareCharts = fileURLToPath(new URL("../reference/bare-charts.js", import.meta.url));

/** All report pages of the demo, as HTML, Markdown and JSON, against rendering fifty bare vega-lite charts. */
export async function scenario({ folder, rounds }) {
  const project = join(folder, "reports");
  await growthos(["init", project, "--demo", "--quiet"]);
  await growthos(["run", "--quiet"], { cwd: project });
  const [ours, reference] = await inTurn(rounds, [
    () => {
      rmSync(join(project, "workspaces/main/out"), { recursive: true, force: true });
      return growthos(["report", "--quiet"], { cwd: project });
    },
    () => measure([bareCharts, "50"]),
  ]);
  return [row("reports: all pages of the demo", ours, { reference, most: 1.3 })];
}
