// What lies on an SFTP server, and what of it is to be read. Looks only: nothing is downloaded here.

import { GrowthosError, messageOf } from "../base/errors.js";
import type { ImportOptions } from "../connectors/files/options.js";
import { type DropOptions, importOf, type SftpSourceOptions } from "../connectors/sftp/options.js";
import type { RemoteFile, SftpClient } from "../http/sftp-types.js";
import { pathMatcher } from "./files-find.js";

/** A file on the server that the config names. */
export interface Candidate {
  /** `sftp:` and the path: how it is remembered and shown. */
  readonly name: string;
  readonly path: string;
  readonly declared: ImportOptions | null;
  readonly bytes: number;
  /** Whole seconds since 1970, by the server's clock. */
  readonly modifiedSeconds: number;
  /** Its marker is there, so that it is whole; without a marker it must be seen twice alike. */
  readonly isMarked: boolean;
  /** Where it is moved to after the commit; null: it stays. */
  readonly moveTo: string | null;
}

/** One look at everything that the config names. */
export interface Look {
  readonly candidates: readonly Candidate[];
  /** What was seen and left alone, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
  /** Paths that are not there, or may not be read; the others are read all the same. */
  readonly failures: readonly GrowthosError[];
}

/** Uploads under way, and the leavings of editors and upload programs. */
const UNFINISHED = /^\.|^~\$|~$|\.(tmp|temp|part|partial|filepart|crdownload|swp|lock)$/i;

/** Looks at the lists and the drop folders. Throws when the server cannot be asked at all. */
export async function look(client: SftpClient, options: SftpSourceOptions): Promise<Look> {
  const looks: Look[] = [];
  for (const as of ["locations", "users"] as const) {
    const given = options.masterData[as];
    if (given !== undefined) looks.push(await tried(given.path, () => lookAtList(client, { ...given, as })));
  }
  for (const drop of options.drops) looks.push(await tried(drop.folder, () => lookAtFolder(client, drop)));
  const candidates = looks.flatMap((one) => one.candidates);
  const taken = new Set<string>();
  return {
    // Two drops may name one file: the first that does has it.
    candidates: candidates.filter(({ path }) => !taken.has(path) && taken.add(path).size > 0),
    passedOver: looks.flatMap((one) => one.passedOver),
    failures: looks.flatMap((one) => one.failures),
  };
}

const NOTHING: Look = { candidates: [], passedOver: [], failures: [] };

/** A path that is missing or forbidden is that path's failure; a connection or a sign-in that fails is everybody's. */
async function tried(path: string, action: () => Promise<Look>): Promise<Look> {
  try {
    return await action();
  } catch (thrown) {
    const isAboutPath = thrown instanceof GrowthosError && messageOf(thrown).includes(JSON.stringify(path));
    if (!isAboutPath) throw thrown;
    return { ...NOTHING, failures: [thrown] };
  }
}

async function lookAtList(
  client: SftpClient,
  given: NonNullable<SftpSourceOptions["masterData"]["users"]> & { readonly as: "users" | "locations" },
): Promise<Look> {
  const { path, ...how } = given;
  const found = await client.stat(path);
  if (found === null) throw missing(path, `masterData.${given.as}`);
  if (found.kind !== "file") return { ...NOTHING, passedOver: [{ name: nameOf(path), why: WHY[found.kind] }] };
  return { ...NOTHING, candidates: [candidate(found, importOf(path, how), { isMarked: false, moveTo: null })] };
}

const WHY = {
  file: "",
  folder: "is a folder",
  link: "is a link; only files themselves are read",
  unusable: "has a name or a size that is refused",
} as const;

async function lookAtFolder(client: SftpClient, drop: DropOptions): Promise<Look> {
  const { folder, pattern, done, after, ...how } = drop;
  const entries = await client.list(folder);
  const names = new Set(entries.map(({ name }) => name));
  const matches = pathMatcher(pattern);
  const isMarker = (name: string) => done !== undefined && name.endsWith(done);
  const wanted = entries.filter(
    ({ name, kind }) => kind !== "folder" && !UNFINISHED.test(name) && !isMarker(name) && matches(name),
  );
  const files = wanted.filter(({ kind }) => kind === "file");
  const ready = files.filter(({ name }) => done === undefined || names.has(`${name}${done}`));
  const declared = importOf(`${folder.replace(/\/+$/, "")}/${pattern}`, how);
  const moveTo = after === "keep" ? null : after.moveTo;
  return {
    candidates: ready
      .map((file) => candidate(file, declared, { isMarked: done !== undefined, moveTo }))
      .sort((left, right) => collator.compare(left.path, right.path)),
    passedOver: [
      ...wanted.filter(({ kind }) => kind !== "file").map(({ path, kind }) => ({ name: nameOf(path), why: WHY[kind] })),
      ...files
        .filter((file) => !ready.includes(file))
        .map(({ path, name }) => ({ name: nameOf(path), why: `waits for ${JSON.stringify(`${name}${done}`)}` })),
    ],
    failures: [],
  };
}

const collator = new Intl.Collator("en", { numeric: true });

function candidate(
  file: RemoteFile,
  declared: ImportOptions | null,
  more: Pick<Candidate, "isMarked" | "moveTo">,
): Candidate {
  const { path, bytes, modifiedSeconds } = file;
  return { name: nameOf(path), path, declared, bytes, modifiedSeconds, ...more };
}

/** A name that a server made up may hold anything: what is shown of it is plain. */
function nameOf(path: string): string {
  return `sftp:${path.replaceAll(/[\p{Cc}\p{Cf}\uFFFD]/gu, "?").slice(0, 300)}`;
}

function missing(path: string, place: string): GrowthosError {
  return new GrowthosError({
    code: "API_REFUSED",
    what: `there is no ${JSON.stringify(path)} on the SFTP server`,
    why: `named by sources.sftp.${place}`,
    state: "nothing of this file was landed",
    hint: "correct the path in growthos.config.ts (it is case-sensitive; relative paths begin in the user's home folder)",
    exit: "source",
  });
}
