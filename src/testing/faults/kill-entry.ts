// Runs the warehouse scenario in a process of its own, on the real disk, until somebody kills it.
import { writeSync } from "node:fs";
import { systemClock } from "../../base/clock.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";
import { goodProtocol, warehouseScenario } from "./warehouse-scenario.js";

const [root = "", rounds = "1", mistake = ""] = process.argv.slice(2);
const db = await openDatabase({ threads: 1 });
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
// Written with one system call, so that what the parent reads was really said before the end.
const say = (what: string) => writeSync(1, `${what}\n`);
let late: Promise<void> = Promise.resolve();
// The seeded mistake, for those who must find it: a round is acknowledged while its commit is still to come.
const early: typeof goodProtocol = {
  ...goodProtocol,
  commitRound: async (...round) => {
    late = late.then(() => goodProtocol.commitRound(...round));
  },
};
const isEarly = mistake === "acknowledges early";
const protocol = isEarly ? early : goodProtocol;
const scenario = warehouseScenario({ db, rounds: Number(rounds), publish: !isEarly, protocol });
say("started");
await withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "kill test" }, async () => {
  await scenario.run(diskFiles, root, say);
  await late;
});
say("finished");
await db.close();
