import { readdirSync } from "node:fs";
import { isISODate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { Secret } from "../../base/secret.js";
import { CONNECTORS } from "../../connectors/index.js";
import { type Reply, walk } from "../../connectors/paginate.js";
import type { Connector, RawRecord, Slice, Stream } from "../../connectors/types.js";
import { classifyStatus } from "../../http/classify.js";
import { parseJson } from "../../http/json.js";
import { type Exchange, replayTransport } from "../../http/replay.js";
import type { HttpRequest, Transport } from "../../http/types.js";
import { adaptersOf } from "../../intake/adapters/index.js";
import { readDelivery } from "../../intake/read-delivery.js";
import { INTAKE_SOURCES, type IntakeSource } from "../../intake/types.js";
import { type Fixture, readFixture } from "../vendors.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";
import { readPlainJson } from "./reference-json.js";

// An input is a line that says whose body it is, and the body: `pixel`, `shopify_webhooks orders/create`, or `meta_ads insights 0`.

const ADAPTERS = adaptersOf({ idPath: null });
const AT = Date.parse("2026-02-09T06:00:00Z");

const PUSHED: readonly string[] = [
  `shopify_webhooks orders/create\n${JSON.stringify({ id: 1, currency: "EUR", created_at: "2026-02-09T05:00:00Z", total_price: "1.50", email: "max@example.com" })}`,
  `shopify_webhooks products/update\n${JSON.stringify({ id: 2, title: "Mug", variants: [{ id: 3, price: "1.00" }] })}`,
  `shopify_webhooks refunds/create\n${JSON.stringify({ id: 4, order_id: 1, transactions: [{ amount: "1.00" }] })}`,
  `shopier order.created\n${JSON.stringify({ id: "77", currency: "TRY", dateCreated: "2026-02-09T05:00:00+0300", totals: { total: "12.00" } })}`,
  `webhooks orders\n${JSON.stringify({ order_id: "A-1", ordered_at: "2026-02-09T05:00:00Z", total: "19.99", currency: "EUR", lines: [{ sku: "s", quantity: 2, price: "9.99" }] })}`,
  `payouts payout\n${JSON.stringify({ id: 77, amount: 1500, currency: "JPY", fee: "12", date: "2026-01-05", status: "PAID" })}`,
  `fulfilments fulfilment\n${JSON.stringify({ id: "f1", order_id: "A-1", shipped_at: "2026-02-09T05:00:00Z", cost: "4.90", currency: "EUR" })}`,
  `pixel\n${JSON.stringify({ workspace_id: "shop", visitor_id: "v", session_id: "s", event_id: "e", event: "page_viewed", data: { price: 9.5, currency: "EUR" }, attribution: { utm_source: "meta" }, context: { url: "https://shop.example/p?email=a@b.example" }, consent: { analytics: true }, ts: 1_770_000_000_000 })}`,
];

/** Answers of vendors through the connectors, and pushed bodies through the adapters of the receiver. */
export const bodiesTarget: FuzzTarget = {
  name: "bodies",
  reads: "answers of vendors, webhooks and events of the pixel",
  samples: () => [...PUSHED, ...answered()].map((text) => Buffer.from(text)),
  words: [
    '"nodes":null',
    '"data":null',
    '"errors":[{"message":"x","extensions":{"code":"THROTTLED"}}]',
    '"hasNextPage":true',
    '"error":{"code":190}',
    '"paging":{"cursors":{"after":"x"}}',
    '"rows":null',
    '"jobComplete":false',
    "<html>",
    '"2026-02-30"',
    '"-1.005"',
  ],
  open: async () => ({ judge: judgeBody }),
};

/** Every recorded answer of every stream of every connector. */
function answered(): readonly string[] {
  return CONNECTORS.flatMap(({ id }) =>
    readdirSync(new URL(`../../../fixtures/http/${id}/`, import.meta.url)).flatMap((file) => {
      const stream = file.slice(0, -5);
      return fixtureOf(id, stream).exchanges.map(
        ({ response }, at) => `${id} ${stream} ${at}\n${response.text ?? JSON.stringify(response.json)}`,
      );
    }),
  );
}

const fixtures = new Map<string, Fixture>();

function fixtureOf(id: string, stream: string): Fixture {
  const name = `${id} ${stream}`;
  const found = fixtures.get(name) ?? readFixture(id, stream);
  fixtures.set(name, found);
  return found;
}

const streams = new Map<string, Stream>();

function streamOf(connector: Connector, name: string, { options }: Fixture): Stream {
  const id = `${connector.id} ${name}`;
  const secrets = connector.signIns.length === 0 ? {} : { token: new Secret("a token of no use") };
  const opened = () => connector.open(connector.options.parse(options), connector.secrets.parse(secrets));
  const found = streams.get(id) ?? opened().streams.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no stream ${name}`);
  streams.set(id, found);
  return found;
}

async function judgeBody(input: Uint8Array): Promise<Judgement> {
  const bytes = Buffer.from(input);
  const end = bytes.indexOf("\n");
  const [source = "", topic = "", at = ""] = bytes.subarray(0, Math.max(0, end)).toString().split(" ");
  const body = bytes.subarray(end + 1);
  if (INTAKE_SOURCES.some((one) => one === source)) return judgePushed(source as IntakeSource, topic, body);
  const connector = (CONNECTORS as readonly Connector[]).find(({ id }) => id === source);
  const known = fixtures.has(`${source} ${topic}`);
  const exchange = known ? fixtureOf(source, topic).exchanges[Number(at)] : undefined;
  // The line that says whose body it is was hit: nothing reads that.
  if (connector === undefined || exchange === undefined) return "refused";
  return judgeAnswer(connector, topic, { exchange, body: body.toString("utf8") });
}

function judgePushed(source: IntakeSource, topic: string, body: Uint8Array): Judgement {
  const headers = { "x-shopify-topic": topic, "x-shopify-shop-domain": "shop.example", "x-shopify-webhook-id": "w" };
  const delivery = {
    source,
    topic: topic === "" ? null : topic,
    receivedAt: "2026-02-09T06:00:00.000Z",
    headers,
    body,
  };
  const context = {
    adapter: ADAPTERS[source],
    account: null,
    personal: { pii: "hash" as const, salt: "5".repeat(64) },
  };
  const once = readDelivery({ ...delivery, by: "signed" }, context);
  if ("reason" in once) return once.why === "" ? { wrong: "refused without a reason" } : "refused";
  const again = readDelivery({ ...delivery, by: "signed" }, context);
  if (JSON.stringify(once) !== JSON.stringify(again)) return { wrong: "the same body gave other rows the second time" };
  for (const { key, payload, day } of once.rows) {
    if (!/^[\x20-\x7e]{1,600}$/.test(key)) return { wrong: `the key ${JSON.stringify(key)} is no plain text` };
    if (!isISODate(day)) return { wrong: `the day is ${day}` };
    if (payload.includes("max@example.com")) return { wrong: "an e-mail address in the open" };
    const wrong = unreadable(payload);
    if (wrong !== null) return { wrong };
  }
  return "taken";
}

interface Answered {
  readonly exchange: Exchange;
  readonly body: string;
}

async function judgeAnswer(connector: Connector, name: string, { exchange, body }: Answered): Promise<Judgement> {
  const fixture = fixtureOf(connector.id, name);
  const stream = streamOf(connector, name, fixture);
  const { headers = {}, status } = exchange.response;
  const others = fixture.exchanges.filter((one) => one !== exchange);
  const changed: Exchange = { request: exchange.request, response: { status, headers, text: body } };
  try {
    const send = sendOver(replayTransport([changed, ...others]), connector);
    const records = await recordsOf(stream, fixture.slice, send);
    return wrongRecord(records) ?? "taken";
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    // What was not recorded is asked for when a mutant names another next page.
    if (thrown.parts.exit === "bug" && thrown.code !== "NETWORK_REFUSED")
      return { wrong: `our own bug: ${thrown.message}` };
    return thrown.message === "" ? { wrong: "refused without a reason" } : "refused";
  }
}

/** As the client does it, without its pace and its second tries: the vendor's own verdict, then strict JSON. */
function sendOver(transport: Transport, { classify }: Connector): (request: HttpRequest) => Promise<Reply> {
  return async (request) => {
    const response = await transport.send(request);
    const verdict = classify?.(response) ?? classifyStatus(response, AT);
    const { next } = verdict;
    if (next === "shrink" || next === "skip") return { outcome: next, reason: verdict.reason, body: null, response };
    if (next !== "accept")
      throw new GrowthosError({ code: "API_REFUSED", what: "an answer", why: JSON.stringify(verdict), exit: "source" });
    const body = request.expect === "text" ? response.body : parseJson(response.body);
    return { outcome: "read", reason: "", body, response };
  };
}

async function recordsOf(stream: Stream, slice: Slice, send: (request: HttpRequest) => Promise<Reply>) {
  const records: RawRecord[] = [];
  // A mutant may lead from page to page for ever; the program takes 20,000 of them for an endless walk.
  for await (const page of walk(stream, slice, send, 50)) records.push(...page.records);
  return records;
}

function wrongRecord(records: readonly RawRecord[]): Judgement | null {
  for (const { key, day, payload } of records) {
    if (typeof key !== "string" || key === "") return { wrong: `a record without a key` };
    if (day !== undefined && !isISODate(day)) return { wrong: `a record of the day ${day}` };
    const wrong = unreadable(JSON.stringify(payload));
    if (wrong !== null) return { wrong };
  }
  return null;
}

/** What lands is read again as JSON, by another reader. */
function unreadable(payload: string): string | null {
  const read = readPlainJson(payload);
  return "refused" in read ? `what lands cannot be read: ${read.refused}` : null;
}
