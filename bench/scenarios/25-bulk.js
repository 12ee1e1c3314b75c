import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../bundle.js";
import { measure, median, row } from "../measure.js";

/** The double executes every query against it; it is not part of the repository. */
const schema = fileURLToPath(new URL("../../../shared/schemas/shopify/admin_2026-10.json.gz", import.meta.url));
const bareBulk = fileURLToPath(new URL("../reference/bare-bulk.js", import.meta.url));

/** Bytes of one order in the export, and how often they lie on the disk at the worst moment: export, buckets, parts, the reference's file. */
const ORDER_BYTES = 3_500;
const COPIES = 2;
/** A fifth of it is still read by a bulk operation; few orders are read page by page, where waits are what is measured. */
const LEAST_ORDERS = 100_000;

// A shop of any size that plays Shopify's bulk operations in a process of its own; told to, it writes the same bytes to a file.
const SERVER = `
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { shopifyDouble } from "./src/testing/doubles/shopify.ts";
const [, , orders, order] = process.argv;
const begun = Date.parse("2026-02-09T06:00:00Z") - performance.now();
const huge = { orders: Number(orders), isScattered: order === "scattered" };
const double = await shopifyDouble({ orders: 40, huge, clock: { now: () => begun + performance.now() } });
// An order with refunds is read once more by its key, and a copy of one has none: this is about the file alone.
for (const order of double.world.orders) order.refunds = [];
process.on("message", async ({ path }) => {
  const out = createWriteStream(path);
  const [{ file }] = double.state.jobs.toSorted((a, b) => b.file.objects - a.file.objects);
  for (const chunk of file.chunks()) if (!out.write(chunk)) await once(out, "drain");
  out.end();
  await once(out, "close");
  process.send({ written: path });
});
process.on("disconnect", () => process.exit(0));
process.send({ routes: double.routes, options: double.options, token: double.secrets.token.reveal() });
`;

// A sync of orders as the CLI runs it, against that shop. The waits that the vendor's own work would take are left out.
const SYNC = `
import { systemClock } from "./src/base/clock.ts";
import { isoDate } from "./src/base/dates.ts";
import { systemRandom } from "./src/base/ids.ts";
import { silentLog } from "./src/base/log.ts";
import { Secret } from "./src/base/secret.ts";
import { shopify } from "./src/connectors/shopify/index.ts";
import { undiciTransport } from "./src/http/undici.ts";
import { runSync } from "./src/sync/run.ts";
import { rerouted } from "./src/testing/doubles/server.ts";
import { diskFiles } from "./src/warehouse/disk.ts";
import { createWorkspace } from "./src/warehouse/layout.ts";
const [, , projectRoot, given, orders] = process.argv;
const { routes, options, token } = JSON.parse(given);
const ws = await createWorkspace({ projectRoot, name: "bench", files: diskFiles, random: systemRandom });
const network = undiciTransport({ allowLoopback: true });
const begun = Date.parse("2026-02-09T06:00:00Z") - performance.now();
const report = await runSync({
  ws,
  sources: [{
    connector: shopify,
    options: shopify.options.parse(options),
    secrets: { token: new Secret(token) },
    transport: rerouted(network, routes),
    since: isoDate("2025-12-01"),
    timeoutMinutes: 120,
    streams: ["orders"],
  }],
  asOf: isoDate("2026-02-09"),
  timeZone: "UTC",
  pii: "hash",
  clock: { ...systemClock, now: () => begun + performance.now(), sleep: async () => {} },
  random: systemRandom,
  log: silentLog,
  toolVersion: "0",
  configHash: "c",
});
await network.close();
if (report.exit !== "ok" || report.rows !== Number(orders)) throw new Error(JSON.stringify(report));
`;

/** A backfill through Shopify's bulk path (HTTP, unpack, check, put children under roots, hash, verify, commit) against a bare COPY of the bytes. */
export async function scenario({ folder, orders, rounds }) {
  if (!existsSync(schema)) {
    console.error("bulk: left out, the vendor's schema is not beside the repository");
    return [];
  }
  if (orders < LEAST_ORDERS) throw new Error(`the bulk scenario needs ${LEAST_ORDERS} orders or more`);
  const needed = orders * ORDER_BYTES * COPIES;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < needed) throw new Error(`the bulk scenario needs ${Math.ceil(needed / 1e9)} GB in ${folder}`);
  const programs = await bundle({ server: SERVER, sync: SYNC });
  try {
    const small = await backfill({ folder, orders: Math.ceil(orders / 5), rounds }, programs.paths);
    const large = await backfill({ folder, orders, rounds }, programs.paths);
    const scattered = await backfill({ folder, orders, rounds, order: "scattered" }, programs.paths);
    const megabytes = `${Math.round(large.bytes / 2 ** 20)} MB`;
    const ratio = large.ours.peakMb / small.ours.peakMb;
    return [
      row(`bulk: ${orders} orders, ${megabytes}, typed COPY`, large.ours, { reference: large.typed, most: 2 }),
      row(`bulk: the same, lines far from their orders`, scattered.ours, { reference: large.typed, most: 2 }),
      row(`bulk: ${orders} orders, ${megabytes}, raw COPY`, large.ours, { reference: large.raw }),
      row(`bulk: memory, ${Math.ceil(orders / 5)} orders`, small.ours, { reference: small.typed }),
      row(`bulk: memory, five times the orders: ${ratio.toFixed(2)}x`, large.ours, {
        target: "< 1.25x",
        isMet: ratio < 1.25,
      }),
    ];
  } finally {
    programs.remove();
  }
}

/**
 * The medians of a sync, a typed COPY and a raw COPY of one export, in turn; everything that was written is deleted.
 * Scattered lines are synced only: DuckDB's inference gives up on them.
 */
async function backfill({ folder, orders, rounds, order = "grouped" }, { server, sync }) {
  const place = join(folder, `bulk-${orders}`);
  mkdirSync(place);
  const shop = spawn(process.execPath, [server, String(orders), order], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const told = () =>
    new Promise((resolve, reject) => {
      shop.once("message", resolve);
      shop.once("exit", (code) => reject(new Error(`the shop ended with ${code}`)));
    });
  try {
    const address = JSON.stringify(await told());
    const [lines, parquet] = [join(place, "export.jsonl"), join(place, "bare.parquet")];
    const seen = { ours: [], typed: [], raw: [] };
    for (let round = 0; round < rounds; round++) {
      seen.ours.push(await measure([sync, place, address, String(orders)]));
      rmSync(join(place, "workspaces"), { recursive: true });
      if (order === "scattered") continue;
      if (round === 0) {
        const written = told();
        shop.send({ path: lines });
        await written;
      }
      seen.typed.push(await measure([bareBulk, "typed", lines, parquet]));
      seen.raw.push(await measure([bareBulk, "raw", lines, parquet]));
    }
    if (order === "scattered") return { ours: median(seen.ours) };
    const { size } = statSync(lines);
    return { ours: median(seen.ours), typed: median(seen.typed), raw: median(seen.raw), bytes: size };
  } finally {
    if (shop.connected) shop.disconnect();
    rmSync(place, { recursive: true, force: true });
  }
}
