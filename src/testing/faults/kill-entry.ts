// Runs the warehouse scenario in a process of its own, on the real disk, until somebody kills it.
import { writeSync } from "node:fs";
import { systemClock } from "../../base/clock.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";
import { warehouseScenario } from "./warehouse-scenario.js";

const [root = "", rounds = "1"] = process.argv.slice(2);
const db = await openDatabase({ threads: 1 });
const scenario = warehouseScenario({ db, rounds: Number(rounds), publish: true });
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
// Written with one system call, so that what the parent reads was really said before the end.
const say = (what: string) => writeSync(1, `${what}\n`);
say("started");
await withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "kill test" }, () =>
  scenario.run(diskFiles, root, say),
);
say("finished");
await db.close();
