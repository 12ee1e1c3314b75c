import { createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { type Answer, type DoubleServer, type Fault, startServer } from "../testing/doubles/server.js";
import { createClient, type FileSink } from "./client.js";
import type { HttpRequest, Transport } from "./types.js";
import { undiciTransport } from "./undici.js";

const line = (index: number) => `{"id":${index},"name":"${"x".repeat(50)}"}\n`;
const text = Array.from({ length: 5_000 }, (_, index) => line(index)).join("");
const transport = undiciTransport({ allowLoopback: true, maxDownloadBytes: 1_000_000, idleMs: 300, headersMs: 300 });
const open: DoubleServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(answer: Answer): Promise<DoubleServer> {
  const server = await startServer(() => answer);
  open.push(server);
  return server;
}

function clientOf(through: Transport) {
  return createClient({
    source: "example",
    title: "Example",
    transport: through,
    auth: { kind: "bearer", token: new Secret("s3cret-token") },
    limits: { concurrent: 1, tries: 4, maxBodyBytes: 1_000 },
    clock: fixedClock(0),
    random: { hex: () => "00000000" },
    log: silentLog,
  });
}

/** Downloads through the client; what was received, and how many times it was begun. */
async function download(server: DoubleServer, more: Partial<HttpRequest> = {}, through: Transport = transport) {
  const got = { begun: 0, chunks: [] as Uint8Array[] };
  const sink = (): FileSink => {
    got.begun += 1;
    got.chunks = [];
    return {
      write: (chunk) => void got.chunks.push(Buffer.from(chunk)),
      end: () => ({ bytes: Buffer.concat(got.chunks).length, strays: 0, filled: [], lines: 0 }),
    };
  };
  const client = clientOf(through);
  const request: HttpRequest = { method: "GET", url: `${server.origin}/file`, expect: "file", ...more };
  const answer = await client.download(request, sink);
  return { answer, begun: got.begun, body: Buffer.concat(got.chunks).toString() };
}

describe("a download", () => {
  it("arrives as it was sent, packed or not", async () => {
    const plain = await download(await serve({ text }));
    expect(plain.body).toBe(text);
    expect(plain.answer.body).toEqual({ bytes: text.length, strays: 0, filled: [], lines: 0 });
    const packed = await serve({ chunks: [gzipSync(text)], headers: { "content-encoding": "gzip" } });
    expect((await download(packed)).body).toBe(text);
  });

  it("sends no credentials to an address that is signed by itself", async () => {
    const server = await serve({ text });
    await download(server, { anonymous: true });
    await download(server);
    expect(server.arrived.map(({ headers }) => headers["authorization"])).toEqual([undefined, "Bearer s3cret-token"]);
  });

  it.each<Fault>([
    { kind: "reset", when: "before" },
    { kind: "reset", when: "headers" },
    { kind: "reset", when: "body" },
    { kind: "short" },
    { kind: "gzip", damage: "cut" },
    { kind: "gzip", damage: "trailer" },
    { kind: "gzip", damage: "flip" },
    { kind: "gzip", damage: "not_gzip" },
    { kind: "silence" },
    { kind: "answer", answer: { status: 503, text: "<html>" } },
  ])("begins anew after $kind $when$damage, and is whole in the end", async (fault) => {
    const server = await serve({ text });
    server.fail([fault]);
    const { body, begun } = await download(server);
    expect(body).toBe(text);
    expect(begun).toBe(2);
  });

  it("is refused above its size, and when it unpacks to far more than was sent", async () => {
    await expect(download(await serve({ text: "x".repeat(1_100_000) }))).rejects.toMatchObject({
      code: "ANSWER_TOO_LARGE",
    });
    const bomb = await serve({
      chunks: [gzipSync(Buffer.alloc(100_000_000))],
      headers: { "content-encoding": "gzip" },
    });
    // Its 97 kB may become 200 times as much and a megabyte, long before the limit on size is reached.
    const roomy = undiciTransport({ allowLoopback: true, maxDownloadBytes: 1_000_000_000 });
    await expect(download(bomb, {}, roomy)).rejects.toMatchObject({
      code: "ANSWER_TOO_LARGE",
      message: expect.stringMatching(/unpacks to more than (1\d|20)\d{6} bytes/),
    });
    await roomy.close();
  });

  it.each([
    ["as it is", { text: "x".repeat(1_001) }],
    ["packed", { chunks: [gzipSync("x".repeat(1_001))], headers: { "content-encoding": "gzip" } }],
  ])("a page above the limit of its source is given up %s, once", async (_how, answer) => {
    const server = await serve(answer);
    const client = clientOf(transport);
    const request = { method: "GET", url: `${server.origin}/page` } as const;
    await expect(client.ask({ ...request, expect: "text" })).rejects.toMatchObject({
      code: "ANSWER_TOO_LARGE",
      message: expect.stringMatching(/Example sent an answer that is too large: .*1000 bytes/),
    });
    expect(server.arrived).toHaveLength(1);
    const exact = await serve({ text: "x".repeat(1_000) });
    const { body } = await client.ask({ ...request, url: `${exact.origin}/page`, expect: "text" });
    expect(body).toHaveLength(1_000);
  });

  it("a page without end is cut off when it passes the limit", async () => {
    let sent = 0;
    const server = createServer((_, response) => {
      const more = () => {
        for (let room = true; room && !response.destroyed; sent += 500) room = response.write("y".repeat(500));
      };
      response.on("drain", more);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { readonly port: number };
    const request = { method: "GET", url: `http://127.0.0.1:${port}/page`, expect: "text" } as const;
    await expect(clientOf(transport).ask(request)).rejects.toMatchObject({ code: "ANSWER_TOO_LARGE" });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    // What the sockets of both sides held, not more.
    expect(sent).toBeLessThan(20_000_000);
  });

  it("N14 follows no redirect to another host", async () => {
    const elsewhere = await serve({ text });
    const server = await serve({ text });
    server.fail([{ kind: "redirect", to: `${elsewhere.origin}/file`, status: 302 }]);
    await expect(download(server)).rejects.toMatchObject({ code: "NETWORK_REFUSED" });
    expect(elsewhere.arrived).toEqual([]);
  });
});
