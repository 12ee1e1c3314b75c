import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import { runProgram } from "../testing/program.js";
import { freshFolder, publishNumber, removeFolders } from "../testing/workspace.js";
import { keyFilePath } from "../vault/key-file.js";
import { diskFiles } from "../warehouse/disk.js";
import { openWorkspace } from "../warehouse/layout.js";
import { withLock } from "../warehouse/lock.js";
import type { Prompt } from "./prompt.js";
import { AGENCY_CONFIG } from "./scaffold.js";
import { lockedInodes } from "./workspace-state.js";

afterAll(removeFolders);

const SHOP = ["--shop", "Acme", "--currency", "EUR", "--time-zone", "Europe/Berlin"];

function agency(): string {
  const cwd = freshFolder();
  writeFileSync(join(cwd, "growthos.config.ts"), AGENCY_CONFIG);
  return cwd;
}

const inProject = (cwd: string) => {
  const run = (argv: readonly string[], more: Partial<Parameters<typeof runProgram>[1]> = {}) =>
    runProgram(argv, { cwd, ...more });
  const json = async (argv: readonly string[]) => JSON.parse((await run([...argv, "--json"])).stdout);
  return { run, json };
};

const saying = (text: string): Prompt => ({ ask: async () => text }) as unknown as Prompt;

describe("adding a workspace", () => {
  it("is one command: a file, checked, and a folder", async () => {
    const cwd = agency();
    const { run, json } = inProject(cwd);
    expect(await run(["workspaces", "list"])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("no workspace yet"),
    });
    expect(await run(["workspaces", "add", "acme", ...SHOP])).toMatchObject({ exit: 0 });
    expect(JSON.parse(readFileSync(join(cwd, "clients/acme.json"), "utf8"))).toEqual({
      shop: { name: "Acme", currency: "EUR", timeZone: "Europe/Berlin" },
      sources: { files: {} },
    });
    const { workspaces } = await json(["workspaces", "list"]);
    expect(workspaces).toEqual([
      {
        name: "acme",
        shop: "Acme",
        sources: ["files"],
        state: "no_build",
        problem: null,
        last_run: null,
        newest_complete_day: null,
        behind_days: null,
        build_as_of: null,
        bytes: expect.any(Number),
        locks: process.platform === "linux" ? [] : null,
      },
    ]);
  });

  it.each(["workspaces report", "workspaces run --all"])("comes before %s, which says so", async (line) => {
    const cwd = agency();
    const answer = await inProject(cwd).run(line.split(" "));
    expect(answer).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: expect.stringContaining("growthos workspaces add acme"),
    });
    expect(readdirSync(cwd)).not.toContain("agency");
  });

  it("takes the rest from a file or standard input, and flags come first", async () => {
    const cwd = agency();
    const { run } = inProject(cwd);
    const template = { shop: { name: "T", currency: "USD", timeZone: "UTC" }, targets: { orders: { week: 5 } } };
    writeFileSync(join(cwd, "template.json"), JSON.stringify(template));
    await run(["workspaces", "add", "one", "--from", "template.json", "--shop", "One"]);
    await run(["workspaces", "add", "two", "--from", "-"], { input: JSON.stringify(template) });
    const shop = (name: string) => JSON.parse(readFileSync(join(cwd, `clients/${name}.json`), "utf8"));
    expect(shop("one")).toMatchObject({ shop: { name: "One", currency: "USD" }, targets: { orders: { week: 5 } } });
    expect(shop("two").shop.name).toBe("T");
  });

  const taken = agency();
  it.each([
    ["../x", SHOP, "WORKSPACE_NAME"],
    ["a/b", SHOP, "WORKSPACE_NAME"],
    ["CON", SHOP, "WORKSPACE_NAME"],
    ["nul", SHOP, "WORKSPACE_NAME"],
    ["аcme", SHOP, "WORKSPACE_NAME"],
    ["a".repeat(300), SHOP, "WORKSPACE_NAME"],
    ["beta", [], "USAGE"],
    ["beta", ["--from", "nothing.json"], "USAGE"],
    ["beta", [...SHOP, "--currency", "EURO"], "CONFIG_INVALID"],
    ["acme", SHOP, "WORKSPACE_EXISTS"],
  ])("refuses %s with %j and writes nothing", async (name, options, code) => {
    const { run } = inProject(taken);
    if (!existsSync(join(taken, "clients"))) await run(["workspaces", "add", "acme", ...SHOP]);
    const result = await run(["workspaces", "add", name, ...options]);
    expect([result.exit, result.stderr]).toEqual([2, expect.stringContaining(`error[${code}]`)]);
    expect(readdirSync(join(taken, "clients"))).toEqual(["acme.json"]);
    expect(readdirSync(join(taken, "workspaces"))).toEqual(["acme"]);
  });

  it("gives no client the data of a former one", async () => {
    const cwd = agency();
    const { run, json } = inProject(cwd);
    await run(["workspaces", "add", "acme", ...SHOP]);
    renameSync(join(cwd, "clients/acme.json"), join(cwd, "old.json"));
    expect((await json(["workspaces", "list"])).workspaces[0]).toMatchObject({ state: "not_in_the_config" });
    expect((await run(["workspaces", "add", "acme", ...SHOP])).stderr).toContain("error[WORKSPACE_LEFTOVER]");
  });

  it("says what a config without a folder for it needs", async () => {
    const cwd = freshFolder();
    writeFileSync(
      join(cwd, "growthos.config.json"),
      JSON.stringify({ shop: { name: "A", currency: "EUR", timeZone: "UTC" } }),
    );
    const { stderr } = await inProject(cwd).run(["workspaces", "add", "acme", ...SHOP]);
    expect(stderr).toMatch(/WORKSPACES_FOLDER[\s\S]*workspacesFolder: "clients"/);
  });
});

