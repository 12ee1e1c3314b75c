import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemRandom } from "../base/ids.js";
import { faultyFiles, SimulatedCrash } from "../testing/faults/faulty-files.js";
import { codeOf, freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { backup, restore } from "./backup.js";
import { ALERTS_JOURNAL, appendJournal, entryName, readJournal } from "./journal.js";
import type { Workspace } from "./types.js";

afterAll(removeFolders);

const AT = "2026-02-09T06:00:00.000Z";
const append = (ws: Workspace, ...events: readonly unknown[]) =>
  appendJournal(ws, ALERTS_JOURNAL, { at: AT, events, after: readJournal(ws, ALERTS_JOURNAL).at(-1) });
const eventsOf = (ws: Workspace) => readJournal(ws, ALERTS_JOURNAL).flatMap(({ events }) => events);

describe("a journal", () => {
  it("is empty before the first entry, and gives events back in order", async () => {
    const ws = await freshWorkspace();
    expect(readJournal(ws, ALERTS_JOURNAL)).toEqual([]);
    await append(ws, "a", { b: 1 });
    await append(ws, "c");
    expect(eventsOf(ws)).toEqual(["a", { b: 1 }, "c"]);
  });

  it("notices a changed, a missing and a foreign entry", async () => {
    const ws = await freshWorkspace();
    for (const event of ["a", "b", "c"]) await append(ws, event);
    const path = (seq: number) => ws.at(ALERTS_JOURNAL, entryName(seq));
    const [second, third] = [ws.files.readText(path(2)), ws.files.readText(path(3))];
    const read = () => codeOf(() => readJournal(ws, ALERTS_JOURNAL));
    ws.files.write(path(2), second.replace('"b"', '"x"'));
    expect(await read()).toBe("JOURNAL_DAMAGED");
    ws.files.remove(path(2));
    expect(await read()).toBe("JOURNAL_DAMAGED");
    ws.files.write(path(2), third);
    expect(await read()).toBe("JOURNAL_DAMAGED");
    ws.files.write(path(2), second);
    expect(await read()).toBe("none");
  });

  it("notices an entry that follows from another one", async () => {
    const [ws, other] = [await freshWorkspace(), await freshWorkspace()];
    await append(ws, "a");
    await append(other, "x");
    await append(other, "y");
    ws.files.write(ws.at(ALERTS_JOURNAL, entryName(2)), other.files.readText(other.at(ALERTS_JOURNAL, entryName(2))));
    expect(await codeOf(() => readJournal(ws, ALERTS_JOURNAL))).toBe("JOURNAL_DAMAGED");
  });

  it("refuses an entry after a state that is not the newest, and leaves the newest alone", async () => {
    const ws = await freshWorkspace();
    const first = await append(ws, "a");
    await append(ws, "b");
    const late = () => appendJournal(ws, ALERTS_JOURNAL, { at: AT, events: ["late"], after: first });
    expect(await codeOf(late)).toBe("JOURNAL_CONFLICT");
    expect(eventsOf(ws)).toEqual(["a", "b"]);
  });

  it("holds an entry whole or not at all, wherever a crash strikes", async () => {
    const counting = await freshWorkspace();
    await append(counting, "a");
    const counted = faultyFiles(counting.files, { at: 0, mode: "before" });
    await append({ ...counting, files: counted.files }, "b");
    for (let at = 1; at <= counted.calls.length; at++) {
      for (const mode of ["before", "torn", "after"] as const) {
        const ws = await freshWorkspace();
        await append(ws, "a");
        const { files } = faultyFiles(ws.files, { at, mode });
        await expect(append({ ...ws, files }, "b")).rejects.toThrow(SimulatedCrash);
        const isThere = eventsOf(ws).length === 2;
        expect(eventsOf(ws)).toEqual(isThere ? ["a", "b"] : ["a"]);
        await append(ws, "c");
        expect(eventsOf(ws)).toEqual([...(isThere ? ["a", "b"] : ["a"]), "c"]);
      }
    }
  });

  it("comes back with a backup", async () => {
    const ws = await freshWorkspace();
    await append(ws, "a");
    const from = join(freshFolder(), "backup");
    backup(ws, { destination: from, includeSalt: true });
    await append(ws, "b");
    const place = { projectRoot: freshFolder(), name: ws.name, files: ws.files, random: systemRandom };
    const { workspace } = await restore({ ...place, from, replace: false });
    expect(eventsOf(workspace)).toEqual(["a"]);
  });
});
