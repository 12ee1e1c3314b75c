import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { undiciTransport } from "../http/undici.js";
import { type S3Double, startS3 } from "../testing/doubles/s3.js";
import { type ProgramResult, runProgram } from "../testing/program.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";

const transport = undiciTransport({ allowLoopback: true });
let double: S3Double;
beforeAll(async () => {
  double = await startS3();
});
afterAll(async () => {
  await transport.close();
  await double.close();
  removeFolders();
});

const KEYS = { AWS_ACCESS_KEY_ID: "AKIADOUBLE", AWS_SECRET_ACCESS_KEY: "CANARY-s3-secret-key" };

/** A machine: a folder with the config, and an environment. */
function machine(store: S3Double, env: Readonly<Record<string, string>> = KEYS) {
  const cwd = freshFolder();
  const config = {
    shop: { name: "Northwind", currency: "USD", timeZone: "UTC" },
    store: { url: "s3://lake/growthos", region: store.region, endpoint: store.server.origin },
  };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify(config));
  const run = (line: string, more: Readonly<Record<string, string>> = {}): Promise<ProgramResult> =>
    runProgram(line.split(" "), { cwd, transport, env: { HOME: cwd, ...env, ...more } });
  return { cwd, run };
}

describe("a workspace in a store, by its commands", () => {
  it("begins on one machine and goes on on others, which need its salt", async () => {
    const first = machine(double);
    expect((await first.run("sync")).stderr).toContain("error[STORE_EMPTY]");
    const begun = await first.run("store init");
    expect([begun.exit, begun.stdout]).toEqual([
      0,
      expect.stringContaining("lives in s3://lake/growthos/main: 0 commits"),
    ]);
    const salt = readFileSync(join(first.cwd, "workspaces/main/salt"), "utf8").trim();
    expect((await first.run("costs add rent --amount 5 --from 2026-01-01")).exit).toBe(0);

    const second = machine(double);
    expect((await second.run("store pull")).stderr).toContain("error[STORE_SALT]");
    expect((await second.run("store pull", { GROWTHOS_SALT: "0".repeat(64) })).stderr).toContain("is not the salt");
    const pulled = await second.run("store pull --json", { GROWTHOS_SALT: salt });
    expect(JSON.parse(pulled.stdout)).toMatchObject({ workspace: "main", version: 1, files: 1 });
    const [one, other] = [await first.run("costs list --json"), await second.run("costs list --json")];
    expect(JSON.parse(other.stdout)).toEqual(JSON.parse(one.stdout));
    // Neither secret stands in the store, nor is either said.
    const kept = [...double.objects.values()].map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join();
    for (const secret of [salt, KEYS.AWS_SECRET_ACCESS_KEY]) {
      expect(kept).not.toContain(secret);
      expect(begun.stdout + begun.stderr + pulled.stdout + pulled.stderr).not.toContain(secret);
    }
    for (const line of ["report send --to a@example.com", "restore x", "workspaces remove main --yes", "branches send"])
      expect([line, (await first.run(line)).exit]).toEqual([line, 2]);
    expect((await first.run("restore x")).stderr).toContain("error[STORE_UNSUPPORTED]");
    expect((await first.run("verify --full")).exit).toBe(0);
    for (const key of [...double.objects.keys()].filter((name) => name.includes("/landing/")))
      double.objects.delete(key);
    const damaged = await first.run("verify");
    expect([damaged.exit, damaged.stderr + damaged.stdout]).toEqual([8, expect.stringContaining("STORE_PART")]);
    expect((await first.run("store init")).exit).toBe(0);
    expect((await first.run("verify --full")).exit).toBe(0);
  });

  it("wants credentials, and a store that keeps two machines apart", async () => {
    const poor = await machine(double, {}).run("store init");
    expect([poor.exit, poor.stderr]).toEqual([7, expect.stringContaining("AWS_ACCESS_KEY_ID and")]);
    const denied = await machine(double, { ...KEYS, AWS_SECRET_ACCESS_KEY: "wrong" }).run("store init");
    expect([denied.exit, denied.stderr]).toEqual([7, expect.stringContaining("SignatureDoesNotMatch")]);
    for (const [conditional, code] of [
      ["ignored", "STORE_UNFIT"],
      ["refused", "STORE_REFUSED"],
    ] as const) {
      const unfit = await startS3({ conditional });
      const { run } = machine(unfit);
      expect((await run("store init")).stderr).toContain(`error[${code}]`);
      const told = await run("doctor");
      expect(told.stdout).toMatch(/fail {2}main: store/);
      expect(unfit.objects.size).toBe(0);
      await unfit.close();
    }
  });
});
