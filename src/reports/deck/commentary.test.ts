import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { PLAIN_CALENDAR } from "../../metrics/fiscal.js";
import { diskFiles } from "../../warehouse/disk.js";
import { readCommentary } from "./commentary.js";

const root = mkdtempSync(join(tmpdir(), "growthos-commentary-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (folder = "commentary") =>
  readCommentary({
    files: diskFiles,
    projectRoot: root,
    folder,
    week: { from: isoDate("2026-02-02"), to: isoDate("2026-02-08") },
    calendar: PLAIN_CALENDAR,
    metrics: ["net_revenue", "orders"],
  });

describe("comments on disk", () => {
  it("are none without a folder", () => {
    expect(read("nothing")).toEqual({ folder: "nothing", now: {}, before: {}, weekBefore: "2026-W05", problems: [] });
  });

  it("are read for the week and the one before, by metric", () => {
    write("commentary/2026-W06/net_revenue.md", "New prices.\n\n- bundles hold");
    write("commentary/2026-W05/orders.md", "Watch the site.");
    write("commentary/2026-W06/orders.md", "\n\n");
    write("commentary/2026-W06/notes.txt", "not looked at");
    const found = read();
    expect(found.now).toEqual({ net_revenue: [{ paragraph: "New prices." }, { list: ["bundles hold"] }] });
    expect(found.before).toEqual({ orders: [{ paragraph: "Watch the site." }] });
    expect(found.problems).toEqual([]);
  });

  it("stop nothing when they cannot be used, and say why", () => {
    write("bad/2026-W06/net_revenu.md", "typed badly");
    write("bad/2026-W06/orders.md", "x".repeat(16_385));
    mkdirSync(join(root, "bad/2026-W06/net_revenue.md"));
    const { now, problems } = read("bad");
    expect(now).toEqual({});
    expect(problems).toEqual([
      "bad/2026-W06/net_revenu.md is called after no metric; did you mean net_revenue.md?",
      "bad/2026-W06/net_revenue.md is no file",
      "bad/2026-W06/orders.md is longer than 16 kB; shorten it",
    ]);
  });
});
