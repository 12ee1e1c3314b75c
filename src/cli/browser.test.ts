import { describe, expect, it } from "vitest";
import { openerOf, showToPerson } from "./browser.js";
import type { CommandContext } from "./command.js";

/** What was started and what was said, at a terminal of a system. */
async function shown(where: { platform: string; input?: boolean; ci?: string; fails?: boolean }) {
  const started: (readonly string[])[] = [];
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const context = {
    effects: { machine: { platform: where.platform, user: null }, env: { CI: where.ci } },
    flags: { input: where.input ?? true },
    output: { note: say, warn: say },
  } as unknown as CommandContext;
  await showToPerson(context, "/tmp/a b&c.html", async (program, args) => {
    if (where.fails) throw new Error("ENOENT");
    started.push([program, ...args]);
  });
  return { started, said };
}

describe("the person's browser", () => {
  it("is asked through the system's opener, with the path as one argument", async () => {
    for (const platform of ["darwin", "win32", "linux"]) {
      const { started, said } = await shown({ platform });
      expect(started).toEqual([[...(openerOf(platform) ?? []), "/tmp/a b&c.html"]]);
      expect(said).toEqual([]);
    }
  });

  it("is left alone where nobody is: CI, no terminal, a system without one", async () => {
    for (const where of [{ platform: "linux", ci: "true" }, { platform: "linux", input: false }, { platform: "aix" }]) {
      const { started, said } = await shown(where);
      expect(started).toEqual([]);
      expect(said.join()).toContain("/tmp/a b&c.html");
    }
  });

  it("that cannot be started fails nothing", async () => {
    const { said } = await shown({ platform: "linux", fails: true });
    expect(said.join()).toMatch(/xdg-open could not open .*ENOENT/);
  });
});
