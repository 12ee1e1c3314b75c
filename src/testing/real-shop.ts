/** Public data beside the repository (`../shared/data`), and a shop made of it; for tests that say so and pass without it. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "vitest";
import { fixedClock } from "../base/clock.js";
import { addDays, isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { filesOptions } from "../connectors/files/options.js";
import { importFiles } from "../sync/files.js";
import { type BuildOptions, runBuild } from "../transform/build.js";
import { diskFiles } from "../warehouse/disk.js";
import { openDatabase } from "../warehouse/duckdb.js";
import { createWorkspace } from "../warehouse/layout.js";
import type { Database } from "../warehouse/types.js";

const root = new URL("../..", import.meta.url).pathname;

/** Where the data lies. */
export const data = join(root, "../shared/data");
/** False: there is none here. */
export const isThere = existsSync(join(data, "README.md"));

/** Which files a shop is made of. */
export interface Shop {
  readonly inbox?: readonly string[];
  readonly imports?: readonly object[];
  readonly timeZone: string;
  /** The last day of the data; the report is as of the next. */
  readonly lastDay: string;
}

/** Baskets of a grocer, one row per line, in columns of its own. */
export const COMPLETE_JOURNEY: Shop = {
  imports: [
    {
      path: join(data, "completejourney/transactions_sample.csv"),
      as: "orders",
      columns: {
        order_id: "basket_id",
        customer_id: "household_id",
        ordered_at: "transaction_timestamp",
        line_total: "sales_value",
      },
    },
  ],
  timeZone: "UTC",
  lastDay: "2018-01-01",
};

/** Imports files into a new workspace, builds it with the real SQL and opens the build. */
export async function buildShop(shop: Shop): Promise<Database> {
  const built = await runBuild(await importShop(shop));
  return openDatabase({ path: built.build.path, readOnly: true });
}

/** Imports files into a new workspace; gives what a build of it takes. */
export async function importShop(shop: Shop): Promise<BuildOptions> {
  const projectRoot = mkdtempSync(join(tmpdir(), "growthos-real-"));
  mkdirSync(join(projectRoot, "inbox"));
  for (const file of shop.inbox ?? []) copyFileSync(join(data, file), join(projectRoot, "inbox", basename(file)));
  const ws = await createWorkspace({ projectRoot, name: "shop", files: diskFiles, random: systemRandom });
  const asOf = addDays(isoDate(shop.lastDay), 1);
  const clock = fixedClock(Date.parse(`${asOf}T12:00:00Z`));
  const common = { ws, clock, random: systemRandom, log: silentLog };
  const imported = await importFiles(
    {
      ...common,
      projectRoot,
      options: filesOptions.parse({ imports: shop.imports ?? [] }),
      shop: { currency: "USD", timeZone: shop.timeZone },
      pii: "hash",
      timeoutMinutes: 10,
      toolVersion: "test",
      configHash: "test",
    },
    { runId: "test" },
  );
  expect(imported.failures).toEqual([]);
  return {
    ...common,
    sqlFolder: join(root, "sql"),
    settings: {
      asOf,
      timeZone: shop.timeZone,
      currency: "USD",
      weekEndsOn: 7,
      fiscalYearEndMonth: 12,
      costs: {
        categoryMargins: {},
        defaultMargin: 0.45,
        shippingShare: 0.08,
        opsShare: 0.05,
        paymentFeeShare: 0,
        paymentFeeFixed: 0,
      },
      sources: ["files"],
    },
  };
}
