import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { landContext, rawEvents, SECRETS, send, shopifyRequest, startReceiver } from "../testing/intake-bench.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { readState } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";
import { quarantined } from "./quarantined.js";
import { rollSpool } from "./roll.js";
import { sealedSegments } from "./segments.js";
import { SHOPIER_SCHEME, SHOPIFY_SCHEME, signatureOf } from "./signatures.js";
import { MAX_BODY_BYTES, MAX_PIXEL_BYTES } from "./types.js";

// The webhook rows of the fault matrix, against a real server on loopback.

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(removeFolders);

type Started = Awaited<ReturnType<typeof startReceiver>>;
async function started(more: Parameters<typeof startReceiver>[1] = {}): Promise<Started & { readonly ws: Workspace }> {
  const ws = await freshWorkspace();
  const receiver = await startReceiver(ws, more);
  ends.push(receiver.end);
  return { ...receiver, ws };
}

/** Ends the receiver, rolls, and gives the delivery ids in raw. */
async function landed({ ws, end }: Started & { readonly ws: Workspace }): Promise<readonly (string | null)[]> {
  await end();
  await rollSpool(landContext(ws), new AbortController().signal);
  return (await rawEvents(ws, "shopify_webhooks")).map(({ delivery_id }) => delivery_id);
}

const ORDER = '{"id":9007199254740993,"updated_at":"2026-02-09T05:00:00Z"}';
const order = (id: string) => `{"id":"${id}","updated_at":"2026-02-09T05:00:00Z"}`;
const pixelEvent = (id: string, more = {}) =>
  JSON.stringify({
    workspace_id: "shop",
    visitor_id: "v",
    event_id: id,
    event: "page_viewed",
    ts: "2026-02-09T06:00:00Z",
    ...more,
  });
const fromShop = { origin: "https://shop.example", "content-type": "text/plain" };
const signedBody = (body: string, more = {}) => ({
  headers: {
    "x-signature": signatureOf({ ...SHOPIER_SCHEME, header: "x-signature" }, SECRETS.present, Buffer.from(body), 0),
    ...more,
  },
  body,
});

/** A raw connection that sends this and gives what came back until the other side hung up. */
function raw(origin: string, text: string, then?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
    socket.write(text);
    then?.(socket);
  });
}

