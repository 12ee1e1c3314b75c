import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { landDeliveries } from "../intake/land-deliveries.js";
import { landContext, pushed, rawEvents, send, shopifyRequest, startReceiver } from "../testing/intake-bench.js";
import { runProgram } from "../testing/program.js";
import { ROOT } from "../testing/source.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openWorkspace } from "../warehouse/layout.js";
import type { Workspace } from "../warehouse/types.js";

afterAll(removeFolders);

const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
const INTAKE = {
  shopify_webhooks: { shop: "shop.myshopify.com" },
  payouts: {},
  pixel: { origins: ["https://shop.example/x"] },
};

function project(intake: object | null = INTAKE) {
  const cwd = freshFolder();
  const config = {
    shop: { name: "S", currency: "USD", timeZone: "UTC" },
    ...(intake === null ? {} : { intake }),
    reports: { pages: ["executive"] },
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  const run = (line: string, more: { readonly input?: string; readonly env?: Record<string, string> } = {}) =>
    runProgram(line.split(" "), { cwd, clock, ...more });
  const ws = (): Workspace => openWorkspace({ projectRoot: cwd, name: "main", files: diskFiles });
  return { cwd, run, ws };
}

const json = (result: { readonly stdout: string }) => JSON.parse(result.stdout);

describe("growthos ingest", () => {
  it("takes one document, a list, one per line, and recorded requests; each lands once", async () => {
    const { cwd, run, ws } = project();
    const put = (name: string, text: string) => writeFileSync(join(cwd, name), text);
    put("one.json", '{"amount": "10.00", "currency": "EUR", "ref_id": "a"}');
    put(
      "list.json",
      '[{"amount": 10, "currency": "EUR", "ref_id": "b"}, {"amount":"10.00","currency":"EUR","ref_id":"a"}]',
    );
    put(
      "lines.ndjson",
      '{"amount":"1","currency":"EUR","ref_id":"c"}\n\n{"amount":"1","currency":"EUR","ref_id":9007199254740993}\n',
    );
    expect(json(await run("ingest payouts one.json --topic stripe --json"))).toMatchObject({ rows: 1, repeats: 0 });
    expect(json(await run("ingest payouts list.json --topic stripe --json"))).toMatchObject({ rows: 1, repeats: 1 });
    expect(json(await run("ingest payouts lines.ndjson --topic stripe --json"))).toMatchObject({ rows: 2, repeats: 0 });
    const refs = (await rawEvents(ws(), "payouts")).map(({ body }) => (body as { ref_id: unknown }).ref_id);
    expect(refs.sort()).toEqual(["9007199254740993", "a", "b", "c"]);
    const recorded = { headers: { "X-Shopify-Topic": "carts/update", "X-Shopify-Webhook-Id": "w" }, body: { id: 1 } };
    const answer = await run("ingest shopify_webhooks - --json", { input: JSON.stringify(recorded) });
    expect([answer.exit, json(answer).rows]).toEqual([0, 1]);
    const [event] = await rawEvents(ws(), "shopify_webhooks");
    expect(event).toMatchObject({
      topic: "carts/update",
      delivery_id: "w",
      account: "shop.myshopify.com",
      body: { id: 1 },
    });
    expect(event?.provenance).toMatchObject({ origin_type: "file", quality_score: 0.9 });
  });

  it("keeps what it cannot read where it can be looked at and replayed, and says so with exit code 4", async () => {
    const { run, ws } = project();
    const bad = await run("ingest shopify_webhooks - --topic planets/create", { input: '{"id":1}\n{"id":' });
    expect([bad.exit, bad.stdout]).toEqual([4, expect.stringContaining("2 deliveries could not be read")]);
    const listed = json(await run("intake list --json")).quarantined;
    expect(listed.map(({ reason }: { reason: string }) => reason).sort()).toEqual(["not_json", "unknown_topic"]);
    const id = listed.find(({ reason }: { reason: string }) => reason === "unknown_topic").id;
    expect((await run(`intake show ${id}`)).stdout).toContain('{"id":1}');
    expect((await run("intake show nothing")).exit).toBe(2);
    expect((await run("intake replay")).exit).toBe(2);
    expect(json(await run("intake replay --all --json"))).toMatchObject({ read: 2, rows: 0, waiting: 2 });
    expect((await run("status")).stdout).toContain("intake: 2 in quarantine");
    expect(await rawEvents(ws(), "shopify_webhooks")).toEqual([]);
  });

  it("says what is wrong with the question", async () => {
    const { run } = project();
    expect((await run("ingest shopify one.json")).stderr).toContain("did you mean shopier");
    expect((await run("ingest payouts missing.json")).stderr).toContain("there is no such file");
    expect((await run("ingest payouts -", { input: " \n" })).stderr).toContain("INGEST_EMPTY");
    expect(json(await run("ingest payouts - --dry-run --json", { input: "[{},{}]" }))).toMatchObject({ documents: 2 });
  });
});

const samples = join(ROOT, "../shared/schemas/shopify-webhooks");
const isThere = existsSync(samples);
if (!isThere) console.log("skipped: the vendor's webhook samples are not there");

describe("what Shopify asks for in a customer's name", () => {
  it("W15 lands, once, and stays in the list as something to answer, without the person's words", async () => {
    const { run, ws } = project();
    const at = { shop_id: 954889, shop_domain: "shop.myshopify.com" };
    // An id that no double holds.
    const customer = { id: "BIG", email: "ann@example.com", phone: "555-625-1199" };
    const told = (topic: string, body: object) =>
      pushed("shopify_webhooks", topic, JSON.stringify(body).replace('"BIG"', "9007199254740993"));
    const redact = told("customers/redact", { ...at, customer, orders_to_redact: [299938, 280263] });
    const deliveries = [
      redact,
      redact,
      told("customers/data_request", {
        ...at,
        customer,
        orders_requested: [1, 2, 3, 4, 5, 6],
        data_request: { id: 9999 },
      }),
      told("customers/redact", { ...at, orders_to_redact: "none" }),
      told("carts/update", { id: 1, note: "customers/redact" }),
    ];
    expect((await run("ingest shopify_webhooks - --topic shop/redact", { input: JSON.stringify(at) })).exit).toBe(0);
    await landDeliveries(
      landContext(ws()),
      deliveries.map((delivery, id) => ({ id: `${id}`, delivery })),
      { cursors: {} },
    );
    const { requests } = json(await run("intake list --json"));
    expect(requests.map((one: { topic: string }) => one.topic).sort()).toEqual([
      "customers/data_request",
      "customers/redact",
      "customers/redact",
      "shop/redact",
    ]);
    expect(requests).toContainEqual({
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      key: expect.stringContaining("|customers/redact|"),
      answered_by: null,
      topic: "customers/redact",
      shop: "shop.myshopify.com",
      customer: "9007199254740993",
      orders: ["299938", "280263"],
      received_at: "2026-02-09T06:00:00.000Z",
      due_at: "2026-03-11T06:00:00.000Z",
    });
    const { stdout } = await run("intake list");
    expect(stdout).toMatch(/customers\/data_request\s.*2026-03-11\s.*1, 2, 3, 4, 5, 1 more/);
    expect(stdout).toContain("4 requests of customers for their data, which somebody has to answer");
    expect(stdout).not.toMatch(/ann@example|555-625/);
  });
});

describe("the vendor's samples", () => {
  it.runIf(isThere)("all 38 land under their topics, with no word of a person in the clear", async () => {
    const { cwd, run, ws } = project({ shopify_webhooks: { shop: "shop.myshopify.com" } });
    const names = readdirSync(samples).filter((name) => name.endsWith(".json"));
    mkdirSync(join(cwd, "in"));
    const text = names.map((name) => JSON.stringify(JSON.parse(readFileSync(join(samples, name), "utf8")))).join("\n");
    writeFileSync(join(cwd, "in/all.ndjson"), text);
    expect(json(await run("ingest shopify_webhooks in/all.ndjson --json"))).toMatchObject({
      documents: 38,
      rows: 38,
      repeats: 0,
      rejected: 0,
    });
    const events = await rawEvents(ws(), "shopify_webhooks");
    expect(new Set(events.map(({ topic }) => topic)).size).toBe(38);
    expect(JSON.stringify(events)).not.toMatch(/@example\.com|"Steve"|"Shipper"|123 Shipping Street|555-555/);
  });
});

describe("sync", () => {
  it("rolls the spool, tells doctor and status, and needs a secret for the receiver", async () => {
    const { run, ws } = project();
    expect((await run("sync --json")).exit).toBe(0);
    expect((await run("serve --intake")).stderr).toContain("SHOPIFY_WEBHOOKS_SECRET");
    const receiver = await startReceiver(ws());
    expect((await send(receiver.origin, shopifyRequest("a", '{"id":1}'))).status).toBe(200);
    await receiver.end();
    expect((await run("status")).stdout).toMatch(/intake spool: 1 segment of 0\.0 MB wait/);
    const report = json(await run("sync --today --json")).run; // whatever else is read
    expect(report.sources).toEqual([expect.objectContaining({ source: "intake", state: "completed", rows: 1 })]);
    expect(await rawEvents(ws(), "shopify_webhooks")).toHaveLength(1);
    const doctor = (await run("doctor --offline", { env: { PAYOUTS_SECRET: "long enough" } })).stdout;
    expect(doctor).toMatch(/fail\s+main: shopify_webhooks secret/);
    expect(doctor).toMatch(/ok\s+main: payouts secret/);
    expect(doctor).toMatch(/ok\s+main: pixel secret: none: only browsers/);
    const list = (await run("connections list --json", { env: { SHOPIFY_WEBHOOKS_SECRET: "s" } })).stdout;
    expect(list).toContain("shopify_webhooks");
  });

  it("refuses a config whose names are wrong", async () => {
    const { run } = project({ shopify_webhooks: { shop: "https://shop.example" }, pixl: {} });
    const { exit, stderr } = await run("status");
    expect(exit).toBe(2);
    expect(stderr).toContain("name.myshopify.com");
    expect(stderr).toContain("pixl");
    expect((await project(null).run("serve --intake")).stderr).toContain("INTAKE_NOT_CONFIGURED");
  });
});

describe("a shop that is only pushed to", () => {
  it("has known days: those of the file, and those after the first that was received (D-46)", async () => {
    const { cwd, run, ws } = project({ webhooks: {} });
    const order = (id: string, at: string, total: string) =>
      JSON.stringify({
        id,
        created_at: at,
        currency: "USD",
        status: "paid",
        total,
        items: [{ sku: "A", price: total }],
      });
    // The file speaks for the 1st to the 3rd; its last line has no total and waits in quarantine.
    const lines = [
      order("1", "2026-02-01T10:00:00Z", "10.00"),
      order("2", "2026-02-03T10:00:00Z", "20.00"),
      '{"id": "3"}',
    ];
    writeFileSync(join(cwd, "orders.ndjson"), lines.join("\n"));
    expect((await run("ingest webhooks orders.ndjson --topic orders")).exit).toBe(4);
    // Received on the 5th, 6th and 7th: of the 5th nobody knows the morning.
    const live = ["05", "06", "07"].map((day) => ({
      ...pushed("webhooks", "orders", order(day, `2026-02-${day}T09:00:00Z`, "1.50")),
      receivedAt: `2026-02-${day}T09:00:01Z`,
    }));
    const refund = { id: "r", order_id: "2", created_at: "2026-02-06T10:00:00Z", currency: "USD", amount: "5.00" };
    const arrivals = [...live, pushed("webhooks", "refunds", refund)].map((delivery, at) => ({
      id: `${at}`,
      delivery,
    }));
    await landDeliveries(landContext(ws()), arrivals, { cursors: {} });
    // Refunds and orders came in one part, and each is staged without the other.
    expect((await run("build")).exit).toBe(0);
    const series = async (metric: string) => {
      const answer = json(await run(`metrics ${metric} --window 2026-01-31..2026-02-08 --grain day --json`));
      return answer.series.map((row: { key: string; values: Record<string, { value: { value?: number } }> }) => [
        row.key.slice(8),
        row.values[metric]?.value.value ?? null,
      ]);
    };
    const known = { "01": 1000, "02": 0, "03": 2000, "06": 150 - 500, "07": 150 };
    expect(await series("net_revenue")).toEqual(
      ["31", "01", "02", "03", "04", "05", "06", "07", "08"].map((day) => [
        day,
        known[day as keyof typeof known] ?? null,
      ]),
    );
  });
});
