import { join } from "node:path";
import { GrowthosError } from "../../base/errors.js";
import type { FileStat, Files } from "../../base/files.js";
import { isWorkspaceName } from "../../base/ids.js";
import type { Clients } from "../../config/types.js";
import { type Command, type CommandArgs, type CommandContext, flagOption, stringOption } from "../command.js";
import { createContext } from "../context.js";

export const command: Command = {
  name: "workspaces add",
  summary: "add a workspace: write its file, check it, create its folder",
  description:
    "Writes <workspacesFolder>/<name>.json, as `workspacesFolder` in the config says, and creates the workspace. What is written is checked first; nothing is written when it is wrong. Sources, costs and targets are then edited in the file; credentials come with `growthos connect <source> --workspace <name>`, or from .env.<name>.",
  arguments: [{ usage: "<name>", description: "a slug: a-z, 0-9 and single hyphens inside, at most 48 characters" }],
  options: [
    { flags: "--shop <text>", description: "the shop's name, as reports show it" },
    { flags: "--currency <code>", description: "reporting currency, ISO 4217" },
    { flags: "--time-zone <zone>", description: "IANA zone in which a day begins and ends" },
    { flags: "--from <file>", description: "start from this JSON file (- for standard input)" },
    { flags: "--demo", description: "a simulated shop, to try things with" },
  ],
  examples: [
    'growthos workspaces add acme --shop "Acme" --currency USD --time-zone America/New_York',
    'growthos workspaces add acme --shop "Acme" --from template.json',
    "growthos workspaces add trial --demo",
  ],
  async run(context, args) {
    const name = args.positionals[0] ?? "";
    if (!isWorkspaceName(name)) throw badName(name);
    // The folder is known without anybody's file being opened but the new one's.
    const inside = withFlag(context, name);
    const config = await inside.config();
    if (config.clients === undefined) throw noFolder();
    await refuseTaken(context, config, name);
    const text = await textFor(context, args, name);
    const path = join(config.clients.folder, `${name}.json`);
    await requireRight(context, { name, text, path, clients: config.clients });
    const json = { workspace: name, file: path, dry_run: context.flags.dryRun };
    if (context.flags.dryRun) return { exit: "ok", json, text: `would write ${path}:\n${text.trimEnd()}` };
    writeNew(context, { path, text, folder: config.clients.folder });
    await withFlag(context, name).workspace();
    const next = [`growthos connect <source> --workspace ${name}`, `growthos run --workspace ${name}`];
    return {
      exit: "ok",
      json: { ...json, next },
      text: [
        `added workspace "${name}": ${path}`,
        "",
        "Next: put its sources into the file, then",
        ...next.map((line) => `  ${context.output.paint("hint", line)}`),
      ].join("\n"),
    };
  },
};

function withFlag(context: CommandContext, name: string, files: Files = context.effects.files): CommandContext {
  const { effects, flags, output, packageFolder, version } = context;
  return createContext({
    effects: { ...effects, files },
    flags: { ...flags, workspace: name },
    output,
    packageFolder,
    version,
  });
}

async function refuseTaken(
  { effects }: CommandContext,
  config: Awaited<ReturnType<CommandContext["config"]>>,
  name: string,
): Promise<void> {
  const { workspaceNames } = await import("../../config/workspaces.js");
  if (workspaceNames(config).includes(name)) {
    throw new GrowthosError({
      code: "WORKSPACE_EXISTS",
      what: `there is a workspace "${name}" already`,
      state: "nothing was written",
      hint: "choose another name, or edit its file",
      exit: "usage",
    });
  }
  const root = join(config.projectRoot, "workspaces", name);
  if (effects.files.stat(root) === undefined) return;
  throw new GrowthosError({
    code: "WORKSPACE_LEFTOVER",
    what: `there is data of a former workspace "${name}"`,
    why: `${root} is there, and no config names it: a new client would be given another one's data`,
    state: "nothing was written",
    hint: `choose another name, or delete it first: growthos workspaces remove ${name}`,
    exit: "usage",
  });
}

