import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Transport } from "../http/types.js";
import { type DoctorOptions, type DoctorProject, doctorProject, stillClock } from "../testing/doctor-project.js";
import { bigqueryDouble } from "../testing/doubles/bigquery.js";
import { fxDouble } from "../testing/doubles/fx.js";
import { ga4Double } from "../testing/doubles/ga4.js";
import { metaDouble } from "../testing/doubles/meta.js";
import type { Answer, Double } from "../testing/doubles/server.js";
import { shopifyDouble } from "../testing/doubles/shopify.js";
import { removeFolders } from "../testing/workspace.js";

// `growthos doctor` as a new user meets it: the real command over real HTTP, with everything that can be wrong with a connection.

const AT = Date.parse("2026-12-01T20:00:00Z");
const MINUTE = 60_000;
const open: DoctorProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.close();
});
afterAll(removeFolders);

function project(doubles: readonly Double[], options?: DoctorOptions): DoctorProject {
  const made = doctorProject(doubles, options);
  open.push(made);
  return made;
}

/** All vendors; `ahead`: by how much our clock is ahead of theirs. */
async function allVendors({ at = AT, ahead = 0 } = {}) {
  const clock = stillClock(at - ahead);
  const [shopify, meta, ga4, events, fx] = await Promise.all([
    shopifyDouble({ clock, signIn: "client_credentials" }),
    metaDouble({ clock }),
    ga4Double({ clock }),
    bigqueryDouble({ clock, signIn: "token" }),
    fxDouble({ from: isoDate("2026-11-01"), to: isoDate("2026-12-01"), clock }),
  ]);
  const doubles = [shopify, meta, ga4, events, fx];
  return { shopify, meta, ga4, events, fx, doubles, project: project(doubles), clock: stillClock(at) };
}

const bad = (findings: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(findings).filter(([, text]) => !text.startsWith("ok:")));

const down: Answer = { status: 503, text: "<html>Service Unavailable</html>" };
const failing = (double: Double, answer: Answer) =>
  double.server.fail(Array.from({ length: 30 }, () => ({ kind: "answer", answer }) as const));

describe("with everything in order", () => {
  it("has nothing but good news of every source, and says where credentials come from", async () => {
    const { project, clock } = await allVendors();
    const findings = await project.findings({ clock });
    expect(bad(findings)).toEqual({});
    expect(findings).toMatchObject({
      "main: shopify credentials": "ok: from the environment or .env",
      "main: shopify version": "ok: 2026-10, served until 2027-10-16",
      "main: shopify shop": "ok: Northwind Tea (northwind-tea.myshopify.com) answers; USD, America/Los_Angeles",
      "main: shopify scopes": expect.stringContaining("all scopes are granted: read_orders, read_all_orders"),
      "main: meta_ads version": "ok: v26.0; no end is announced",
      "main: meta_ads token": "ok: the token is valid and does not expire",
      "main: meta_ads permissions": "ok: granted: ads_read",
      "main: meta_ads account act_100200301": "ok: Northwind Tea JP: active, JPY, Asia/Tokyo",
      "main: ga4 fields": expect.stringMatching(/^ok: all \d+ fields are there$/),
      "main: ga4 report": expect.stringContaining("days end in America/New_York"),
      "main: ga4_events dataset": "ok: shop-exports-42.analytics_314159265 is in EU",
      "main: ga4_events jobs": "ok: may run jobs in shop-exports-42",
      "main: fx credentials": "ok: none are needed",
      "main: fx exchange rates": "ok: the newest exchange rates are of 2026-12-01",
    });
    expect((await project.run(["doctor"], { clock })).exit).toBe(0);
  });

  it("asks nobody with --offline", async () => {
    const { project, clock, doubles } = await allVendors();
    const { exit, stdout } = await project.run(["doctor", "--offline"], { clock });
    expect(exit).toBe(0);
    expect(stdout).toContain("main: shopify credentials: from the environment or .env");
    expect(doubles.flatMap(({ server }) => server.arrived)).toEqual([]);
  });

  it("names the key that opens what is stored, and misses it", async () => {
    const shopify = await shopifyDouble({ signIn: "client_credentials" });
    const one = project([shopify]);
    rmSync(join(one.cwd, ".env"));
    expect((await one.findings())["main: shopify credentials"]).toBe(
      "fail: nothing is stored, and SHOPIFY_CLIENT_ID, SHOPIFY_CLIENT_SECRET are not set -> " +
        "run `growthos connect shopify`; or set them in the environment or in .env",
    );
    const input = "clientId=client-1\nclientSecret=shpss_client-secret\n";
    expect(await one.run(["connect", "shopify", "--stdin"], { input })).toMatchObject({ exit: 0 });
    const findings = await one.findings();
    expect(findings["main: shopify credentials"]).toMatch(/^ok: stored \(opened with the key file .*\.key\)$/);
    expect(findings["main: shopify scopes"]).toContain("ok:");
    one.credentials({ SHOPIFY_CLIENT_SECRET: null });
    expect((await one.findings())["main: shopify credentials"]).toContain(
      "ok: from the environment or .env, the rest stored",
    );
    rmSync(join(one.cwd, ".env"));
    rmSync(join(one.cwd, "home"), { recursive: true });
    const lost = await one.findings();
    expect(lost["main: shopify credentials"]).toContain(
      "fail: the key to the stored credentials of shopify is missing",
    );
    expect(lost["main: shopify credentials"]).toContain("-> bring the key back");
    expect(lost["main: shopify shop"]).toBeUndefined();
  });
});

