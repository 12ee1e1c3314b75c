import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { diskFiles } from "../warehouse/disk.js";
import { loadConfig, readEnv } from "./load.js";
import type { Config } from "./types.js";
import { pickWorkspace } from "./workspaces.js";

const sources = [
  { id: "shopify", options: z.strictObject({ shop: z.string() }) },
  { id: "files", options: z.strictObject({ folder: z.string().default("inbox") }) },
];
const FOLDER = `import { defineConfig } from "growthos";\nexport default defineConfig({ workspacesFolder: "clients" });\n`;
const client = (more: object = {}) =>
  JSON.stringify({ shop: { name: "Acme", currency: "USD", timeZone: "UTC" }, ...more }, null, 2);

/** A project with one file per entry. */
function project(entries: Readonly<Record<string, string>>, config = FOLDER): string {
  const cwd = mkdtempSync(join(tmpdir(), "growthos-clients-"));
  mkdirSync(join(cwd, "clients"));
  writeFileSync(join(cwd, "growthos.config.ts"), config);
  for (const [path, text] of Object.entries(entries)) writeFileSync(join(cwd, path), text);
  return cwd;
}

function load(cwd: string, more: { readonly workspace?: string; readonly files?: Files } = {}): Promise<Config> {
  return loadConfig({ cwd, env: {}, files: diskFiles, packageFolder: process.cwd(), sources, metrics: [], ...more });
}

/** `CODE why` of a client, or null. */
function errorOf({ clients }: Config, name: string): string | null {
  const error = clients?.files.find((file) => file.name === name)?.error ?? null;
  return error === null ? null : `${error.code} ${error.parts.why}`;
}

const thrownBy = (act: () => unknown): GrowthosError => {
  try {
    act();
  } catch (thrown) {
    return thrown as GrowthosError;
  }
  throw new Error("nothing was thrown");
};

describe("workspaces in files of their own", () => {
  it("are workspaces like all others, each with an inbox of its own", async () => {
    const cwd = project({
      "clients/acme.json": client({ sources: { files: {}, shopify: { shop: "acme" } } }),
      "clients/beta.json": client({ sources: { files: { folder: "drop" } } }),
      "clients/notes.txt": "not a client",
    });
    const config = await load(cwd);
    expect(config.workspaces.map(({ name }) => name)).toEqual(["acme", "beta"]);
    expect(config.workspaces.map((one) => one.sources.find(({ id }) => id === "files")?.options)).toEqual([
      { folder: "inbox/acme" },
      { folder: "drop" },
    ]);
    expect(thrownBy(() => pickWorkspace(config, undefined)).code).toBe("WORKSPACE_AMBIGUOUS");
  });

  it("that are wrong stop nobody but themselves", async () => {
    const cwd = project({
      "clients/acme.json": client(),
      "clients/broken.json": '{ "shop": ',
      "clients/deep.json": "[".repeat(400_000),
      "clients/large.json": " ".repeat(1_000_001),
      "clients/odd.json": client({ shop: { name: "Odd", currency: "EURO", timeZone: "Mars/One" }, target: {} }),
    });
    symlinkSync(join(cwd, "clients/acme.json"), join(cwd, "clients/linked.json"));
    const config = await load(cwd);
    expect(config.workspaces.map(({ name }) => name)).toEqual(["acme"]);
    expect(errorOf(config, "acme")).toBeNull();
    expect(errorOf(config, "broken")).toMatch(/^CONFIG_BROKEN /);
    expect(errorOf(config, "deep")).toMatch(/^CONFIG_BROKEN /);
    expect(errorOf(config, "large")).toBe("CONFIG_BROKEN it has 1000001 bytes; a config has at most 1000000");
    expect(errorOf(config, "linked")).toBe("CONFIG_BROKEN it is a symbolic link");
    expect(errorOf(config, "odd")).toMatch(
      /CONFIG_INVALID .*odd\.json:4 {2}shop\.currency: .*\n.*:5 {2}shop\.timeZone[\s\S]*target: unknown key; did you mean "targets"/,
    );
    expect(thrownBy(() => pickWorkspace(config, "odd")).code).toBe("CONFIG_INVALID");
  });

  it.each(["CON", "Acme", "ä", "a".repeat(49), "-a", "аcme"])("refuse the name %s", async (name) => {
    const config = await load(project({ [`clients/${name}.json`]: client() }));
    expect(errorOf(config, name)).toMatch(/CONFIG_INVALID .*a workspace name has/);
  });

  it("are refused when the config itself has one of the name", async () => {
    const shop = '{ shop: { name: "A", currency: "EUR", timeZone: "UTC" } }';
    const cwd = project(
      { "clients/acme.json": client(), "clients/beta.json": client() },
      `export default { workspaces: { acme: ${shop} }, workspacesFolder: "clients" };\n`,
    );
    const config = await load(cwd);
    expect(config.workspaces.map(({ name, shop: { currency } }) => [name, currency])).toEqual([
      ["acme", "EUR"],
      ["beta", "USD"],
    ]);
    expect(errorOf(config, "acme")).toBe('CONFIG_BROKEN the config itself has a workspace "acme"');
  });

  it("may be none yet", async () => {
    const config = await load(project({}));
    expect(config.workspaces).toEqual([]);
    expect(thrownBy(() => pickWorkspace(config, undefined)).parts).toMatchObject({ code: "WORKSPACE_NONE" });
  });

  it("are not opened when another one is asked for", async () => {
    const cwd = project({ "clients/acme.json": client(), "clients/beta.json": client() });
    const opened: string[] = [];
    const files: Files = {
      ...diskFiles,
      readText: (path) => {
        opened.push(path.slice(cwd.length + 1));
        return readFileSync(path, "utf8");
      },
    };
    const config = await load(cwd, { workspace: "beta", files });
    expect(config.workspaces.map(({ name }) => name)).toEqual(["beta"]);
    expect(opened).toEqual(["growthos.config.ts", "clients/beta.json"]);
    expect(thrownBy(() => pickWorkspace(config, "betta")).parts.hint).toBe("did you mean --workspace beta?");
  });
});

describe("variables of one workspace", () => {
  it("come before those of all, and never reach another", async () => {
    const cwd = project({
      ".env": "NAME=all\nTOKEN=from-env-file\n",
      ".env.acme": "NAME=own\n",
      "clients/acme.json": client({ shop: { name: `\${NAME}`, currency: "USD", timeZone: "UTC" } }),
      "clients/beta.json": client({ shop: { name: `\${NAME}`, currency: "USD", timeZone: "UTC" } }),
    });
    const config = await load(cwd);
    expect(config.workspaces.map(({ shop }) => shop.name)).toEqual(["own", "all"]);
    expect(readEnv(cwd, { NAME: "set" }, diskFiles, "acme")).toEqual({ NAME: "own", TOKEN: "from-env-file" });
    expect(readEnv(cwd, { NAME: "set" }, diskFiles, "beta")).toEqual({ NAME: "set", TOKEN: "from-env-file" });
    expect(readEnv(cwd, {}, diskFiles, "../acme")).toEqual({ NAME: "all", TOKEN: "from-env-file" });
  });
});
