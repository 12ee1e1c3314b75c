import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hmac256 } from "../../base/hash.js";
import { systemRandom } from "../../base/ids.js";
import { landRows } from "../../testing/landing.js";
import { type PeopleWorld, peopleWorld, type Somebody } from "../../testing/people-world.js";
import { codeOf, commitParts, freshWorkspace, publishNumber, removeFolders } from "../../testing/workspace.js";
import { openDatabase } from "../duckdb.js";
import { appendJournal, readJournal } from "../journal.js";
import { absolutePath, readSalt } from "../layout.js";
import { readLog, readState } from "../log.js";
import { keepQuarantine, quarantineOf, quarantinePath } from "../quarantine.js";
import { readParquet } from "../read-parquet.js";
import type { Database, Row, Workspace } from "../types.js";
import { verifyWorkspace } from "../verify.js";
import { beginErasing, erasureUnderWay, finishErasing, planErasure } from "./erase.js";
import { type Name, nameOf } from "./person.js";
import { readReceipts, type SealedReceipt } from "./receipt.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const NOW = Date.parse("2026-02-09T12:00:00Z");
const stamp = { toolVersion: "0.1.0", configHash: "c" };
type Pii = "hash" | "keep";

async function shop(seed: number, pii: Pii) {
  const ws = await freshWorkspace();
  const salt = readSalt(ws);
  const world = peopleWorld(seed, { salt, pii });
  await landRows(ws, ...world.loads);
  return { ws, salt, world, place: { ws, db, random: systemRandom } };
}

type Shop = Awaited<ReturnType<typeof shop>>;

async function erase({ place, salt }: Shop, person: Somebody, answers: readonly string[] = []): Promise<SealedReceipt> {
  const { names } = await planErasure(place, [nameOf("email", person.email.toUpperCase(), { salt })]);
  return finishErasing(place, beginErasing(place, { names, answers, now: NOW, stamp }));
}

/** Every landed row with all of its columns, in the order in which the parts came to be. */
async function landed(ws: Workspace): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const part of [...readState(ws).parts].sort((a, b) => a.ordinal - b.ordinal))
    rows.push(
      ...(await db.all(`select *, $1::varchar as part from ${readParquet([absolutePath(ws, part.path)])}`, [
        `${part.source}.${part.stream}`,
      ])),
    );
  return rows;
}

/** What names a person of the world, as whoever made the world knows it. */
function tokens({ email, customer, user, visitor, browser }: Somebody, salt: string): readonly string[] {
  return [email, email.replace("@", "%40"), hmac256(salt, email), customer, user, visitor, browser];
}

const names = (text: string, person: Somebody, salt: string) =>
  tokens(person, salt).some((token) => text.toLowerCase().includes(token.toLowerCase()));

/** The text of every file of a workspace, with Parquet, databases and base64 read. */
async function everything(ws: Workspace): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of readdirSync(ws.root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const text = bytes.toString("latin1");
    const hidden = (text.match(/[A-Za-z0-9+/=]{40,}/g) ?? []).map((found) =>
      Buffer.from(found, "base64").toString("latin1"),
    );
    const rows = path.endsWith(".parquet") ? JSON.stringify(await db.all(`select * from ${readParquet([path])}`)) : "";
    texts.set(path.slice(ws.root.length), [text, ...hidden, rows].join("\n"));
  }
  return texts;
}

const seeds = [1, 2, 3];
const cases = seeds.flatMap((seed) => (["hash", "keep"] as const).map((pii) => [seed, pii] as const));

