// One of several machines on one store: lands the next slice that is missing, again and again, until somebody kills it or nothing is missing.
import { systemClock } from "../../base/clock.js";
import { GrowthosError } from "../../base/errors.js";
import { systemRandom } from "../../base/ids.js";
import { Secret } from "../../base/secret.js";
import { s3Objects } from "../../http/s3/client.js";
import { undiciTransport } from "../../http/undici.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { createWorkspace } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";
import { commitEntry, readState, recover } from "../../warehouse/log.js";
import { fillStore } from "../../warehouse/store/identity.js";
import { sharedStore } from "../../warehouse/store/open.js";
import { newLoadId } from "../../warehouse/write-part.js";
import { landLines } from "../workspace.js";
import { KNOWN, nextSlice, rowsOf } from "./store-slices.js";

const [root = "", origin = "", rounds = "1", role = "run"] = process.argv.slice(2);
const transport = undiciTransport({ allowLoopback: true });
const objects = s3Objects({
  endpoint: origin,
  region: "eu-central-1",
  bucket: "lake",
  prefix: "shop",
  isPathStyle: true,
  credentials: { accessKeyId: "AKIADOUBLE", secretAccessKey: new Secret("CANARY-s3-secret-key") },
  transport,
  clock: systemClock,
  random: systemRandom,
});
const store = sharedStore({ objects, random: systemRandom });
const place = { projectRoot: root, name: "shop", files: diskFiles, random: systemRandom };
const ws = await createWorkspace({ ...place, known: KNOWN, store });
const db = await openDatabase({ threads: 1, memoryLimitMb: 128 });

/** False when nothing is missing. */
async function landNext(): Promise<boolean> {
  return withLock(ws, "ingest", { waitMs: 0, clock: systemClock, owner: "store test" }, async () => {
    recover(ws);
    const slice = nextSlice(readState(ws).cursors, Number(rounds), process.pid);
    if (slice === null) return false;
    const { stream, round } = slice;
    const part = await landLines(ws, db, rowsOf(slice), { stream, loadId: newLoadId(ws, systemRandom) });
    await commitEntry(ws, {
      kind: "append",
      runId: `run-${process.pid}-${stream}-${round}`,
      added: [part],
      removed: [],
      cursors: { [`shopify.${stream}`]: { round } },
      toolVersion: "0.1.0",
      configHash: "c",
      at: "2026-02-09T06:00:00.000Z",
    });
    process.stdout.write(`committed ${stream} ${round}\n`);
    return true;
  });
}

if (role === "init") await fillStore(ws, objects);
for (let isMissing = role === "run"; isMissing; ) {
  try {
    isMissing = await landNext();
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError) || thrown.code !== "COMMIT_CONFLICT") throw thrown;
    process.stdout.write("conflict\n");
  }
}
await db.close();
await transport.close();
process.stdout.write("finished\n");
