import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { isWorkspaceName } from "../base/ids.js";
import { parseJson } from "../http/json.js";
import type { ShippedRules } from "./alerts.js";
import { loadClients } from "./clients.js";
import type { Env } from "./interpolate.js";
import { type ParseOptions, parseConfig, type TargetMetric } from "./parse.js";
import { configError } from "./problems.js";
import type { SourceSchema } from "./sources.js";
import type { Config } from "./types.js";

/** Names looked for in the project folder, in this order. */
export const CONFIG_NAMES = ["growthos.config.ts", "growthos.config.mjs", "growthos.config.js", "growthos.config.json"];

/** A config larger than this is not one. */
const MAX_BYTES = 1_000_000;

/** What loading needs from outside. */
export interface LoadOptions {
  /** Folder in which the command was started. */
  readonly cwd: string;
  /** `--config`: a file or a folder; relative to `cwd`. */
  readonly path?: string;
  readonly env: Env;
  readonly files: Files;
  /** The installed package: `import … from "growthos"` in a config is answered from here. */
  readonly packageFolder: string;
  readonly sources: readonly SourceSchema[];
  readonly metrics: readonly TargetMetric[];
  readonly alertRules?: ShippedRules;
  /** Names of the sections and blocks of the weekly review. */
  readonly deck?: NonNullable<ParseOptions["deck"]>;
  /** Holds the user's own metrics against the catalog. */
  readonly checkMetrics?: ParseOptions["checkMetrics"];
  /** The only workspace that is wanted: files of other clients are not opened. */
  readonly workspace?: string;
}

/**
 * Finds, runs and checks the config. Throws CONFIG_MISSING, CONFIG_BROKEN (it cannot be run: file, line and reason) or
 * CONFIG_INVALID (all problems at once, each with path and line).
 */
export async function loadConfig(options: LoadOptions): Promise<Config> {
  const file = findConfig(options);
  const folder = dirname(file);
  const source = options.files.readText(file);
  if (source.length > MAX_BYTES) {
    throw broken(file, `it has ${source.length} characters; a config is smaller than ${MAX_BYTES}`);
  }
  const env = readEnv(folder, options.env, options.files);
  const written = await run(file, { source, env, packageFolder: options.packageFolder, files: options.files });
  const { sources, metrics, alertRules, checkMetrics, deck } = options;
  const rules = { ...(alertRules === undefined ? {} : { alertRules }), ...(deck === undefined ? {} : { deck }) };
  const envOf = (workspace: string) => readEnv(folder, options.env, options.files, workspace);
  const parse = { env, envOf, sources, metrics, checkMetrics, ...rules };
  const { problems, workspaces, folder: clientsFolder } = parseConfig(written, parse);
  if (problems.length > 0) throw configError(problems, nameFrom(options.cwd, file), source);
  if (clientsFolder === null) return { projectRoot: folder, workspaces };
  const found = loadClients({
    folder: resolve(folder, clientsFolder),
    taken: workspaces.map(({ name }) => name),
    files: options.files,
    parse,
    ...(options.workspace === undefined ? {} : { only: options.workspace }),
  });
  return { projectRoot: folder, workspaces: [...workspaces, ...found.workspaces], clients: found.clients };
}

/** True when a folder has a config of its own. */
export function hasConfig(folder: string, files: Files): boolean {
  return CONFIG_NAMES.some((name) => files.stat(join(folder, name)) !== undefined);
}

/** The config's path. Throws CONFIG_MISSING when there is none. */
export function findConfig(options: Pick<LoadOptions, "cwd" | "path" | "files">): string {
  const wanted = resolve(options.cwd, options.path ?? ".");
  const candidates =
    options.files.stat(wanted)?.kind === "file" ? [wanted] : CONFIG_NAMES.map((name) => join(wanted, name));
  const found = candidates.find((candidate) => options.files.stat(candidate) !== undefined);
  if (found !== undefined) return found;
  throw new GrowthosError({
    code: "CONFIG_MISSING",
    what:
      options.path === undefined
        ? "there is no growthos.config.ts in this folder"
        : `there is no config at ${options.path}`,
    why: `looked for ${candidates.map((candidate) => nameFrom(options.cwd, candidate)).join(", ")}`,
    hint: "run `growthos init` here, or name one with --config <path>; `growthos demo` needs none",
    exit: "usage",
  });
}

/**
 * The environment with what `.env` adds; a variable that is set already is never overridden. For one workspace, what `.env.<workspace>`
 * says comes first: a variable that is set for everybody must not reach into the account of a customer who has one of their own.
 */
export function readEnv(folder: string, env: Env, files: Files, workspace?: string): Env {
  const read = (name: string): Env => {
    const path = join(folder, name);
    return files.stat(path)?.kind === "file" ? parseEnv(files.readText(path)) : {};
  };
  const own = workspace !== undefined && isWorkspaceName(workspace) ? read(`.env.${workspace}`) : {};
  return { ...read(".env"), ...env, ...own };
}

interface RunOptions {
  readonly source: string;
  readonly env: Env;
  readonly packageFolder: string;
  readonly files: Files;
}

async function run(file: string, options: RunOptions): Promise<unknown> {
  if (file.endsWith(".json")) return jsonOf(file, options.source);
  const { createJiti } = await import("jiti");
  const built = join(options.packageFolder, "dist", "define.js");
  const define = options.files.stat(built) ? built : join(options.packageFolder, "src", "config", "define.ts");
  const jiti = createJiti(file, { alias: { growthos: define }, fsCache: false, moduleCache: false });
  // The config may read process.env itself, so what .env adds is there while it runs, and only then.
  const added = Object.keys(options.env).filter(
    (name) => process.env[name] === undefined && options.env[name] !== undefined,
  );
  for (const name of added) process.env[name] = options.env[name];
  try {
    return await jiti.import(file, { default: true });
  } catch (cause) {
    throw broken(file, placeOf(file, cause), cause);
  } finally {
    for (const name of added) delete process.env[name];
  }
}

function jsonOf(file: string, source: string): unknown {
  try {
    return parseJson(source);
  } catch (cause) {
    throw broken(file, messageOf(cause), cause);
  }
}

function broken(file: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "CONFIG_BROKEN",
    what: `${file} cannot be read`,
    why,
    state: "nothing was read or written; the last build and its reports are as they were",
    hint: "correct the file at the place named above",
    exit: "usage",
    cause,
  });
}

/** `<file>:<line>: <reason>` of what jiti threw: a parse error carries the place in its text, a run-time error in its stack. */
function placeOf(file: string, cause: unknown): string {
  const [reason = ""] = messageOf(cause)
    .replace(/^ParseError: /, "")
    .split("\n");
  const trace = `${messageOf(cause)}\n${cause instanceof Error ? cause.stack : ""}`;
  const at = trace.indexOf(`${file}:`);
  const line = at < 0 ? undefined : /^:(\d+)/.exec(trace.slice(at + file.length))?.[1];
  return `${line === undefined ? file : `${file}:${line}`}: ${reason.trim()}`;
}

/** A path as people would type it from `cwd`. */
function nameFrom(cwd: string, path: string): string {
  const prefix = cwd.endsWith("/") ? cwd : `${cwd}/`;
  return isAbsolute(path) && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