describe("erasing somebody", () => {
  it.each(cases)("leaves nothing of them and changes nothing else (world %i, %s)", async (seed, pii) => {
    const the = await shop(seed, pii);
    const { ws, salt, world } = the;
    const person = world.people[seed % world.people.length] as Somebody;
    const before = await landed(ws);
    const receipt = await erase(the, person);
    const after = await landed(ws);
    expect(after).toHaveLength(before.length);
    for (const [index, was] of before.entries()) {
      const is = after[index] as Row;
      if (!names(JSON.stringify(was), person, salt)) expect(is).toEqual(was);
      else expect(amounts(is)).toEqual(amounts(was));
    }
    const left = [...(await everything(ws))].filter(([, text]) => names(text, person, salt));
    expect(left.map(([path]) => path)).toEqual([]);
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
    expect(readLog(ws).map(({ kind }) => kind)).toEqual(["append", "erase"]);
    expect(readReceipts(ws)).toEqual([receipt]);
    expect(erasureUnderWay(ws)).toBeNull();
  });

  it("counts the same people, each with the same orders", async () => {
    const the = await shop(7, "hash");
    const counted = async () =>
      (await landed(the.ws))
        .filter(({ part }) => part === "shopify.orders")
        .map((row) => JSON.parse(String(row["payload"])) as { email: string; customer: { id: string } })
        .map(({ email, customer }) => `${email} ${customer.id}`);
    const shape = (all: readonly string[]) => all.map((who) => all.indexOf(who));
    const before = await counted();
    await erase(the, the.world.people[0] as Somebody);
    const after = await counted();
    expect(shape(after)).toEqual(shape(before));
    expect(after).not.toEqual(before);
  });

  it("keeps a part in its place in history", async () => {
    const the = await shop(3, "hash");
    const { ws, world } = the;
    const again = world.loads.filter(({ stream }) => stream === "orders");
    await landRows(ws, ...again);
    const order = () =>
      [...readState(ws).parts]
        .sort((a, b) => a.ordinal - b.ordinal)
        .map(({ source, stream, ordinal, runId, at }) => [source, stream, ordinal, runId, at]);
    const before = order();
    await erase(the, world.people[2] as Somebody);
    expect(order()).toEqual(before);
  });

  it("does not let them come back, and takes whoever orders again for somebody new", async () => {
    const the = await shop(5, "hash");
    const { ws, salt, world } = the;
    const person = world.people[4] as Somebody;
    await erase(the, person);
    await landRows(ws, ...world.loads);
    const rows = (await landed(ws)).filter((row) => names(JSON.stringify(row), person, salt));
    // A page's address is not looked through for numbers that the row does not name.
    expect(rows.filter(({ part }) => part !== "ga4_events.page_view")).toEqual([]);
    const money = (part: string) =>
      (rowsOf(world, part) as { payload: unknown }[]).map(({ payload }) =>
        amounts({ payload: JSON.stringify(payload) }),
      );
    const landedAgain = (await landed(ws))
      .filter(({ part }) => part === "shopify.orders")
      .slice(-money("shopify.orders").length);
    expect(landedAgain.map(amounts)).toEqual(money("shopify.orders"));
    const fresh = rowsOf(world, "shopify.orders").map(({ key, payload }) => ({
      key: `${key}9`,
      payload: { ...(payload as object), createdAt: "2026-03-01T00:00:00Z" },
    }));
    await landRows(ws, { source: "shopify", stream: "orders", records: fresh });
    const emails = (await landed(ws))
      .filter(({ _key }) => String(_key).endsWith("9"))
      .map((row) => String(row["payload"]));
    expect(emails.some((payload) => payload.includes(hmac256(salt, person.email)))).toBe(true);
  });

  it("refuses a name that joins everybody", async () => {
    const ws = await freshWorkspace();
    const salt = readSalt(ws);
    const hash = hmac256(salt, "pos@shop.example");
    const records = Array.from({ length: 60 }, (_, index) => ({
      key: `o${index}`,
      payload: { id: `o${index}`, email: hash, customer: { id: `gid://shopify/Customer/90000000${index}` } },
    }));
    await landRows(ws, { source: "shopify", stream: "orders", records });
    const given = [nameOf("email", "pos@shop.example", { salt })];
    expect(await codeOf(() => planErasure({ ws, db, random: systemRandom }, given))).toBe("PERSON_NOT_ONE");
  });

  it("takes them out of what is written beside the rows", async () => {
    const the = await shop(2, "hash");
    const { ws, salt, world } = the;
    const person = world.people[3] as Somebody;
    const hash = hmac256(salt, person.email);
    await withTraces(the, person);
    await publishNumber(ws, 1);
    const receipt = await erase(the, person, ["shop|customers/redact|d:1"]);
    const texts = await everything(ws);
    expect([...texts].filter(([, text]) => names(text, person, salt)).map(([path]) => path)).toEqual([]);
    expect([...texts.keys()].filter((path) => /^.(out|runs|warehouse|staged)\//.test(path)).sort()).toEqual([
      "/out/2026-02-09/b.md",
    ]);
    expect(readJournal(ws, "alerts").map(({ events }) => events)).toEqual([
      [{ kind: "a" }],
      [{ kind: "b", about: expect.not.stringContaining(hash) }],
      [{ kind: "c" }],
    ]);
    expect(readJournal(ws, "outbox/branches/2026-02-08")).toHaveLength(1);
    const files = readState(ws).parts.flatMap((part) => quarantineOf(ws, part) ?? []);
    expect(files.map(({ rows }) => rows)).toEqual([1]);
    expect(receipt).toMatchObject({
      quarantined_rows: 2,
      removed: { builds: 2, written: 3 },
      journals: ["alerts", "branch-reps", "outbox/branches/2026-02-08"],
      answers: ["shop|customers/redact|d:1"],
    });
    expect((await verifyWorkspace(ws, { full: true, db })).problems).toEqual([]);
  });
});

