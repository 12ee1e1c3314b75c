import { generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { createClient } from "./client.js";
import { memoryTokens } from "./tokens.js";
import type { Auth, Grant, HeldToken, HttpRequest, HttpResponse, TokenStore } from "./types.js";

const tokenUrl = "https://oauth.example/token";
const data: HttpRequest = { method: "GET", url: "https://api.example/orders", label: "orders" };
const refreshing: Grant = {
  kind: "refresh_token",
  tokenUrl,
  clientId: "client",
  clientSecret: new Secret("client-s3cret"),
  refreshToken: new Secret("refresh-1"),
};

interface Server {
  /** Access tokens that the API takes. */
  readonly good: Set<string>;
  readonly forms: URLSearchParams[];
  readonly seen: string[];
  answer: (form: URLSearchParams, count: number) => HttpResponse;
}

const json = (status: number, body: unknown): HttpResponse => ({ status, headers: {}, body: JSON.stringify(body) });

/** A client, an API and a token endpoint that numbers its tokens. */
function world(grant: Grant, store: TokenStore = memoryTokens()) {
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const server: Server = {
    good: new Set(),
    forms: [],
    seen: [],
    answer: (_form, count) => {
      server.good.add(`access-${count}`);
      return json(200, { access_token: `access-${count}`, expires_in: 3600, refresh_token: `refresh-${count + 1}` });
    },
  };
  const auth: Auth = { kind: "grant", grant };
  const client = createClient({
    source: "example",
    title: "Example",
    auth,
    tokens: store,
    limits: { concurrent: 4, tries: 3, maxBodyBytes: 1_000_000 },
    clock,
    random: { hex: () => "00000000" },
    log: silentLog,
    transport: {
      send: async (asked) => {
        if (asked.url === tokenUrl) {
          const form = new URLSearchParams(asked.body);
          server.forms.push(form);
          return server.answer(form, server.forms.length);
        }
        const token = String(asked.headers?.["authorization"]).replace("Bearer ", "");
        server.seen.push(token);
        return server.good.has(token) ? json(200, { id: 1 }) : json(401, { error: "invalid token" });
      },
    },
  });
  return { clock, server, client, run: () => client.ask(data) };
}

const failure = async (run: () => Promise<unknown>): Promise<GrowthosError> => {
  const thrown = await run().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
};

describe("short-lived tokens", () => {
  it("are fetched once and used until a minute before their end", async () => {
    const { clock, server, run } = world(refreshing);
    await run();
    clock.advance(3_500_000);
    await run();
    expect(server.forms).toHaveLength(1);
    clock.advance(50_000);
    await run();
    expect(server.forms).toHaveLength(2);
    expect(server.seen).toEqual(["access-1", "access-1", "access-2"]);
  });

  it("are asked for with the newest refresh token", async () => {
    const { clock, server, run } = world(refreshing);
    await run();
    clock.advance(4_000_000);
    await run();
    expect(server.forms.map((form) => form.get("refresh_token"))).toEqual(["refresh-1", "refresh-2"]);
    expect(Object.fromEntries(server.forms[0] ?? [])).toEqual({
      grant_type: "refresh_token",
      client_id: "client",
      client_secret: "client-s3cret",
      refresh_token: "refresh-1",
    });
  });

  it("K05 are saved before they are used", async () => {
    const order: string[] = [];
    const inner = memoryTokens();
    const store: TokenStore = {
      ...inner,
      save: (token: HeldToken) => {
        order.push(`saved ${token.refreshToken?.reveal()}`);
        inner.save(token);
      },
    };
    const { server, run } = world(refreshing, store);
    await run();
    order.push(`used ${server.seen[0]}`);
    expect(order).toEqual(["saved refresh-2", "used access-1"]);
    // A process that dies between the two has lost nothing: the next one begins with what was saved.
    const next = world(refreshing, store);
    next.server.good.add("access-1");
    await next.run();
    expect(next.server.forms).toHaveLength(0);
  });

  it("N04 are renewed once when they are refused, then the credentials are", async () => {
    const { server, run } = world(refreshing);
    await run();
    server.good.clear();
    await run();
    expect(server.seen).toEqual(["access-1", "access-1", "access-2"]);
    server.answer = () => json(200, { access_token: "bad", expires_in: 3600 });
    server.good.clear();
    const error = await failure(run);
    expect([error.code, error.exitCode]).toEqual(["API_AUTH", 7]);
    expect(error.parts.hint).toContain("put fresh EXAMPLE_… credentials");
    expect(server.seen.slice(3)).toEqual(["access-2", "bad"]);
  });

  it("C03 are refused for the clock's sake when the server's is another one", async () => {
    const { server, run } = world(refreshing);
    const body = JSON.stringify({ error: "invalid_grant", error_description: "Invalid JWT" });
    const at = (date: string): HttpResponse => ({ status: 400, headers: { date }, body });
    server.answer = () => at("Mon, 09 Feb 2026 07:30:00 GMT");
    const skewed = await failure(run);
    expect(skewed.parts.why).toBe("invalid_grant (Invalid JWT): the clock of this machine is 90 min wrong");
    expect(skewed.parts.hint).toContain("set the clock of this machine");
    server.answer = () => at("Mon, 09 Feb 2026 06:05:00 GMT");
    const withdrawn = await failure(run);
    expect(withdrawn.parts.why).toContain("the consent was withdrawn");
    expect(withdrawn.parts.hint).toContain("`growthos connect example`");
  });

  it("K06 are renewed by one of several requests that notice at once", async () => {
    const { server, run } = world(refreshing);
    await Promise.all([run(), run(), run(), run()]);
    expect(server.forms).toHaveLength(1);
    server.good.clear();
    await Promise.all([run(), run(), run(), run()]);
    expect(server.forms).toHaveLength(2);
  });

  it("K06 that another process renewed meanwhile are taken over", async () => {
    const store = memoryTokens();
    const { server, run } = world(refreshing, store);
    await run();
    server.good.clear();
    server.good.add("theirs");
    store.save({ accessToken: new Secret("theirs"), expiresAt: null, refreshToken: new Secret("refresh-9") });
    await run();
    expect(server.forms).toHaveLength(1);
    expect(server.seen.at(-1)).toBe("theirs");
  });

  it("that cannot be had say why, what to do, and no secret", async () => {
    const { server, run } = world(refreshing);
    server.answer = () =>
      json(400, { error: "invalid_grant", error_description: "Token has been expired or revoked." });
    const error = await failure(run);
    expect(error.code).toBe("API_AUTH");
    expect(error.message).toContain("invalid_grant (Token has been expired or revoked.)");
    expect(error.message).toContain("consent was withdrawn");
    expect(JSON.stringify([error.message, error.parts])).not.toMatch(/refresh-1|client-s3cret/);
    expect(server.forms).toHaveLength(1);
  });

  it("are asked for again when the endpoint fails", async () => {
    const { server, run } = world(refreshing);
    const good = server.answer;
    server.answer = (form, count) => (count < 3 ? json(503, {}) : good(form, count));
    await run();
    expect(server.forms).toHaveLength(3);
  });

  it("come from client credentials", async () => {
    const { server, run } = world({
      kind: "client_credentials",
      tokenUrl,
      clientId: "app",
      clientSecret: new Secret("app-s3cret"),
    });
    await run();
    expect(Object.fromEntries(server.forms[0] ?? [])).toEqual({
      grant_type: "client_credentials",
      client_id: "app",
      client_secret: "app-s3cret",
    });
  });

  it("come from a service account's signed assertion", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const account: Grant = {
      kind: "service_account",
      tokenUrl,
      email: "robot@example.iam",
      privateKey: new Secret(pem),
      scopes: ["a", "b"],
    };
    const { server, run } = world(account);
    await run();
    const [header = "", claims = "", signature = ""] = (server.forms[0]?.get("assertion") ?? "").split(".");
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
    const issued = Date.parse("2026-02-09T06:00:00Z") / 1000;
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toEqual({
      iss: "robot@example.iam",
      scope: "a b",
      aud: tokenUrl,
      iat: issued,
      exp: issued + 3600,
    });
    const broken = world({ ...account, privateKey: new Secret("-----BEGIN nonsense s3cret") });
    const error = await failure(broken.run);
    expect(error.code).toBe("API_AUTH");
    expect(`${error.message}${error.parts.why}`).not.toContain("s3cret");
  });

  it("signs the token itself where nobody is asked for one, and another when its hour is over", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const pair: Grant = {
      kind: "key_pair",
      issuer: "SHOP.BOT.SHA256:x",
      subject: "SHOP.BOT",
      privateKey: new Secret(pem),
    };
    const { server, clock, run } = world(pair);
    server.good.has = () => true;
    const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    for (const minutes of [0, 58, 2]) {
      clock.advance(minutes * 60_000);
      await run();
    }
    const [header = "", claims = "", signature = ""] = (server.seen[0] ?? "").split(".");
    expect(
      verify("RSA-SHA256", Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, "base64url")),
    ).toBe(true);
    const issued = Date.parse("2026-02-09T06:00:00Z") / 1000;
    expect(claimsOf(server.seen[0] ?? "")).toEqual({
      iss: "SHOP.BOT.SHA256:x",
      sub: "SHOP.BOT",
      iat: issued,
      exp: issued + 3600,
    });
    expect([...new Set(server.seen)].map((token) => claimsOf(token).iat - issued)).toEqual([0, 3600]);
    expect(server.forms).toEqual([]);
  });
});