describe("removing a workspace", () => {
  async function two() {
    const cwd = agency();
    const project = inProject(cwd);
    for (const name of ["acme", "beta"]) await project.run(["workspaces", "add", name, ...SHOP]);
    const ws = (name: string) => openWorkspace({ projectRoot: cwd, name, files: diskFiles });
    for (const name of ["acme", "beta"]) {
      mkdirSync(ws(name).at("credentials"), { recursive: true });
      writeFileSync(ws(name).at("credentials", "shopify.json"), "{}");
      writeFileSync(join(cwd, `.env.${name}`), "SHOPIFY_TOKEN=x\n");
    }
    const key = keyFilePath({ HOME: join(cwd, "home") }, ws("acme").id) ?? "";
    mkdirSync(join(key, ".."), { recursive: true });
    writeFileSync(key, "k");
    return { cwd, key, ws, ...project };
  }

  it("takes everything of it, and nothing of another", async () => {
    const { cwd, key, run } = await two();
    const other = execFileSync("find", ["workspaces/beta", "-type", "f"], { cwd }).toString();
    const dry = await run(["workspaces", "remove", "acme", "--dry-run"]);
    expect(dry.stdout).toMatch(/would delete:\n.*workspaces\/acme .*\n.*clients\/acme\.json\n.*\.env\.acme\n.*\.key\n/);
    expect(existsSync(join(cwd, "workspaces/acme/credentials/shopify.json"))).toBe(true);
    expect(await run(["workspaces", "remove", "acme"], { prompt: saying("acme") })).toMatchObject({ exit: 0 });
    expect(existsSync(key)).toBe(false);
    expect(readdirSync(join(cwd, "workspaces"))).toEqual(["beta"]);
    expect(readdirSync(join(cwd, "clients"))).toEqual(["beta.json"]);
    expect(readdirSync(cwd).filter((name) => name.startsWith(".env."))).toEqual([".env.beta"]);
    expect(execFileSync("find", ["workspaces/beta", "-type", "f"], { cwd }).toString()).toBe(other);
  });

  it("does nothing until its name is typed", async () => {
    const { cwd, run } = await two();
    for (const prompt of [undefined, saying("beta"), saying("y")]) {
      const result = await run(["workspaces", "remove", "acme"], prompt === undefined ? {} : { prompt });
      expect([result.exit, result.stderr]).toEqual([2, expect.stringContaining("error[NOT_CONFIRMED]")]);
    }
    expect(readdirSync(join(cwd, "workspaces"))).toEqual(["acme", "beta"]);
  });

  it("does nothing while one of its locks is held, and the list says so", async () => {
    const { cwd, json, run, ws } = await two();
    const owner = { waitMs: 0, clock: systemClock, owner: "a run" };
    for (const lock of ["ingest", "build", "spool"] as const) {
      await withLock(ws("acme"), lock, owner, async () => {
        const result = await run(["workspaces", "remove", "acme", "--yes"]);
        expect([result.exit, result.stderr]).toEqual([6, expect.stringContaining("error[LOCKED]")]);
        const { workspaces } = await json(["workspaces", "list"]);
        if (process.platform === "linux")
          expect(workspaces.map((one: { locks: [] }) => one.locks)).toEqual([[lock], []]);
      });
      expect(readdirSync(join(cwd, "workspaces"))).toEqual(["acme", "beta"]);
    }
  });

  it("ends what a crash left, and goes on where it stopped", async () => {
    const { cwd, run } = await two();
    renameSync(join(cwd, "workspaces/acme"), join(cwd, "workspaces/.gone-acme-01"));
    expect(await run(["workspaces", "remove", "acme", "--yes"])).toMatchObject({ exit: 0 });
    expect(readdirSync(join(cwd, "clients"))).toEqual(["beta.json"]);
    expect(await run(["workspaces", "remove", "beta", "--yes"])).toMatchObject({ exit: 0 });
    expect(readdirSync(join(cwd, "workspaces"))).toEqual([]);
  });

  it("does not follow a link out of the project", async () => {
    const { cwd, run } = await two();
    const outside = freshFolder();
    renameSync(join(cwd, "workspaces/acme"), join(outside, "acme"));
    symlinkSync(join(outside, "acme"), join(cwd, "workspaces/acme"));
    const result = await run(["workspaces", "remove", "acme", "--yes"]);
    expect(result.stderr).toContain("error[WORKSPACE_LINK]");
    expect(existsSync(join(outside, "acme/workspace.json"))).toBe(true);
  });
});

