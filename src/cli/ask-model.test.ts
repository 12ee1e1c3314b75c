import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Form } from "../ask/llm/types.js";
import { fixedClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { undiciTransport } from "../http/undici.js";
import { type Answer, type DoubleServer, rerouted, startServer } from "../testing/doubles/server.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { MODEL_LIMITS, openModel, tryModel } from "./ask-model.js";
import type { CommandContext } from "./command.js";

// The package itself, over a real connection, against a server that speaks the vendor's format.

const KEY = "sk-ant-canary";
const FORM: Form = {
  task: "fill in the form",
  text: "net revenue last week",
  name: "query",
  description: "a query",
  schema: { properties: { metrics: { type: "array" } } },
};

const usage = { input_tokens: 900, output_tokens: 40, cache_read_input_tokens: 100 };
const message = (content: readonly object[], more: object = {}) => ({
  ...{ id: "msg_1", type: "message", role: "assistant", model: "claude-test", content, stop_reason: "tool_use", usage },
  ...more,
});
const filled = (input: unknown) => ({ type: "tool_use", id: "toolu_1", name: "query", input });
const GOOD: Answer = { json: message([{ type: "thinking", thinking: "" }, filled({ metrics: ["spend"] })]) };
const refusal = (status: number, type: string, text: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  json: { type: "error", error: { type, message: text }, request_id: "req_1" },
});

let server: DoubleServer;
const network = undiciTransport({ ...MODEL_LIMITS, allowLoopback: true });
beforeAll(async () => {
  server = await startServer(() => GOOD);
});
beforeEach(() => server.mend());
afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("ANTHROPIC_")) delete process.env[name];
});
afterAll(async () => {
  await server.close();
  await network.close();
  removeFolders();
});

function contextOf(env: Readonly<Record<string, string>> = { ANTHROPIC_API_KEY: KEY }): CommandContext {
  return {
    env: async () => env,
    config: async () => ({ projectRoot: freshFolder() }),
    workspaceConfig: async () => ({ name: "main" }),
    output: { note: () => {} },
    effects: {
      clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
      ...{ random: systemRandom, log: silentLog, files: diskFiles, secrets: [] },
      signal: new AbortController().signal,
      transport: async () => rerouted(network, { "api.anthropic.com": server.origin }),
    },
  } as unknown as CommandContext;
}

/** What a question would be told, in one line. */
async function failure(limits = MODEL_LIMITS, context = contextOf()): Promise<string> {
  const thrown = await openModel(context, "claude-test", limits)
    .fill(FORM)
    .catch((error: unknown) => error);
  if (!(thrown instanceof GrowthosError)) throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
  return `${thrown.code} ${thrown.parts.what}: ${thrown.parts.why}`;
}

