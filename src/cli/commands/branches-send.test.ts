/** Daily branch reports through a real mail server on loopback: nobody gets two, nobody is forgotten, and the history tells all of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { writeBranchShop } from "../../testing/branch-shop.js";
import { type SmtpDouble, type SmtpFault, smtpDouble } from "../../testing/doubles/smtp.js";
import { runProgram } from "../../testing/program.js";
import { root } from "../../testing/root.js";

const START = Date.parse("2026-02-09T12:00:00Z");
const REPS = ["ada@example.com", "ben@example.com", "cyd@example.com"];
let folder = "";
let server: SmtpDouble;
let minutes = 0;

const growthos = (...argv: readonly string[]) =>
  runProgram(argv, {
    cwd: folder,
    env: { HOME: join(folder, "home"), EMAIL_PASSWORD: "secret-4711" },
    clock: fixedClock(START + minutes * 60_000),
  });
const answer = async (...argv: readonly string[]) => JSON.parse((await growthos(...argv, "--json")).stdout);
const post = () => join(folder, "workspaces/main/outbox/branches");

/** The config names the server of this test; each test has the outbox for itself. */
async function start(security?: "tls" | "starttls"): Promise<void> {
  server = await smtpDouble({ user: "shop", password: "secret-4711", ...(security === undefined ? {} : { security }) });
  const email = { host: "127.0.0.1", port: server.port, security: security ?? "none", user: "shop" };
  const more = { from: "Shop <shop@example.com>", to: ["boss@example.com"] };
  writeBranchShop(folder, { reports: { pages: ["executive"] }, alerts: { email: { ...email, ...more } } });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "growthos-branch-mail-"));
  writeBranchShop(folder, { reports: { pages: ["executive"] } });
  for (const step of ["sync", "build"]) expect((await growthos(step, "--quiet")).exit).toBe(0);
  await growthos("branches", "map", "001", "Ada@example.com", "--name", "Ada <b>Ek</b>");
  await growthos("branches", "map", "north", "ben@example.com");
  await growthos("branches", "map", "003", "cyd@example.com");
}, 120_000);
afterEach(async () => {
  await server?.close();
  rmSync(post(), { recursive: true, force: true });
  minutes = 0;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const to = () => server.taken.map((mail) => mail.to[0]).sort();
const ids = () => server.taken.map(({ headers }) => headers.get("message-id"));
const decoded = (source: string) => source.replaceAll("=\r\n", "").replaceAll("=3D", "=");

describe("growthos branches map, import, reps", { timeout: 60_000 }, () => {
  it("refuses what names no branch or nobody, all rows of a file or none", async () => {
    for (const [argv, said] of [
      [["map", "0001", "a@example.com"], "did you mean 001?"],
      [["map", "001", "no address"], '"no address" is not an e-mail address'],
      [["map", "001", "a@example.com\nBcc: x@example.com"], "is not an e-mail address"],
      [["unmap", "001", "adda@example.com"], "did you mean ada@example.com?"],
      [["send", "--date", "2026-02-09"], "2026-02-09 is not over"],
    ] as const) {
      const { exit, stderr } = await growthos("branches", ...argv);
      expect([exit, stderr], argv.join(" ")).toEqual([2, expect.stringContaining(said)]);
    }
    const rows = ["001,a@example.com,A", "02,b@example.com,B", "001,A@example.com,again", "002,nobody,"];
    writeFileSync(join(folder, "reps.csv"), `branch_code,email,name\n${rows.join("\n")}\n`);
    const refused = (await growthos("branches", "import", "reps.csv")).stderr;
    expect(refused).toContain("3 of 4 rows");
    expect(refused).toMatch(/row 2: there is no branch "02": 3 are known: did you mean 002\?/);
    expect(refused).toContain("row 3: 001 and a@example.com stand in row 1 already");
    expect(refused).toContain('row 4: "nobody" is not an e-mail address');
    expect((await answer("branches", "reps")).reps).toHaveLength(3);
  });

  it("takes back what it printed, and changes who gets what", async () => {
    const { stdout } = await growthos("branches", "reps", "--format", "csv");
    expect(stdout.split("\n")[1]).toBe("001,ada@example.com,Ada <b>Ek</b>,yes");
    writeFileSync(join(folder, "reps.csv"), stdout);
    expect((await growthos("branches", "import", "reps.csv")).stdout).toBe("3 reps mapped");
    expect((await growthos("branches", "reps", "--format", "csv")).stdout).toBe(stdout);
    await growthos("branches", "disable", "001", "ben@example.com");
    expect((await answer("branches", "send")).reports.map(({ email }: { email: string }) => email)).toEqual([
      "ada@example.com",
      "cyd@example.com",
    ]);
    await growthos("branches", "enable", "001", "BEN@example.com");
    await growthos("branches", "map", "002", "eve@example.com");
    await growthos("branches", "unmap", "002", "eve@example.com");
    expect((await answer("branches", "reps")).reps.map(({ enabled }: { enabled: boolean }) => enabled)).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe("growthos schedule print", { timeout: 60_000 }, () => {
  it("has a line for the reports where there are a server and a rep", async () => {
    const jobs = async () => (await answer("schedule", "print", "--cron")).jobs;
    expect(await jobs()).toEqual(["reread", "daily"]);
    await start();
    const { recipe, variables } = await answer("schedule", "print", "--cron");
    expect(recipe).toMatch(/^0 8 \* \* \* .* branches send --send --quiet --wait 3600 >> /m);
    expect(variables).toContain("EMAIL_PASSWORD");
    expect((await growthos("schedule", "print", "--github")).stdout).toContain("npx growthos branches send --send");
  });
});

describe("growthos branches send", { timeout: 60_000 }, () => {
  it("by default writes mails, one report per branch and one mail per rep, and sends nothing", async () => {
    await start();
    const { rendered, reports } = await answer("branches", "send");
    expect([rendered, reports.length]).toEqual([2, 3]);
    expect(readdirSync(join(post(), "2026-02-08")).filter((name) => name.endsWith(".eml"))).toHaveLength(3);
    expect(server.said).toEqual([]);
    const mails = reports.map(({ file }: { file: string }) => decoded(readFileSync(file, "utf8")));
    expect(mails[0]).toContain("Subject: Daily Branch Sales Report - 2026-02-08 - North");
    expect(mails[0]).toContain("Hello Ada <b>Ek</b>,");
    expect(mails[0]).toContain("Hello Ada &lt;b&gt;Ek&lt;/b&gt;,");
    expect(mails[0]).toContain("Purchases: 2, revenue $80.00");
    expect(mails[0]).toContain("09:05 | T1 | 50.00 USD | 1 x Axe |");
    expect(mails[1]).toContain("Hello,");
    // The digest of a branch at which nothing happened says so.
    expect(mails[2]).toContain("Nothing happened at East on 2026-02-08");
    expect(mails[2]).toContain("Open tasks: none");
    expect(mails[2]).not.toContain("Open: ");
  });

  it("tells products and what is open at the branch, but what is done", async () => {
    await start();
    await growthos("branches", "map", "002", "eve@example.com");
    const mailTo = async (rep: string) => {
      const { reports } = await answer("branches", "send");
      const { file } = reports.find(({ email }: { email: string }) => email === rep);
      return decoded(readFileSync(file, "utf8"));
    };
    const south = await mailTo("eve@example.com");
    // The cart of the 8th may still be bought; that of the 7th, of 18.00, was quiet for 24 hours at 14:03.
    expect(south).toContain("Abandoned carts: 1, value at risk $18.00");
    expect(south).toContain("14:03 | 18.00 USD | 1 x Axe | ");
    expect(south).toContain("Axe | 0 | 1");
    expect(south).toContain("Open tasks: 2, none of high priority");
    const [, cart = ""] =
      /^(cart-[0-9a-f]{16}) \| low \| 33 h \| 18\.00 USD \| left in the cart: 1 x Axe/m.exec(south) ?? [];
    expect(south).toMatch(
      /^search-[0-9a-f]{16} \| low \| 9 h \| .* \| nothing found for .*=<b>net<\/b>.*, tried once/m,
    );
    expect(south).toContain("&lt;b&gt;net&lt;/b&gt;");
    expect(south).not.toContain("T1");
    const north = await mailTo("ada@example.com");
    expect(north).toContain("Axe | 1 | 0");
    expect(north).toMatch(/^purchase-[0-9a-f]{16} \| .* \| T1: 1 x Axe/m);
    expect(north).not.toContain("cart-");
    expect((await growthos("tasks", "done", cart)).exit).toBe(0);
    const later = await mailTo("eve@example.com");
    expect(later).toContain("Open tasks: 1, none of high priority");
    expect(later).not.toContain(cart);
    await growthos("tasks", "reopen", cart);
    await growthos("branches", "unmap", "002", "eve@example.com");
  });

  it("sends each once over one connection, and keeps the server's words", async () => {
    await start();
    const { exit, stdout } = await growthos("branches", "send", "--send");
    expect([exit, stdout]).toEqual([0, "2026-02-08: 3 reports sent; completed"]);
    expect(to()).toEqual(REPS);
    expect(server.said.filter((line) => line.startsWith("EHLO"))).toHaveLength(1);
    expect((await growthos("branches", "send", "--send")).stdout).toBe(
      "2026-02-08: 0 reports sent, 3 sent before; completed",
    );
    expect(server.taken).toHaveLength(3);
    const { reports, jobs } = await answer("branches", "history", "--branch", "001", "--state", "sent");
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({ email: "ada@example.com", attempts: 1, reply: "250 2.0.0 taken" });
    expect(jobs.map(({ state }: { state: string }) => state)).toEqual([
      ...["queued", "processing", "completed"],
      ...["queued", "processing", "completed"],
    ]);
  });

  it("speaks TLS, and sends nothing to a server whose certificate nobody vouches for", async () => {
    await start("tls");
    const { exit, stderr } = await growthos("branches", "send", "--send");
    expect([exit, server.taken.length]).toEqual([3, 0]);
    expect(stderr).toContain("no encrypted connection");
    expect((await answer("branches", "history")).reports).toMatchObject(
      REPS.map((email) => ({ email, state: "deferred" })),
    );
  });

  const moments = ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT"] as const;
  it.each(moments)("put off at %s: the others get theirs, this one when it has rested", async (on) => {
    await start();
    server.fail({ on, reply: "451 4.3.0 come back" });
    const { exit, stderr } = await growthos("branches", "send", "--send");
    // Where EHLO is not taken the older HELO is tried, which this server does not know: that refuses no mail.
    const said = on === "EHLO" ? "502 5.5.2" : "451 4.3.0 come back";
    expect([exit, stderr]).toEqual([3, expect.stringContaining(said)]);
    const first = server.taken.length;
    expect((await growthos("branches", "send", "--send")).stdout).toContain("resting");
    expect(server.taken).toHaveLength(first);
    minutes = 6;
    expect((await growthos("branches", "send", "--send")).exit).toBe(0);
    expect(to()).toEqual(REPS);
    expect(new Set(ids()).size).toBe(3);
  });

  it.each(["MAIL", "RCPT", "DATA", "CONTENT"] as const)("refused at %s: given up at once, and said why", async (on) => {
    await start();
    server.fail({ on, reply: "550 5.1.1 no such user" });
    const { exit, stdout, stderr } = await growthos("branches", "send", "--send");
    expect([exit, stdout]).toEqual([3, "2026-02-08: 2 reports sent, 1 failed; completed with errors"]);
    expect(stderr).toContain("550 5.1.1 no such user");
    minutes = 60;
    expect((await growthos("branches", "send", "--send")).exit).toBe(0);
    expect(server.taken).toHaveLength(2);
    const { reports } = await answer("branches", "history", "--state", "given_up");
    expect(reports).toMatchObject([{ attempts: 1, reply: expect.stringContaining("550 5.1.1") }]);
  });

  it.each(moments)(
    "cut off at %s: all arrive in the same call, two of one only where the reply was lost",
    async (on) => {
      await start();
      const cut: SmtpFault = { on, cut: true };
      server.fail(cut);
      expect((await growthos("branches", "send", "--send")).exit).toBe(0);
      expect([...new Set(to())]).toEqual(REPS);
      expect(server.taken).toHaveLength(on === "CONTENT" ? 4 : 3);
      // A mailbox knows the second by its id.
      expect(new Set(ids()).size).toBe(3);
      const { reports } = await answer("branches", "history");
      const doubtful = reports.filter(({ may_repeat: mayRepeat }: { may_repeat: boolean }) => mayRepeat);
      expect(doubtful).toHaveLength(on === "CONTENT" ? 1 : 0);
    },
  );

  it("leaves a server alone that nobody answers at, and goes on when it is back, also with earlier dates", async () => {
    await start();
    const { port } = server;
    await server.close();
    const { exit, stdout } = await growthos("branches", "send", "--send", "--date", "2026-02-07");
    expect([exit, stdout]).toEqual([3, "2026-02-07: 0 reports sent, 3 failed; failed"]);
    await start();
    expect(server.port).not.toBe(port);
    minutes = 600;
    const { stdout: now } = await growthos("branches", "send", "--send");
    expect(now.split("\n").sort()).toEqual([
      "2026-02-07: 3 reports sent; completed",
      "2026-02-08: 3 reports sent; completed",
    ]);
    expect(new Set(ids()).size).toBe(6);
  });

  it.each(["DATA", "CONTENT"] as const)("killed at %s: goes on where it was", async (on) => {
    await start();
    // The second of three; the server never answers.
    server.fail({ on, reply: "451 4.3.0 come back" });
    await growthos("branches", "send", "--send");
    const before = server.taken.length;
    server.fail({ on, silence: true });
    minutes = 6;
    const child: ChildProcess = spawn(
      process.execPath,
      [join(root, "bin/growthos.js"), "branches", "send", "--send", "--now", "--as-of", "2026-02-09"],
      { cwd: folder, env: { PATH: process.env["PATH"], HOME: join(folder, "home"), EMAIL_PASSWORD: "secret-4711" } },
    );
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const said = server.said.length;
    await until(() => server.said.slice(said).includes("DATA") && (on === "DATA" || server.taken.length > before));
    child.kill("SIGKILL");
    await ended;
    const { stdout } = await growthos("branches", "send", "--send", "--now");
    expect(stdout).toMatch(/^2026-02-08: 1 report sent, 2 sent before; completed$/);
    expect([...new Set(to())]).toEqual(REPS);
    expect(server.taken).toHaveLength(on === "CONTENT" ? 4 : 3);
    expect(new Set(ids()).size).toBe(3);
    const { reports, jobs } = await answer("branches", "history");
    expect(reports.every(({ state }: { state: string }) => state === "sent")).toBe(true);
    expect(reports.some(({ may_repeat: mayRepeat }: { may_repeat: boolean }) => mayRepeat)).toBe(true);
    expect(jobs).toContainEqual(
      expect.objectContaining({ state: "failed", why: expect.stringContaining("interrupted") }),
    );
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !isTrue(); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isTrue()).toBe(true);
}
