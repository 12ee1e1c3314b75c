import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { undiciTransport } from "../../http/undici.js";
import { type Answer, type Arrived, type DoubleServer, rerouted, startServer } from "../../testing/doubles/server.js";
import { type ProgramWorld, runProgram } from "../../testing/program.js";
import { freshFolder, removeFolders } from "../../testing/workspace.js";
import type { Prompt } from "../prompt.js";

// The whole program with a model switched on, against a server that plays the vendor.

const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
const cwd = freshFolder();
const network = undiciTransport({ allowLoopback: true });
let server: DoubleServer;
/** What the model fills into its forms, by their names. */
let forms: Record<string, unknown> = {};

function played({ url, headers, body }: Arrived): Answer {
  if (headers["x-api-key"] !== "sk-good")
    return { status: 401, json: { type: "error", error: { type: "authentication_error", message: "bad key" } } };
  if (url.pathname.startsWith("/v1/models")) return { json: { type: "model", id: "claude-test" } };
  const { tools, model } = JSON.parse(body) as { tools: readonly { name: string }[]; model: string };
  const name = tools[0]?.name ?? "";
  const input = forms[name];
  const content = input === undefined ? [] : [{ type: "tool_use", id: "t", name, input }];
  const usage = { input_tokens: 100, output_tokens: 10 };
  return { json: { id: "m", type: "message", role: "assistant", model, content, stop_reason: "tool_use", usage } };
}

const env = { HOME: join(cwd, "home"), ANTHROPIC_API_KEY: "sk-good" };
const run = (argv: readonly string[], world: Partial<ProgramWorld> = {}) =>
  runProgram(argv, {
    ...{ cwd, clock, env },
    transport: rerouted(network, { "api.anthropic.com": server.origin }),
    ...world,
  });
const ask = (...argv: readonly string[]) => run(["ask", ...argv]);

