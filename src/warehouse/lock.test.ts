import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { codeOf, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { withLock } from "./lock.js";

afterAll(removeFolders);

const NOON = Date.parse("2026-02-09T12:00:00Z");
const options = (waitMs = 0, clock = fixedClock(NOON)) => ({ waitMs, clock, owner: "sync (run 7)" });

describe("withLock", () => {
  it("gives back what the action gives and frees the lock, also after a failure", async () => {
    const ws = await freshWorkspace();
    expect(await withLock(ws, "ingest", options(), async () => 1)).toBe(1);
    const failing = withLock(ws, "ingest", options(), async () => {
      throw new Error("inside");
    });
    await expect(failing).rejects.toThrow("inside");
    expect(await withLock(ws, "ingest", options(), async () => 2)).toBe(2);
  });

  it("refuses a second holder, tells who holds it and for how long, and leaves things as they are", async () => {
    const ws = await freshWorkspace();
    await withLock(ws, "build", options(), async () => {
      const later = options(0, fixedClock(NOON + 4 * 60_000));
      const error = await withLock(ws, "build", later, async () => {}).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GrowthosError);
      expect(error).toMatchObject({ code: "LOCKED", exitCode: 6 });
      expect((error as GrowthosError).parts.why).toContain('held by "sync (run 7)" for 4 min');
    });
  });

  it("waits as long as it was told, not longer", async () => {
    const ws = await freshWorkspace();
    await withLock(ws, "build", options(), async () => {
      const clock = fixedClock(NOON);
      expect(await codeOf(() => withLock(ws, "build", options(1000, clock), async () => {}))).toBe("LOCKED");
      expect(clock.elapsed()).toBe(1000);
    });
  });

  it("is taken by the next one as soon as it is free", async () => {
    const ws = await freshWorkspace();
    let free = () => {};
    const holding = withLock(
      ws,
      "spool",
      options(),
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    while (!ws.files.list(ws.at("locks")).includes("spool.owner.json"))
      await new Promise((resolve) => setTimeout(resolve, 2));
    const clock = {
      ...fixedClock(NOON),
      sleep: async () => {
        free();
        await holding;
      },
    };
    expect(await withLock(ws, "spool", options(1000, clock as never), async () => "mine")).toBe("mine");
  });

  it("keeps the three locks apart", async () => {
    const ws = await freshWorkspace();
    const nested = () => withLock(ws, "ingest", options(), () => withLock(ws, "build", options(), async () => "both"));
    expect(await nested()).toBe("both");
  });

  it("P08 takes nothing over because of what the owner file says, and survives nonsense in it", async () => {
    const ws = await freshWorkspace();
    for (const text of ['{"owner":"dead, pid 1","since":"1970-01-01T00:00:00.000Z"}\n', "nonsense", ""]) {
      writeFileSync(ws.at("locks", "ingest.owner.json"), text);
      expect(await withLock(ws, "ingest", options(), async () => "free")).toBe("free");
      await withLock(ws, "ingest", options(), async () => {
        writeFileSync(ws.at("locks", "ingest.owner.json"), text);
        expect(await codeOf(() => withLock(ws, "ingest", options(), async () => {}))).toBe("LOCKED");
      });
    }
  });
});
