import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import { runChild } from "./child-process.js";
import { shardOf, wordsOf } from "./commands/workspaces-run.js";
import { type Ended, inShard, memberResult, runFleet, worstExit } from "./fleet.js";

const ended = (more: Partial<Ended> = {}): Ended => ({
  code: 0,
  signal: null,
  stdout: "",
  stderr: "",
  elapsedMs: 5,
  ...more,
});
const failure = JSON.stringify({ error: { code: "API_AUTH", what: "refused" }, streams: 3 });

describe("many workspaces", () => {
  it("run so many at a time, in order, and one that fails stops none", async () => {
    let running = 0;
    let most = 0;
    const told: string[] = [];
    const results = await runFleet(["a", "b", "c", "d", "e"], {
      parallel: 2,
      signal: new AbortController().signal,
      launch: async (name) => {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, name === "a" ? 20 : 1));
        running--;
        if (name === "b") throw new Error("spawn EAGAIN");
        return ended(name === "c" ? { code: 3, stdout: failure } : {});
      },
      ended: ({ workspace }) => told.push(workspace),
    });
    expect(most).toBe(2);
    expect(told).toEqual(["b", "c", "d", "e", "a"]);
    expect(results.map(({ workspace, state, exitCode }) => [workspace, state, exitCode])).toEqual([
      ["a", "done", 0],
      ["b", "failed", 1],
      ["c", "failed", 3],
      ["d", "done", 0],
      ["e", "done", 0],
    ]);
    expect(results[2]).toMatchObject({ error: { code: "API_AUTH", what: "refused" }, answer: { streams: 3 } });
  });

  it("are not started any more once all are to stop", async () => {
    const stop = new AbortController();
    const results = await runFleet(["a", "b", "c"], {
      parallel: 1,
      signal: stop.signal,
      launch: async (name) => {
        if (name === "b") stop.abort();
        return ended(name === "b" ? { code: 130 } : {});
      },
      ended: () => {},
    });
    expect(results.map(({ state }) => state)).toEqual(["done", "interrupted", "not started"]);
    expect(worstExit(results.map(({ exitCode }) => exitCode))).toBe("interrupted");
  });

  it.each([
    [ended({ code: 2, stderr: "warning: x\nerror[USAGE]: unknown option\nhint: -" }), false, "failed", "USAGE"],
    [ended({ code: null, signal: "SIGKILL" }), false, "killed", "KILLED"],
    [ended({ code: null, signal: "SIGKILL" }), true, "interrupted", undefined],
    [ended({ code: 3, stdout: "{", stderr: "" }), false, "failed", undefined],
    // Ended by itself just as all were to stop.
    [ended({ code: 0 }), true, "done", undefined],
  ] as const)("are judged by how their process ended (%#)", (how, isStopping, state, code) => {
    const result = memberResult("a", how, isStopping);
    expect([result.state, result.error?.code]).toEqual([state, code]);
  });

  it("end with the worst exit of all", () => {
    expect(worstExit([])).toBe("ok");
    expect(worstExit([0, 5, 0])).toBe("alert");
    expect(worstExit([6, 3, 0])).toBe("source");
    expect(worstExit([3, 8, 7])).toBe("damaged");
    expect(worstExit([0, 77])).toBe("bug");
  });

  it("belong to one shard each, whatever others there are", () => {
    const names = Array.from({ length: 200 }, (_, index) => `client-${index}`);
    const shards = [1, 2, 3].map((index) => names.filter((name) => inShard(name, { index, count: 3 })));
    expect(shards.flat().sort()).toEqual([...names].sort());
    expect(Math.min(...shards.map(({ length }) => length))).toBeGreaterThan(50);
    // By hand: SHA-256 of "acme" begins with 822b33ad, and 2183869357 mod 3 = 1.
    expect([1, 2, 3].filter((index) => inShard("acme", { index, count: 3 }))).toEqual([2]);
  });

  it("are parted into shards that meet nowhere and together are all, in whatever order they are listed", () => {
    const lists = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { maxLength: 40 });
    const parted = (names: readonly string[], count: number) =>
      Array.from({ length: count }, (_, at) => names.filter((name) => inShard(name, { index: at + 1, count })).sort());
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 50 }), fc.infiniteStream(fc.nat()), (names, count, chance) => {
        const parts = parted(names, count);
        expect(parts.flat().sort()).toEqual([...names].sort());
        const shuffled = [...names].map((name) => [chance.next().value ?? 0, name] as const).sort(([a], [b]) => a - b);
        const again = parted(
          shuffled.map(([, name]) => name),
          count,
        );
        expect(again).toEqual(parts);
        // One more or one less moves no other.
        const fewer = parted(names.slice(1), count);
        expect(fewer).toEqual(parts.map((part) => part.filter((name) => name !== names[0])));
      }),
      { numRuns: 200 },
    );
  });
});

