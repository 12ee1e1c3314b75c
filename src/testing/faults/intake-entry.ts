// The receiver in a process of its own, on the real disk, until somebody kills it. Says its port with one system call.
import { writeSync } from "node:fs";
import { systemClock } from "../../base/clock.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";
import { startReceiver } from "../intake-bench.js";

const [root = ""] = process.argv.slice(2);
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
await withLock(ws, "spool", { waitMs: 10_000, clock: systemClock, owner: "kill test" }, async () => {
  const { origin, ended } = await startReceiver(ws, { sealAfterMs: 100 });
  writeSync(1, `${origin}\n`);
  await ended;
});
