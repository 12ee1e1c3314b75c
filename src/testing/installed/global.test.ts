/** `npm install --global` of the packed package, and what it can do from there: outside of any project of ours, and without a network. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../root.js";
import { textOf } from "../source.js";
import { freshFolder, removeFolders } from "../workspace.js";

const place = freshFolder();
const prefix = join(place, "global");
const { version } = JSON.parse(textOf("package.json")) as { readonly version: string };
// A namespace without any network where the system allows that; else a proxy that nobody answers.
const apart = spawnSync("unshare", ["-rn", "true"]).status === 0 ? ["unshare", "-rn"] : [];

beforeAll(() => {
  execFileSync("npm", ["run", "-s", "build"], { cwd: root });
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", place];
  const [packed] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" })) as readonly {
    readonly filename: string;
  }[];
  // Scripts of dependencies only build what is faster than their own JavaScript.
  const install = ["install", "--global", "--prefix", prefix, "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", [...install, join(place, packed?.filename ?? "")], { cwd: place, stdio: "pipe" });
}, 300_000);
afterAll(removeFolders);

/** The command that the installation put on the path. */
function growthos(cwd: string, ...args: readonly string[]) {
  const env = {
    PATH: `${join(prefix, "bin")}:${process.env["PATH"]}`,
    HOME: cwd,
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
    TZ: "Asia/Tokyo",
  };
  const [program = "", ...words] = [...apart, "growthos", ...args];
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8", maxBuffer: 1e8 });
  expect(status, stderr).toBe(0);
  return stdout;
}

describe("a global installation", () => {
  it("is on the path, and holds nothing that only we need", () => {
    expect(growthos(place, "--version")).toBe(`${version}\n`);
    const home = join(prefix, "lib/node_modules/growthos");
    expect(existsSync(join(home, "node_modules/vitest"))).toBe(false);
    expect(existsSync(join(home, "node_modules/pg"))).toBe(true);
  });

  it("begins a project in an empty folder", () => {
    const project = join(place, "shop");
    mkdirSync(project);
    growthos(project, "init", "--quiet");
    expect(readdirSync(project).sort()).toEqual([".env.example", ".gitignore", "growthos.config.ts", "workspaces"]);
    growthos(project, "doctor");
    expect(JSON.parse(growthos(project, "build", "--json", "--dry-run"))).toMatchObject({ schema_version: 1 });
  });

  it("makes the demo and its pages", () => {
    const demo = join(place, "demo");
    mkdirSync(demo);
    growthos(demo, "demo", "--quiet");
    const page = readFileSync(join(demo, "workspaces/demo/out/2026-02-09/index.html"), "utf8");
    expect(page).toContain("Northpine Goods");
    const csv = growthos(demo, "export", "fact_orders", "--format", "csv");
    expect(csv.split("\n").length).toBeGreaterThan(5_000);
    const asked = JSON.parse(growthos(demo, "ask", "net revenue last week", "--json"));
    expect(asked).toMatchObject({ schema_version: 1 });
  });
});
