/** The whole pipeline on a file of orders, and the alerts at its end, told by mail to a server on loopback. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { type SmtpDouble, smtpDouble } from "../../testing/doubles/smtp.js";
import { type ProgramResult, runProgram } from "../../testing/program.js";
import type { CommandArgs } from "../command.js";
import { stepsFor } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "growthos-run-"));
const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
let server: SmtpDouble;

beforeAll(async () => {
  server = await smtpDouble({ user: "ada", password: "s3cret pass" });
  mkdirSync(join(folder, "inbox"));
  const orders = Array.from({ length: 9 }, (_, index) => `${index},2026-02-0${1 + (index % 8)} 10:00:00,10.00`);
  writeFileSync(join(folder, "inbox/orders.csv"), `No,At,Total\n${orders.join("\n")}\n`);
  const columns = { order_id: "No", ordered_at: "At", total: "Total" };
  const levels = { critical: { metric: "orders", over: 0 } };
  const config = {
    shop: { name: "Tiny", currency: "USD", timeZone: "UTC" },
    sources: { files: { imports: [{ path: "inbox/orders.csv", as: "orders", columns }] } },
    reports: { pages: ["alerts", "data-health"] },
    alerts: {
      rules: [{ id: "many_orders", title: "Many orders", levels, repeat: "continuous", advice: "Be glad." }],
      email: {
        host: "127.0.0.1",
        port: server.port,
        security: "none",
        user: "ada",
        from: "a@example.com",
        to: ["b@example.com"],
      },
    },
  };
  writeFileSync(join(folder, "growthos.config.ts"), `export default ${JSON.stringify(config)};\n`);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const growthos = (password: string | null, ...argv: readonly string[]): Promise<ProgramResult> => {
  const env = { HOME: join(folder, "home"), ...(password === null ? {} : { EMAIL_PASSWORD: password }) };
  return runProgram(argv, { cwd: folder, env, clock });
};
const journal = () => {
  const at = join(folder, "workspaces/main/alerts");
  return existsSync(at) ? readdirSync(at).length : 0;
};
const damage = () => {
  const at = join(folder, "workspaces/main/alerts");
  writeFileSync(join(at, readdirSync(at).sort()[0] ?? ""), "{}");
};
const report = () => existsSync(join(folder, "workspaces/main/out/2026-02-09/index.html"));

describe("growthos run", { timeout: 300_000 }, () => {
  it("without the credential of a way out: everything is done but the telling, exit code 7", async () => {
    const { exit, stderr, stdout } = await growthos(null, "run");
    expect(stderr).toContain("error[SECRETS_MISSING]");
    expect(stderr).toContain("EMAIL_PASSWORD");
    expect(exit).toBe(7);
    expect(stdout).not.toBe("");
    expect([report(), journal()]).toEqual([true, 0]);
  });

  it("with a mail server that puts off: everything is done, it is told, exit code 3, and status and doctor know", async () => {
    server.fail({ on: "RCPT", reply: "450 4.2.0 greylisted" });
    const { exit, stderr, stdout } = await growthos("s3cret pass", "run", "--json");
    expect(exit, stderr).toBe(3);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ report: expect.anything(), alerts: { day: "2026-02-08" } });
    // The reports of a run show what the same run judged.
    expect(readFileSync(join(folder, "workspaces/main/out/2026-02-09/alerts.md"), "utf8")).toContain(
      "- **Critical: Many orders.**",
    );
    expect(answer.errors.map(({ code }: { readonly code: string }) => code)).toEqual(["ALERTS_NOT_DELIVERED"]);
    expect(server.taken).toEqual([]);
    const waits = /1 message about alerts not delivered \(email:b@example.com; last: .*greylisted\)/;
    expect((await growthos("s3cret pass", "status")).stdout).toMatch(waits);
    const { undelivered } = JSON.parse((await growthos("s3cret pass", "status", "--json")).stdout);
    expect(undelivered).toMatchObject([{ sink: "email:b@example.com", alerts: ["many_orders"], failures: 1 }]);
    expect((await growthos("s3cret pass", "doctor", "--offline")).stdout).toMatch(waits);
  });

  it("tells what was put off with the next run, once, and a day judged again leaves no trace", async () => {
    expect((await growthos("s3cret pass", "run", "--no-sync")).exit).toBe(0);
    expect(server.taken.map(({ to, headers }) => [...to, headers.get("subject")])).toEqual([
      ["b@example.com", "Tiny, 1 alert: Many orders"],
    ]);
    const entries = journal();
    expect(entries).toBeGreaterThan(0);
    expect((await growthos("s3cret pass", "alerts")).exit).toBe(0);
    expect([journal(), server.taken.length]).toEqual([entries, 1]);
    expect((await growthos("s3cret pass", "status")).stdout).not.toContain("outbox");
  });

  it("tells that the build failed, once, and that it is over", async () => {
    const own = join(folder, "sql/checks");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "few_orders.sql"), "-- Few orders.\n-- severity: critical\nselect * from fact_orders\n");
    const before = server.taken.length;
    const subjects = () => server.taken.slice(before).map(({ headers }) => headers.get("subject"));
    const failed = await growthos("s3cret pass", "run", "--no-sync");
    expect([failed.exit, failed.stderr], failed.stderr).toEqual([4, expect.stringContaining("error[CHECK_FAILED]")]);
    expect(subjects()).toEqual(["Tiny, 1 alert: growthos run: build failed"]);
    expect((await growthos("s3cret pass", "run", "--no-sync")).exit).toBe(4);
    expect((await growthos("s3cret pass", "alerts")).stdout).toMatch(/CRITICAL {2}growthos run: build failed/);
    expect(subjects()).toHaveLength(1);
    rmSync(own, { recursive: true });
    expect((await growthos("s3cret pass", "run")).exit).toBe(0);
    expect(subjects()).toEqual([expect.anything(), "Tiny, 1 recovered"]);
  });

  it("a damaged history is found by verify, keeps status from nothing else, and no run from its reports", async () => {
    damage();
    const { exit, stdout } = await growthos("s3cret pass", "verify");
    expect([exit, stdout]).toEqual([8, expect.stringContaining("error[JOURNAL_DAMAGED]")]);
    const status = await growthos("s3cret pass", "status");
    expect([status.exit, status.stdout]).toEqual([0, expect.stringMatching(/outbox: .* is damaged/)]);
    const ran = await growthos("s3cret pass", "run", "--no-sync");
    expect([ran.exit, ran.stdout.includes("index.html")], ran.stderr).toEqual([8, true]);
  });

  it("does what was asked for", () => {
    const names = (options: CommandArgs["options"]) => stepsFor(options).map(({ name }) => name);
    expect(names({})).toEqual(["sync", "build", "check", "alerts", "report", "failures"]);
    expect(names({ sync: false })).toEqual(["build", "check", "alerts", "report"]);
    expect(names({ today: true })).toEqual(["sync", "build", "check", "report"]);
  });
});
