import { describe, expect, it } from "vitest";
import type { Config } from "../config/types.js";
import { streamMemoryMb } from "../sync/source.js";
import type { CommandContext, Effects } from "./command.js";
import { parallelFor } from "./commands/workspaces-run.js";
import { databaseMemory } from "./database-memory.js";
import { checkMemory } from "./doctor-memory.js";

const limited = (memoryMb: number | undefined) => (memoryMb === undefined ? {} : { limits: { memoryMb } });

describe("memory for DuckDB", () => {
  // What this process may use, processes that share the key, the key -> what DuckDB gets, and because of what.
  it.each([
    [24_000, 1, undefined, 8192, "machine"],
    [6144, 1, undefined, 3072, "machine"],
    [512, 1, undefined, 1024, "machine"],
    [24_000, 1, 2048, 1365, "config"],
    [24_000, 1, 10_500, 7000, "config"],
    [24_000, 1, 15_000, 10_000, "config"],
    [6144, 1, 8192, 3072, "machine"],
    [512, 1, 768, 512, "config"],
    [12_000, 2, 2048, 682, "config"],
    [3000, 2, 8192, 1500, "machine"],
  ] as const)("of %i MB, in %i processes, limit %s: %i by the %s", (memoryMb, processes, limit, mb, by) =>
    expect(databaseMemory({ memoryMb, processes }, limited(limit))).toEqual({ mb, by }),
  );

  it("is shared by the streams that are read at once", () => {
    expect([undefined, 8192, 2048, 512].map((limit) => streamMemoryMb(limit, 6))).toEqual([512, 512, 341, 256]);
  });

  it.each([
    [
      2048,
      "ok",
      "DuckDB takes up to 1,365 MB (two thirds of limits.memoryMb; 6,000 MB found); what does not fit is spilled",
    ],
    [undefined, "ok", "DuckDB takes up to 3,000 MB (6,000 MB found); what does not fit is spilled"],
    [
      4800,
      "warn",
      "DuckDB takes up to 3,000 MB, half of the 6,000 MB found, not two thirds of limits.memoryMb 4,800; what does",
    ],
  ])("is told by the doctor with limit %s", (limit, status, message) => {
    const effects = { memoryMb: 6000, processes: 1, files: { free: () => 7.5e9 } } as unknown as Effects;
    const finding = checkMemory(effects, { name: "eu", ...limited(limit) }, "/srv/shop");
    expect(finding).toMatchObject({ check: "eu: memory", status, message: expect.stringContaining(message) });
    expect(finding.message).toContain("below workspaces/eu (7.5 GB free)");
    // What the fix says is not warned of.
    if (status === "warn") expect(finding.fix).toContain("set limits.memoryMb to 4500 or less");
  });
});

describe("processes at a time", () => {
  it.each([
    [24_000, undefined, 4, 4, 0],
    [4000, undefined, 4, 2, 1],
    [24_000, 2304, 4, 3, 1],
    [24_000, 768, 2, 1, 1],
    [24_000, 768, 1, 1, 0],
  ])("of %i MB with limit %s, %i wanted: %i", (memoryMb, limit, wanted, parallel, warnings) => {
    const said: string[] = [];
    const context = { effects: { memoryMb }, output: { warn: (text: string) => said.push(text) } };
    const names = ["a", "b", "c", "d"];
    const workspaces = [
      ...names.map((name) => ({ name, ...limited(limit) })),
      { name: "not asked for", ...limited(768) },
    ];
    const config = { workspaces } as unknown as Config;
    expect(parallelFor(context as unknown as CommandContext, config, { wanted, names })).toBe(parallel);
    expect(said).toHaveLength(warnings);
  });
});
