import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import type { Config } from "../config/types.js";
import type { Effects, GlobalFlags, Output } from "./command.js";
import { createContext } from "./context.js";

function contextAt(clock: ReturnType<typeof fixedClock>, timeZone: string) {
  const shop = { name: "main", shop: { name: "S", currency: "USD", timeZone }, asOf: null };
  return createContext({
    effects: { clock } as unknown as Effects,
    flags: {} as GlobalFlags,
    output: {} as Output,
    packageFolder: "",
    version: "0",
    config: async () => ({ projectRoot: "", workspaces: [shop] }) as unknown as Config,
  });
}

describe("the day that an answer is for", () => {
  it("is today in the shop's time zone, not the machine's", async () => {
    const clock = fixedClock(Date.parse("2026-02-09T03:00:00Z"));
    expect(await contextAt(clock, "America/New_York").asOf()).toBe("2026-02-08");
    expect(await contextAt(clock, "Asia/Tokyo").asOf()).toBe("2026-02-09");
  });

  it("C04 stays what it was when the run began, also over midnight", async () => {
    const clock = fixedClock(Date.parse("2026-02-08T23:59:59Z"));
    const context = contextAt(clock, "UTC");
    expect(await context.asOf()).toBe("2026-02-08");
    clock.advance(60_000);
    expect(await context.asOf()).toBe("2026-02-08");
    expect(await contextAt(clock, "UTC").asOf()).toBe("2026-02-09");
  });
});
