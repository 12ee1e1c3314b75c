import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { GrowthosError } from "../base/errors.js";
import { type NetworkOptions, undiciTransport } from "./undici.js";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on this machine; gives its address and what it was asked. */
async function serve(listener: RequestListener): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A server that writes raw bytes to whoever connects. */
async function raw(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function get(url: string, options: NetworkOptions = {}) {
  const transport = undiciTransport({ allowLoopback: true, totalMs: 5_000, ...options });
  closers.push(() => transport.close());
  return transport.send({ method: "GET", url, headers: { "x-shopify-access-token": "shpat_secret" } });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const thrown = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  return thrown instanceof GrowthosError ? thrown.code : `no error: ${JSON.stringify(thrown)}`;
}

const BODY = JSON.stringify({ rows: Array.from({ length: 2_000 }, (_, id) => ({ id, name: `row ${id}` })) });

describe("strict bodies", () => {
  it("reads plain and gzip bodies", async () => {
    const plain = await serve((_, response) => response.end(BODY));
    const packed = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "X-Served-By": "test" });
      response.end(gzipSync(BODY));
    });
    expect((await get(plain.url)).body).toBe(BODY);
    const answer = await get(packed.url);
    expect(answer.body).toBe(BODY);
    expect(answer.headers["x-served-by"]).toBe("test");
  });

  it("N09 N10 refuses a cut gzip body whose length matches (finding 6), a bad checksum, a flipped byte, and what is not gzip", async () => {
    const whole = gzipSync(BODY);
    const badCrc = Buffer.from(whole);
    badCrc.writeUInt32LE(0, whole.length - 8);
    const flipped = Buffer.from(whole);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      whole.subarray(0, -8),
      badCrc,
      flipped,
      Buffer.from(BODY),
    ]) {
      const { url } = await serve((_, response) => {
        response.writeHead(200, { "content-encoding": "gzip", "content-length": bytes.length });
        response.end(bytes);
      });
      expect(await codeOf(get(url))).toBe("NETWORK");
    }
  });

  it("gives text that is no JSON for a body packed twice", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(gzipSync(BODY)));
    });
    expect(await codeOf(get(url))).toBe("NETWORK");
  });

  it("stops a bomb and a body above the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(bomb);
    });
    expect(bomb.length).toBeLessThan(250_000);
    expect(await codeOf(get(url))).toBe("ANSWER_TOO_LARGE");
    const large = await serve((_, response) => response.end(BODY));
    expect(await codeOf(get(large.url, { maxBodyBytes: 1_000 }))).toBe("ANSWER_TOO_LARGE");
  });

  it("refuses bytes that are not UTF-8 and drops a byte order mark", async () => {
    const { url } = await serve((_, response) => response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])));
    expect(await codeOf(get(url))).toBe("NETWORK");
    const marked = await serve((_, response) => response.end(`\ufeff{"a":1}`));
    expect((await get(marked.url)).body).toBe('{"a":1}');
  });

  it("refuses an encoding that it did not ask for", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "br" });
      response.end("x");
    });
    expect(await codeOf(get(url))).toBe("NETWORK_REFUSED");
  });
});

describe("broken connections", () => {
  it("fails on a length larger than the body, a reset after the headers, and a reset in the body", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    for (const start of [`${head}{"a":`, head, `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`]) {
      const url = await raw((socket) => {
        socket.write(start, () => setTimeout(() => socket.resetAndDestroy(), 20));
      });
      expect(await codeOf(get(url))).toBe("NETWORK");
    }
  });

  it("N19 fails on contradictory lengths, endless headers and a line break inside a header", async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{"a',
      `HTTP/1.1 200 OK\r\nx-long: ${"a".repeat(200_000)}\r\ncontent-length: 2\r\n\r\n{}`,
      "HTTP/1.1 200 OK\r\nx-a: b\n evil\r\ncontent-length: 2\r\n\r\n{}",
    ];
    for (const answer of answers) {
      const url = await raw((socket) => socket.end(answer));
      expect(await codeOf(get(url))).toBe("NETWORK");
    }
  });

  it("gives up a server that never answers, one that drips, and one that falls silent", async () => {
    const silent = await serve(() => {});
    expect(await codeOf(get(silent.url, { headersMs: 200, totalMs: 2_000 }))).toBe("NETWORK");
    const drip = await raw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await codeOf(get(drip, { totalMs: 700 }))).toBe("NETWORK");
    const stall = await raw((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"));
    expect(await codeOf(get(stall, { idleMs: 200, totalMs: 3_000 }))).toBe("NETWORK");
  });

  it("says when nobody listens and when a name does not resolve", async () => {
    const closed = await serve((_, response) => response.end());
    for (const close of closers.splice(0)) await close();
    expect(await codeOf(get(closed.url))).toBe("NETWORK");
    expect(await codeOf(get("https://nowhere.invalid/"))).toBe("NETWORK");
  });

  it("stops at once when the signal is aborted", async () => {
    const silent = await serve(() => {});
    const abort = new AbortController();
    const transport = undiciTransport({ allowLoopback: true });
    closers.push(() => transport.close());
    const sent = transport.send({ method: "GET", url: silent.url }, abort.signal);
    setTimeout(() => abort.abort(new Error("stop")), 30);
    await expect(sent).rejects.toThrow("stop");
  });
});

describe("redirects (finding 7)", () => {
  it("follows a redirect within the origin", async () => {
    const { url, asked } = await serve((request, response) => {
      if (request.url === "/old") response.writeHead(302, { location: "/new" }).end();
      else response.end("{}");
    });
    expect((await get(`${url}/old`)).body).toBe("{}");
    expect(asked.map(({ url: path }) => path)).toEqual(["/old", "/new"]);
  });

  it("sends nothing to another host, port or scheme", async () => {
    const other = await serve((_, response) => response.end("{}"));
    const targets = [
      other.url,
      "http://example.invalid/",
      "file:///etc/passwd",
      "https://127.0.0.1:1/",
      "//evil.invalid/x",
    ];
    for (const target of targets) {
      const { url } = await serve((_, response) => response.writeHead(302, { location: target }).end());
      expect(await codeOf(get(url))).toBe("NETWORK_REFUSED");
    }
    expect(other.asked).toHaveLength(0);
  });

  it("does not repeat a POST with its body, and ends a loop", async () => {
    const { url, asked } = await serve((_, response) => response.writeHead(307, { location: "/again" }).end());
    const transport = undiciTransport({ allowLoopback: true });
    closers.push(() => transport.close());
    expect(await codeOf(transport.send({ method: "POST", url, body: "client_secret=1" }))).toBe("NETWORK_REFUSED");
    expect(asked).toHaveLength(1);
    expect(await codeOf(get(url))).toBe("NETWORK_REFUSED");
    expect(asked).toHaveLength(1 + 4);
  });

  it("refuses a server that answers https without TLS", async () => {
    const { url } = await serve((_, response) => response.end("{}"));
    expect(await codeOf(get(url.replace("http:", "https:")))).toBe("NETWORK_REFUSED");
  });

  it("speaks plain http to nobody but a test's own server", async () => {
    const { url, asked } = await serve((_, response) => response.end("{}"));
    expect(await codeOf(get(url, { allowLoopback: false }))).toBe("NETWORK_REFUSED");
    expect(await codeOf(get("http://example.com/"))).toBe("NETWORK_REFUSED");
    expect(asked).toHaveLength(0);
  });
});
