// A backfill in a process of its own, on the real disk, until somebody kills it.
import { undiciTransport } from "../../http/undici.js";
import { runSync } from "../../sync/run.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openWorkspace } from "../../warehouse/layout.js";
import { backfill, type Reached } from "./backfill.js";

const [root = "", doubles = "[]"] = process.argv.slice(2);
const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
const network = undiciTransport({ allowLoopback: true });
const report = await runSync(backfill(ws, JSON.parse(doubles) as readonly Reached[], network));
await network.close();
process.exitCode = report.exit === "ok" ? 0 : 1;
