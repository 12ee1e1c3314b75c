import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import type { CheckResult } from "../transform/types.js";
import { diskFiles } from "../warehouse/disk.js";
import { checksExit, checksJson, checksText } from "./checks-text.js";
import type { CommandContext } from "./command.js";
import { freshnessOfStreams, type StreamStatus } from "./coverage.js";
import { createOutput } from "./output.js";
import { ownChecks } from "./own-checks.js";

const output = createOutput({ talk: () => {}, quiet: true, color: { answer: false, talk: false } });

function check(id: string, status: CheckResult["status"], extra: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    severity: "warning",
    status,
    passed: status === "passed",
    message: `of ${id}`,
    offendingRows: 0,
    ...extra,
  };
}

const BROKEN = check("own/typo", "unknown", { broken: true, message: "cannot be run: no such table" });

describe("how checks are told", () => {
  const all = [
    check("good", "passed", { alias: "fine" }),
    check("mild", "failed"),
    check("late", "failed", { severity: "error" }),
    check("bad", "failed", { severity: "critical" }),
    check("blind", "unknown", { severity: "critical", message: "cannot tell: it is empty" }),
    BROKEN,
  ];

  it("lists what is to be done, and counts what could not tell as neither", () => {
    expect(checksText({ output }, all)).toBe(
      [
        "WARN   mild: of mild",
        "ERROR  late: of late",
        "ERROR  bad: of bad",
        "BROKEN own/typo: cannot be run: no such table",
        "1 check could not tell: there is nothing to look at (`growthos check --all`)",
        "checks: PASS=1 WARN=1 ERROR=2 SKIP=1 BROKEN=1",
      ].join("\n"),
    );
    expect(checksText({ output }, all, { all: true })).toContain("PASS   good: of good");
    expect(checksText({ output }, all, { all: true })).toContain("SKIP   blind: cannot tell: it is empty");
    expect(checksText({ output }, [check("good", "passed")])).toBe("checks: PASS=1 WARN=0 ERROR=0 SKIP=0");
    expect(checksJson(all).slice(0, 1)).toEqual([
      {
        id: "good",
        alias: "fine",
        severity: "warning",
        status: "passed",
        passed: true,
        message: "of good",
        offending_rows: 0,
      },
    ]);
  });

  it("ends with 4 for a broken promise, with 2 for a check that cannot be run, and well for a warning or nothing to look at", () => {
    expect(checksExit(all)).toBe("badData");
    expect(checksExit([check("late", "failed", { severity: "error" }), BROKEN])).toBe("badData");
    expect(checksExit([check("mild", "failed"), BROKEN])).toBe("usage");
    expect(checksExit([check("mild", "failed"), check("blind", "unknown", { severity: "critical" })])).toBe("ok");
  });
});

describe("the folder of the user's own checks", () => {
  const projectRoot = mkdtempSync(join(tmpdir(), "growthos-own-"));
  const found = (checksFolder?: string, packageFolder = "/nowhere") =>
    ownChecks({
      effects: { files: diskFiles },
      packageFolder,
      config: async () => ({ projectRoot }),
      workspaceConfig: async () => (checksFolder === undefined ? {} : { checksFolder }),
    } as unknown as CommandContext);

  it("is sql/checks when it is there, or the one that the config names, which must be there", async () => {
    expect(await found()).toEqual([]);
    await expect(found("quality")).rejects.toMatchObject({ code: "CHECKS_FOLDER_MISSING", exitCode: 2 });
    for (const folder of ["sql/checks", "quality"]) mkdirSync(join(projectRoot, folder), { recursive: true });
    writeFileSync(join(projectRoot, "sql/checks/b.sql"), "select 2");
    writeFileSync(join(projectRoot, "sql/checks/a.sql"), "select 1");
    writeFileSync(join(projectRoot, "sql/checks/notes.md"), "none");
    expect(await found()).toEqual([
      { path: "own/a.sql", text: "select 1" },
      { path: "own/b.sql", text: "select 2" },
    ]);
    expect(await found("quality")).toEqual([]);
    // In the repository of growthos these are the checks of the package.
    expect(await found(undefined, projectRoot)).toEqual([]);
  });
});

describe("freshness by the log", () => {
  it("counts the complete days that a stream lacks; without days or limits it is not judged", () => {
    const stream = (source: string, lastDay: string | null) =>
      ({ source, stream: "s", lastDay: lastDay === null ? null : isoDate(lastDay) }) as StreamStatus;
    const limits = Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((id) => [id, { warnAfterDays: 1, errorAfterDays: 3 }]),
    );
    const streams = [
      stream("a", "2026-02-08"),
      stream("b", "2026-02-06"),
      stream("c", "2026-02-04"),
      stream("d", null),
      stream("e", "2026-02-09"),
      stream("f", "2020-01-01"),
    ];
    expect([...freshnessOfStreams(streams, { limits, today: isoDate("2026-02-09") })]).toEqual([
      ["a.s", { behind_days: 0, status: "fresh" }],
      ["b.s", { behind_days: 2, status: "warning" }],
      ["c.s", { behind_days: 4, status: "error" }],
      ["e.s", { behind_days: 0, status: "fresh" }],
    ]);
  });
});
