import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateNextDay, generateShop } from "../generate.js";
import { growthos, inTurn, measure, median, row } from "../measure.js";
import { recordBuild } from "../record.js";

const replay = fileURLToPath(new URL("../reference/replay.js", import.meta.url));

/** A full build against the bare engine running the very same statements; then with one new day; then with nothing new. */
export async function scenario({ folder, orders, rounds }) {
  const project = join(folder, "build");
  await generateShop(project, orders);
  await growthos(["sync", "--quiet"], { cwd: project });
  const landed = join(folder, "landed");
  cpSync(join(project, "workspaces"), landed, { recursive: true });
  const fresh = () => {
    for (const name of ["staged", "warehouse"]) {
      rmSync(join(project, "workspaces/main", name), { recursive: true, force: true });
      cpSync(join(landed, "main", name), join(project, "workspaces/main", name), { recursive: true });
    }
  };
  const script = join(folder, "statements.json");
  writeFileSync(script, JSON.stringify(await recordBuild(project)));
  const [full, reference] = await inTurn(rounds, [
    () => {
      fresh();
      return growthos(["build", "--quiet"], { cwd: project });
    },
    () => {
      fresh();
      return measure([replay, script]);
    },
  ]);
  fresh();
  await growthos(["build", "--quiet"], { cwd: project });
  const [unchanged] = await inTurn(rounds, [() => growthos(["build", "--quiet"], { cwd: project })]);
  await generateNextDay(project, orders);
  await growthos(["sync", "--quiet"], { cwd: project });
  const oneDay = median([await growthos(["build", "--quiet"], { cwd: project })]);
  return [
    row(`build: ${orders} orders, bare engine`, full, { reference, most: 1.2 }),
    row("build: one new day, full build", oneDay, { reference: full, most: 0.2 }),
    row("build: nothing changed", unchanged, { target: "< 300 ms", isMet: unchanged.wallMs < 300 }),
  ];
}
