import { createHash, createSign, generateKeyPairSync } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { type OauthOptions, oauthDouble } from "./oauth.js";
import { answerConsent, visit } from "./oauth-browser.js";

// The authorization server refuses what Google's does: otherwise a test against it would prove nothing.

const AT = Date.parse("2026-12-01T12:00:00Z");
const SCOPE = "https://www.googleapis.com/auth/analytics.readonly";
const BACK = "http://127.0.0.1:4711/callback/abc";
const VERIFIER = "v".repeat(43);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function started(options: Partial<OauthOptions> = {}) {
  const clock = fixedClock(AT);
  const double = await oauthDouble({ scopes: [SCOPE], clock, ...options });
  closing.push(() => double.close());
  const client = { client_id: "1-double.apps.googleusercontent.com", client_secret: "GOCSPX-double" };
  const ask = async (form: Readonly<Record<string, string>>, type = "application/x-www-form-urlencoded") => {
    const body = new URLSearchParams({ ...client, ...form }).toString();
    const {
      status,
      headers,
      body: text,
    } = await visit(`${double.server.origin}/token`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    return { status, date: headers["date"], ...(JSON.parse(text) as Readonly<Record<string, string | number>>) };
  };
  const address = (other: Readonly<Record<string, string>> = {}) => {
    const parameters = {
      client_id: client.client_id,
      redirect_uri: BACK,
      response_type: "code",
      scope: SCOPE,
      state: "s",
      access_type: "offline",
      prompt: "consent",
      code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
      code_challenge_method: "S256",
      ...other,
    };
    return `https://accounts.google.com/o/oauth2/v2/auth?${new URLSearchParams(parameters)}`;
  };
  const code = async () => {
    const back = await answerConsent(double.server.origin, address(), "grant");
    return back.searchParams.get("code") ?? "";
  };
  const exchange = (given: string, other: Readonly<Record<string, string>> = {}) =>
    ask({ grant_type: "authorization_code", code: given, redirect_uri: BACK, code_verifier: VERIFIER, ...other });
  const isGood = (token: unknown) =>
    double.judge(
      {
        method: "GET",
        url: new URL("http://x/"),
        headers: { authorization: `Bearer ${String(token)}` },
        body: "",
        at: clock.now(),
      },
      SCOPE,
    );
  return { clock, double, ask, address, code, exchange, isGood };
}

describe("the consent page", () => {
  it.each([
    ["another client", { client_id: "2-other.apps.googleusercontent.com" }],
    ["an address that is not on this machine", { redirect_uri: "https://evil.example/callback" }],
    ["localhost by name", { redirect_uri: "http://localhost:4711/callback" }],
    ["a token in the address", { response_type: "token" }],
    ["a permission that the client does not have", { scope: `${SCOPE} https://www.googleapis.com/auth/drive` }],
    ["no PKCE", { code_challenge: "" }],
    ["PKCE without its hash", { code_challenge_method: "plain" }],
    ["nothing that lasts", { access_type: "online" }],
  ])("is not shown for %s", async (_what, other) => {
    const { double, address } = await started();
    await expect(answerConsent(double.server.origin, address(other), "grant")).rejects.toThrow("HTTP 400");
  });

  it("says no as RFC 6749 has it, with state and name", async () => {
    const { double, address } = await started();
    const back = await answerConsent(double.server.origin, address(), "deny");
    expect(back.href).toBe(`${BACK}?state=s&iss=https%3A%2F%2Faccounts.google.com&error=access_denied`);
  });
});

describe("a code", () => {
  it("is worth a token once; used again, it takes that token away", async () => {
    const { code, exchange, isGood } = await started();
    const given = await code();
    const first = await exchange(given);
    expect(first).toMatchObject({ status: 200, token_type: "Bearer", expires_in: 3599, scope: SCOPE });
    expect(isGood(first["access_token" as keyof typeof first])).toBe("good");
    expect(await exchange(given)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(isGood(first["access_token" as keyof typeof first])).toBe("dead");
  });

  it.each([
    ["another verifier", { code_verifier: "w".repeat(43) }, "invalid_grant"],
    ["no verifier", { code_verifier: "" }, "invalid_grant"],
    ["another address", { redirect_uri: `${BACK}/x` }, "redirect_uri_mismatch"],
    ["another client secret", { client_secret: "x" }, "invalid_client"],
    ["an invented code", { code: "4/0A-invented" }, "invalid_grant"],
  ])("is refused with %s", async (_what, other, error) => {
    const { code, exchange } = await started();
    expect(await exchange(await code(), other)).toMatchObject({ error });
  });

  it("ends after ten minutes", async () => {
    const { clock, code, exchange } = await started();
    const given = await code();
    clock.advance(600_000);
    expect(await exchange(given)).toMatchObject({ status: 400, error: "invalid_grant" });
  });
});

describe("a refresh token", () => {
  it("stays, or is exchanged for the next one", async () => {
    const refresh = { grant_type: "refresh_token", refresh_token: "1//double" };
    const google = await started();
    expect(await google.ask(refresh)).not.toHaveProperty("refresh_token");
    expect(await google.ask(refresh)).toMatchObject({ status: 200 });
    const rotating = await started({ rotates: true });
    const next = await rotating.ask(refresh);
    expect(next).toMatchObject({ status: 200, refresh_token: expect.stringMatching(/^1\/\/double-\d+$/) });
    expect(await rotating.ask(refresh)).toMatchObject({ status: 400, error: "invalid_grant" });
    google.double.withdraw();
    expect(await google.ask(refresh)).toMatchObject({ status: 400, error: "invalid_grant" });
  });

  it("is asked for in a form, and the answer carries the server's time", async () => {
    const { ask, isGood, clock } = await started();
    const json = await ask({ grant_type: "refresh_token", refresh_token: "1//double" }, "application/json");
    expect(json).toMatchObject({ status: 400, error: "invalid_request", date: "Tue, 01 Dec 2026 12:00:00 GMT" });
    expect(await ask({ grant_type: "password" })).toMatchObject({ error: "unsupported_grant_type" });
    const token = await ask({ grant_type: "refresh_token", refresh_token: "1//double" });
    clock.advance(3_599_000);
    expect(isGood(token["access_token" as keyof typeof token])).toBe("dead");
  });
});

describe("a signed assertion", () => {
  const claims = {
    iss: "reader@double.iam.gserviceaccount.com",
    scope: SCOPE,
    aud: "https://oauth2.googleapis.com/token",
    iat: AT / 1000,
    exp: AT / 1000 + 3600,
  };
  const signed = (key: string, body: object) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "RS256", typ: "JWT" })}.${part(body)}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
  };

  it.each([
    ["as it should be", {}, undefined],
    ["of ten minutes ago", { iat: AT / 1000 - 600, exp: AT / 1000 + 3000 }, "reasonable timeframe"],
    ["of the future", { iat: AT / 1000 + 600, exp: AT / 1000 + 4000 }, "reasonable timeframe"],
    ["for two hours", { exp: AT / 1000 + 7200 }, "reasonable timeframe"],
    ["for another server", { aud: "https://evil.example/token" }, "audience"],
    ["of somebody else", { iss: "other@double.iam.gserviceaccount.com" }, "account not found"],
    ["for more than is allowed", { scope: "https://www.googleapis.com/auth/drive" }, "OAuth scope"],
  ])("%s", async (_what, other, problem) => {
    const { double, ask } = await started();
    const { private_key: key } = JSON.parse(double.secrets.service_account["keyFile"]?.reveal() ?? "{}");
    const answer = await ask({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: signed(key, { ...claims, ...other }),
    });
    if (problem === undefined) expect(answer).toMatchObject({ status: 200, expires_in: 3599 });
    else expect(answer).toMatchObject({ status: 400, error_description: expect.stringContaining(problem) });
  });

  it("by another key is refused", async () => {
    const { ask } = await started();
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const assertion = signed(privateKey, claims);
    expect(await ask({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion })).toMatchObject({
      error: "invalid_grant",
      error_description: "Invalid JWT Signature.",
    });
  });
});