describe("with credentials that are not good", () => {
  it("says what to do about each wrong secret, and repeats none", async () => {
    const { project, clock } = await allVendors();
    project.credentials({
      SHOPIFY_CLIENT_SECRET: "shpss_canary",
      META_ADS_TOKEN: "EAAcanary",
      GA4_CLIENT_SECRET: "GOCSPX-canary",
      GA4_EVENTS_TOKEN: "ya29.canary",
    });
    const findings = bad(await project.findings({ clock }));
    expect(findings).toEqual({
      "main: shopify shop": expect.stringMatching(/invalid_client.*-> run `growthos connect shopify`/),
      "main: meta_ads token": expect.stringMatching(
        /code 190.*-> .*make a new system-user token.*`growthos connect meta_ads`/,
      ),
      "main: ga4 fields": expect.stringMatching(/the client id or its secret is wrong -> run `growthos connect ga4`/),
      "main: ga4_events dataset": expect.stringMatching(
        /refused the credentials.*-> run `growthos connect ga4_events`/,
      ),
    });
    const { exit, stdout, stderr } = await project.run(["doctor", "--verbose"], { clock });
    expect(exit).toBe(2);
    expect(stdout + stderr).not.toMatch(/canary/);
  });

  it("tells of consents that were withdrawn and tokens that ended", async () => {
    const { project, clock, meta, ga4, events } = await allVendors();
    meta.access.valid = false;
    ga4.oauth.withdraw();
    events.breakTokens();
    expect(bad(await project.findings({ clock }))).toEqual({
      "main: meta_ads token": expect.stringMatching(/Session has expired -> /),
      "main: ga4 fields": expect.stringMatching(
        /invalid_grant.*the consent was withdrawn.*-> run `growthos connect ga4`/,
      ),
      "main: ga4_events dataset": expect.stringMatching(/401.*-> run `growthos connect ga4_events`/),
    });
  });

  it("warns a week before a token ends", async () => {
    const { project, clock, meta } = await allVendors();
    meta.access.expiresAt = (AT + 3 * 86_400_000) / 1000;
    expect(bad(await project.findings({ clock }))).toEqual({
      "main: meta_ads token": expect.stringMatching(
        /^warn: the token is valid until 2026-12-04, 3 days from now -> make a new token/,
      ),
    });
  });

  it("A15 names every permission that is missing", async () => {
    const { project, clock, shopify, meta, events } = await allVendors();
    shopify.state.scopes = ["read_orders", "read_customers", "read_products"];
    meta.access.granted = [];
    events.oauth.narrow(["https://www.googleapis.com/auth/analytics.readonly"]);
    expect(bad(await project.findings({ clock }))).toEqual({
      "main: shopify scopes": expect.stringMatching(
        /^fail: missing scopes: read_all_orders, read_inventory; only orders of the last 60 days are seen -> give the app/,
      ),
      "main: meta_ads permissions": expect.stringMatching(
        /^fail: ads_read is missing .* -> make the system user's token again/,
      ),
      // Told once, and not for each account.
      "main: meta_ads account act_100200300": expect.stringContaining("assign the ad account"),
      "main: ga4_events dataset": expect.stringMatching(
        /the token lacks the scope https:\/\/www.googleapis.com\/auth\/bigquery -> .*`growthos connect ga4_events`/,
      ),
    });
  });

  it("tells an account that may not be read from an API that is switched off", async () => {
    const clock = stillClock(AT);
    const ga4 = await ga4Double({ clock, signIn: "service_account" });
    const one = project([ga4]);
    ga4.deny("User does not have sufficient permissions for this property.");
    expect((await one.findings({ clock }))["main: ga4 fields"]).toMatch(
      /403.*-> add the service account's e-mail address/,
    );
    ga4.deny(null);
    const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "SERVICE_DISABLED" };
    const metadata = { service: "analyticsdata.googleapis.com", consumer: "projects/1234" };
    const message = "Google Analytics Data API has not been used in project 1234 before or it is disabled.";
    const error = { code: 403, status: "PERMISSION_DENIED", message, details: [{ ...info, metadata }] };
    const off = { kind: "answer", answer: { status: 403, json: { error } } } as const;
    ga4.server.fail([off, off], ({ url }) => url.pathname !== "/token");
    expect((await one.findings({ clock }))["main: ga4 fields"]).toMatch(
      /-> enable analyticsdata.googleapis.com in the Cloud project 1234/,
    );
  });

  it.each([
    ["meta_ads", { accounts: ["act_555"] }, "main: meta_ads account act_555", /-> check the id of the ad account/],
    ["ga4", { property: "999999999" }, "main: ga4 fields", /-> .*see that the property id is the right one/],
    [
      "ga4_events",
      { project: "shop-exports-42", dataset: "analytics_9", location: "EU" },
      "main: ga4_events dataset",
      /-> check sources.ga4_events/,
    ],
    [
      "ga4_events",
      { project: "shop-exports-42", dataset: "analytics_314159265", location: "US" },
      "main: ga4_events dataset",
      /-> set sources.ga4_events.location to "EU"/,
    ],
  ])("%s with %j is answered with what to change", async (source, options, check, fix) => {
    const clock = stillClock(AT);
    const made = { meta_ads: metaDouble, ga4: ga4Double, ga4_events: bigqueryDouble } as const;
    const double = await made[source as keyof typeof made]({ clock });
    const one = project([double], { sources: { [source]: { ...double.options, ...options } } });
    const found = (await one.findings({ clock }))[check];
    expect(found).toMatch(/^fail: /);
    expect(found).toMatch(fix);
  });

  it("knows a shop by another name", async () => {
    const clock = stillClock(AT);
    const double = await shopifyDouble({ clock });
    const routes = { "old-name.myshopify.com": double.server.origin };
    const one = project([double], { routes, sources: { shopify: { shop: "old-name" } } });
    expect(bad(await one.findings({ clock }))["main: shopify shop"]).toBe(
      "fail: old-name.myshopify.com is another name of northwind-tea.myshopify.com -> set sources.shopify.shop to northwind-tea",
    );
  });
});