function configured(model: object | undefined): void {
  const config = {
    shop: { name: "S", currency: "USD", timeZone: "UTC" },
    ...{ intake: { webhooks: {} }, asOf: "2026-02-09" },
    ...(model === undefined ? {} : { ask: { model } }),
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
}
const ON = { provider: "anthropic", name: "claude-test" };

beforeAll(async () => {
  server = await startServer(played);
  configured(undefined);
  const order = { id: "1", created_at: "2026-02-08T10:00:00Z", currency: "USD", status: "paid", total: "12.34" };
  writeFileSync(join(cwd, "orders.ndjson"), JSON.stringify(order));
  for (const line of ["ingest webhooks orders.ndjson --topic orders", "build"])
    expect((await run(line.split(" "))).exit).toBe(0);
});
beforeEach(() => {
  configured(ON);
  forms = { query: { metrics: ["net_revenue"], window: "yesterday" }, wording: { text: "[A] on [C] came to [B]." } };
});
afterAll(async () => {
  await server.close();
  await network.close();
  removeFolders();
});

describe("growthos ask with a model", () => {
  it("asks nobody unless the config or an option says so", async () => {
    configured(undefined);
    const before = server.arrived.length;
    const { stdout } = await ask("net revenue yesterday", "--json");
    expect(JSON.parse(stdout).reading).toEqual({ by: "rules", model: null });
    configured(ON);
    expect((await ask("net revenue yesterday", "--no-model")).stdout).not.toContain("claude");
    expect(server.arrived.length).toBe(before);
    configured(undefined);
    await ask("net revenue yesterday", "--model", "claude-once");
    expect(JSON.parse(server.arrived.at(-1)?.body ?? "").model).toBe("claude-once");
    const wrong = await ask("net revenue yesterday", "--model", "../x");
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('"../x" is no model')]);
  });

  it("answers as the rules do, in other words, and says nothing when both read the same", async () => {
    const { stdout } = await ask("net revenue yesterday");
    expect(stdout.split("\n")).toEqual([
      "Net revenue on yesterday (2026-02-08) came to $12.34.",
      expect.stringMatching(/^complete, cut-off 2026-02-08/),
    ]);
    configured({ ...ON, reword: false });
    expect((await ask("net revenue yesterday")).stdout).toMatch(/^Net revenue \$12.34, yesterday \(2026-02-08\)\.\n/);
  });

  it("tells programs who read the question, what the other reads, and what it cost", async () => {
    forms["query"] = { metrics: ["orders"], window: "yesterday" };
    const told = JSON.parse((await ask("net revenue yesterday", "--json")).stdout);
    expect(told.totals.net_revenue.value.value).toBe(1234);
    expect(told.reading).toEqual({
      by: "rules",
      model: {
        ...{ name: "claude-test", verdict: "other", why: null, other: "Orders, 2026-02-08" },
        other_query: { metrics: ["orders"], window: { from: "2026-02-08", to: "2026-02-08" } },
        wording: { text: "Net revenue on yesterday (2026-02-08) came to $12.34.", why: null },
        tokens: { input: 200, output: 20 },
      },
    });
    const { stdout } = await ask("net revenue yesterday", "--explain");
    expect(stdout).toContain(
      "the model claude-test reads it otherwise: Orders, 2026-02-08; answered is what the rules",
    );
    expect(stdout).toMatch(/^read by +the rules$/m);
    expect(stdout).toMatch(/^the model claude-test +reads it otherwise: Orders, 2026-02-08$/m);
    expect(stdout).toMatch(/^tokens +200 in, 20 out$/m);
  });

  it("marks an answer that only the model could read, on the page as well", async () => {
    const page = join(cwd, "answer.html");
    const { exit, stdout } = await ask("moneywise blorp yesterday", "--save", page);
    const line = "read by the model claude-test, not by the rules: Net revenue, 2026-02-08";
    expect([exit, stdout]).toEqual([0, expect.stringContaining(line)]);
    expect(readFileSync(page, "utf8")).toContain(line);
  });

  it("keeps refusals, and asks no model about them", async () => {
    const before = server.arrived.length;
    const { exit, stdout } = await ask("how much would we make if cpc was 0.20?");
    expect([exit, stdout]).toEqual([2, expect.stringContaining("no answer (HYPOTHETICAL)")]);
    expect(server.arrived.length).toBe(before);
  });

  it("says in one line why the model was not used", async () => {
    forms["query"] = { metrics: ["net_revenue"], window: "yesterday", sql: "drop table fact_orders" };
    expect((await ask("net revenue yesterday")).stdout).toMatch(
      /^Net revenue \$12.34.*\nthe model claude-test was not used: .*Unrecognized key: "sql"\n/,
    );
    const refused = await ask("moneywise blorp");
    expect([refused.exit, refused.stdout]).toEqual([2, expect.stringMatching(/^no answer .*\n.*was not used: /s)]);
    const badKey = { ...env, ANTHROPIC_API_KEY: "sk-canary" };
    const { stdout, stderr } = await run(["ask", "net revenue yesterday"], { env: badKey });
    expect(stdout).toContain("refused the credentials: HTTP 401, bad key; run `growthos connect anthropic`");
    expect(stdout + stderr).not.toContain("canary");
  });

  it("leans on the question before with the model, too", async () => {
    const said: string[] = [];
    const prompt: Prompt = {
      say: (line) => void said.push(line),
      ask: async () => "",
      hidden: async () => "",
      conversation: async function* () {
        yield* ["net revenue yesterday", "and moneywise blorp", ""];
      },
    };
    await run(["ask"], { prompt });
    expect(said[1]).toContain("read by the model claude-test");
    const asked = server.arrived.map(({ body }) => body).filter((body) => body.includes("moneywise"));
    expect(asked.at(-1)).toContain("question_before");
  });

  it("says in doctor whether it is on and whether there is a key, and asks nobody", async () => {
    const before = server.arrived.length;
    const line = async (world: Partial<ProgramWorld> = {}) =>
      (await run(["doctor", "--offline"], world)).stdout.split("\n").find((text) => text.includes("language model"));
    expect(await line()).toMatch(/^ok .*claude-test reads questions, too; its key is from the environment or .env$/);
    expect(await line({ env: { HOME: env.HOME } })).toMatch(/^warn .*claude-test is on, and there is no key$/);
    configured(undefined);
    expect(await line()).toMatch(/^ok .*off: questions are read by rules alone$/);
    expect(server.arrived.length).toBe(before);
  });

  it("takes a key that connect has tested and stored", async () => {
    const alone = { env: { HOME: env.HOME } };
    const wrong = await run(["connect", "anthropic", "--stdin"], { ...alone, input: "apiKey=sk-canary" });
    expect([wrong.exit, wrong.stderr]).toEqual([7, expect.stringContaining("HTTP 401, bad key")]);
    const { exit, stdout } = await run(["connect", "anthropic", "--stdin"], { ...alone, input: "apiKey=sk-good" });
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/the key is taken, and there is claude-test.*ask$/s)]);
    expect((await run(["ask", "net revenue yesterday"], alone)).stdout).toMatch(/^Net revenue on yesterday/);
    expect((await run(["connections", "list"], alone)).stdout).toMatch(/^anthropic +stored +key/m);
    await run(["connections", "remove", "anthropic", "--yes"], alone);
  });
});
