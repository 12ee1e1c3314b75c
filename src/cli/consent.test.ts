import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import type { Secret } from "../base/secret.js";
import { googleSignIns } from "../connectors/google-sign-in.js";
import { undiciTransport } from "../http/undici.js";
import { type OauthDouble, oauthDouble } from "../testing/doubles/oauth.js";
import { answerConsent, visit } from "../testing/doubles/oauth-browser.js";
import { rerouted } from "../testing/doubles/server.js";
import { askConsent } from "./consent.js";

// K08 with a browser's real requests, and an authorization server that checks what Google's checks.

const SCOPE = "https://www.googleapis.com/auth/analytics.readonly";
const OTHER = "https://www.googleapis.com/auth/adwords";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A clock whose sleep ends when the test says so. */
function manualClock(): Pick<Clock, "now" | "sleep"> & { readonly slept: number[]; ring(): void } {
  const slept: number[] = [];
  let ring = () => {};
  const sleep: Clock["sleep"] = (ms, signal) =>
    new Promise((resolve, reject) => {
      slept.push(ms);
      ring = resolve;
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  return { now: systemClock.now, sleep, slept, ring: () => ring() };
}

/** A person: hears what is said, and types when the test lets them. */
function person() {
  const heard: string[] = [];
  const typed: string[] = [];
  let waiting: ((text: string) => void) | null = null;
  return {
    heard,
    type: (text: string) => {
      const listening = waiting;
      waiting = null;
      if (listening === null) typed.push(text);
      else listening(text);
    },
    say: (line: string) => void heard.push(line),
    ask: (question: string, signal?: AbortSignal) => {
      heard.push(question);
      const [next] = typed.splice(0, 1);
      if (next !== undefined) return Promise.resolve(next);
      return new Promise<string>((resolve, reject) => {
        waiting = resolve;
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  };
}

/** A consent under way: the printed address, and everything a test may turn. */
async function begin(options: { readonly scopes?: readonly string[]; readonly at?: OauthDouble } = {}) {
  const double = options.at ?? (await oauthDouble({ scopes: [SCOPE, OTHER] }));
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  const [signIn] = googleSignIns(SCOPE);
  if (signIn?.oauth === undefined) throw new Error("Google has a consent page");
  const [clock, somebody, learned] = [manualClock(), person(), [] as Secret[]];
  const stop = new AbortController();
  const done = askConsent({
    oauth: { ...signIn.oauth, scopes: options.scopes ?? [SCOPE] },
    title: "Google Analytics 4",
    clientId: double.secrets.oauth["clientId"]?.reveal() ?? "",
    clientSecret: double.secrets.oauth["clientSecret"],
    transport: rerouted(network, double.routes),
    random: systemRandom,
    clock,
    prompt: somebody,
    signal: stop.signal,
    learned: (secret) => void learned.push(secret),
  });
  const outcome = done.then(
    () => "done",
    (thrown: unknown) => thrown,
  );
  while (somebody.heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const address = /https:\S+/.exec(somebody.heard[0] ?? "")?.[0] ?? "";
  const redirectUri = new URL(address).searchParams.get("redirect_uri") ?? "";
  const answer = (what: "grant" | "deny") => answerConsent(double.server.origin, address, what);
  const asked = () => double.server.arrived.filter(({ url }) => url.pathname === "/token");
  const isClosed = async () =>
    (await visit(redirectUri).catch((error: { code: string }) => error.code)) === "ECONNREFUSED";
  return { double, somebody, clock, stop, done, outcome, address, redirectUri, answer, asked, isClosed, learned };
}

async function refusal(outcome: Promise<unknown>): Promise<GrowthosError> {
  const thrown = await outcome;
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a refusal, got ${String(thrown)}`);
}

describe("K08 a consent in the browser", () => {
  it("exchanges the code for tokens, with PKCE, and everything secret is known to be secret", async () => {
    const { answer, done, asked, address, isClosed, learned, somebody, double } = await begin();
    const back = await answer("grant");
    expect(await visit(back)).toMatchObject({ status: 200 });
    const { refreshToken, token } = await done;
    const form = new URLSearchParams(asked()[0]?.body);
    const verifier = form.get("code_verifier") ?? "";
    expect(verifier).toMatch(/^[\w-]{43}$/);
    const parameters = new URL(address).searchParams;
    expect(parameters.get("code_challenge")).toBe(createHash("sha256").update(verifier).digest("base64url"));
    expect(parameters.get("state")).toMatch(/^[\w-]{43}$/);
    expect(`${address}${back.href}`).not.toContain(verifier);
    expect(await isClosed()).toBe(true);
    const secrets = [verifier, back.searchParams.get("code"), refreshToken.reveal(), token.accessToken.reveal()];
    expect(learned.map((secret) => secret.reveal()).sort()).toEqual([...secrets].sort());
    for (const secret of [...secrets, "GOCSPX-double"]) expect(somebody.heard.join("\n")).not.toContain(secret);
    // The token is one that the server takes.
    const request = { ...asked()[0], headers: { authorization: `Bearer ${token.accessToken.reveal()}` } };
    expect(double.judge(request as Parameters<typeof double.judge>[0], SCOPE)).toBe("good");
  });

  it("asks for the permissions of the source and no more, offline", async () => {
    const { address, stop, outcome } = await begin();
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      scope: SCOPE,
      access_type: "offline",
      prompt: "consent",
      response_type: "code",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback\/[0-9a-f]{32}$/),
    });
    stop.abort(new Error("enough"));
    await outcome;
  });

  it("is over when the person says no", async () => {
    const { answer, outcome, asked, isClosed } = await begin();
    await visit(await answer("deny"));
    expect(await refusal(outcome)).toMatchObject({ code: "OAUTH_DENIED", parts: { exit: "auth" } });
    expect(asked()).toEqual([]);
    expect(await isClosed()).toBe(true);
  });

  it.each([
    ["another state", (back: URL) => back.searchParams.set("state", "x".repeat(43))],
    ["no state", (back: URL) => back.searchParams.delete("state")],
    ["another server's name", (back: URL) => back.searchParams.set("iss", "https://evil.example")],
  ])("exchanges no code that comes with %s", async (_what, tamper) => {
    const { answer, outcome, asked, isClosed } = await begin();
    const back = await answer("grant");
    tamper(back);
    expect(await visit(back)).toMatchObject({ status: 400 });
    expect(await refusal(outcome)).toMatchObject({ code: "OAUTH_STATE" });
    expect(asked()).toEqual([]);
    expect(await isClosed()).toBe(true);
  });

  it("takes an answer without a server's name, and refuses the wrong one that a server sends", async () => {
    const older = await begin();
    older.double.state.issuer = null;
    await visit(await older.answer("grant"));
    expect(await older.outcome).toBe("done");
    const mixed = await begin();
    mixed.double.state.issuer = "https://accounts.evil.example";
    await visit(await mixed.answer("grant"));
    expect(await refusal(mixed.outcome)).toMatchObject({ code: "OAUTH_STATE" });
  });

  it("takes the first of two answers", async () => {
    const { answer, done, asked } = await begin();
    const [first, second] = [await answer("grant"), await answer("grant")];
    await Promise.all([visit(first), visit(second).catch(() => "closed")]);
    await done;
    expect(asked()).toHaveLength(1);
  });

  it("cannot use a code that somebody has used before", async () => {
    const { answer, outcome, double, redirectUri } = await begin();
    const back = await answer("grant");
    const stolen = new URLSearchParams({
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
      client_id: "1-double.apps.googleusercontent.com",
      client_secret: "GOCSPX-double",
      code_verifier: "v".repeat(43),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const sent = { method: "POST", headers, body: stolen.toString() };
    // Without the verifier, which never left this process, a stolen code is worth nothing.
    expect(await visit(`${double.server.origin}/token`, sent)).toMatchObject({
      status: 400,
      body: expect.stringContaining("Invalid code verifier"),
    });
    await visit(back);
    expect(await outcome).toBe("done");
    const replayed = await begin({ at: double });
    const again = await replayed.answer("grant");
    again.searchParams.set("code", back.searchParams.get("code") ?? "");
    await visit(again);
    const error = await refusal(replayed.outcome);
    expect(error).toMatchObject({ code: "OAUTH_EXCHANGE" });
    expect(error.parts.why).toContain("invalid_grant");
    expect(error.parts.hint).toContain("the code was used already");
  });

  it("gives up after five minutes of silence, and is gone", async () => {
    const { clock, outcome, isClosed, asked } = await begin();
    expect(clock.slept).toEqual([5 * 60_000]);
    clock.ring();
    expect(await refusal(outcome)).toMatchObject({ code: "OAUTH_TIMEOUT", parts: { exit: "auth" } });
    expect(asked()).toEqual([]);
    expect(await isClosed()).toBe(true);
  });

  it("ends with the command", async () => {
    const { stop, outcome, isClosed } = await begin();
    stop.abort(new Error("interrupted"));
    expect(await outcome).toMatchObject({ message: "interrupted" });
    expect(await isClosed()).toBe(true);
  });
});

describe("a browser on another machine", () => {
  it("has its last address pasted", async () => {
    const { somebody, answer, done, isClosed } = await begin();
    somebody.type((await answer("grant")).href);
    await done;
    expect(await isClosed()).toBe(true);
  });

  it("may be pasted once more after something that is no address of ours", async () => {
    const { somebody, answer, done, redirectUri } = await begin();
    const back = await answer("grant");
    for (const text of ["", "4/abc", "https://accounts.google.com/o/oauth2/v2/auth?x", `${redirectUri}x?code=4/abc`])
      somebody.type(text);
    somebody.type(back.href);
    await done;
    expect(somebody.heard.filter((line) => line.startsWith("That is not the address"))).toHaveLength(4);
  });

  it("is not believed with the wrong state, nor asked for ever", async () => {
    const wrong = await begin();
    const back = await wrong.answer("grant");
    back.searchParams.set("state", "other");
    wrong.somebody.type(back.href);
    expect(await refusal(wrong.outcome)).toMatchObject({ code: "OAUTH_STATE" });
    const endless = await begin();
    for (let times = 0; times < 5; times++) endless.somebody.type("what?");
    expect(await refusal(endless.outcome)).toMatchObject({ code: "OAUTH_BROKEN" });
    expect([wrong.asked(), endless.asked()]).toEqual([[], []]);
  });
});

describe("the exchange of the code", () => {
  const granted = async (change: (one: Awaited<ReturnType<typeof begin>>) => void, options = {}) => {
    const one = await begin(options);
    change(one);
    await visit(await one.answer("grant"));
    return { ...one, error: await refusal(one.outcome) };
  };

  it("names the permission that was not ticked", async () => {
    const { error } = await granted(({ double }) => void Object.assign(double.state, { ticked: [SCOPE] }), {
      scopes: [SCOPE, OTHER],
    });
    expect(error).toMatchObject({ code: "OAUTH_SCOPES", parts: { why: `not granted: ${OTHER}`, exit: "auth" } });
  });

  it("says what is wrong with the client", async () => {
    const { error } = await granted(({ double }) => void Object.assign(double.state, { clientSecret: "another" }));
    expect(error).toMatchObject({ code: "OAUTH_EXCHANGE" });
    expect(error.parts.why).toBe("HTTP 401, invalid_client (Unauthorized)");
    expect(error.parts.hint).toContain("client secret does not belong to the client ID");
  });

  it("stores nothing that ends in an hour", async () => {
    const { error } = await granted(({ double }) => void Object.assign(double.state, { givesRefreshToken: false }));
    expect(error).toMatchObject({ code: "OAUTH_EXCHANGE" });
    expect(error.parts.what).toContain("no refresh token");
    expect(error.parts.hint).toContain("third-party access");
  });

  it.each([
    [{ kind: "answer", answer: { status: 200, text: "<html>Login to the airport</html>" } }, "the answer is not JSON"],
    [{ kind: "answer", answer: { status: 502, text: "<html>Bad Gateway</html>" } }, "HTTP 502"],
    [{ kind: "answer", answer: { json: ["ya29.x"] } }, "no access token"],
    [{ kind: "answer", answer: { json: { access_token: 7, refresh_token: {} } } }, "no access token"],
    [{ kind: "redirect", to: "https://evil.example/token", status: 307 }, "a redirect of a POST"],
    [{ kind: "redirect", to: "/token", status: 308 }, "a redirect of a POST"],
    [{ kind: "reset", when: "before" }, "the connection failed"],
    [{ kind: "short" }, "the connection failed"],
  ] as const)("%j is told and asked once", async (fault, why) => {
    const { error, asked, learned, somebody } = await granted(({ double }) =>
      double.server.fail([fault], ({ url }) => url.pathname === "/token"),
    );
    expect(error).toMatchObject({ code: "OAUTH_EXCHANGE", parts: { exit: "auth" } });
    expect(error.parts.why).toContain(why);
    expect(error.parts.state).toContain("nothing was stored");
    expect(asked()).toHaveLength(1);
    const told = JSON.stringify([error.parts, somebody.heard]);
    for (const secret of learned) expect(told).not.toContain(secret.reveal());
  });
});
