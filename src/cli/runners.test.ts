/** Several runners that begin with an empty disk and share one store: the real program, its processes, and the store over the network. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type S3Double, startS3 } from "../testing/doubles/s3.js";
import { root } from "../testing/root.js";
import { freshFolder, removeFolders } from "../testing/workspace.js";

/** `south` is in the first half by its hash, `north` in the second. */
const NAMES = ["north", "south"] as const;
const SALT = "ab".repeat(32);
let double: S3Double;
beforeAll(async () => {
  double = await startS3();
});
afterAll(async () => {
  await double.close();
  removeFolders();
});

/** What CI checks out: config and files, and an environment with the credentials. Nothing of a workspace. */
function runner() {
  const cwd = freshFolder();
  const store = { url: "s3://lake/growthos", region: double.region, endpoint: double.server.origin };
  const shop = { name: "Northwind", currency: "USD", timeZone: "UTC" };
  const imports = [{ path: "inbox/orders.csv", as: "orders" }];
  const one = { shop, store, sources: { files: { imports } } };
  writeFileSync(join(cwd, "growthos.config.json"), JSON.stringify({ workspaces: { north: one, south: one } }));
  mkdirSync(join(cwd, "inbox"));
  writeFileSync(
    join(cwd, "inbox/orders.csv"),
    "order_id,ordered_at,total\n1,2026-02-01 10:00,12.50\n2,2026-02-03 11:00,7.50\n",
  );
  const keys = { AWS_ACCESS_KEY_ID: "AKIADOUBLE", AWS_SECRET_ACCESS_KEY: "CANARY-s3-secret-key" };
  const env = { PATH: process.env["PATH"] ?? "", HOME: cwd, GROWTHOS_SALT: SALT, GROWTHOS_MEMORY_MB: "3072", ...keys };
  const run = async (...argv: string[]) => {
    const program = [join(root, "bin/growthos.js"), ...argv, "--as-of", "2026-02-09", "--json", "--quiet"];
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd, env });
    return JSON.parse(stdout);
  };
  return { cwd, run };
}

/** How often something was landed. */
const commits = (name: string) =>
  [...double.objects.keys()].filter((key) => key.startsWith(`growthos/${name}/log/`)).length;

/** Whose reports stand on this disk. */
const pagesOf = (cwd: string) =>
  NAMES.filter((name) => existsSync(join(cwd, "workspaces", name, "out/2026-02-09/index.html")));

describe("runners that begin with nothing", () => {
  it("take their part each, from sync to report, and a later one finds all that was done", async () => {
    const first = runner();
    for (const name of NAMES) await first.run("store", "init", "--workspace", name);
    const [one, two] = [runner(), runner()];
    const both = await Promise.all(
      [one, two].map(({ run }, index) => run("workspaces", "run", "--all", "--shard", `${index + 1}/2`)),
    );
    const names = both.map(({ results }) => results.map(({ workspace }: { workspace: string }) => workspace));
    expect(names).toEqual([["south"], ["north"]]);
    expect([pagesOf(one.cwd), pagesOf(two.cwd)]).toEqual([["south"], ["north"]]);
    expect(NAMES.map(commits)).toEqual([1, 1]);

    // Its disk is as empty; what it is given again is there already.
    const later = runner();
    const { results } = await later.run("workspaces", "run", "--all", "--shard", "1/2");
    expect(results).toMatchObject([{ workspace: "south", answer: { sync: { run: { rows: 0, logVersion: 1 } } } }]);
    expect(pagesOf(later.cwd)).toEqual(["south"]);
    expect(NAMES.map(commits)).toEqual([1, 1]);
  }, 180_000);
});
