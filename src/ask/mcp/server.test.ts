import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GrowthosError } from "../../base/errors.js";
import { CATALOG } from "../../metrics/catalog/index.js";
import { openWorld, readWorlds, worldContext } from "../../testing/worlds.js";
import type { Database } from "../../warehouse/types.js";
import { mcpServer } from "./server.js";
import { LIMITS, type McpLimits, type McpSources } from "./types.js";

const world = readWorlds().find(([name]) => name === "shop.json")?.[1];
if (world === undefined) throw new Error("the world shop.json is missing");
const context = worldContext(world);

let db: Database;
beforeAll(async () => {
  db = await openWorld(world);
});
afterAll(() => db.close());

/** A client of the official SDK, talking to a server in this process. */
async function clientOf(more: Partial<McpSources> = {}, limits: Partial<McpLimits> = {}): Promise<Client> {
  const sources: McpSources = {
    version: "0.0.0",
    build: async () => ({ db, context, catalog: CATALOG }),
    alerts: async () => ({ day: "2026-02-08", alerts: [{ rule: "cac_up" }] }),
    pages: () => ["executive", "wbr"],
    report: async (page) => (page === "wbr" ? "# Weekly review" : null),
    ...more,
  };
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "test", version: "0.0.0" });
  await Promise.all([mcpServer(sources, { ...LIMITS, ...limits }).connect(there), client.connect(here)]);
  return client;
}

interface Told {
  readonly isError: boolean;
  readonly text: string;
}

async function call(client: Client, name: string, input: Record<string, unknown> = {}): Promise<Told> {
  const result = await client.callTool({ name, arguments: input });
  const [first] = result.content as readonly { readonly text: string }[];
  return { isError: result.isError === true, text: first?.text ?? "" };
}

describe("the MCP server", () => {
  it("lists its tools, all of them read-only, and its resources", async () => {
    const client = await clientOf();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "list_metrics",
      "query_metrics",
      "explain_change",
      "list_alerts",
      "get_report",
      "data_health",
    ]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(["growthos://report/wbr", "growthos://metric/net_revenue"]),
    );
  });

  it("answers a query with the figures of the catalog and the statement", async () => {
    const input = { metrics: ["revenue"], window: "last week", breakdown: "channel", compare: "previous" };
    const answer = JSON.parse((await call(await clientOf(), "query_metrics", input)).text);
    expect(answer.totals.net_revenue.value).toEqual({ status: "ok", value: 16000 });
    expect(answer.rows.map(({ label }: { readonly label: string }) => label)).toEqual(["Meta", "Google"]);
    expect(answer.context).toMatchObject({ currency: "USD", last_complete_day: "2026-02-08" });
    expect(answer.sql[0]).toContain("fact_orders");
  });

  it("tells metrics, changes, alerts, reports and health", async () => {
    const client = await clientOf();
    const { metrics } = JSON.parse((await call(client, "list_metrics", { search: "roas" })).text);
    expect(metrics.map(({ id }: { readonly id: string }) => id)).toContain("platform_roas");
    const change = JSON.parse((await call(client, "explain_change", { metric: "net_revenue", window: "7d" })).text);
    expect(change.context.shop).toBe("Tiny");
    expect(JSON.parse((await call(client, "list_alerts")).text)).toEqual({
      day: "2026-02-08",
      alerts: [{ rule: "cac_up" }],
    });
    expect((await call(client, "get_report", { page: "wbr" })).text).toBe("# Weekly review");
    const passport = await client.readResource({ uri: "growthos://metric/mer" });
    expect(JSON.parse(String((passport.contents[0] as { readonly text: string }).text))).toMatchObject({
      id: "mer",
      formula: "net revenue / spend",
    });
  });

  it("says what is wrong, with a code, and never how it is built", async () => {
    const client = await clientOf({ alerts: async () => Promise.reject(new Error("secret path")) });
    const bad = await call(client, "query_metrics", { metrics: ["revnue"], window: "7d", breakdown: "planet" });
    expect(bad.isError).toBe(true);
    expect(JSON.parse(bad.text).error).toMatchObject({ code: "BAD_QUERY" });
    expect(bad.text).toContain("UNKNOWN_METRIC");
    expect(
      JSON.parse((await call(client, "query_metrics", { metrics: ["orders"], window: "soon" })).text).error.code,
    ).toBe("BAD_WINDOW");
    expect(JSON.parse((await call(client, "get_report", { page: "wbrr" })).text).error).toMatchObject({
      code: "REPORT_UNKNOWN",
      hint: "there is wbr",
    });
    expect(JSON.parse((await call(client, "list_alerts")).text)).toEqual({
      error: { code: "BUG", what: "growthos made a mistake" },
    });
    expect((await call(client, "query_metrics", { metrics: [], window: "7d" })).isError).toBe(true);
    const injected = await call(client, "query_metrics", {
      metrics: ["orders"],
      window: "7d",
      filters: [{ field: "campaign", operator: "=", value: "x'; drop table fact_orders; --" }],
    });
    expect(injected.isError).toBe(false);
    expect((await db.one("select count(*) as n from fact_orders"))["n"]).not.toBe(0);
  });

  it("keeps to its limits of rows and characters", async () => {
    const client = await clientOf({}, { rows: 1 });
    const { text } = await call(client, "query_metrics", {
      metrics: ["orders"],
      window: "7d",
      breakdown: "channel",
      limit: 500,
    });
    expect(JSON.parse(text).rows).toHaveLength(1);
    const series = await call(client, "query_metrics", { metrics: ["orders"], window: "7d", grain: "day" });
    expect(JSON.parse(series.text).error).toMatchObject({
      code: "TOO_MUCH",
      why: "the answer has 7 points, at most 1 are told",
    });
    const short = await clientOf({}, { characters: 100 });
    expect(JSON.parse((await call(short, "list_metrics")).text).error.code).toBe("TOO_MUCH");
  });

  it("stops a call that takes too long, or that the client takes back, and goes on with the next", async () => {
    let interrupts = 0;
    let fail: (reason: Error) => void = () => {};
    const slow = {
      db: {
        ...db,
        interrupt: () => {
          interrupts += 1;
          fail(new Error("interrupted"));
        },
      } as Database,
      context,
      catalog: CATALOG,
    };
    const waits = () =>
      new Promise<never>((_resolve, reject) => {
        fail = reject;
      });
    const client = await clientOf({ build: async () => slow, alerts: waits }, { timeMs: 60 });
    expect(JSON.parse((await call(client, "list_alerts")).text).error.code).toBe("STOPPED");
    const patient = await clientOf({ build: async () => slow, alerts: waits });
    const cancel = new AbortController();
    const taken = patient.callTool({ name: "list_alerts", arguments: {} }, undefined, { signal: cancel.signal });
    setTimeout(() => cancel.abort("no longer needed"), 20);
    await expect(taken).rejects.toThrow("no longer needed");
    expect((await call(patient, "get_report", { page: "wbr" })).text).toBe("# Weekly review");
    expect(interrupts).toBe(2);
  });

  it("says that there is no build", async () => {
    const none = async () => {
      throw new GrowthosError({ code: "NO_BUILD", what: "there is no build yet", exit: "usage" });
    };
    const client = await clientOf({ build: none });
    expect(JSON.parse((await call(client, "data_health")).text).error.code).toBe("NO_BUILD");
  });
});
