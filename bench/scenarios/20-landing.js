import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateShop } from "../generate.js";
import { growthos, inTurn, measure, row } from "../measure.js";

const bareCopy = fileURLToPath(new URL("../reference/bare-copy.js", import.meta.url));

/** Importing an orders file (recognise, judge every row, hash personal data, verify, fsync, commit) against a bare COPY of it. */
export async function scenario({ folder, orders, rounds }) {
  const project = join(folder, "landing");
  const file = await generateShop(project, orders);
  const target = join(folder, "bare");
  mkdirSync(target);
  const [ours, reference] = await inTurn(rounds, [
    () => {
      rmSync(join(project, "workspaces"), { recursive: true, force: true });
      return growthos(["sync", "--quiet"], { cwd: project });
    },
    () => measure([bareCopy, file, join(target, "orders.parquet")]),
  ]);
  return [row(`landing: ${orders} orders from CSV`, ours, { reference, most: 1.3 })];
}
