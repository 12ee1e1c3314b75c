/** Rows of the fault matrix that only a real process can show: limits of the machine, its environment, and company. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./source.js";

const BIN = join(ROOT, "bin/growthos.js");
const AS_OF = ["--as-of", "2026-02-09"];
const USUAL = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };
// A folder as people have them: DuckDB would read some of these characters as patterns or columns.
const folder = mkdtempSync(join(tmpdir(), "growthos it's a=shop [1] ü "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program, under a shell's limit when one is given. */
function growthos(args: readonly string[], { limit = "", env = USUAL as NodeJS.ProcessEnv } = {}): Promise<Ended> {
  const command = limit === "" ? [] : ["sh", "-c", `${limit}; exec "$@"`, "sh"];
  const [file = "", ...rest] = [...command, process.execPath, BIN, ...args];
  return new Promise((resolve) => {
    const child = spawn(file, rest, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => {
      said.stdout += text;
    });
    child.stderr.on("data", (text) => {
      said.stderr += text;
    });
    child.on("close", (code) => resolve({ code, ...said }));
  });
}

function putOrders(count: number): void {
  const lines = Array.from({ length: count }, (_, index) => `${index},2026-02-0${1 + (index % 8)} 10:00:00,10.00`);
  writeFileSync(join(folder, "inbox/orders.csv"), `No,At,Total\n${lines.join("\n")}\n`);
}

async function revenue(env: NodeJS.ProcessEnv = USUAL): Promise<unknown> {
  const { stdout, stderr } = await growthos(["metrics", "net_revenue", "orders", "--last", "8d", "--json", ...AS_OF], {
    env,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

const totals = (answer: unknown) => (answer as { readonly totals: unknown }).totals;

describe("a real process", { timeout: 300_000 }, () => {
  beforeAll(async () => {
    mkdirSync(join(folder, "inbox"));
    const imports = [
      { path: "inbox/orders.csv", as: "orders", columns: { order_id: "No", ordered_at: "At", total: "Total" } },
    ];
    // Two pages stand for all: what is written, and how, is the same; drawing the charts of sixteen at each start is not what is asked here.
    const reports = { pages: ["data-health", "products"] };
    const config = { shop: { name: "S", currency: "USD", timeZone: "UTC" }, sources: { files: { imports } }, reports };
    // A config in TypeScript costs each of the fifty processes its compiler.
    writeFileSync(join(folder, "growthos.config.json"), JSON.stringify(config));
    putOrders(8);
    expect(await growthos(["run", ...AS_OF])).toMatchObject({ code: 0 });
  }, 300_000);

  it("P13 C05 gives the same answer without a home, without a terminal, in any time zone", async () => {
    const strange = { PATH: USUAL.PATH, HOME: "/nonexistent", TZ: "Pacific/Auckland", LANG: "tr_TR.UTF-8", CI: "true" };
    expect(await revenue(strange)).toEqual(await revenue());
  });

  it("F07 with few file handles works or says why", async () => {
    putOrders(16);
    const { code, stderr } = await growthos(["run", ...AS_OF], { limit: "ulimit -n 48" });
    expect([0, 9]).toContain(code);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await growthos(["run", ...AS_OF])).toMatchObject({ code: 0 });
    expect(JSON.stringify(totals(await revenue()))).toContain("16000");
  });

  it("F19 a limit on the size of files stops a run cleanly; the last build is still read and the next run is whole", async () => {
    const before = await revenue();
    putOrders(24);
    const { code, stderr } = await growthos(["run", ...AS_OF], { limit: "ulimit -f 64" });
    expect(code).not.toBe(0);
    expect(stderr).toContain("error[");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(totals(await revenue())).toEqual(totals(before));
    expect(await growthos(["run", ...AS_OF])).toMatchObject({ code: 0 });
    expect(JSON.stringify(totals(await revenue()))).toContain("24000");
  });

  it("P12 B-27 B-30 of runs that start together one works and the others wait their turn or say that it is taken", async () => {
    putOrders(32);
    const ended = await Promise.all([1, 2, 3].map(() => growthos(["run", ...AS_OF])));
    expect(ended.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    for (const { code, stderr } of ended) {
      expect([0, 6]).toContain(code);
      if (code === 6) expect(stderr).toContain("error[LOCKED]");
    }
    expect(JSON.stringify(totals(await revenue()))).toContain("32000");
    expect(await growthos(["verify", "--full"])).toMatchObject({ code: 0 });
  });

  it("P01 killed at any moment of a run, loses nothing, doubles nothing, and the last report stays readable", async () => {
    const page = join(folder, "workspaces/main/out/2026-02-09/products.html");
    for (const [round, delay] of [150, 400, 700, 1100, 1600, 2200].entries()) {
      putOrders(40 + round);
      const child = spawn(process.execPath, [BIN, "run", ...AS_OF], { cwd: folder, env: USUAL, stdio: "ignore" });
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill("SIGKILL");
      await new Promise((resolve) =>
        child.exitCode === null && child.signalCode === null ? child.on("close", resolve) : resolve(null),
      );
      expect(readFileSync(page, "utf8")).toMatch(/<\/html>\s*$/);
      expect(JSON.stringify(totals(await revenue()))).toMatch(/"value":\d+/);
    }
    expect(await growthos(["run", ...AS_OF])).toMatchObject({ code: 0 });
    expect(JSON.stringify(totals(await revenue()))).toContain("45000");
    expect(await growthos(["verify", "--full"])).toMatchObject({ code: 0 });
  });

  it("P04 without enough memory ends with a message or a signal, and the next run is whole", async () => {
    putOrders(50);
    const { code } = await growthos(["run", ...AS_OF], { limit: "ulimit -v 1500000" });
    expect(code).not.toBe(1);
    expect(await growthos(["run", ...AS_OF])).toMatchObject({ code: 0 });
    expect(JSON.stringify(totals(await revenue()))).toContain("50000");
  });

  it("P07 B-48 stopped and continued, keeps its lock and ends its work", async () => {
    putOrders(60);
    const owner = join(folder, "workspaces/main/locks/ingest.owner.json");
    const before = readFileSync(owner, "utf8");
    const child = spawn(process.execPath, [BIN, "run", ...AS_OF], { cwd: folder, env: USUAL, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    while (child.exitCode === null && readFileSync(owner, "utf8") === before)
      await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill("SIGSTOP");
    const other = await growthos(["sync"]);
    child.kill("SIGCONT");
    expect(await ended).toBe(0);
    expect(other.stderr).toContain("error[LOCKED]");
    expect(other.code).toBe(6);
    expect(JSON.stringify(totals(await revenue()))).toContain("60000");
  });
});
