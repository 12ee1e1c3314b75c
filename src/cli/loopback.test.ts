import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { type Visit, visit } from "../testing/doubles/oauth-browser.js";
import { codeOf } from "../testing/workspace.js";
import { NOTHING_PAGE, RECEIVED_PAGE, REFUSED_PAGE } from "./consent-page.js";
import { type Loopback, listenForConsent } from "./loopback.js";

// K08: the address to which the browser comes back.

const STATE = "s".repeat(43);
const ISSUER = "https://accounts.google.com";
const PATH = "0123456789abcdef0123456789abcdef";
const open: Loopback[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A listener, and whether it still listens after what was done to it. */
async function listener(more: { readonly port?: number } = {}) {
  const loopback = await listenForConsent({ state: STATE, issuer: ISSUER, path: PATH, ...more });
  open.push(loopback);
  const outcome = loopback.answer.then(
    ({ code }) => code,
    (error: { code: string }) => error.code,
  );
  const go = (query: string, how?: Visit) => visit(`${loopback.redirectUri}${query}`, how);
  const isClosed = async () => (await codeOf(() => visit(loopback.redirectUri))) === "ECONNREFUSED";
  return { loopback, outcome, go, isClosed };
}

describe("the loopback address", () => {
  it("takes one answer, shows a page that can be closed, and is gone", async () => {
    const { loopback, outcome, go, isClosed } = await listener();
    expect(loopback.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d{4,5}\/callback\/[0-9a-f]{32}$/);
    const seen = await go(`?state=${STATE}&code=4/abc&iss=${ISSUER}&scope=x`);
    expect(seen).toMatchObject({ status: 200, body: RECEIVED_PAGE });
    expect(await outcome).toBe("4/abc");
    expect(await isClosed()).toBe(true);
  });

  it.each([
    ["wrong state", `?state=${"t".repeat(43)}&code=4/abc`, "OAUTH_STATE"],
    ["a shorter state", `?state=${STATE.slice(1)}&code=4/abc`, "OAUTH_STATE"],
    ["missing state", "?code=4/abc", "OAUTH_STATE"],
    ["no query at all", "", "OAUTH_STATE"],
    ["two states, one of them right", `?state=${STATE}&state=other&code=4/abc`, "OAUTH_STATE"],
    ["another server's name (RFC 9207)", `?state=${STATE}&code=4/abc&iss=https://evil.example`, "OAUTH_STATE"],
    ["two names", `?state=${STATE}&code=4/abc&iss=${ISSUER}&iss=https://evil.example`, "OAUTH_STATE"],
    ["access_denied", `?state=${STATE}&error=access_denied`, "OAUTH_DENIED"],
    ["another error", `?state=${STATE}&error=server_error&error_description=<b>x</b>`, "OAUTH_DENIED"],
    ["an error beside a code", `?state=${STATE}&error=access_denied&code=4/abc`, "OAUTH_DENIED"],
    ["an error with the wrong state", "?state=other&error=access_denied", "OAUTH_STATE"],
    ["no code", `?state=${STATE}`, "OAUTH_BROKEN"],
    ["an empty code", `?state=${STATE}&code=`, "OAUTH_BROKEN"],
    ["two codes", `?state=${STATE}&code=a&code=b`, "OAUTH_BROKEN"],
    ["a code of 5,000 characters", `?state=${STATE}&code=${"c".repeat(5_000)}`, "OAUTH_BROKEN"],
  ])("refuses %s, and is gone", async (_what, query, code) => {
    const { outcome, go, isClosed } = await listener();
    expect(await go(query)).toMatchObject({ status: 400, body: REFUSED_PAGE });
    expect(await outcome).toBe(code);
    expect(await isClosed()).toBe(true);
  });

  it.each<readonly [string, Visit]>([
    ["another host name", { headers: { host: "localhost" } }],
    ["a name that a foreign DNS server gave", { headers: { host: "evil.example:80" } }],
    ["a script of another page", { headers: { origin: "https://evil.example" } }],
    ["a fetch without CORS", { headers: { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" } }],
    ["a frame", { headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" } }],
    ["HEAD", { method: "HEAD" }],
    ["POST", { method: "POST", body: "code=4/abc" }],
    ["OPTIONS", { method: "OPTIONS" }],
  ])("is not there for %s, and goes on waiting", async (_what, how) => {
    const { outcome, go } = await listener();
    const answer = `?state=${STATE}&code=4/abc`;
    expect((await go(answer, how)).status).toBe(404);
    expect((await go(answer)).status).toBe(200);
    expect(await outcome).toBe("4/abc");
  });

  it("is not there under another path: a favicon, its folder, a longer path", async () => {
    const { loopback, outcome, go } = await listener();
    const { origin } = new URL(loopback.redirectUri);
    for (const path of [
      "/",
      "/favicon.ico",
      "/callback/",
      `/callback/${PATH}/x`,
      `//callback/${PATH}`,
      "/callback/%00",
    ])
      expect(await visit(`${origin}${path}?state=${STATE}&code=4/abc`)).toMatchObject({
        status: 404,
        body: NOTHING_PAGE,
      });
    await go(`?state=${STATE}&code=4/abc`);
    expect(await outcome).toBe("4/abc");
  });

  it("ends after fifty requests that are somebody else's", async () => {
    const { loopback, outcome, isClosed } = await listener();
    const { origin } = new URL(loopback.redirectUri);
    for (let request = 0; request <= 50; request++) await visit(`${origin}/scan-${request}`);
    expect(await outcome).toBe("OAUTH_BROKEN");
    expect(await isClosed()).toBe(true);
  });

  it("refuses an address line of 20,000 characters, and goes on waiting", async () => {
    const { outcome, go } = await listener();
    expect((await go(`?state=${STATE}&code=4/abc&x=${"x".repeat(20_000)}`)).status).toBe(431);
    await go(`?state=${STATE}&code=4/abc`);
    expect(await outcome).toBe("4/abc");
  });

  it("has no second answer, not even at the same moment", async () => {
    const { loopback, outcome, go } = await listener();
    const { host, hostname, port, pathname } = new URL(loopback.redirectUri);
    const connected = () =>
      new Promise<Socket>((resolve) => {
        const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket));
      });
    const sockets = await Promise.all([connected(), connected(), connected()]);
    const answers = sockets.map(async (socket, index) => {
      socket.write(`GET ${pathname}?state=${STATE}&code=code-${index} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      const [chunk = ""] = await once(socket, "data").catch(() => [""]);
      return String(chunk).slice(9, 12);
    });
    const taken = (await Promise.all(answers)).filter((status) => status === "200");
    expect(taken).toHaveLength(1);
    expect(await outcome).toMatch(/^code-\d$/);
    expect(await codeOf(() => go(`?state=${STATE}&code=late`))).toBe("ECONNREFUSED");
  });

  it("repeats nothing of a request in its pages", async () => {
    const canary = "<script>canary()</script>";
    const seen = [];
    for (const query of [
      `?state=${STATE}&code=4/canary`,
      `?state=canary&error=${canary}`,
      `?state=${STATE}&${canary}`,
    ]) {
      const { go, outcome } = await listener();
      seen.push(await go(query, { headers: { "user-agent": "canary", referer: "http://canary/" } }));
      await outcome;
    }
    const { loopback } = await listener();
    seen.push(await visit(`${new URL(loopback.redirectUri).origin}/canary?canary`, { method: "PUT" }));
    expect(seen.map(({ status }) => status)).toEqual([200, 400, 400, 404]);
    expect(JSON.stringify(seen)).not.toContain("canary");
  });

  it("keeps its pages from being kept, framed or told to others", async () => {
    const { go } = await listener();
    const { headers, body } = await go(`?state=${STATE}&code=4/abc`);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/,
      ),
    });
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? "";
    expect(headers["content-security-policy"]).toContain(createHash("sha256").update(style).digest("base64"));
    expect(body).not.toMatch(/<script|<img|<a |<link|url\(|http/);
  });

  it("says so when its port is taken", async () => {
    const { loopback } = await listener();
    const port = Number(new URL(loopback.redirectUri).port);
    expect(await codeOf(() => listener({ port }))).toBe("OAUTH_BROKEN");
    // Left to the system, a second sign-in gets a port of its own.
    expect((await listener()).loopback.redirectUri).not.toBe(loopback.redirectUri);
  });

  it("listens on 127.0.0.1 and on no other address of the machine", async () => {
    const { loopback } = await listener();
    const port = Number(new URL(loopback.redirectUri).port);
    const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
    const others = [...own.filter((address) => address !== "127.0.0.1" && !address.startsWith("fe80")), "127.0.0.2"];
    const reached = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host, port });
        socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
        socket.once("close", () => socket.destroy());
      });
    expect(await reached("127.0.0.1")).toBe(true);
    for (const host of others) expect([host, await reached(host)]).toEqual([host, false]);
  });

  it("may be closed before anybody came", async () => {
    const { loopback, isClosed } = await listener();
    loopback.close();
    expect(await isClosed()).toBe(true);
  });
});
