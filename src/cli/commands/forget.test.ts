import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fixedClock, systemClock } from "../../base/clock.js";
import { systemRandom } from "../../base/ids.js";
import { rawEvents, send, shopifyRequest, startReceiver } from "../../testing/intake-bench.js";
import { type ProgramResult, runProgram } from "../../testing/program.js";
import { freshFolder, removeFolders } from "../../testing/workspace.js";
import { diskFiles } from "../../warehouse/disk.js";
import { openDatabase } from "../../warehouse/duckdb.js";
import { beginErasing, planErasure } from "../../warehouse/erase/erase.js";
import { nameOf } from "../../warehouse/erase/person.js";
import { openWorkspace, readSalt } from "../../warehouse/layout.js";
import { withLock } from "../../warehouse/lock.js";
import { recover } from "../../warehouse/log.js";

afterAll(removeFolders);

const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
const CUSTOMER = 7300000011466;
const order = (id: number, email: string, customer: number) => ({
  id,
  name: `#${id}`,
  created_at: "2026-02-01T10:00:00Z",
  updated_at: "2026-02-01T10:00:00Z",
  currency: "EUR",
  financial_status: "paid",
  email,
  customer: { id: customer, first_name: "Max" },
  total_price: "10.10",
  subtotal_price: "10.10",
  line_items: [{ id: 1, title: "Cup", quantity: 1, price: "10.10" }],
});
const redact = {
  shop_domain: "shop.myshopify.com",
  customer: { id: CUSTOMER, email: "max@example.com" },
  orders_to_redact: [1],
};

