import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { undiciTransport } from "../../http/undici.js";
import { hasShopifySchema } from "../doubles/shopify-schema.js";
import { type Bench, openBench } from "../evaluate.js";
import { removeFolders } from "../workspace.js";
import { runSchedule } from "./schedules.js";

const SCHEDULES = inject("faultStride") === 1 ? 200 : 2;
const network = undiciTransport({ allowLoopback: true });
const tally = { syncs: 0, failed: 0, rows: 0 };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  console.info(
    `${SCHEDULES} schedules: ${tally.syncs} syncs, ${tally.failed} of them failed, ${tally.rows} rows alike`,
  );
  await bench.close();
  await network.close();
  removeFolders();
});

describe("syncs that were started at random times", { timeout: 300_000 }, () => {
  const judged = it.runIf(hasShopifySchema);
  if (!hasShopifySchema) console.info("skipped: the vendors' schemas are not beside the repository");

  judged.each(Array.from({ length: SCHEDULES }, (_, index) => [index + 1]))(
    "B-04 schedule %i ends as one full refresh",
    async (number) => {
      const { exits, differing, ...counts } = await runSchedule(number, { network, bench });
      expect({ exits, differing }).toEqual({ exits: ["ok", "ok"], differing: [] });
      tally.syncs += counts.syncs;
      tally.failed += counts.failed;
      tally.rows += counts.rows;
    },
  );
});
