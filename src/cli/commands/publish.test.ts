/** A build of a few rows, sent to BigQuery on loopback: what arrives, what stays here, and what happens when something fails on the way. */
import { mkdirSync, readdirSync, utimesSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PublishConfig } from "../../config/types.js";
import { undiciTransport } from "../../http/undici.js";
import { readRuns } from "../../sync/runs.js";
import { type BigQueryJobs, bigQueryJobs } from "../../testing/doubles/bigquery-jobs.js";
import { rerouted } from "../../testing/doubles/server.js";
import { publishedSales, runPublish } from "../../testing/publish-rig.js";
import { freshFolder, freshWorkspace, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../../warehouse/disk.js";
import type { Database, Workspace } from "../../warehouse/types.js";
import type { CommandArgs } from "../command.js";

const CONFIG: PublishConfig = {
  relations: null,
  people: false,
  bigquery: { project: "my-shop-1", dataset: "growthos", location: "EU", prefix: "g_" },
  postgres: null,
  snowflake: null,
};
const OURS = { written_by: "growthos_publish" };
const network = undiciTransport({ allowLoopback: true });

let db: Database;
let ws: Workspace;
let double: BigQueryJobs;

beforeAll(async () => {
  db = await publishedSales();
});
beforeEach(async () => {
  ws = await freshWorkspace();
  double = await bigQueryJobs("my-shop-1", "growthos");
});
afterEach(() => double.server.close());
afterAll(async () => {
  await network.close();
  await db.close();
  removeFolders();
});

function publish(
  options: CommandArgs["options"] = {},
  more: {
    readonly config?: PublishConfig | undefined;
    readonly target?: string;
    readonly dryRun?: boolean;
    readonly signal?: AbortSignal;
  } = {},
) {
  const config = "config" in more ? more.config : CONFIG;
  const env = { BIGQUERY_KEY_FILE: double.keyFile.reveal() };
  const transport = rerouted(network, double.routes);
  const dryRun = more.dryRun === true;
  const { signal } = more;
  return runPublish(
    { db, ws, config, env, transport, dryRun, ...(signal === undefined ? {} : { signal }) },
    more.target ?? "bigquery",
    options,
  );
}

/** What a table holds, read by DuckDB from the bytes that arrived. */
async function rowsIn(table: string) {
  const path = `${freshFolder()}/table.parquet`;
  diskFiles.write(path, double.tables.get(table) ?? "");
  return db.all(`select * from read_parquet('${path}')`);
}

describe("growthos publish", () => {
  it("puts whole tables into their place, without what names people", async () => {
    const { text } = await publish();
    expect([...double.tables.keys()].sort()).toEqual(["g_fact_sales", "g_growthos_build", "g_rules"]);
    expect(await rowsIn("g_fact_sales")).toEqual([
      { sale_id: "a", sale_date: "2026-02-01", net_cents: -5, currency: "USD" },
      { sale_id: "b", sale_date: "2026-02-02", net_cents: 5990, currency: "USD" },
    ]);
    expect(await rowsIn("g_growthos_build")).toEqual([{ build_id: "000001-ab", as_of: "2026-02-09" }]);
    expect(text).toBe(
      "3 tables with 4 rows of build 000001-ab as of 2026-02-09 are in BigQuery, my-shop-1.growthos.\n" +
        "Not sent, because their rows are people (--people sends them): dim_buyer.",
    );
    // All are loaded before the first is put into its place, and the one that tells of them is the last.
    const order = double.jobs().map((id) => id.replace(/^growthos_[0-9a-f]+_/, ""));
    expect(order).toEqual(
      ["load", "copy"].flatMap((kind) => ["fact_sales", "rules", "growthos_build"].map((name) => `${kind}_${name}`)),
    );
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([
      {
        kind: "publish",
        state: "completed",
        rows: 4,
        sources: [{ source: "bigquery", tasksDone: 3, tasksPlanned: 3 }],
      },
    ]);
    expect(readRuns(ws).runs).toEqual([]);
    expect(readdirSync(ws.at("warehouse"))).toEqual([]);
  });

  it("sends people when they are asked for, and only what is named", async () => {
    await publish({ relation: ["dim_buyer", "fact_sales"], people: true });
    expect([...double.tables.keys()].sort()).toEqual(["g_dim_buyer", "g_fact_sales", "g_growthos_build"]);
    expect(await rowsIn("g_dim_buyer")).toEqual([{ customer_id: "c-hash-1", order_count: 2 }]);
    expect((await rowsIn("g_fact_sales"))[0]).toMatchObject({ customer_id: "c-hash-1", geo_city: "Lyon" });
    await expect(publish({ relation: ["fact_sale"] })).rejects.toMatchObject({ code: "RELATION_UNKNOWN" });
  });

  it("says what would go where, and sends nothing", async () => {
    const { json, text } = await publish({}, { dryRun: true });
    expect(json).toMatchObject({
      dry_run: true,
      tables: [
        {
          relation: "fact_sales",
          table: "my-shop-1.growthos.g_fact_sales",
          rows: 2,
          left_out: ["customer_id", "geo_city"],
        },
        { relation: "rules", table: "my-shop-1.growthos.g_rules", rows: 1, left_out: [] },
      ],
      not_sent: ["dim_buyer"],
    });
    expect(text).toContain("2 tables of build 000001-ab as of 2026-02-09 would be sent");
    expect([double.server.arrived, readRuns(ws, ["publish"]).runs]).toEqual([[], []]);
  });

  it("removes what a killed one left, once it is a day old", async () => {
    const left = [".publish-old", ".publish-young"].map((name) => ws.at("warehouse", name));
    for (const folder of left) mkdirSync(folder, { recursive: true });
    const old = new Date(Date.now() - 90_000_000);
    utimesSync(left[0] ?? "", old, old);
    await publish();
    expect(readdirSync(ws.at("warehouse"))).toEqual([".publish-young"]);
  });

  it("makes no job twice when the answer to it is lost", async () => {
    double.server.fail([{ kind: "reset", when: "headers" }, { kind: "cut" }], ({ method }) => method === "POST");
    double.server.fail([{ kind: "reset", when: "headers" }], ({ method }) => method === "DELETE");
    await publish();
    expect(double.jobs()).toHaveLength(6);
    expect([...double.tables.keys()].sort()).toEqual(["g_fact_sales", "g_growthos_build", "g_rules"]);
  });

  it("leaves every table as it was when one cannot be loaded, and sends the same again", async () => {
    double.tables.set("g_fact_sales", new Uint8Array([1]));
    double.about.set("g_fact_sales", { labels: OURS, madeAt: 0 });
    double.refuse("g_rules");
    await expect(publish()).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      message: expect.stringContaining("load_rules: Error while reading data"),
      exitCode: 3,
    });
    // Nothing waits there for ever: what was loaded is gone.
    expect([...double.tables]).toEqual([["g_fact_sales", new Uint8Array([1])]]);
    expect(readRuns(ws, ["publish"]).runs).toMatchObject([
      { state: "failed", sources: [{ tasksDone: 0, error: { code: "PUBLISH_FAILED" } }] },
    ]);
    double.refuse("none");
    await publish();
    const once = new Map(double.tables);
    await publish();
    expect(double.tables).toEqual(once);
    expect([...once.keys()].sort()).toEqual(["g_fact_sales", "g_growthos_build", "g_rules"]);
  });

  it("leaves a table alone that growthos did not make, and says so before anything is changed", async () => {
    double.tables.set("g_rules", new Uint8Array([1]));
    for (const labels of [{}, { written_by: "ann" }] as Readonly<Record<string, string>>[]) {
      double.about.set("g_rules", { labels, madeAt: 0 });
      await expect(publish()).rejects.toMatchObject({
        code: "PUBLISH_FAILED",
        exitCode: 3,
        parts: {
          what: "my-shop-1.growthos.g_rules is there already, and growthos did not make it",
          state: "nothing was changed",
          hint: "name another dataset or a prefix under publish.bigquery, or remove the table",
        },
      });
    }
    expect([double.jobs(), [...double.tables]]).toEqual([[], [["g_rules", new Uint8Array([1])]]]);
  });

  it("labels what it puts into its place, and replaces that", async () => {
    await publish();
    expect([...double.about.values()].map(({ labels }) => labels)).toEqual([OURS, OURS, OURS]);
    await publish();
    expect(double.jobs()).toHaveLength(12);
  });

  it("removes what a killed one left there, a day later, and nothing of others", async () => {
    const day = 24 * 3_600_000;
    const left = [
      ["g_dim_buyer__growthos_0123456789ab", OURS, 2 * day],
      ["g_rules__growthos_0123456789ab", OURS, day / 2],
      ["x__growthos_0123456789ab", {}, 2 * day],
      ["g_older_mart", OURS, 2 * day],
    ] as const;
    for (const [name, labels, age] of left) {
      double.tables.set(name, new Uint8Array([1]));
      double.about.set(name, { labels, madeAt: Date.now() - age });
    }
    await publish();
    const stay = left.slice(1).map(([name]) => name);
    expect([...double.tables.keys()].sort()).toEqual(["g_fact_sales", "g_growthos_build", "g_rules", ...stay].sort());
  });

  it("takes away what waits when it is interrupted", async () => {
    const stop = new AbortController();
    double.server.fail([{ kind: "reset", when: "before" }], ({ body }) => {
      if (body.includes('"copy"')) stop.abort(new Error("interrupted"));
      return false;
    });
    await expect(publish({}, { signal: stop.signal })).rejects.toThrow("interrupted");
    expect([...double.tables.keys()].filter((name) => name.includes("__growthos_"))).toEqual([]);
  });

  it("refuses targets that there are not, and one that the config does not name", async () => {
    await expect(publish({}, { target: "redshift" })).rejects.toMatchObject({
      code: "TARGET_UNKNOWN",
      parts: { hint: "one of bigquery, postgres, snowflake" },
    });
    await expect(publish({}, { target: "snowflake" })).rejects.toMatchObject({ code: "PUBLISH_NOT_CONFIGURED" });
    await expect(publish({}, { config: undefined })).rejects.toMatchObject({ code: "PUBLISH_NOT_CONFIGURED" });
    const elsewhere = { ...CONFIG, bigquery: { project: "my-shop-1", dataset: "other", location: "EU", prefix: "" } };
    await expect(publish({}, { config: elsewhere })).rejects.toMatchObject({
      code: "API_REFUSED",
      parts: { hint: expect.stringContaining("check publish.bigquery in the config") },
    });
  });
});
