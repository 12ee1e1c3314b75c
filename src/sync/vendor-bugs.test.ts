import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { FAULT_MODES, faultyFiles } from "../testing/faults/faulty-files.js";
import { type PlainRow, plainSource } from "../testing/plain-source.js";
import { standingRows, syncOptions } from "../testing/sync-bench.js";
import { freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { diskFiles } from "../warehouse/disk.js";
import { openWorkspace } from "../warehouse/layout.js";
import { readLog, readState } from "../warehouse/log.js";
import { runSync } from "./run.js";

afterAll(removeFolders);

// What other loaders got wrong, by the number that it has in our list; the rest of the list is tested beside the connectors.

const person = (id: string, updated_at: string): PlainRow => ({ id, updated_at });

describe("bugs of other loaders", () => {
  it("B-02 committing one stream acknowledges no other: an end between the two leaves the second where it was", async () => {
    const root = freshFolder();
    await freshWorkspace(root);
    const source = () =>
      plainSource("crm", {
        streams: {
          people: { sync: { kind: "cursor", overlapMinutes: 10 } },
          shops: { sync: { kind: "cursor", overlapMinutes: 10 } },
        },
        rows: {
          people: [person("1", "2026-02-08T10:00:00Z")],
          shops: [person("7", "2026-02-08T11:00:00Z"), person("8", "2026-02-08T12:00:00Z")],
        },
        since: isoDate("2026-02-07"),
      });
    const opened = (files = diskFiles) => openWorkspace({ projectRoot: root, name: "shop", files });
    // The process ends right after the first commit was put into place, whichever stream's that is: they are read side by side.
    const fault = { at: 0, mode: "before" as const };
    const link = (existing: string, target: string) => {
      diskFiles.link(existing, target);
      if (fault.at === 0 && target.includes("/log/")) fault.at = dying.calls.length + 1;
    };
    const dying = faultyFiles({ ...diskFiles, link }, fault);
    await runSync(syncOptions(opened(dying.files), [source()])).catch(() => null);
    expect(dying.dead()).toBe(true);
    const moved = () => Object.keys(readState(opened()).cursors).filter((name) => name.startsWith("crm."));
    expect(moved()).toHaveLength(1);
    await runSync(syncOptions(opened(), [source()]));
    expect(moved().sort()).toEqual(["crm.people", "crm.shops"]);
    expect(await standingRows(opened(), "crm", "people")).toHaveLength(1);
    expect(await standingRows(opened(), "crm", "shops")).toHaveLength(2);
  });

  it("B-12 a load that fails at any step leaves what was there: nothing is deleted before the new rows are in", async () => {
    const days = (spend: string): readonly PlainRow[] => [
      { id: "a", day: "2026-02-08", spend },
      { id: "b", day: "2026-02-08", spend },
    ];
    const source = (spend: string) =>
      plainSource("ads", {
        streams: {
          days: { sync: { kind: "window", lookbackDays: 1, chunkDays: 1 } },
          lists: { sync: { kind: "full" } },
        },
        rows: { days: days(spend), lists: days(spend) },
        since: isoDate("2026-02-08"),
      });
    const spends = async (root: string, stream: string) => {
      const ws = openWorkspace({ projectRoot: root, name: "shop", files: diskFiles });
      return (await standingRows(ws, "ads", stream)).map((row) => JSON.parse(String(row["payload"])).spend);
    };
    const run = (root: string, spend: string, files = diskFiles) =>
      runSync(
        syncOptions(openWorkspace({ projectRoot: root, name: "shop", files }), [source(spend)], {
          clock: fixedClock(Date.parse("2026-02-09T06:00:00Z")),
        }),
      ).catch(() => null);
    const start = async () => {
      const root = freshFolder();
      await freshWorkspace(root);
      await run(root, "1");
      return root;
    };
    const root = await start();
    const probe = faultyFiles(diskFiles, { at: 0, mode: "before" });
    await run(root, "2", probe.files);
    expect(await spends(root, "days")).toEqual(["2", "2"]);
    const steps = probe.calls.length;
    expect(steps).toBeGreaterThan(20);
    // A stride that meets every kind of call; the whole sweep over the protocol is in testing/faults.
    for (let at = 1; at <= steps; at += 7) {
      const mode = FAULT_MODES[at % (FAULT_MODES.length - 1)] ?? "before";
      const other = await start();
      const faulty = faultyFiles(diskFiles, { at, mode });
      await run(other, "2", faulty.files);
      for (const stream of ["days", "lists"])
        expect([
          ["1", "1"],
          ["2", "2"],
        ]).toContainEqual(await spends(other, stream));
      await run(other, "2");
      for (const stream of ["days", "lists"]) expect(await spends(other, stream)).toEqual(["2", "2"]);
    }
  });

  it("B-20 a stream that is added later is read whole once, and from its own cursor on afterwards", async () => {
    const ws = await freshWorkspace();
    const cursor = { sync: { kind: "cursor", overlapMinutes: 10 } } as const;
    const rows = {
      people: [person("1", "2026-02-08T10:00:00Z")],
      shops: [person("7", "2026-02-07T11:00:00Z"), person("8", "2026-02-08T12:00:00Z")],
    };
    const of = (streams: Parameters<typeof plainSource>[1]["streams"]) =>
      plainSource("crm", { streams, rows, since: isoDate("2026-02-07") });
    await runSync(syncOptions(ws, [of({ people: cursor })]));
    const firsts = async (at: string) => {
      const crm = of({ people: cursor, shops: cursor });
      await runSync(syncOptions(ws, [crm], { clock: fixedClock(Date.parse(at)) }));
      return crm.asked.filter(({ url }) => url.includes("/shops?")).map(({ url }) => /from=([^&]+)/.exec(url)?.[1]);
    };
    expect((await firsts("2026-02-09T07:00:00Z")).at(-1)).toBe("2026-02-06T00:00:00.000Z");
    expect(await firsts("2026-02-09T08:00:00Z")).toEqual(["2026-02-09T06:50:00.000Z"]);
    expect(await standingRows(ws, "crm", "shops")).toHaveLength(2);
  });

  it("B-22 a first row without values decides nothing about the rows behind it", async () => {
    const ws = await freshWorkspace();
    const crm = plainSource("crm", {
      streams: { people: { sync: { kind: "full" } } },
      rows: {
        people: [
          { id: "1", name: null, age: null },
          { id: "2", name: "Max", age: 9_007_199_254_740_991 },
        ],
      },
    });
    await runSync(syncOptions(ws, [crm]));
    const payloads = (await standingRows(ws, "crm", "people")).map((row) => JSON.parse(String(row["payload"])));
    expect(payloads).toEqual([
      { id: "1", name: null, age: null },
      { id: "2", name: "Max", age: 9_007_199_254_740_991 },
    ]);
  });

  it("B-11 a source that is empty for once empties nothing that it did not answer for", async () => {
    const ws = await freshWorkspace();
    let rows: readonly PlainRow[] = [person("1", "2026-02-08T10:00:00Z")];
    const crm = plainSource("crm", {
      streams: { people: { sync: { kind: "cursor", overlapMinutes: 10 } } },
      rows: () => ({ people: rows }),
      since: isoDate("2026-02-07"),
    });
    await runSync(syncOptions(ws, [crm]));
    rows = [];
    await runSync(syncOptions(ws, [crm], { clock: fixedClock(Date.parse("2026-02-10T06:00:00Z")) }));
    expect(await standingRows(ws, "crm", "people")).toHaveLength(1);
    expect(readLog(ws).flatMap(({ removed }) => removed)).toEqual([]);
  });
});