it("names the variable whose file is not there", async () => {
  const one = project([await ga4Double({ signIn: "service_account" })]);
  one.credentials({ GA4_KEY_FILE: "./nowhere.json" });
  expect((await one.findings())["main: ga4 credentials"]).toMatch(
    /^fail: the file with the credentials of ga4 is not there: .*nowhere.json -> correct the path in the variable GA4_/,
  );
});

describe("with a vendor that is not there", () => {
  it("asks the others all the same", async () => {
    const { project, clock, meta, ga4 } = await allVendors();
    failing(meta, down);
    ga4.server.fail(Array.from({ length: 30 }, () => ({ kind: "reset", when: "before" }) as const));
    const findings = await project.findings({ clock });
    expect(bad(findings)).toEqual({
      "main: meta_ads token": expect.stringMatching(
        /HTTP 503.*-> the failure is at the vendor's side: look at its status page/,
      ),
      "main: ga4 fields": expect.stringMatching(/could not be reached.*-> check the network of this machine/),
    });
    expect(findings["main: shopify scopes"]).toContain("ok:");
    expect(findings["main: ga4_events tables"]).toContain("ok:");
    // Three tries at one question, and not at each of four.
    expect(meta.server.arrived).toHaveLength(3);
  });

  it("says that it was asked too often", async () => {
    const { project, clock, meta } = await allVendors();
    failing(meta, { status: 400, json: { error: { code: 17, message: "User request limit reached" } } });
    expect(bad(await project.findings({ clock }))).toEqual({
      "main: meta_ads token": expect.stringMatching(/User request limit reached.*-> wait a while/),
    });
  });

  it("has no network at all", async () => {
    const { project, clock } = await allVendors();
    const why = "ENOTFOUND getaddrinfo ENOTFOUND graph.facebook.com";
    const transport: Transport = {
      send: () =>
        Promise.reject(new GrowthosError({ code: "NETWORK", what: "the connection failed", why, exit: "source" })),
    };
    const findings = bad(await project.findings({ clock, transport }));
    expect(Object.keys(findings)).toEqual([
      "main: shopify shop",
      "main: meta_ads token",
      "main: ga4 fields",
      "main: ga4_events dataset",
      "main: fx exchange rates",
    ]);
    for (const text of Object.values(findings)) expect(text).toMatch(/could not be reached.*-> check the network/);
  });
});

