/** What is released: the package holds what is needed and nothing else, runs where it is unpacked, and reads what older releases left. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "./program.js";
import { root } from "./root.js";
import { textOf } from "./source.js";
import { freshFolder, removeFolders } from "./workspace.js";

afterAll(removeFolders);

const own = JSON.parse(textOf("package.json")) as Readonly<Record<string, unknown>> & { readonly version: string };
const RELEASES = join(root, "fixtures/releases");

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const place = freshFolder();
let packed: Packed | undefined;

/** As `npm publish` would send it; the build is the one that is tested. */
beforeAll(() => {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", place];
  [packed] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" })) as readonly Packed[];
});

describe("the package", () => {
  it("holds what is needed and nothing else", () => {
    const { files = [], size, unpackedSize } = packed ?? {};
    const paths = files.map(({ path }) => path);
    const top = new Set(paths.map((path) => path.split("/")[0]));
    expect([...top].sort()).toEqual(
      "LICENSE README.md bin dist growthos.config.ts package.json sql templates".split(" "),
    );
    const kinds =
      /^(LICENSE|README\.md|package\.json|growthos\.config\.ts|bin\/growthos\.js|dist\/(main|define|twin)\.js|dist\/chunks\/[\w.-]+\.js|dist\/pixel\/\w+\.js|dist\/types\/[\w/-]+\.d\.ts|sql\/[\w/]+\.(sql|csv|md)|templates\/[\w/-]+\.(hbs|css|js))$/;
    expect(paths.filter((path) => !kinds.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(test|map)\b|fixtures|node_modules/.test(path))).toEqual([]);
    // 2.2 and 9.6 MB in November 2026.
    expect(size).toBeLessThan(3_000_000);
    expect(unpackedSize).toBeLessThan(12_000_000);
  });

  it("says what it is, and points nowhere", () => {
    expect(own).toMatchObject({ name: "growthos", license: "MIT", engines: { node: ">=20.19" } });
    expect(own["keywords"]).toContain("duckdb");
    expect(Object.keys(own).filter((key) => /^(repository|bugs|homepage|private)$/.test(key))).toEqual([]);
    // Nothing runs on the machine of whoever installs it.
    expect(Object.keys(own["scripts"] as object).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });

  it("runs where it is unpacked, in a folder that is empty and without a network", () => {
    const project = freshFolder();
    execFileSync("tar", ["xzf", join(place, packed?.filename ?? ""), "-C", place]);
    symlinkSync(join(root, "node_modules"), join(place, "package/node_modules"));
    // A proxy that nobody answers: whatever asked the network would fail.
    const env = { PATH: process.env["PATH"], HOME: project, HTTPS_PROXY: "http://127.0.0.1:9", TZ: "Asia/Tokyo" };
    const growthos = (...args: readonly string[]) =>
      execFileSync(process.execPath, [join(place, "package/bin/growthos.js"), ...args], {
        cwd: project,
        encoding: "utf8",
        env,
      });
    expect(growthos("--version")).toBe(`${own.version}\n`);
    growthos("init", "--quiet");
    expect(readdirSync(project).sort()).toEqual([".env.example", ".gitignore", "growthos.config.ts", "workspaces"]);
    // The config imports the package by its name, which is not installed here: it is the running one.
    expect(JSON.parse(growthos("build", "--json", "--dry-run"))).toMatchObject({ schema_version: 1 });
  });

  it("tells its changes, the newest release first", () => {
    const told = [...textOf("README.md").matchAll(/^### (\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
    expect(told[0]).toBe(own.version);
    expect(readdirSync(RELEASES).filter((name) => name.endsWith(".zip"))).toContain("0.1.0.zip");
  });
});

/** Figures that the release itself told of what it left. */
const TOLD = [
  {
    release: "0.1.0",
    workspace: "exports",
    window: "2026-02-02..2026-02-04",
    // VAT is inside the prices: 40.00 - 6.39, 59.90 - 9.56, and 8.32 of the 9.90 that went back; the third order was cancelled.
    figures: { net_revenue: 7563, returns: 832, orders: 2, new_customers: 2 },
  },
  {
    release: "0.1.0",
    workspace: "platforms",
    window: "2026-02-01..2026-02-07",
    figures: { net_revenue: 929_155, orders: 109, returns: 54_400, spend: 400_444 },
  },
] as const;

/** The project that a release left, in a folder of its own. */
function projectOf(release: string): string {
  const folder = freshFolder();
  const bytes = readFileSync(join(RELEASES, `${release}.zip`));
  expect(bytes.length).toBeLessThan(300_000);
  for (const [path, content] of Object.entries(unzipSync(bytes))) {
    mkdirSync(path.endsWith("/") ? join(folder, path) : dirname(join(folder, path)), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The program in that folder; it has to end well. */
function programIn(cwd: string, workspace: string) {
  return async (...args: readonly string[]) => {
    const { exit, stdout, stderr } = await runProgram([...args, "--workspace", workspace, "--json"], { cwd });
    expect(exit, stderr).toBe(0);
    return JSON.parse(stdout);
  };
}

/** What a release looks at before it reads a workspace: 0.1.0 refuses (`WORKSPACE_NEWER`, "update growthos") whatever is above 1. */
function layoutIn(folder: string, workspace: string): unknown {
  return JSON.parse(readFileSync(join(folder, "workspaces", workspace, "workspace.json"), "utf8")).layout;
}

describe("a project of an older release", () => {
  it.each(TOLD)("$release, $workspace: is read, built and reported with the same figures", async (told) => {
    const folder = projectOf(told.release);
    const growthos = programIn(folder, told.workspace);
    await growthos("verify", "--full");
    // What was read once is not read again.
    if (told.workspace === "exports") expect(await growthos("sync")).toMatchObject({ run: { rows: 0 } });
    await growthos("build");
    const names = Object.keys(told.figures);
    const { totals } = await growthos("metrics", ...names, "--window", told.window);
    expect(Object.fromEntries(names.map((name) => [name, totals[name].value.value]))).toEqual(told.figures);
    await growthos("report", "--page", "executive", "--format", "md", "--no-build");
    // Nothing in it is new to the release that left it.
    expect(layoutIn(folder, told.workspace)).toBe(1);
  });

  it("is kept from the older release once somebody is forgotten in it, whom that one would bring back", async () => {
    const folder = projectOf("0.1.0");
    const growthos = programIn(folder, "exports");
    await growthos("sync");
    expect(layoutIn(folder, "exports")).toBe(1);
    await growthos("forget", "ana@example.com", "--yes", "--no-build");
    expect(layoutIn(folder, "exports")).toBe(2);
    await growthos("verify", "--full");
    await growthos("build");
    const { totals } = await growthos("metrics", "net_revenue", "--window", "2026-02-02..2026-02-04");
    expect(totals.net_revenue.value.value).toBe(7563);
    expect(layoutIn(folder, "platforms")).toBe(1);
  });
});