/** The file's text: what was given, with what the flags say on top. Throws USAGE with everything that is missing. */
async function textFor(context: CommandContext, args: CommandArgs, name: string): Promise<string> {
  const from = stringOption(args, "from");
  const given = from === undefined ? {} : await readGiven(context, from);
  const isDemo = flagOption(args, "demo");
  const demo = isDemo ? { name: `Demo ${name}`, currency: "USD", timeZone: "America/New_York" } : {};
  const typed = {
    name: stringOption(args, "shop"),
    currency: stringOption(args, "currency"),
    timeZone: stringOption(args, "timeZone"),
  };
  const shop = { ...demo, ...membersOf(given["shop"]), ...defined(typed) };
  const missing = (["name", "currency", "timeZone"] as const).filter((key) => !(key in shop));
  const flags = { name: "--shop", currency: "--currency", timeZone: "--time-zone" };
  if (missing.length > 0) {
    throw new GrowthosError({
      code: "USAGE",
      what: `what is the shop? ${missing.map((key) => flags[key]).join(", ")} is missing`,
      state: "nothing was written",
      hint: `growthos workspaces add ${name} --shop "Acme" --currency USD --time-zone America/New_York`,
      exit: "usage",
    });
  }
  const sources = given["sources"] ?? (isDemo ? { demo: {} } : { files: {} });
  return `${JSON.stringify({ ...given, shop, sources }, null, 2)}\n`;
}

async function readGiven({ effects }: CommandContext, from: string): Promise<Readonly<Record<string, unknown>>> {
  const { resolve } = await import("node:path");
  const path = resolve(effects.cwd, from);
  if (from !== "-" && effects.files.stat(path)?.kind !== "file") throw badFile(from, "there is no such file");
  const text = from === "-" ? await effects.input() : effects.files.readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badFile(from, cause instanceof Error ? cause.message : String(cause));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badFile(from, "it holds no object");
  return value as Readonly<Record<string, unknown>>;
}

interface NewClient {
  readonly name: string;
  readonly text: string;
  readonly path: string;
  readonly clients: Clients;
}

/** Reads the config as it would be with the new file, before it is there. Throws what is wrong with it. */
async function requireRight(context: CommandContext, { name, text, path, clients }: NewClient): Promise<void> {
  const { files } = context.effects;
  const bytes = Buffer.byteLength(text);
  const stat: FileStat = { kind: "file", bytes, modifiedMs: 0, inode: 0, device: 0, mode: 0o600, owner: 0 };
  const withNew: Files = {
    ...files,
    list: (folder) => (folder === clients.folder ? [...files.list(folder), `${name}.json`] : files.list(folder)),
    stat: (at) => (at === path ? stat : files.stat(at)),
    readText: (at) => (at === path ? text : files.readText(at)),
  };
  await withFlag(context, name, withNew).workspaceConfig();
}

/** Whole or not at all, and never over a file that somebody else has just written. */
function writeNew(
  { effects: { files, random } }: CommandContext,
  { path, text, folder }: { readonly path: string; readonly text: string; readonly folder: string },
): void {
  files.makeFolder(folder);
  const temporary = join(folder, `.new-${random.hex(6)}`);
  files.write(temporary, text);
  files.sync(temporary);
  try {
    files.link(temporary, path);
  } finally {
    files.remove(temporary);
  }
  files.sync(folder);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function defined(members: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function badName(name: string): GrowthosError {
  return new GrowthosError({
    code: "WORKSPACE_NAME",
    what: `${JSON.stringify(name.slice(0, 80))} cannot be the name of a workspace`,
    state: "nothing was written",
    hint: "use lower-case letters, digits and single hyphens inside, at most 48 characters",
    exit: "usage",
  });
}

function badFile(from: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "USAGE",
    what: `${from === "-" ? "standard input" : from} is no workspace as JSON`,
    why,
    state: "nothing was written",
    hint: 'write what stands under `workspaces` in a config: { "shop": { "name": …, "currency": …, "timeZone": … } }',
    exit: "usage",
  });
}

function noFolder(): GrowthosError {
  return new GrowthosError({
    code: "WORKSPACES_FOLDER",
    what: "the config does not say where files of workspaces are",
    state: "nothing was written",
    hint: 'write `workspacesFolder: "clients"` into growthos.config.ts, and what is at its top level now under `workspaces: { main: { … } }`; `growthos init --agency` writes such a config',
    exit: "usage",
  });
}