describe("C03: with a clock that is wrong", () => {
  it.each([
    [6 * MINUTE, "6 min ahead of"],
    [-7 * MINUTE, "7 min behind"],
  ])("by %i ms it warns once and goes on", async (ahead, words) => {
    const { project, clock } = await allVendors({ ahead });
    expect(bad(await project.findings({ clock }))).toEqual({
      "main: clock of vendors": `warn: this machine's clock is ${words} the vendor's (seen by shopify, meta_ads, ga4, ga4_events, fx) -> set the clock of this machine (switch its time synchronisation on), then try again`,
    });
  });

  it("by four minutes it says nothing", async () => {
    const { project, clock } = await allVendors({ ahead: 4 * MINUTE });
    expect(bad(await project.findings({ clock }))).toEqual({});
  });

  it.each(["oauth", "service_account"] as const)(
    "by two hours it signs nothing and asks for no token (%s)",
    async (signIn) => {
      const ga4 = await ga4Double({ clock: stillClock(AT), signIn });
      const findings = await project([ga4]).findings({ clock: stillClock(AT + 120 * MINUTE) });
      expect(bad(findings)).toEqual({
        "main: ga4 clock": expect.stringMatching(
          /^fail: this machine's clock is 2 h ahead of the vendor's -> set the clock/,
        ),
      });
      expect(ga4.server.arrived.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(["GET /token"]);
    },
  );

  it("reckons with what a cache has kept", async () => {
    const ga4 = await ga4Double({ clock: stillClock(AT), signIn: "token" });
    const date = new Date(AT - 120 * MINUTE).toUTCString();
    const kept = {
      kind: "answer",
      answer: { json: { metrics: [], dimensions: [] }, headers: { date, age: "7200" } },
    } as const;
    ga4.server.fail([kept, kept]);
    expect(Object.keys(await project([ga4]).findings({ clock: stillClock(AT) }))).not.toContain(
      "main: clock of vendors",
    );
  });
});

describe("with an API version that ends", () => {
  it.each([
    ["2027-07-17", "ok: 2026-10, served until 2027-10-16"],
    [
      "2027-07-18",
      "warn: 2026-10 will be switched off on 2027-10-16, in 90 days -> update growthos: a newer one speaks a newer version",
    ],
    [
      "2027-10-17",
      "fail: 2026-10 was switched off on 2027-10-16 -> update growthos: a newer one speaks a newer version",
    ],
  ])("%s: %s", async (day, text) => {
    const clock = stillClock(Date.parse(`${day}T20:00:00Z`));
    const shopify = await shopifyDouble({ clock });
    expect((await project([shopify]).findings({ clock }))["main: shopify version"]).toBe(text);
  });
});

describe("against the config", () => {
  it("warns of another currency without rates, and of another time zone of the shop", async () => {
    const clock = stillClock(AT);
    const [shopify, meta] = await Promise.all([shopifyDouble({ clock }), metaDouble({ clock })]);
    const one = project([shopify, meta], { shop: { currency: "EUR", timeZone: "Europe/Berlin" } });
    expect(bad(await one.findings({ clock }))).toEqual({
      "main: shopify currency": expect.stringMatching(
        /^warn: its figures are in USD, the shop's in EUR: they are never added together -> add `fx: \{\}`/,
      ),
      "main: shopify time zone":
        'warn: its days end in America/Los_Angeles, those of the config in Europe/Berlin -> set shop.timeZone to "America/Los_Angeles"',
      "main: meta_ads currency": expect.stringContaining("its figures are in JPY"),
    });
  });
});

describe("T1: what must not be seen by others", () => {
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync("git", args, {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" },
      stdio: "pipe",
    });
  const offline = async (one: DoctorProject) => {
    const { stdout } = await one.run(["doctor", "--offline"]);
    return stdout.split("\n").filter((line) => /git|permissions|fix:/.test(line));
  };

  it("is outside of git", async () => {
    expect(await offline(project([]))).toContain("ok    git: the project is not in a git work tree");
  });

  it("is in git, not ignored, or as it should be", async () => {
    const one = project([await ga4Double({ signIn: "service_account" })]);
    one.credentials({ GA4_KEY_FILE: "./service-account.json" });
    writeFileSync(join(one.cwd, "service-account.json"), "{}", { mode: 0o600 });
    git(one.cwd, "init", "-q");
    expect(await offline(one)).toEqual([
      "warn  git: git does not ignore .env: the next `git add` would take it",
      "      fix: add the line .env to .gitignore",
      "warn  git: git does not ignore ./service-account.json: the next `git add` would take it",
      "      fix: add the line service-account.json to .gitignore",
      "warn  git: git does not ignore workspaces/: the next `git add` would take it",
      "      fix: add the line /workspaces/ to .gitignore",
    ]);
    mkdirSync(join(one.cwd, "workspaces/main"), { recursive: true });
    writeFileSync(join(one.cwd, "workspaces/main/x"), "");
    git(one.cwd, "add", ".env", "workspaces", "service-account.json");
    const tracked = await offline(one);
    expect(tracked).toContain("fail  git: git tracks .env, which holds credentials");
    expect(tracked).toContain(
      "      fix: run `git rm --cached .env`, add .env to .gitignore, and replace the credentials if this was ever pushed: they stay in the history",
    );
    expect(tracked).toContain("fail  git: git tracks 1 file in workspaces/: data of your customers");
    expect(tracked).toContain("      fix: run `git rm -r --cached workspaces/`, add /workspaces/ to .gitignore");
    git(one.cwd, "rm", "-q", "--cached", "-r", ".");
    writeFileSync(join(one.cwd, ".gitignore"), "/workspaces/\n.env\nservice-account.json\n");
    expect(await offline(one)).toContain("ok    git: git leaves .env, ./service-account.json, workspaces/ alone");
  });

  it("may be read by other users", async () => {
    const one = project([]);
    one.credentials({ A: "b" });
    chmodSync(join(one.cwd, ".env"), 0o644);
    expect(await offline(one)).toEqual(
      expect.arrayContaining([
        "warn  permissions: .env may be read by other users of this machine (mode 644)",
        "      fix: chmod 600 .env",
      ]),
    );
    chmodSync(join(one.cwd, ".env"), 0o600);
    expect((await offline(one)).join()).not.toContain("permissions");
  });
});

it("changes nothing and leaves nothing behind", async () => {
  const { project, clock } = await allVendors();
  const before = readdirSync(project.cwd, { recursive: true }).sort();
  await project.run(["doctor"], { clock });
  expect(readdirSync(project.cwd, { recursive: true }).sort()).toEqual(before);
});
