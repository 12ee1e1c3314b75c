import { describe, expect, it } from "vitest";
import type { GrowthosError } from "../base/errors.js";
import type { Secret } from "../base/secret.js";
import type { EngineConfig, WorkspaceConfig } from "../config/types.js";
import type { CommandContext } from "./command.js";
import { chosenEngine } from "./engine.js";

const MOTHERDUCK: EngineConfig = { use: "motherduck", motherduck: { database: "shop", host: "127.0.0.1", port: 1 } };

const CLICKHOUSE: EngineConfig = {
  ...MOTHERDUCK,
  clickhouse: { url: "https://ch.example:8443", database: "shop", user: "growth", cluster: null },
};

function choose(name: string | undefined, engine?: EngineConfig, env: Readonly<Record<string, string>> = {}) {
  const secrets: Secret[] = [];
  const effects = { secrets, files: {}, memoryMb: 2048, processes: 1, transport: async () => ({}) };
  const context = { effects, env: async () => env } as unknown as CommandContext;
  const own = (engine === undefined ? {} : { engine }) as WorkspaceConfig;
  return chosenEngine(context, own, name).then(
    (chosen) => ({ id: chosen?.id ?? "duckdb", place: chosen?.place, secrets: secrets.length }),
    (thrown: GrowthosError) => thrown.parts.code,
  );
}

describe("the engine of a build", () => {
  const token = { MOTHERDUCK_TOKEN: "CANARY-token" };
  it.each([
    ["nothing said", undefined, undefined, {}, { id: "duckdb", secrets: 0 }],
    [
      "the config's",
      undefined,
      MOTHERDUCK,
      token,
      { id: "motherduck", place: "MotherDuck at 127.0.0.1:1, shop", secrets: 1 },
    ],
    ["another this time", "duckdb", MOTHERDUCK, {}, { id: "duckdb", secrets: 0 }],
    [
      "one that is there",
      "motherduck",
      { ...MOTHERDUCK, use: "duckdb" as const },
      token,
      { id: "motherduck", place: "MotherDuck at 127.0.0.1:1, shop", secrets: 1 },
    ],
    ["one that the config does not know", "motherduck", undefined, token, "ENGINE_NOT_CONFIGURED"],
    ["no token", undefined, MOTHERDUCK, {}, "ENGINE_CREDENTIALS"],
    ["an empty token", undefined, MOTHERDUCK, { MOTHERDUCK_TOKEN: "" }, "ENGINE_CREDENTIALS"],
    [
      "ClickHouse",
      "clickhouse",
      CLICKHOUSE,
      { CLICKHOUSE_PASSWORD: "CANARY-password" },
      { id: "clickhouse", place: "ClickHouse at ch.example:8443, shop", secrets: 1 },
    ],
    ["ClickHouse without an address", "clickhouse", MOTHERDUCK, {}, "ENGINE_NOT_CONFIGURED"],
    ["ClickHouse without a password", "clickhouse", CLICKHOUSE, token, "ENGINE_CREDENTIALS"],
    ["no engine at all", "mysql", MOTHERDUCK, token, "USAGE"],
  ])("%s", async (_, name, engine, env, expected) => {
    expect(await choose(name, engine, env)).toEqual(expected);
  });
});