describe("the list", () => {
  it("says of each how it stands", async () => {
    const cwd = agency();
    const { run, json } = inProject(cwd);
    for (const name of ["acme", "beta", "gone", "odd"]) await run(["workspaces", "add", name, ...SHOP]);
    await publishNumber(openWorkspace({ projectRoot: cwd, name: "acme", files: diskFiles }), 1);
    writeFileSync(join(cwd, "workspaces/beta/workspace.json"), "{}");
    writeFileSync(join(cwd, "clients/odd.json"), "{");
    renameSync(join(cwd, "workspaces/gone"), join(cwd, "moved"));
    const { workspaces } = await json(["workspaces", "list"]);
    expect(workspaces.map((one: { name: string; state: string }) => [one.name, one.state])).toEqual([
      ["acme", "ok"],
      ["beta", "damaged"],
      ["gone", "not_created"],
      ["odd", "config_wrong"],
    ]);
    const { stdout } = await run(["workspaces", "list"]);
    expect(stdout).toContain("beta: WORKSPACE_DAMAGED:");
    expect((await run(["workspaces", "list", "-w", "nobody"])).stderr).toContain("error[WORKSPACE_UNKNOWN]");
  });

  it("finds held locks in the system's table, not those that are waited for", () => {
    const table = [
      "1: POSIX  ADVISORY  WRITE 4242 08:01:131 0 EOF",
      "1: -> POSIX  ADVISORY  WRITE 4243 08:01:132 0 EOF",
      "2: POSIX  ADVISORY  READ  4244 08:01:133 0 EOF",
      "3: OFDLCK ADVISORY  WRITE -1 00:3b:134 0 0",
    ].join("\n");
    expect([...lockedInodes(table)]).toEqual([131, 134]);
  });
});

describe("running for many", () => {
  it("plans without running, and keeps to names and shards", async () => {
    const cwd = agency();
    const { run, json } = inProject(cwd);
    for (const name of ["acme", "beta", "gamma"]) await run(["workspaces", "add", name, ...SHOP]);
    const plan = async (...argv: string[]) => (await json(["workspaces", "run", "--dry-run", ...argv])).workspaces;
    expect(await plan("--all")).toEqual(["acme", "beta", "gamma"]);
    expect(await plan("beta", "beta")).toEqual(["beta"]);
    const parts = [await plan("--all", "--shard", "1/2"), await plan("--all", "--shard", "2/2")];
    expect(parts.flat().sort()).toEqual(["acme", "beta", "gamma"]);
    for (const argv of [
      [],
      ["--all", "acme"],
      ["--all", "--parallel", "0"],
      ["--all", "--parallel", "many"],
      ["--all", "--shard", "0/2"],
      ["--all", "--shard", "3/2"],
      ["--all", "--shard", "two"],
    ])
      expect((await run(["workspaces", "run", ...argv])).stderr).toContain("error[USAGE]");
    expect((await run(["workspaces", "run", "nobody"])).stderr).toContain("error[WORKSPACE_UNKNOWN]");
  });
});
