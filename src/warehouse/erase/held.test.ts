import { afterAll, beforeAll, expect, it } from "vitest";
import { hmac256 } from "../../base/hash.js";
import { systemRandom } from "../../base/ids.js";
import { landRows } from "../../testing/landing.js";
import { peopleWorld, type Somebody } from "../../testing/people-world.js";
import { commitParts, freshWorkspace, removeFolders } from "../../testing/workspace.js";
import { openDatabase } from "../duckdb.js";
import { appendJournal } from "../journal.js";
import { readSalt } from "../layout.js";
import { readState } from "../log.js";
import { publishBuild, startBuild } from "../publish.js";
import { keepQuarantine, quarantinePath } from "../quarantine.js";
import type { Database, Workspace } from "../types.js";
import { type Held, heldOf } from "./held.js";
import { nameOf } from "./person.js";

let db: Database;
beforeAll(async () => {
  db = await openDatabase({ threads: 1 });
});
afterAll(async () => {
  await db.close();
  removeFolders();
});

const base64 = (body: unknown) => Buffer.from(JSON.stringify(body)).toString("base64");
const delivery = (body: unknown) => ({
  topic: null,
  headers: { "x-shopify-topic": "orders/create" },
  body: base64(body),
});
const waiting = (body: unknown) => ({
  source: "shopify_webhooks",
  stream: "events",
  text: JSON.stringify({ id: "1", delivery: delivery(body) }),
});

/** Two people beside the rows: in quarantine, in journals, in a report and in a build. */
async function withTraces(ws: Workspace, people: readonly [Somebody, Somebody]): Promise<void> {
  const salt = readSalt(ws);
  const path = quarantinePath(ws, { source: "shopify_webhooks", stream: "events", loadId: "q", extension: "ndjson" });
  const bodies = [
    ...people.map(({ email }) => ({ email, note: "rejected" })),
    people.map(({ customer }) => ({ customer: { id: Number(customer) }, note: `list of ${customer}` })),
  ];
  const lines = bodies.map((body) =>
    JSON.stringify({ id: "1", reason: "wrong_shape", why: "?", delivery: delivery(body), line: null }),
  );
  ws.files.write(path, lines.map((line) => `${line}\n`).join(""));
  const part = readState(ws).parts.find(({ source }) => source === "shopify_webhooks");
  if (part === undefined) throw new Error("no webhooks");
  const { ordinal: _, runId: __, at: ___, ...own } = part;
  commitParts(ws, [{ ...own, origin: keepQuarantine(ws, path, lines.length) }]);
  const events = people.map(({ email }) => ({ kind: "mapped", to: hmac256(salt, email) }));
  for (const journal of ["alerts", "branch-reps"])
    await appendJournal(ws, journal, { at: "2026-02-09T00:00:00Z", events, after: undefined });
  ws.files.makeFolder(ws.at("out", "2026-02-09"));
  for (const [index, { email }] of people.entries())
    ws.files.write(ws.at("out", "2026-02-09", `${index}.html`), `<td>${hmac256(salt, email)}</td>`);
  const build = startBuild(ws, systemRandom);
  const target = await openDatabase({ path: build.path });
  await target.run("create table dim_customer (customer_id varchar, net_cents bigint)");
  await target.run("create table fact_events (person_key varchar, page_location varchar)");
  for (const { email, user, browser } of people) {
    await target.run("insert into dim_customer values ($1, 700)", [hmac256(salt, email)]);
    await target.run("insert into fact_events values ($1, '/a'), ($2, '/b')", [`u:${user}`, `p:${browser}`]);
  }
  await target.close();
  publishBuild(ws, { ...build, logVersion: readState(ws).version, inputHash: "h", asOf: "2026-02-09" as never });
}

const counts = ({ places }: Held) =>
  Object.fromEntries(places.map(({ place, relation, records }) => [`${place} ${relation}`, records.length]));

