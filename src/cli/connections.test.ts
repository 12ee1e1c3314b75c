import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Secret } from "../base/secret.js";
import { undiciTransport } from "../http/undici.js";
import { rerouted } from "../testing/doubles/server.js";
import { type ShopifyDouble, shopifyDouble } from "../testing/doubles/shopify.js";
import { type ProgramWorld, runProgram } from "../testing/program.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import type { Prompt } from "./prompt.js";

const doubles: ShopifyDouble[] = [];

afterEach(async () => {
  for (const double of doubles.splice(0)) await double.close();
});
afterAll(removeFolders);

/** A project with one Shopify source, and the shop behind it. */
async function project(options: Parameters<typeof shopifyDouble>[0] = { signIn: "client_credentials" }) {
  const double = await shopifyDouble(options);
  doubles.push(double);
  const cwd = freshFolder();
  const config = {
    shop: { name: "Northwind", currency: "USD", timeZone: "UTC" },
    sources: { shopify: double.options, fx: {} },
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  const transport = rerouted(undiciTransport({ allowLoopback: true }), double.routes);
  const run = (argv: readonly string[], world: Partial<ProgramWorld> = {}) =>
    runProgram(argv, { cwd, transport, ...world });
  return { double, cwd, run };
}

/** A person who gives these answers in turn, and what was said to them. */
function person(...answers: readonly string[]): Prompt & { readonly heard: string[] } {
  const heard: string[] = [];
  const left = [...answers];
  const answer = async (question: string) => {
    heard.push(question);
    const next = left.shift();
    if (next === undefined) throw new Error(`nobody answers: ${question}`);
    return next;
  };
  return {
    heard,
    say: (line) => void heard.push(line),
    ask: answer,
    hidden: answer,
    conversation: async function* () {},
  };
}

const CLIENT = "clientId=client-1\nclientSecret=shpss_client-secret\n";

/** Every byte that a folder holds, as one text. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

describe("growthos connect", () => {
  it("asks at a terminal, tests, stores encrypted, and the next sync uses it", async () => {
    const { cwd, run } = await project();
    const somebody = person("", "client-1", "shpss_client-secret");
    const { exit, stdout, stderr } = await run(["connect", "shopify"], { prompt: somebody });
    expect({ exit, stderr }).toMatchObject({ exit: 0, stderr: expect.stringContaining("made a new key") });
    expect(stdout).toContain("connected shopify: app of the Dev Dashboard\n  ok    shop: ");
    expect(stdout).toContain("next: growthos sync --source shopify");
    expect(somebody.heard.join("\n")).toContain("Sign in with [1-3, Enter for 1]");
    expect(everything(join(cwd, "workspaces"))).not.toContain("shpss_client-secret");
    const listed = JSON.parse((await run(["connections", "list", "--json"])).stdout);
    expect(listed.connections).toEqual([
      {
        source: "shopify",
        from: "stored",
        method: "client_credentials",
        connectedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        key: expect.stringMatching(/^[0-9a-f]{16}$/),
        tokenExpiresAt: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    const synced = await run(["sync", "--source", "shopify", "--stream", "shop"]);
    expect(synced).toMatchObject({ exit: 0, stderr: expect.not.stringContaining("error") });
  });

  it("takes values through a pipe or from files, and nobody is asked", async () => {
    const { run } = await project();
    expect(await run(["connect", "shopify", "--stdin"], { input: CLIENT })).toMatchObject({ exit: 0 });
    const json = JSON.stringify({ clientId: "client-1", clientSecret: "shpss_client-secret" });
    expect(await run(["connect", "shopify", "--stdin"], { input: json })).toMatchObject({ exit: 0 });
    const env = { HOME: freshFolder(), SHOPIFY_CLIENT_ID: "client-1", SHOPIFY_CLIENT_SECRET: "shpss_client-secret" };
    const { run: other } = await project();
    const { exit, stderr } = await other(["connect", "shopify", "--from-env"], { env });
    expect(exit).toBe(0);
    expect(stderr).toContain("SHOPIFY_CLIENT_ID, SHOPIFY_CLIENT_SECRET in the environment or .env goes before");
  });

  it("says what comes next, which is a sync for sources only", async () => {
    const cwd = freshFolder();
    const config = {
      shop: { name: "Northwind", currency: "USD", timeZone: "UTC" },
      sources: {},
      alerts: { slack: {} },
      publish: { postgres: { host: "db.example.com", database: "d", user: "u" } },
      intake: { shopify_webhooks: { shop: "x.myshopify.com" } },
    };
    writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
    const next = async (id: string, input: string) => {
      const { stdout, stderr } = await runProgram(["connect", id, "--stdin"], { cwd, input });
      return /^next: (.*)$/m.exec(stdout)?.[1] ?? stderr;
    };
    expect(await next("slack", "webhookUrl=https://hooks.slack.com/services/T0/B0/x\n")).toBe(
      "growthos alerts sends the next one there",
    );
    expect(await next("postgres", "password=geheim\n")).toBe("growthos publish postgres --dry-run");
    expect(await next("shopify_webhooks", "secret=shpss_x\n")).toBe("growthos serve --intake takes what is pushed");
  });

  it("stores nothing when the vendor refuses, and says what to do", async () => {
    const { cwd, run } = await project();
    const input = "clientId=client-1\nclientSecret=shpss_canary-wrong\n";
    const { exit, stdout, stderr } = await run(["connect", "shopify", "--stdin"], { input });
    expect({ exit, stdout }).toEqual({ exit: 7, stdout: "" });
    expect(stderr).toContain("error[CONNECT_REFUSED]");
    expect(stderr).toContain("invalid_client");
    expect(stderr).toContain("nothing was stored");
    expect(stderr).not.toContain("canary");
    expect(everything(cwd)).not.toContain("canary");
    expect((await run(["connections", "list", "--json"])).stdout).toContain('"from": "nowhere"');
  });

  it("A15 names the scopes that are missing", async () => {
    const { double, run } = await project();
    double.state.scopes = ["read_orders", "read_products", "read_customers"];
    const { exit, stderr } = await run(["connect", "shopify", "--stdin"], { input: CLIENT });
    expect(exit).toBe(7);
    expect(stderr).toContain("missing scopes: read_all_orders, read_inventory");
    expect(stderr).toContain("fix: give the app read_all_orders, read_inventory");
  });

  it("lets the person at the terminal store what is not enough yet", async () => {
    const { double, run } = await project();
    double.state.scopes = ["read_orders"];
    const yes = person("1", "client-1", "shpss_client-secret", "y");
    expect(await run(["connect", "shopify"], { prompt: yes })).toMatchObject({ exit: 0 });
    const no = person("1", "client-1", "shpss_client-secret", "");
    expect(await run(["connect", "shopify"], { prompt: no })).toMatchObject({ exit: 7 });
  });

  it("keeps a refresh token that the test has exchanged", async () => {
    const { double, run } = await project({ signIn: "refresh_token" });
    const input = `${CLIENT}refreshToken=shprt_0\n`;
    expect(await run(["connect", "shopify", "--stdin"], { input })).toMatchObject({ exit: 0 });
    // A Shopify refresh token works once: what was typed is dead by now, and only what came back can be used.
    double.tokens.revoke();
    expect(await run(["connections", "test"])).toMatchObject({ exit: 0 });
    double.tokens.revoke();
    expect(await run(["connections", "test"])).toMatchObject({ exit: 0 });
  });

  it.each([
    [["connect", "shoppify", "--stdin"], "SOURCE_UNKNOWN", 2],
    [["connect", "fx"], "SOURCE_NEEDS_NO_SIGN_IN", 2],
    [["connect", "meta_ads"], "SOURCE_NOT_CONFIGURED", 2],
    [["connect", "shopify"], "CONNECT_METHOD", 2],
    [["connect", "shopify", "--method", "password"], "CONNECT_METHOD", 2],
    [["connect", "shopify", "--method", "token"], "CONNECT_INCOMPLETE", 2],
    [["connect", "shopify", "--file", "token"], "USAGE", 2],
    [["connect", "shopify", "--file", "token=./nothing-here"], "FILE", 9],
    [["connect", "shopify", "shpat_canary"], "USAGE", 2],
    [["connect", "shopify", "--token=shpat_canary"], "USAGE", 2],
  ])("%j is answered with %s", async (argv, code, exit) => {
    const { run } = await project();
    const answer = await run(argv);
    expect(answer.stderr).toContain(`error[${code}`);
    expect(answer.stderr).toContain("hint:");
    expect(answer).toMatchObject({ exit, stdout: "" });
    expect(answer.stderr).not.toContain("canary");
  });

  it.each([
    ["token=\n", "CREDENTIAL_INVALID"],
    ["token=shpat_canary with spaces\n", "CREDENTIAL_INVALID"],
    ['{"token": 7}', "CONNECT_INPUT"],
    ['{"token": "shpat_canary"', "CONNECT_INPUT"],
    ["shpat_canary", "CONNECT_METHOD"],
    ["password=shpat_canary\n", "CONNECT_MEMBER"],
  ])("standard input %j is answered with %s and not repeated", async (input, code) => {
    const { run } = await project();
    const { exit, stderr } = await run(["connect", "shopify", "--stdin"], { input });
    expect(exit).toBeGreaterThan(0);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).not.toContain("canary");
  });
});

describe("stored connections", () => {
  async function connected() {
    const one = await project();
    expect(await one.run(["connect", "shopify", "--stdin"], { input: CLIENT })).toMatchObject({ exit: 0 });
    return one;
  }

  it("are tested, with what to do about each answer", async () => {
    const { double, run } = await connected();
    const good = await run(["connections", "test"]);
    expect(good).toMatchObject({ exit: 0, stdout: expect.stringContaining("1 of 1 connections work") });
    double.state.scopes = ["read_orders"];
    const poor = await run(["connections", "test", "shopify"]);
    expect(poor).toMatchObject({ exit: 7, stdout: expect.stringContaining("missing scopes") });
  });

  it("are not said to work where nobody was asked", async () => {
    const { cwd, run } = await connected();
    const path = join(cwd, "growthos.config.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), alerts: { slack: {} } }));
    const input = "webhookUrl=https://hooks.slack.com/services/T0/B0/canary\n";
    expect(await run(["connect", "slack", "--stdin"], { input })).toMatchObject({ exit: 0 });
    const { exit, stdout } = await run(["connections", "test"]);
    expect([exit, stdout]).toEqual([0, expect.stringContaining("1 of 1 connections work; 1 not asked")]);
    expect(stdout).not.toContain("canary");
    const { connections } = JSON.parse((await run(["connections", "test", "--json"])).stdout);
    expect(connections).toMatchObject([
      { source: "shopify", ok: true },
      { source: "slack", ok: null },
    ]);
  });

  it("need their key: without it nothing is guessed and nothing is overwritten", async () => {
    const { run } = await connected();
    const elsewhere = { env: { HOME: freshFolder() } };
    const test = await run(["connections", "test"], elsewhere);
    expect(test).toMatchObject({
      exit: 7,
      stdout: expect.stringContaining("the key to the stored credentials of shopify is missing"),
    });
    expect(await run(["sync"], elsewhere)).toMatchObject({ exit: 7, stderr: expect.stringContaining("KEY_MISSING") });
    const again = await run(["connect", "shopify", "--stdin"], { ...elsewhere, input: CLIENT });
    expect(again).toMatchObject({ exit: 7, stderr: expect.stringContaining("KEY_MISSING") });
    const wrong = { given: { text: new Secret("ab".repeat(32)), from: "GROWTHOS_KEY" }, next: null };
    const opened = await run(["sync", "--source", "shopify"], { ...elsewhere, keys: wrong });
    expect(opened).toMatchObject({ exit: 7, stderr: expect.stringContaining("VAULT_CANNOT_DECRYPT") });
    expect(await run(["connections", "test"])).toMatchObject({ exit: 0 });
  });

  it("are removed without their key, after a yes", async () => {
    const { run } = await connected();
    expect(await run(["connections", "remove", "shopify"])).toMatchObject({ exit: 2 });
    expect(await run(["connections", "remove", "shopify"], { prompt: person("n") })).toMatchObject({ exit: 2 });
    expect(await run(["connections", "remove", "shopify", "--dry-run"])).toMatchObject({ exit: 0 });
    const env = { HOME: freshFolder() };
    expect(await run(["connections", "remove", "shopify", "--yes"], { env })).toMatchObject({ exit: 0 });
    expect(await run(["connections", "remove", "shopify", "--yes"])).toMatchObject({ exit: 2 });
    expect((await run(["sync"])).stderr).toContain("SECRETS_MISSING");
  });

  it("get a new key, and the old one is forgotten when it is told to be", async () => {
    const { run } = await connected();
    const key = async () => JSON.parse((await run(["connections", "list", "--json"])).stdout).connections[0].key;
    const before = await key();
    expect(await run(["connections", "rotate-key", "--dry-run"])).toMatchObject({ exit: 0 });
    expect(await key()).toBe(before);
    const rotated = await run(["connections", "rotate-key"]);
    expect(rotated).toMatchObject({ exit: 0, stdout: expect.stringContaining("1 record encrypted with the new key") });
    expect(await key()).not.toBe(before);
    expect(await run(["connections", "rotate-key", "--retire"])).toMatchObject({ exit: 0 });
    expect(await run(["connections", "test"])).toMatchObject({ exit: 0 });
  });

  it("K07 B-50 B-51 show no secret: not in any answer, log or file, nor a file that others may read", async () => {
    const { cwd, run } = await connected();
    const outputs = [];
    for (const argv of [
      ["connections", "list"],
      ["connections", "test", "--verbose"],
      ["sync", "--source", "shopify", "--stream", "shop", "--verbose"],
      ["doctor", "--verbose"],
      ["status"],
      ["runs"],
    ]) {
      const { stdout, stderr } = await run(argv);
      outputs.push(stdout, stderr);
    }
    const key = readdirSync(join(cwd, "home"), { recursive: true, withFileTypes: true }).find((entry) =>
      entry.isFile(),
    );
    const keyFile = join(key?.parentPath ?? "", key?.name ?? "");
    const canaries = ["shpss_client-secret", "shpca_", readFileSync(keyFile, "utf8").trim()];
    const all = outputs.join("\n") + everything(join(cwd, "workspaces"));
    for (const canary of canaries) expect(all).not.toContain(canary);
    expect(statSync(keyFile).mode & 0o077).toBe(0);
  });
});
