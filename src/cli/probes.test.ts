import { afterEach, describe, expect, it } from "vitest";
import { GrowthosError } from "../base/errors.js";
import { Secret } from "../base/secret.js";
import { type Check, runChecks } from "./probes.js";

// What checks of any protocol have in common; the questions of each vendor are in doctor-connections.test.ts.

const stop = new AbortController();
const effects = { secrets: [new Secret("s3cret")], signal: stop.signal };
const good = (name: string, next: readonly Check[] = []): Check => ({
  name,
  look: async () => ({ ok: true, message: `${name} is there`, next }),
});
const throwing = (name: string, thrown: unknown): Check => ({ name, look: () => Promise.reject(thrown) });
const problem = (code: string, what = "no") => new GrowthosError({ code, what, hint: "do this", exit: "source" });
const never: Check = {
  name: "slow",
  look: (signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
};

afterEach(() => effects.secrets.splice(1));

describe("checks", () => {
  it("go on after one that failed, in order, with what follows from an answer in its place", async () => {
    const results = await runChecks(effects, [
      good("a", [good("a1"), throwing("a2", problem("API_AUTH", "not yours"))]),
      { name: "silent", look: async () => null },
      good("b"),
    ]);
    expect(results).toEqual([
      { name: "a", ok: true, message: "a is there" },
      { name: "a1", ok: true, message: "a1 is there" },
      { name: "a2", ok: false, message: "not yours", fix: "do this" },
      { name: "b", ok: true, message: "b is there" },
    ]);
  });

  it("stop where the others would fail alike, and tell the same failure once", async () => {
    for (const code of ["API_BROKEN", "NETWORK", "API_THROTTLED", "CLOCK_SKEW"]) {
      const results = await runChecks(effects, [throwing("a", problem(code)), good("b")]);
      expect(results.map(({ name, ok }) => [name, ok])).toEqual([["a", false]]);
    }
    const same = [throwing("a", problem("API_AUTH")), throwing("b", problem("API_AUTH")), good("c")];
    expect((await runChecks(effects, same)).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  it("say what to do about a vendor that answers otherwise than about one that cannot be reached", async () => {
    const [down] = await runChecks(effects, [throwing("a", problem("API_BROKEN"))], { isReached: () => true });
    const [gone] = await runChecks(effects, [throwing("a", problem("API_BROKEN"))], { isReached: () => false });
    expect([down?.fix, gone?.fix]).toEqual([
      "the failure is at the vendor's side: look at its status page, and try again later",
      "check the network of this machine (cable, DNS, VPN, proxy, firewall), then try again",
    ]);
  });

  it("end when the time is up", async () => {
    const results = await runChecks(effects, [good("a"), never, good("b")], { budgetMs: 20 });
    expect(results.map(({ name, ok, message }) => [name, ok, message])).toEqual([
      ["a", true, "a is there"],
      ["slow", false, "no answer within 0.02 s"],
    ]);
  });

  it("end with the command", async () => {
    const interrupted = new AbortController();
    const running = runChecks({ ...effects, signal: interrupted.signal }, [never]);
    interrupted.abort(new Error("interrupted"));
    await expect(running).rejects.toThrow("interrupted");
  });

  it("repeat no secret, and hide no bug", async () => {
    const [told] = await runChecks(effects, [throwing("a", problem("API_AUTH", "the token s3cret is bad"))]);
    expect(told?.message).toBe("the token [redacted] is bad");
    await expect(runChecks(effects, [throwing("a", new TypeError("ours"))])).rejects.toThrow("ours");
  });

  it("end after two hundred", async () => {
    const endless: Check = { name: "again", look: async () => ({ ok: true, message: "again", next: [endless] }) };
    expect(await runChecks(effects, [endless])).toHaveLength(200);
  });
});