it.each([
  [1, "hash"],
  [2, "keep"],
] as const)("gives everything of somebody and nothing of anybody else (world %i, %s)", async (seed, pii) => {
  const ws = await freshWorkspace();
  const salt = readSalt(ws);
  const { people, loads } = peopleWorld(seed, { salt, pii });
  await landRows(ws, ...loads);
  const [person, neighbour] = [people[3], people[4]] as [Somebody, Somebody];
  await withTraces(ws, [person, neighbour]);
  const bodies = [person, neighbour].map(({ email, customer }) =>
    waiting({ email, customer: { id: Number(customer) } }),
  );
  const given = [nameOf("email", person.email.toUpperCase(), { salt })];
  const held = await heldOf({ ws, db, random: systemRandom }, given, bodies);
  const orders = person.orders.length;
  expect(counts(held)).toEqual({
    "landed shopify.orders": orders,
    "landed shopify.customers": 1,
    "landed shopify_webhooks.events": orders,
    "landed pixel.events": orders * 2,
    "landed ga4_events.page_view": orders,
    "landed ga4_events.purchase": orders,
    "landed sftp.users": 1,
    "landed files.customers": 1,
    "landed growthos.list_changes": 1,
    "quarantine shopify_webhooks.events": 2,
    "spool shopify_webhooks.events": 1,
    "figures dim_customer": 1,
    "figures fact_events": 2,
    "journal alerts": 1,
    "journal branch-reps": 1,
    "written files": 1,
  });
  expect(held.withheld).toBe(0);
  const text = JSON.stringify(held.places);
  const { email, customer, user, visitor, browser } = person;
  const own = [
    pii === "keep" ? email : hmac256(salt, email),
    customer,
    user,
    visitor,
    browser,
    "list of",
    "7",
    ...person.orders,
  ];
  expect(own.filter((token) => !text.includes(token))).toEqual([]);
  const others = people.filter((one) => one !== person);
  const foreign = others.flatMap((one) => [
    one.email,
    hmac256(salt, one.email),
    one.customer,
    one.user,
    one.visitor,
    one.browser,
    ...one.orders,
  ]);
  expect(foreign.filter((token) => text.includes(token))).toEqual([]);
});

it("keeps back what may be of somebody else who used the same browser", async () => {
  const ws = await freshWorkspace();
  const salt = readSalt(ws);
  const { people, loads } = peopleWorld(1, { salt, pii: "hash" });
  await landRows(ws, ...loads);
  const [person, other] = people as [Somebody, Somebody];
  const held = await heldOf({ ws, db, random: systemRandom }, [nameOf("email", person.email, { salt })], []);
  const text = JSON.stringify(held.places);
  // Nobody is signed in while they look at pages.
  expect(held.withheld).toBe(person.orders.length + other.orders.length);
  expect(text).toContain(`?u=${person.user}`);
  expect([other.user, other.customer, hmac256(salt, other.email)].filter((token) => text.includes(token))).toEqual([]);
});

it("says nothing of another person whom a row of theirs names", async () => {
  const ws = await freshWorkspace();
  const salt = readSalt(ws);
  const payload = {
    topic: "orders/create",
    body: {
      email: "max@example.com",
      note: "for eva@example.com",
      billingInfo: { email: hmac256(salt, "eva@example.com") },
    },
  };
  const list = { topic: "x", body: { text: "Max@Example.com and eva@example.com" } };
  await landRows(ws, {
    source: "webhooks",
    stream: "events",
    records: [
      { key: "1", payload },
      { key: "2", payload: list },
    ],
  });
  const { places } = await heldOf({ ws, db, random: systemRandom }, [nameOf("email", "max@example.com", { salt })], []);
  expect(places.map(({ records }) => records)).toMatchObject([
    [
      {
        key: "1",
        row: {
          body: { email: "max@example.com", note: "for [somebody else]", billingInfo: { email: "[somebody else]" } },
        },
      },
      { only: { "body.text": "Max@Example.com and [somebody else]" } },
    ],
  ]);
});