function project() {
  const cwd = freshFolder();
  const config = {
    shop: { name: "S", currency: "EUR", timeZone: "UTC" },
    intake: { shopify_webhooks: { shop: "shop.myshopify.com" } },
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  const run = (line: string, input?: object) =>
    runProgram(line.split(" "), { cwd, clock, ...(input === undefined ? {} : { input: JSON.stringify(input) }) });
  const ws = () => openWorkspace({ projectRoot: cwd, name: "main", files: diskFiles });
  return { cwd, run, ws };
}

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

/** Orders of two people, and the request of one of them. */
async function asked() {
  const own = project();
  const orders = [order(1, "Max@Example.com", CUSTOMER), order(2, "eva@example.com", 5)];
  await own.run("ingest shopify_webhooks - --topic orders/create", orders);
  await own.run("ingest shopify_webhooks - --topic customers/redact", redact);
  const [request] = json(await own.run("intake list --json")).requests;
  return { ...own, request };
}

it("shows what it would do, does it with --yes, keeps a receipt and answers the request", async () => {
  const { cwd, run, ws, request } = await asked();
  expect(request).toMatchObject({ topic: "customers/redact", answered_by: null, customer: String(CUSTOMER) });
  const plan = json(await run(`forget --request ${request.id} --json`));
  expect(plan).toMatchObject({ dry_run: true, rows: { "shopify_webhooks.events": 2 }, answers: [request.key] });
  expect(json(await run("forget MAX@example.com --yes --dry-run --json"))).toEqual(plan);
  const done = json(await run("forget max@example.com --yes --no-build --json"));
  expect(done).toMatchObject({
    dry_run: false,
    build: null,
    receipt: { changed: { "shopify_webhooks.events": 2 }, answers: [request.key] },
  });
  const after = await run("intake list");
  expect(after.stdout).toContain("every request of a customer is answered");
  expect(after.stdout).toContain(done.receipt.id);
  expect((await run("forget max@example.com --yes")).stdout).toContain("nobody of that name");
  expect((await run("verify --full")).exit).toBe(0);
  const all = readdirSync(join(cwd, "workspaces"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
  expect([all.includes(String(CUSTOMER)), /max@example/i.test(all)]).toEqual([false, false]);
  // The sender tells the order again, with something new.
  await run("ingest shopify_webhooks - --topic orders/updated", {
    ...order(1, "max@example.com", CUSTOMER),
    tags: "x",
  });
  const bodies = (await rawEvents(ws(), "shopify_webhooks")).map(({ body }) => body as ReturnType<typeof order>);
  expect(bodies.at(-1)).toMatchObject({
    id: 1,
    email: null,
    customer: { id: null, first_name: null },
    total_price: "10.10",
  });
});

it("a request for one right is not answered by the command of the other", async () => {
  const { run, request } = await asked();
  const answer = await run(`person export --request ${request.id}`);
  expect([answer.exit, answer.stderr]).toEqual([2, expect.stringContaining(`growthos forget --request ${request.id}`)]);
});

it("beside a receiver it is refused, or waits for its end and takes out all that was acknowledged", async () => {
  const { cwd, run, ws } = await asked();
  const live = (line: string) => runProgram(line.split(" "), { cwd, clock: systemClock });
  const push = (origin: string, id: number) =>
    send(
      origin,
      shopifyRequest(`d${id}`, JSON.stringify(order(id, "Max@example.com", CUSTOMER)), {
        "x-shopify-topic": "orders/create",
      }),
    );
  const lock = { waitMs: 20_000, clock: systemClock, owner: "serve --intake" };
  let acknowledged = 0;
  let waiting: Promise<ProgramResult> | undefined;
  await withLock(ws(), "spool", lock, async () => {
    // Small segments: some are sealed, one is open when the receiver ends.
    const receiver = await startReceiver(ws(), { sealAfterMs: 50 });
    expect(await push(receiver.origin, 100)).toMatchObject({ status: 200 });
    const refused = await live("forget max@example.com --yes --no-build");
    expect([refused.exit, refused.stderr]).toEqual([6, expect.stringContaining("end `growthos serve --intake`")]);
    waiting = live("forget max@example.com --yes --no-build --wait 30 --json");
    for (let id = 101; id < 140; id += 1) {
      const { status } = await push(receiver.origin, id);
      acknowledged += status === 200 ? 1 : 0;
    }
    await receiver.end();
  });
  const { receipt } = json((await waiting) ?? { stdout: "{}" });
  expect([acknowledged, receipt.changed]).toEqual([39, { "shopify_webhooks.events": 42 }]);
  // What is told again afterwards, of before the erasing, is nobody's.
  await withLock(ws(), "spool", lock, async () => {
    const receiver = await startReceiver(ws());
    expect(await push(receiver.origin, 200)).toMatchObject({ status: 200 });
    await receiver.end();
  });
  await run("sync --quiet");
  const rows = await rawEvents(ws(), "shopify_webhooks");
  expect(rows).toHaveLength(44);
  const all = readdirSync(ws().root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("locks"))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  const told = [...all, JSON.stringify(rows)].filter(
    (text) => /max@example/i.test(text) || text.includes(String(CUSTOMER)),
  );
  expect(told).toEqual([]);
  expect(readdirSync(ws().at("spool"))).toEqual([]);
}, 60_000);

it("ends an interrupted erasing with --yes, whoever is named", async () => {
  const { run, ws } = await asked();
  const db = await openDatabase({ memoryLimitMb: 256 });
  recover(ws());
  const place = { ws: ws(), db, random: systemRandom };
  const { names } = await planErasure(place, [nameOf("email", "max@example.com", { salt: readSalt(ws()) })]);
  const stamp = { toolVersion: "0", configHash: "c" };
  const begun = beginErasing(place, { names, answers: [], now: clock.now(), stamp });
  await db.close();
  expect((await run("forget")).stdout).toContain(`${begun.id} was interrupted`);
  expect((await run("doctor")).stdout).toContain(`${begun.id} was interrupted`);
  expect(json(await run("forget --yes --no-build --json")).receipt).toMatchObject({
    id: begun.id,
    changed: { "shopify_webhooks.events": 2 },
  });
});

it.each([
  ["forget", "nobody is named"],
  ["forget max", "no e-mail address"],
  ["forget --phone x", "no phone number"],
  ["forget --customer-id 7", "takes <source>:<number>"],
  ["forget --request 7", "there is no request"],
  ["person export", "nobody is named"],
  ["person export max", "no e-mail address"],
])("%s is refused", async (line, what) => {
  const { run } = project();
  await run("ingest shopify_webhooks - --topic orders/create", order(1, "a@example.com", 5));
  const answer = await run(line);
  expect([answer.exit, answer.stderr]).toEqual([2, expect.stringContaining(what)]);
});

it("person export writes what is held, for its owner alone, and notes the request", async () => {
  const { cwd, run } = await asked();
  const data = { ...redact, orders_requested: [1], data_request: { id: 9 } };
  await run("ingest shopify_webhooks - --topic customers/data_request", data);
  const open = json(await run("intake list --json")).requests.find(
    ({ topic }: { readonly topic: string }) => topic === "customers/data_request",
  );
  const line = `person export --request ${open.id}`;
  expect(json(await run(`${line} --dry-run --json`))).toMatchObject({ file: null, answers: [open.key] });
  expect((await run("intake list")).stdout).toContain("2 requests of customers");
  const told = json(await run(`${line} --json`));
  expect(told).toMatchObject({ records: { "landed shopify_webhooks.events": 3 }, answers: [open.key] });
  expect(statSync(told.file).mode & 0o777).toBe(0o600);
  const written = JSON.parse(readFileSync(told.file, "utf8"));
  expect(written).toMatchObject({
    workspace: "main",
    places: [{ place: "landed", relation: "shopify_webhooks.events" }],
  });
  expect(JSON.stringify(written.places)).toContain("10.10");
  expect(JSON.stringify(written.places)).not.toContain('"id":5');
  const { requests } = json(await run("intake list --json"));
  expect(requests.find(({ key }: { readonly key: string }) => key === open.key)).toMatchObject({
    answered_by: written.id,
  });
  expect((await run("person export eva@example.com --out eva.json")).stdout).toContain("eva.json");
  expect(statSync(join(cwd, "eva.json")).mode & 0o777).toBe(0o600);
  expect((await run("person export nobody@example.com")).stdout).toContain("nobody of that name");
  // What lies in the workspace goes with the person.
  await run("forget max@example.com --yes --no-build");
  expect(readdirSync(join(cwd, "workspaces/main/access"))).toEqual([]);
});

it("prune says when nothing is too old", async () => {
  const { run } = project();
  await run("ingest shopify_webhooks - --topic orders/create", order(1, "a@example.com", 5));
  expect((await run("prune")).stdout).toBe("nothing is older than it is kept");
  expect(json(await run("prune --yes --json"))).toMatchObject({ dry_run: false, rows: {}, messages: 0 });
});
