import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { inTurn, measure, row } from "../measure.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bareCopy = fileURLToPath(new URL("../reference/bare-ndjson.js", import.meta.url));

// The writer of landed parts, called as a sync calls it: workspace, verified part, one commit.
const ENTRY = `
import { systemRandom } from "./src/base/ids.ts";
import { diskFiles } from "./src/warehouse/disk.ts";
import { openDatabase } from "./src/warehouse/duckdb.ts";
import { createWorkspace } from "./src/warehouse/layout.ts";
import { commit } from "./src/warehouse/log.ts";
import { newLoadId, writePart } from "./src/warehouse/write-part.ts";
const [, , projectRoot, path] = process.argv;
const ws = await createWorkspace({ projectRoot, name: "bench", files: diskFiles, random: systemRandom });
const db = await openDatabase({ memoryLimitMb: 1024 });
const loadId = newLoadId(ws, systemRandom);
const from = { kind: "ndjson", path };
const part = await writePart(ws, db, { source: "shopify", stream: "orders", loadId, supersession: "key", days: null, origin: {}, from });
await db.close();
commit(ws, { kind: "append", runId: "bench", added: [part], removed: [], cursors: {}, toolVersion: "0", configHash: "c", at: "2026-01-01T00:00:00.000Z" });
`;

/** Landing what an API or a bulk export delivered (verify, hash, fsync, rename, commit) against a bare COPY of the same bytes. */
export async function scenario({ folder, orders, rounds }) {
  const count = Math.ceil(orders / 5);
  const place = join(folder, "parts");
  mkdirSync(place);
  const path = join(place, "rows.ndjson");
  await writeEnvelopes(path, count);
  const program = join(root, "dist/bench-parts.js");
  const banner = "import {createRequire as __cr} from 'node:module'; const require = __cr(import.meta.url);";
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["@duckdb/*"],
    outfile: program,
    banner: { js: banner },
  });
  const [ours, reference] = await inTurn(rounds, [
    () => {
      rmSync(join(place, "workspaces"), { recursive: true, force: true });
      return measure([program, place, path]);
    },
    () => measure([bareCopy, path, join(place, "bare.parquet")]),
  ]);
  rmSync(program);
  rmSync(place, { recursive: true });
  return [row(`landing: ${count} API orders of 3.5 kB`, ours, { reference, most: 1.3 })];
}

/** Orders as large as the vendor's, with lines that differ so that they compress like real ones. */
async function writeEnvelopes(path, count) {
  const stream = createWriteStream(path);
  for (let order = 0; order < count; order++) {
    const lines = Array.from({ length: 6 }, (_, line) => ({
      id: `gid://shopify/LineItem/${order * 10 + line}`,
      title: `Product ${(order * 31 + line * 17) % 997}`,
      sku: `SKU-${(order * 7 + line) % 9973}`,
      quantity: 1 + ((order + line) % 3),
      originalTotalSet: { shopMoney: { amount: `${(order * 37) % 200}.${10 + (line % 90)}`, currencyCode: "USD" } },
      note: "x".repeat(200),
    }));
    const payload = JSON.stringify({ id: `gid://shopify/Order/${order}`, lines, tags: "y".repeat(900) });
    const stamps = { _run_id: "bench", _fetched_at: "2026-01-01T00:00:00Z", _api_version: "v", _hash: `h${order}` };
    const text = `${JSON.stringify({ _key: `${order}`, _slice: "", ...stamps, payload })}\n`;
    if (!stream.write(text)) await new Promise((resolve) => stream.once("drain", resolve));
  }
  await new Promise((resolve) => stream.end(resolve));
}
