import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { type DoubleServer, startServer } from "../testing/doubles/server.js";
import { clickhouse } from "./clickhouse.js";
import { undiciTransport } from "./undici.js";

const PASSWORD = "CANARY-clickhouse";
const transport = undiciTransport({ allowLoopback: true, totalMs: 2_000, idleMs: 400, headersMs: 400 });
let server: DoubleServer;
beforeAll(async () => {
  server = await startServer(() => ({ text: "rows" }));
});
afterEach(() => {
  server.mend();
  (server.arrived as unknown[]).splice(0);
});
afterAll(async () => {
  await transport.close();
  await server.close();
});

const open = (endpoint = server.origin) =>
  clickhouse({ endpoint, user: "growth", password: new Secret(PASSWORD), transport, clock: fixedClock(0) });
const partsOf = async (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail("no error"),
    (thrown: GrowthosError) => thrown.parts,
  );
const refused = (code: string, text: string, status = 500) =>
  ({ kind: "answer", answer: { status, headers: { "x-clickhouse-exception-code": code }, text } }) as const;

describe("a statement", () => {
  it("goes in the body, with who asks in the headers and settings in the address", async () => {
    const settings = { join_use_nulls: "1" };
    expect(await open().run({ sql: "select 'ä'", database: "shop", settings })).toBe("rows");
    const [{ method, url, headers, body } = expect.fail()] = server.arrived;
    expect([method, body, headers["x-clickhouse-user"], headers["x-clickhouse-key"]]).toEqual([
      "POST",
      "select 'ä'",
      "growth",
      PASSWORD,
    ]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      database: "shop",
      wait_end_of_query: "1",
      join_use_nulls: "1",
    });
  });

  it("goes in the address when bytes stand behind it", async () => {
    const bytes = Uint8Array.of(80, 65, 82, 49, 0, 255);
    await open().insert({ sql: "insert into t format Parquet" }, () => [bytes.subarray(0, 2), bytes.subarray(2)]);
    const [arrived] = server.arrived;
    expect(arrived?.url.searchParams.get("query")).toBe("insert into t format Parquet");
    expect(arrived?.bytes).toEqual(Buffer.from(bytes));
  });

  it("is asked again after a failure that may pass, an answer from its beginning", async () => {
    server.fail([
      { kind: "answer", answer: { status: 503, text: "away" } },
      { kind: "reset", when: "before" },
    ]);
    expect(await open().run({ sql: "select 1" })).toBe("rows");
    server.fail([{ kind: "short" }]);
    const got: string[] = [];
    await open().download({ sql: "select 1" }, () => {
      got.length = 0;
      return (chunk) => void got.push(Buffer.from(chunk).toString());
    });
    expect(got.join("")).toBe("rows");
    expect(server.arrived).toHaveLength(5);
  });

  it("is not asked again when it adds rows", async () => {
    server.fail([{ kind: "reset", when: "headers" }]);
    const parts = await partsOf(open().insert({ sql: "insert into t select 1" }));
    expect(parts).toMatchObject({ code: "ENGINE_UNREACHABLE", exit: "source" });
    expect(parts.why).toMatch(/gave up after 1 try$/);
    expect(server.arrived).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it.each([
    [
      refused(
        "47",
        "Code: 47. DB::Exception: Unknown expression identifier `x` in scope SELECT x FROM t: In scope SELECT x FROM t. (UNKNOWN_IDENTIFIER) (version 26.7.2.1)",
      ),
      { code: "ENGINE_FAILED", exit: "source" },
      "Code: 47. DB::Exception: Unknown expression identifier `x` in scope SELECT x FROM t",
      "--engine duckdb",
    ],
    [
      refused(
        "516",
        `Code: 516. DB::Exception: growth: Authentication failed: ${PASSWORD}. (AUTHENTICATION_FAILED)`,
        403,
      ),
      { code: "ENGINE_REFUSED", exit: "auth" },
      "Authentication failed: [redacted]",
      "CLICKHOUSE_PASSWORD",
    ],
    [
      refused("497", "Code: 497. DB::Exception: growth: Not enough privileges. (ACCESS_DENIED) (version 26.7.2.1)"),
      { code: "ENGINE_REFUSED", exit: "auth" },
      "Not enough privileges",
      "create and drop databases",
    ],
    [
      refused("241", "Code: 241. DB::Exception: Memory limit exceeded: would use 10 GiB: While processing x"),
      { code: "ENGINE_FAILED", exit: "source" },
      "would use 10 GiB",
      "max_memory_usage",
    ],
    [
      { kind: "answer", answer: { status: 404, text: "" } } as const,
      { code: "ENGINE_FAILED", exit: "source" },
      "HTTP 404",
      "--engine duckdb",
    ],
  ])("%o", async (fault, expected, why, hint) => {
    server.fail([fault]);
    const parts = await partsOf(open().run({ sql: "select x from t" }));
    expect(parts).toMatchObject({ ...expected, state: "the previous build stays" });
    expect(parts.why).toContain(why);
    expect(parts.why).not.toContain("version");
    expect(parts.hint).toContain(hint);
    expect(JSON.stringify(parts)).not.toContain(PASSWORD);
    expect(server.arrived).toHaveLength(1);
  });

  it("says when nobody answers", async () => {
    const parts = await partsOf(open("http://127.0.0.1:1").run({ sql: "select 1" }));
    expect(parts).toMatchObject({ code: "ENGINE_UNREACHABLE", exit: "source" });
    expect(parts.what).toBe("ClickHouse at 127.0.0.1:1 does not answer");
    expect(parts.why).toMatch(/ECONNREFUSED.*gave up after 4 tries$/);
  });
});