describe("the receiver", () => {
  it("takes signed webhooks and nothing else of them gets through", async () => {
    const receiver = await started();
    const { origin } = receiver;
    expect(await send(origin, shopifyRequest("good", ORDER))).toMatchObject({ status: 200, body: "" });
    const before = signatureOf(SHOPIFY_SCHEME, SECRETS.before, Buffer.from(order("rotated")), 0);
    const rotated = shopifyRequest("rotated", order("rotated"), { "x-shopify-hmac-sha256": before });
    expect((await send(origin, rotated)).status).toBe(200);
    expect(await landed(receiver)).toEqual(["good", "rotated"]);
  });

  it("W01 answers 401 with the same words for every bad signature", async () => {
    const receiver = await started();
    const good = signatureOf(SHOPIFY_SCHEME, SECRETS.present, Buffer.from(ORDER), 0);
    const bad = ["", "x", good.slice(0, -2), `${good}A`, good.replace(/^./, "!"), "=".repeat(44), good.toLowerCase()];
    const answers = [];
    for (const signature of bad)
      answers.push(await send(receiver.origin, shopifyRequest("bad", ORDER, { "x-shopify-hmac-sha256": signature })));
    const unsigned = shopifyRequest("bad", ORDER);
    answers.push(await send(receiver.origin, { ...unsigned, headers: { "x-shopify-topic": "orders/create" } }));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(new Set(["401 unauthorized\n"]));
    expect(await landed(receiver)).toEqual([]);
  });

  it("W02 stores a replay once, now and when it comes back after the spool has landed", async () => {
    const ws = await freshWorkspace();
    for (const day of ["2026-02-09", "2026-02-10", "2026-05-20"]) {
      const receiver = await startReceiver(ws, { clock: fixedClock(Date.parse(`${day}T06:00:00Z`)) });
      for (const id of ["one", "one", `forged ${day}`])
        expect((await send(receiver.origin, shopifyRequest(id, ORDER))).status).toBe(200);
      expect(await landed({ ...receiver, ws })).toEqual(["one"]);
    }
  });

  it("W04 verifies the bytes as they came: another spelling is another body, packed ones are refused", async () => {
    const receiver = await started();
    const { origin } = receiver;
    const asked = shopifyRequest("a", ORDER);
    for (const body of [`${ORDER}\n`, ORDER.replace(":", ": "), Buffer.from(ORDER, "utf16le")])
      expect((await send(origin, { ...asked, body })).status).toBe(401);
    const packed = gzipSync(ORDER);
    const encoded = { ...shopifyRequest("a", packed, { "content-encoding": "gzip" }) };
    expect((await send(origin, encoded)).status).toBe(415);
    const chunked = await raw(
      origin,
      [
        "POST /hooks/shopify_webhooks HTTP/1.1",
        `Host: ${new URL(origin).host}`,
        "Content-Type: application/json; charset=utf-8",
        "Transfer-Encoding: chunked",
        "Connection: close",
        ...Object.entries(asked.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
        "",
        ...[ORDER.slice(0, 7), ORDER.slice(7)].flatMap((part) => [part.length.toString(16), part]),
        "0",
        "",
        "",
      ].join("\r\n"),
    );
    expect(chunked).toMatch(/^HTTP\/1.1 200 /);
    expect(await landed(receiver)).toEqual(["a"]);
  });

  it("W05 bounds bodies: one byte too many, a length that lies, an endless one, none", async () => {
    const receiver = await started({ timeouts: { headers: 300, request: 300 } });
    const { origin } = receiver;
    const fits = shopifyRequest("fits", JSON.stringify({ id: "x".repeat(MAX_BODY_BYTES - 9) }));
    expect([Buffer.byteLength(fits.body ?? ""), (await send(origin, fits)).status]).toEqual([MAX_BODY_BYTES, 200]);
    expect([413, 0]).toContain((await send(origin, shopifyRequest("big", "x".repeat(MAX_BODY_BYTES + 1)))).status);
    expect((await send(origin, shopifyRequest("none", ""))).status).toBe(400);
    const head = (length: string) =>
      `POST /hooks/shopify_webhooks HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
    expect(await raw(origin, `${head("Content-Length: 100")}short`)).toMatch(/^HTTP\/1.1 408 /);
    const endless = `${head("Transfer-Encoding: chunked")}${`10000\r\n${"x".repeat(65_536)}\r\n`.repeat(17)}`;
    expect(await raw(origin, endless)).toMatch(/^HTTP\/1.1 413 |^$/);
    expect(await raw(origin, `${head("Content-Length: 5\r\nTransfer-Encoding: chunked")}0\r\n\r\n`)).toMatch(/ 400 /);
    expect(await landed(receiver)).toEqual(["fits"]);
  });

  it("W06 hangs up on slow heads and slow bodies", async () => {
    const { origin } = await started({ timeouts: { headers: 200, request: 400 } });
    const host = new URL(origin).host;
    const drip = (socket: Socket) => {
      const timer = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(timer));
    };
    const heads = raw(origin, `POST /hooks/shopify_webhooks HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `, drip);
    const bodies = raw(
      origin,
      `POST /hooks/shopify_webhooks HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
      drip,
    );
    expect(await heads).toMatch(/^HTTP\/1.1 408 /);
    expect(await bodies).toMatch(/^HTTP\/1.1 408 /);
  });

  it("W07 serves others while one address holds as many idle connections as it can", async () => {
    const receiver = await started();
    const { port } = new URL(receiver.origin);
    const idle = Array.from({ length: 600 }, () => connect(Number(port), "127.0.0.1").on("error", () => undefined));
    await Promise.all(
      idle.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
    );
    const answer = await send(receiver.origin, { ...shopifyRequest("other", ORDER), from: "127.0.0.2" });
    for (const socket of idle) socket.destroy();
    expect(answer.status).toBe(200);
    expect(await landed(receiver)).toEqual(["other"]);
  });

  it("W09 answers 503 with Retry-After while the disk is full, never 200, and recovers", async () => {
    const ws = await freshWorkspace();
    let isFull = true;
    const openLog: typeof diskFiles.openLog = (path) => {
      const log = diskFiles.openLog(path);
      const full = Object.assign(new Error("ENOSPC: injected"), { code: "ENOSPC" });
      return { ...log, append: (data) => (isFull ? Promise.reject(full) : log.append(data)) };
    };
    const receiver = await startReceiver(ws, { spoolWs: { ...ws, files: { ...diskFiles, openLog } } });
    const refused = await Promise.all(
      ["a", "b", "c"].map((id) => send(receiver.origin, shopifyRequest(id, order(id)))),
    );
    expect(refused.map(({ status, headers }) => [status, headers["retry-after"]])).toEqual(Array(3).fill([503, "5"]));
    isFull = false;
    expect((await send(receiver.origin, shopifyRequest("d", order("d")))).status).toBe(200);
    expect(await landed({ ...receiver, ws })).toEqual(["d"]);
  });

  it("W10 refuses other shops, keeps unknown topics aside, and knows no other address", async () => {
    const receiver = await started();
    const { origin, ws } = receiver;
    const other = shopifyRequest("a", ORDER, { "x-shopify-shop-domain": "other.myshopify.com" });
    expect(await send(origin, other)).toMatchObject({ status: 401, body: "unauthorized\n" });
    expect((await send(origin, shopifyRequest("b", ORDER, { "x-shopify-topic": "planets/create" }))).status).toBe(200);
    for (const path of [
      "/",
      "/hooks",
      "/hooks/",
      "/hooks/payouts",
      "/hooks/shopify_webhooks/",
      "/hooks/shopify_webhooks/../../x",
      "/hooks/webhooks/%2e%2e/x",
      "/hooks/constructor",
      "/api/",
      `/hooks/webhooks/${"x".repeat(600)}`,
    ])
      expect([path, await send(origin, { ...shopifyRequest("c", ORDER), path })]).toMatchObject([
        path,
        { status: 404, body: "" },
      ]);
    expect(await landed(receiver)).toEqual([]);
    expect([...quarantined(ws, readState(ws))].map(({ reason }) => reason)).toEqual(["unknown_topic"]);
  });

  it("W11 takes pixel events of its own sites only, whole and small, and bounds how many", async () => {
    const limits = { perSecond: 100, perAddress: 100, pixelPerSecond: 100, pixelPerAddress: 100, pixelPerDay: 18 };
    const receiver = await started({ limits });
    const ask = async (body: string, headers: Readonly<Record<string, string>> = fromShop) =>
      (await send(receiver.origin, { path: "/px", body, headers })).status;
    const xss = { context: { url: "https://shop.example/<script>alert(1)</script>", referrer: "javascript:x" } };
    expect(await ask(pixelEvent("a", xss))).toBe(204);
    expect(await ask(pixelEvent("b"), { ...fromShop, origin: "https://evil.example" })).toBe(401);
    expect(await ask(pixelEvent("b"), { "content-type": "text/plain" })).toBe(401);
    expect(await ask(pixelEvent("b"), { ...fromShop, "content-type": "text/html" })).toBe(415);
    const forged = [
      pixelEvent("c", { workspace_id: "other" }),
      pixelEvent("c", { event: "purchase" }),
      pixelEvent("c", { extra: 1 }),
      pixelEvent("c", { visitor_id: "x".repeat(5_000) }),
      pixelEvent("c", {
        consent: Object.fromEntries(Array.from({ length: 3 }, (_, at) => ["k".repeat(50 + at), true])),
      }),
      pixelEvent("c", { ts: "never" }),
      pixelEvent("c", { data: JSON.parse(`${"[".repeat(60)}${"]".repeat(60)}`) }),
      `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
      pixelEvent("c").replace("{", '{"visitor_id":"twice",'),
      "no json",
    ];
    for (const body of forged) expect([body.slice(0, 300), await ask(body)]).toEqual([body.slice(0, 300), 400]);
    expect([413, 0]).toContain(await ask(pixelEvent("d", { visitor_id: "x".repeat(MAX_PIXEL_BYTES) })));
    const many = [];
    for (let at = 0; at < 10; at++) many.push(await ask(pixelEvent(`m${at}`)));
    // 18 a day: the good one, 10 forged, and 7 of these; what is refused by its head is not counted.
    expect(many).toEqual([204, 204, 204, 204, 204, 204, 204, 429, 429, 429]);
    expect(await landed(receiver)).toEqual([]);
    const events = await rawEvents(receiver.ws, "pixel");
    expect(events.map(({ event_id }) => event_id)).toEqual(["a", "m0", "m1", "m2", "m3", "m4", "m5", "m6"]);
    expect([...quarantined(receiver.ws, readState(receiver.ws))]).toEqual([]);
  });

  it("takes pixel events of a server that signs them, and answers a browser's preflight for its own sites", async () => {
    const receiver = await started();
    const asked = { path: "/hooks/pixel", ...signedBody(pixelEvent("s")) };
    expect((await send(receiver.origin, asked)).status).toBe(200);
    const preflight = (origin: string) =>
      send(receiver.origin, { path: "/px", method: "OPTIONS", headers: { origin } });
    expect(await preflight("https://shop.example")).toMatchObject({
      status: 204,
      headers: { "access-control-allow-origin": "https://shop.example" },
    });
    expect((await preflight("https://evil.example")).headers["access-control-allow-origin"]).toBeUndefined();
    await landed(receiver);
    expect((await rawEvents(receiver.ws, "pixel"))[0]?.provenance).toMatchObject({ quality_score: 1 });
  });

  it("W12 answers to its own names only, to no page of a browser, and reads nothing but POST and JSON", async () => {
    const { origin } = await started();
    const good = shopifyRequest("a", ORDER);
    const status = async (headers: Readonly<Record<string, string>>, method = "POST") =>
      (await send(origin, { ...good, method, headers: { ...good.headers, ...headers } })).status;
    expect(await status({ host: "evil.example" })).toBe(421);
    expect(await status({ host: `evil.example:${new URL(origin).port}` })).toBe(421);
    expect(await status({ host: "hooks.example.com" })).toBe(200);
    expect(await status({ origin: "https://evil.example" })).toBe(401);
    expect(await status({ origin: "null" })).toBe(401);
    expect(await status({ "content-type": "application/x-www-form-urlencoded" })).toBe(415);
    expect(await status({ "content-type": "text/plain" })).toBe(415);
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
      expect(await status({}, method)).toBe(405);
    expect(await raw(origin, "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")).not.toMatch(/ 200 /);
    expect(await raw(origin, "GET /\r\n\r\n")).toMatch(/ 4(00|21) |^$/);
  });

  it("limits the rate of one address without limiting another", async () => {
    const limits = { perSecond: 50, perAddress: 2, pixelPerSecond: 1, pixelPerAddress: 1, pixelPerDay: 10 };
    const { origin } = await started({ limits, clock: { ...fixedClock(0), sleep: () => new Promise<void>(() => {}) } });
    const answers = [];
    for (let at = 0; at < 6; at++) answers.push(await send(origin, shopifyRequest(`r${at}`, order(`r${at}`))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429]);
    expect(answers.at(-1)?.headers["retry-after"]).toBe("1");
    expect((await send(origin, { ...shopifyRequest("o", order("o")), from: "127.0.0.2" })).status).toBe(200);
  });

  it("knows senders behind a proxy by what the proxy says of them, and believes nobody else's word for it", async () => {
    const limits = { perSecond: 50, perAddress: 1, pixelPerSecond: 1, pixelPerAddress: 1, pixelPerDay: 10 };
    const clock = { ...fixedClock(0), sleep: () => new Promise<void>(() => {}) };
    const statuses = async (behindProxy: boolean, senders: readonly string[]) => {
      const { origin } = await started({ limits, clock, behindProxy });
      const answers = [];
      for (const [at, sender] of senders.entries())
        answers.push(await send(origin, shopifyRequest(`s${at}`, order(`s${at}`), { "x-forwarded-for": sender })));
      return answers.map(({ status }) => status);
    };
    // Two at once are within the rate. What a sender writes before the proxy's own word is his to invent.
    const one = ["10.0.0.1", "10.0.0.9, 10.0.0.1", "10.0.0.8, 10.0.0.1"];
    expect(await statuses(true, [...one, "10.0.0.2"])).toEqual([200, 200, 429, 200]);
    expect(await statuses(false, ["10.0.0.1", "10.0.0.2", "10.0.0.3"])).toEqual([200, 200, 429]);
  });

  it("W16 answers what it has begun when it is ended, and the spool has exactly what was answered 200", async () => {
    const receiver = await started();
    const all = Array.from({ length: 200 }, (_, at) =>
      send(receiver.origin, shopifyRequest(`n${at}`, order(`n${at}`))),
    );
    await all[0];
    const ids = await landed(receiver);
    const answers = await Promise.all(all);
    const accepted = answers.flatMap(({ status }, at) => (status === 200 ? [`n${at}`] : []));
    expect(accepted.length).toBeGreaterThan(0);
    expect([...ids].sort()).toEqual([...accepted].sort());
    expect(sealedSegments(receiver.ws)).toEqual([]);
  });
});
