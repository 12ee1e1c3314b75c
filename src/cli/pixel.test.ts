import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { runProgram } from "../testing/program.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";

afterAll(removeFolders);

const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));

function project(intake: object | null) {
  const cwd = freshFolder();
  const config = { shop: { name: "S", currency: "USD", timeZone: "UTC" }, ...(intake === null ? {} : { intake }) };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  return (line: string, input?: string) =>
    runProgram(line.split(" "), { cwd, clock, ...(input === undefined ? {} : { input }) });
}

const PIXEL = { hosts: ["hooks.example.com"], pixel: { origins: ["https://shop.example"] } };
const event = (id: number, ts: string) =>
  JSON.stringify({ workspace_id: "main", visitor_id: "mx_1", event_id: `e${id}`, event: "page_viewed", ts });

describe("growthos pixel", () => {
  it("prints two lines for the shop's pages, or the code of a custom pixel, and says what would keep events away", async () => {
    const run = project(PIXEL);
    const snippet = await run("pixel");
    expect(snippet.stdout.trim().split("\n")).toEqual([
      expect.stringContaining("growthos.q"),
      '<script async src="https://hooks.example.com/pixel.js"></script>',
    ]);
    expect(snippet.stderr).not.toContain("warning");
    const shopify = await run("pixel --shopify --receiver https://shop.example/growth/?x");
    expect(shopify.stdout).toContain('fetch("https://shop.example/growth/px"');
    expect(shopify.stdout).toContain('workspace_id: "main"');
    expect(shopify.stderr).toContain("set intake.pixel.sandbox to true");
    const bare = await project({ pixel: { sandbox: true } })("pixel --json");
    expect(JSON.parse(bare.stdout)).toMatchObject({ receiver: "http://127.0.0.1:7421/", kind: "snippet" });
    expect(bare.stderr).toContain("name the shop's sites in intake.pixel.origins");
    expect(bare.stderr).toContain("reached by this machine alone");
    expect((await run("pixel --receiver javascript:alert(1)")).stderr).toContain("write it with its scheme");
    expect((await project(null)("pixel")).stderr).toContain("PIXEL_NOT_CONFIGURED");
  });

  it("judges what came before the last complete day ended, where doctor and a command say it", async () => {
    const run = project(PIXEL);
    expect((await run("pixel health")).stderr).toContain("NO_BUILD");
    await run("ingest pixel -", event(0, "2026-02-09T05:00:00Z"));
    await run("build");
    expect((await run("doctor --offline")).stdout).toMatch(/ok\s+main: pixel: too young to be judged: 1 event since/);
    // The last one 59 minutes before midnight; nothing is said of consent.
    const day = Array.from({ length: 10 }, (_, index) => event(index + 1, `2026-02-08T${13 + index}:01:00Z`));
    await run("ingest pixel -", [...day, event(11, "2026-02-08T23:01:00Z")].join("\n"));
    await run("build");
    // 50 + 15 for eleven events + 10 for the last hour - 10.
    expect(JSON.parse((await run("pixel health --json")).stdout)).toMatchObject({
      state: "degraded",
      score: 65,
      issues: [{ id: "consent_untold" }],
      cut_off_at: "2026-02-09T00:00:00.000Z",
      recent_event_count: 11,
      later_event_count: 1,
    });
    expect((await run("pixel health")).stdout).toMatch(
      /degraded, 65 of 100.*11 events in 24 hours +\+15.*issues +-10/s,
    );
    expect((await run("doctor --offline")).stdout).toMatch(/warn\s+main: pixel: degraded, 65 of 100 points; 11 of 11/);
  });
});