describe("a model over the network", () => {
  it("fills in the form, and is sent the form, the key and nothing of this machine", async () => {
    process.env["ANTHROPIC_BASE_URL"] = "https://elsewhere.example";
    process.env["ANTHROPIC_CUSTOM_HEADERS"] = "x-secret: canary";
    process.env["ANTHROPIC_AUTH_TOKEN"] = "canary";
    const told = await openModel(contextOf(), "claude-test").fill(FORM);
    expect(told).toEqual({ input: { metrics: ["spend"] }, tokens: { input: 1000, output: 40 } });
    const request = server.arrived.at(-1);
    expect([request?.method, request?.url.pathname]).toEqual(["POST", "/v1/messages"]);
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual(
      ["accept", "accept-encoding", "anthropic-version", "connection", "content-length", "content-type", "host"].concat(
        ["user-agent", "x-api-key"],
      ),
    );
    expect(request?.headers["x-api-key"]).toBe(KEY);
    expect(JSON.parse(request?.body ?? "")).toEqual({
      model: "claude-test",
      max_tokens: 4096,
      system: "fill in the form",
      messages: [{ role: "user", content: "net revenue last week" }],
      tools: [{ name: "query", description: "a query", input_schema: { ...FORM.schema, type: "object" } }],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
  });

  it("leaves the form empty when it only talks", async () => {
    server.fail([{ kind: "answer", answer: { json: message([{ type: "text", text: "DROP TABLE" }]) } }]);
    expect(await openModel(contextOf(), "claude-test").fill(FORM)).toMatchObject({ input: undefined });
  });

  it.each([
    ["a wrong key", refusal(401, "authentication_error", "invalid x-api-key"), /^API_AUTH .*invalid x-api-key$/],
    [
      "too many requests",
      refusal(429, "rate_limit_error", "slow down", { "retry-after": "600" }),
      /^API_REFUSED .*HTTP 429, too many requests, again in 600 s$/,
    ],
    [
      "no such model",
      refusal(404, "not_found_error", "model: claude-test"),
      /^API_REFUSED .*HTTP 404, model: claude-test$/,
    ],
    ["another page", { text: "<html>Log in to the Wi-Fi</html>" }, /^MODEL_ANSWER the model's answer cannot be read/],
    ["JSON that is no message", { json: { ok: true } }, /^MODEL_ANSWER .*: it is no message$/],
    ["a cut form", { json: message([filled({})], { stop_reason: "max_tokens" }) }, /^MODEL_ANSWER .*cut after 40/],
    ["an endless body", { text: "x".repeat(1024 * 1024 + 1) }, /^ANSWER_TOO_LARGE .*larger than 1048576 bytes/],
    ["a redirect", { status: 307, headers: { location: "https://elsewhere.example" }, text: "" }, /^NETWORK_REFUSED/],
  ] as const)("asks once and tells of %s", async (_, answer, expected) => {
    const before = server.arrived.length;
    server.fail([{ kind: "answer", answer }]);
    expect(await failure()).toMatch(expected);
    expect(server.arrived.length - before).toBe(1);
  });

  it("asks twice where the failure may pass, and no third time", async () => {
    const broken = { kind: "answer", answer: refusal(500, "api_error", "Internal server error") } as const;
    const overloaded = { kind: "answer", answer: refusal(529, "overloaded_error", "Overloaded") } as const;
    const before = server.arrived.length;
    server.fail([broken]);
    expect(await openModel(contextOf(), "claude-test").fill(FORM)).toMatchObject({ input: { metrics: ["spend"] } });
    server.fail([broken, overloaded]);
    expect(await failure()).toMatch(/^API_BROKEN Anthropic answered HTTP 529 .*gave up after 2 tries$/);
    server.fail([
      { kind: "reset", when: "before" },
      { kind: "reset", when: "body" },
    ]);
    expect(await failure()).toMatch(/^API_BROKEN Anthropic could not be reached/);
    expect(server.arrived.length - before).toBe(6);
  });

  it("waits no longer than it is given", async () => {
    server.fail([{ kind: "silence" }]);
    expect(await failure({ ...MODEL_LIMITS, totalMs: 200 })).toBe(
      "MODEL_SLOW Anthropic took too long: no answer within 0.2 s",
    );
  });

  it("asks nobody without a key", async () => {
    const before = server.arrived.length;
    expect(await failure(MODEL_LIMITS, contextOf({}))).toMatch(/^SECRETS_MISSING .*ANTHROPIC_API_KEY$/);
    expect(server.arrived.length).toBe(before);
  });

  it("tells whether the key is taken and the model is there, without a question", async () => {
    const secrets = { apiKey: new Secret(KEY) };
    expect(await tryModel(contextOf(), "claude-test", secrets)).toMatchObject([{ ok: true, name: "model" }]);
    expect(server.arrived.at(-1)?.url.pathname).toBe("/v1/models/claude-test");
    server.fail([{ kind: "answer", answer: refusal(404, "not_found_error", "model: claude-test") }]);
    expect(await tryModel(contextOf(), "claude-test", secrets)).toMatchObject([{ ok: false }]);
  });
});