describe("what is run", () => {
  it("is split as a shell would", () => {
    expect(wordsOf(`report --page "wbr" --week '2026-W06'`)).toEqual(["report", "--page", "wbr", "--week", "2026-W06"]);
  });

  it.each(["", "serve", "workspaces run --all", "rm -rf", "run -w other", "run --config=x", "sync --key-fd 4"])(
    "is never %j",
    (text) => expect(() => wordsOf(text)).toThrow(expect.objectContaining({ code: "USAGE" })),
  );

  it.each(["0/3", "4/3", "1", "a/b", "1/0", "-1/2", "", "1/2/3", "one of three", "1.5/2", " 1/2", "1/99999"])(
    "refuses shard %j",
    (text) => expect(() => shardOf(text)).toThrow(expect.objectContaining({ code: "USAGE" })),
  );

  it("takes every part of a count, and none beyond", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: -3, max: 12_000 }), (count, index) => {
        const text = `${index}/${count}`;
        if (index >= 1 && index <= count) expect(shardOf(text)).toEqual({ index, count });
        else expect(() => shardOf(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
      }),
    );
  });
});

describe("a process of its own", () => {
  const script = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), "growthos-child-")), "child.mjs");
    writeFileSync(path, text);
    return path;
  };
  const child = (text: string, more: Partial<Parameters<typeof runChild>[0]> = {}) =>
    runChild(
      {
        script: script(text),
        args: [],
        env: { PATH: process.env["PATH"] },
        cwd: tmpdir(),
        signal: new AbortController().signal,
        key: null,
        ...more,
      },
      systemClock.elapsed,
    );

  it("gives its words, bounded, and finds the key where nobody else sees it", async () => {
    const text = `import { readFileSync } from "node:fs";
      const key = readFileSync(3, "utf8");
      const seen = JSON.stringify([process.env, process.argv]).includes(key);
      console.log(JSON.stringify({ length: key.length, seen }));
      console.error("x".repeat(100_000));
      process.exitCode = 4;`;
    const { code, stdout, stderr } = await child(text, { key: "k".repeat(64) });
    expect([code, JSON.parse(stdout), stderr.length]).toEqual([4, { length: 64, seen: false }, 16 * 1024]);
  });

  it("is asked to stop, and ended when it does not", async () => {
    const stop = new AbortController();
    const flag = join(mkdtempSync(join(tmpdir(), "growthos-child-")), "flag");
    const running = child(
      `import { writeFileSync } from "node:fs";
       process.on("SIGTERM", () => writeFileSync(process.argv[3], "asked"));
       writeFileSync(process.argv[2], "");
       setInterval(() => {}, 1000);`,
      { signal: stop.signal, args: [`${flag}.started`, flag] },
    );
    await expect.poll(() => isThere(`${flag}.started`), { timeout: 5000 }).toBe(true);
    stop.abort();
    expect(await running).toMatchObject({ code: null, signal: "SIGKILL" });
    expect(readFileSync(flag, "utf8")).toBe("asked");
  });
});

function isThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
