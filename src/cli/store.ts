/** The object store of a workspace, as commands reach it: credentials from the environment, opened when it is first asked. */
import { GrowthosError } from "../base/errors.js";
import type { Objects } from "../base/objects.js";
import { Secret } from "../base/secret.js";
import type { StorePlace, WorkspaceConfig } from "../config/types.js";
import { s3Objects } from "../http/s3/client.js";
import { type KnownWorkspace, saltIdOf } from "../warehouse/layout.js";
import { emptyStore, readStoreIdentity } from "../warehouse/store/identity.js";
import { sharedStore } from "../warehouse/store/open.js";
import type { SharedStore } from "../warehouse/types.js";
import type { Effects, Output } from "./command.js";

/** What opening a store takes. */
export interface StoreParts {
  readonly effects: Effects;
  readonly output: Output;
  /** With what `.env` adds. */
  readonly env: () => Promise<Effects["env"]>;
}

/** Time for one request about a small object; a part has as long as a download. */
const REQUEST = { totalMs: 10 * 60_000, maxBodyBytes: 64 * 1024 * 1024 };

/** The store of a config; asks nothing, and wants no credentials, before something is read or written. */
export function openStore(parts: StoreParts, store: NonNullable<WorkspaceConfig["store"]>): SharedStore {
  let made: Promise<Objects> | undefined;
  const objects = lazyObjects(`s3://${store.bucket}/${store.prefix}`, () => {
    made ??= placeObjects(parts, store);
    return made;
  });
  return sharedStore({ objects, random: parts.effects.random, told: (text) => parts.output.note(text) });
}

/** A place in a store with the credentials of the environment; asks nothing yet. Throws `STORE_CREDENTIALS`. */
export async function placeObjects({ effects, env }: Omit<StoreParts, "output">, place: StorePlace): Promise<Objects> {
  const { clock, random, signal } = effects;
  const variables = await env();
  const secret = (name: string) => {
    const text = variables[name];
    if (text === undefined || text === "") return undefined;
    const made = new Secret(text);
    effects.secrets.push(made);
    return made;
  };
  const accessKeyId = variables["AWS_ACCESS_KEY_ID"];
  const [secretAccessKey, sessionToken] = [secret("AWS_SECRET_ACCESS_KEY"), secret("AWS_SESSION_TOKEN")];
  if (accessKeyId === undefined || accessKeyId === "" || secretAccessKey === undefined) {
    throw new GrowthosError({
      code: "STORE_CREDENTIALS",
      what: "the credentials of the store are missing",
      why: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are wanted",
      state: "nothing was read",
      hint: "set them in the environment, or in .env beside the config",
      exit: "auth",
    });
  }
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  const transport = await effects.transport({ ...REQUEST, allowLoopback: place.endpoint.startsWith("http://") });
  return s3Objects({ ...place, credentials, transport, clock, random, signal });
}

function lazyObjects(place: string, open: () => Promise<Objects>): Objects {
  return {
    place,
    get: async (key) => (await open()).get(key),
    download: async (key, sink) => (await open()).download(key, sink),
    put: async (key, body) => (await open()).put(key, body),
    putIfAbsent: async (key, text) => (await open()).putIfAbsent(key, text),
    list: async (prefix, after) => (await open()).list(prefix, after),
    remove: async (key) => (await open()).remove(key),
  };
}

/** What a machine with an empty disk begins with: the store's identity, and the salt from the environment. Throws `STORE_EMPTY`, `STORE_SALT`. */
export async function knownWorkspace(
  { effects, env }: Omit<StoreParts, "output">,
  { objects }: SharedStore,
): Promise<KnownWorkspace> {
  const identity = await readStoreIdentity(objects);
  if (identity === null) throw emptyStore(objects);
  const text = (await env())["GROWTHOS_SALT"]?.trim();
  if (text !== undefined) effects.secrets.push(new Secret(text));
  if (text !== undefined && saltIdOf(text) === identity.saltId) return { id: identity.id, salt: text };
  throw new GrowthosError({
    code: "STORE_SALT",
    what:
      text === undefined ? "the salt of the workspace is missing" : "GROWTHOS_SALT is not the salt of this workspace",
    why: "the store does not hold it, and with another one the same person would get another hash",
    state: "nothing was read",
    hint: `set GROWTHOS_SALT to what stands in workspaces/${identity.name}/salt on the machine that began the store`,
    exit: "auth",
  });
}

/** Throws `STORE_UNSUPPORTED` for a command that a workspace in a store must not half do. */
export function refuseWithStore(
  own: WorkspaceConfig,
  command: string,
  { why, hint }: { readonly why: string; readonly hint: string },
): void {
  if (own.store === undefined) return;
  throw new GrowthosError({
    code: "STORE_UNSUPPORTED",
    what: `${command} is not possible for a workspace that lives in a store`,
    why,
    state: "nothing was changed",
    hint,
    exit: "usage",
  });
}

/** Mails stand on the disk of the machine that sends them. */
export const NO_MAIL = {
  why: "what is mailed, and to whom, is kept on one machine: two of them would send twice",
  hint: "let a workspace without `store` send; alerts are told from every machine",
} as const;