function rowsOf({ loads }: PeopleWorld, part: string) {
  return loads.filter(({ source, stream }) => `${source}.${stream}` === part).flatMap(({ records }) => records);
}

/** Every amount of money in a row, in order. */
function amounts(row: Row): readonly string[] {
  return [
    ...String(row["payload"]).matchAll(
      /"(?:amount|price|total_price|subtotal_price|ecommerce.purchase_revenue)":"([^"]*)"/g,
    ),
  ].map(([, amount]) => String(amount));
}

async function withTraces({ ws, salt }: Shop, person: Somebody): Promise<void> {
  const hash = hmac256(salt, person.email);
  const write = (path: string, text: string) => {
    ws.files.makeFolder(ws.at(...path.split("/").slice(0, -1)));
    ws.files.write(ws.at(...path.split("/")), text);
  };
  write("out/2026-02-09/a.html", `<td>${hash}</td>`);
  write("out/2026-02-09/b.md", "nobody");
  write("out/2026-02-09/c.pdf", "%PDF");
  write("runs/r.jsonl", `{"customer":"${person.customer}"}\n`);
  write("staged/stg_x/k.parquet", "cache");
  let last = readJournal(ws, "alerts").at(-1);
  for (const event of [{ kind: "a" }, { kind: "b", about: `order of ${hash}` }, { kind: "c" }])
    last = await appendJournal(ws, "alerts", { at: "2026-02-09T00:00:00Z", events: [event], after: last });
  // A customer who also is a rep: a journal inside a folder is rewritten like the others, not deleted as a print-out.
  for (const journal of ["branch-reps", "outbox/branches/2026-02-08"])
    await appendJournal(ws, journal, { at: "2026-02-09T00:00:00Z", events: [{ to: hash }], after: undefined });
  const path = quarantinePath(ws, { source: "shopify_webhooks", stream: "events", loadId: "q", extension: "ndjson" });
  const line = (body: object) => {
    const delivery = {
      topic: null,
      headers: { "x-shopify-topic": "orders/create" },
      body: Buffer.from(JSON.stringify(body)).toString("base64"),
    };
    return `${JSON.stringify({ id: "1", reason: "wrong_shape", why: "?", delivery, line: null })}\n`;
  };
  ws.files.write(
    path,
    [
      line({ email: person.email.toUpperCase() }),
      line({ customer: { id: Number(person.customer) } }),
      line({ email: "other@example.com" }),
    ].join(""),
  );
  const part = readState(ws).parts.find(({ source }) => source === "shopify_webhooks");
  if (part === undefined) throw new Error("no webhooks");
  const { ordinal: _, runId: __, at: ___, ...own } = part;
  commitParts(ws, [{ ...own, path: own.path, origin: keepQuarantine(ws, path, 3) }]);
}

describe("names", () => {
  it.each([
    ["email", " Max@Example.com ", "email"],
    ["customer", "gid://shopify/Customer/17", "shopify:17"],
    ["customer", "'17", "shopify:17"],
    ["order", "#1001", "1001"],
  ] as const)("%s %j is compared as %s", (kind, text, id) => {
    const name: Name = nameOf(kind, text, { salt: "s", of: "shopify" });
    expect(name.id).toBe(kind === "email" ? hmac256("s", "max@example.com") : id);
  });
});
