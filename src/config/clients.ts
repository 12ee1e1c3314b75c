/** Workspaces in files of their own: one `<name>.json` each in a folder, so that a client is added by adding a file. */
import { join } from "node:path";
import { GrowthosError, messageOf } from "../base/errors.js";
import type { Files } from "../base/files.js";
import { isWorkspaceName } from "../base/ids.js";
import { parseJson } from "../http/json.js";
import { type ParseOptions, parseShop } from "./parse.js";
import { configError } from "./problems.js";
import type { ClientFile, Clients, WorkspaceConfig } from "./types.js";

/** A file larger than this is no config. */
const MAX_BYTES = 1_000_000;
const ENDING = ".json";

/** What reading the folder needs. */
export interface ClientsOptions {
  /** Absolute path; a folder that is not there has no files yet. */
  readonly folder: string;
  /** Names that stand in the config itself. */
  readonly taken: readonly string[];
  readonly files: Files;
  readonly parse: ParseOptions;
  /** Opens the file of this workspace alone. */
  readonly only?: string;
}

/** Reads the files. What is wrong with one is kept beside it and stops nobody else. */
export function loadClients(options: ClientsOptions): {
  readonly workspaces: readonly WorkspaceConfig[];
  readonly clients: Clients;
} {
  const { folder, files, only } = options;
  const names = files.list(folder).filter((name) => name.endsWith(ENDING) && !name.startsWith("."));
  const read = names.map((file) => {
    const at = { name: file.slice(0, -ENDING.length), path: join(folder, file) };
    return only === undefined || only === at.name ? readClient(at, options) : { ...at, error: null, workspace: null };
  });
  return {
    workspaces: read.flatMap(({ workspace }) => (workspace === null ? [] : [workspace])),
    clients: { folder, files: read.map(({ name, path, error }) => ({ name, path, error })) },
  };
}

interface ReadClient extends ClientFile {
  readonly workspace: WorkspaceConfig | null;
}

function readClient(at: { readonly name: string; readonly path: string }, options: ClientsOptions): ReadClient {
  try {
    return { ...at, error: null, workspace: clientOf(at, options) };
  } catch (thrown) {
    const error = thrown instanceof GrowthosError ? thrown : broken(at.path, messageOf(thrown), thrown);
    return { ...at, error, workspace: null };
  }
}

function clientOf({ name, path }: { readonly name: string; readonly path: string }, options: ClientsOptions) {
  const { files, parse, taken } = options;
  const stat = files.stat(path);
  if (stat?.kind !== "file") throw broken(path, stat?.kind === "link" ? "it is a symbolic link" : "it is not a file");
  if (stat.bytes > MAX_BYTES) throw broken(path, `it has ${stat.bytes} bytes; a config has at most ${MAX_BYTES}`);
  if (taken.includes(name)) throw broken(path, `the config itself has a workspace "${name}"`);
  return parseClient(name, files.readText(path), { path, parse });
}

/** A client's text as a workspace. Throws CONFIG_BROKEN for what is no JSON, CONFIG_INVALID with every problem. */
export function parseClient(
  name: string,
  text: string,
  { path, parse }: { readonly path: string; readonly parse: ParseOptions },
): WorkspaceConfig {
  const { workspace, problems } = parseShop(name, withOwnInbox(name, jsonOf(text, path)), [], parse);
  if (workspace === null || problems.length > 0) throw configError(problems, path, text);
  return workspace;
}

function jsonOf(text: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw broken(path, messageOf(cause), cause);
  }
}

/** Clients do not share an inbox: a file that is dropped for one would be everybody's. */
function withOwnInbox(name: string, shop: unknown): unknown {
  const { sources } = membersOf(shop);
  const { files } = membersOf(sources);
  if (files === undefined || !isWorkspaceName(name)) return shop;
  return {
    ...membersOf(shop),
    sources: { ...membersOf(sources), files: { folder: `inbox/${name}`, ...membersOf(files) } },
  };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function broken(path: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "CONFIG_BROKEN",
    what: `${path} cannot be read`,
    why,
    state: "other workspaces are not affected",
    hint: "correct the file; `growthos workspaces list` shows which are wrong",
    exit: "usage",
    cause,
  });
}
