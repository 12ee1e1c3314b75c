import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { codeOf, freshWorkspace, publishNumber, removeFolders } from "../testing/workspace.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { servePgMarts } from "./serve-pg.js";

afterAll(removeFolders);

interface Given {
  readonly ws: Workspace;
  readonly password?: string;
  readonly quiet?: boolean;
  readonly signal?: AbortSignal;
  readonly note?: (line: string) => void;
}

function context({ ws, password, quiet = false, signal, note = () => {} }: Given): CommandContext {
  return {
    workspace: async () => ws,
    env: async () => (password === undefined ? {} : { GROWTHOS_PG_PASSWORD: password }),
    workspaceConfig: async () => ({}),
    flags: { quiet },
    version: "1.2.3",
    output: { note },
    effects: {
      clock: systemClock,
      random: systemRandom,
      memoryMb: 1_024,
      processes: 1,
      secrets: [],
      signal: signal ?? AbortSignal.abort(),
    },
  } as unknown as CommandContext;
}

describe("growthos serve --pg", () => {
  it("demands a build, and a password that somebody knows and nobody guesses", async () => {
    const ws = await freshWorkspace();
    expect(await codeOf(() => servePgMarts(context({ ws }), 0))).toBe("NO_BUILD");
    await publishNumber(ws, 1);
    expect(await codeOf(() => servePgMarts(context({ ws, password: "elevensigns" }), 0))).toBe("PASSWORD_WEAK");
    expect(await codeOf(() => servePgMarts(context({ ws, quiet: true }), 0))).toBe("USAGE");
  });

  it("shows the password that it made up, and gives each new connection the newest build", async () => {
    const ws = await freshWorkspace();
    await publishNumber(ws, 1);
    const stop = new AbortController();
    const told: string[] = [];
    const heard = new Promise<void>((resolve) => {
      const note = (line: string) => {
        told.push(line);
        if (told.length === 2) resolve();
      };
      ended = servePgMarts(context({ ws, signal: stop.signal, note }), 0);
    });
    await heard;
    const [, port = "", password = ""] = /:(\d+)\/shop .*password: ([0-9a-f]{32})$/.exec(told.join(" ")) ?? [];
    const read = async () => {
      const db = new pg.Client({ host: "127.0.0.1", port: Number(port), user: "any", password, database: "shop" });
      await db.connect();
      try {
        return (await db.query("select value from numbers")).rows;
      } finally {
        await db.end();
      }
    };
    expect(await read()).toEqual([{ value: 1 }]);
    await publishNumber(ws, 2);
    expect(await read()).toEqual([{ value: 2 }]);
    stop.abort();
    expect(await ended).toMatchObject({ exit: "ok", text: `postgresql://growthos@127.0.0.1:${port}/shop` });
  });
});

let ended: ReturnType<typeof servePgMarts>;
