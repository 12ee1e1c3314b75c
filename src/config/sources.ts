import type { ZodType } from "zod";
import { z } from "zod";
import type { ISODate } from "../base/dates.js";
import { Secret } from "../base/secret.js";
import { membersOf, required, type SignIn, signInOf } from "../connectors/sign-in.js";
import type { Env } from "./interpolate.js";
import { type Problem, problemsOf } from "./problems.js";
import { sourceFrame } from "./schema.js";
import type { SourceConfig } from "./types.js";

/** What can stand under `sources`: an id and the schema of its options. Connectors have this shape. */
export interface SourceSchema {
  readonly id: string;
  readonly options: ZodType;
}

const frame = z.object(sourceFrame);

/** Checks one member of `sources`: growthos's own keys here, the rest by the source's schema. */
export function parseSource(
  schema: SourceSchema,
  written: Readonly<Record<string, unknown>>,
): { readonly source: SourceConfig | null; readonly problems: readonly Problem[] } {
  const own = Object.fromEntries(Object.entries(written).filter(([name]) => !(name in sourceFrame)));
  const outer = frame.safeParse(written);
  const inner = schema.options.safeParse(own);
  const problems = [
    ...(outer.success ? [] : problemsOf(outer.error, frame, [])),
    ...(inner.success ? [] : problemsOf(inner.error, schema.options, [])),
  ];
  if (!outer.success || !inner.success) return { source: null, problems };
  const source: SourceConfig = {
    id: schema.id,
    options: inner.data,
    transport: "network",
    timeoutMinutes: outer.data.timeoutMinutes,
    since: (outer.data.since as ISODate | undefined) ?? null,
    contract: outer.data.contract,
    ...(outer.data.freshness === undefined ? {} : { freshness: outer.data.freshness }),
    ...(outer.data.streams === undefined ? {} : { streams: outer.data.streams }),
  };
  return { source, problems };
}

/** Sources whose days come late by nature; of files nobody can know when the next one is due. */
const FRESHNESS: Readonly<Record<string, { readonly warnAfterDays: number; readonly errorAfterDays: number } | null>> =
  {
    fx: { warnAfterDays: 4, errorAfterDays: 7 },
    ga4_events: { warnAfterDays: 3, errorAfterDays: 5 },
    files: null,
    sftp: null,
  };

/** How many complete days each source may lack, as written or by default; sources that are not judged are left out. */
export function freshnessOf(
  sources: readonly SourceConfig[],
): Readonly<Record<string, { readonly warnAfterDays: number; readonly errorAfterDays: number }>> {
  return Object.fromEntries(
    sources.flatMap(({ id, freshness }) => {
      const limits = freshness ?? (id in FRESHNESS ? FRESHNESS[id] : { warnAfterDays: 1, errorAfterDays: 3 });
      return limits === null || limits === undefined ? [] : [[id, limits]];
    }),
  );
}

/** The environment variable of a credential: source id and member in capitals, `meta_ads` + `accessToken` -> `META_ADS_ACCESS_TOKEN`. */
export function secretVariable(source: string, member: string): string {
  return `${source}_${member.replace(/([a-z0-9])([A-Z])/g, "$1_$2")}`.toUpperCase();
}

/** Where credentials may come from besides the environment. */
export interface SecretPlaces {
  /** Reads the file that a variable names; throws what says that it cannot. */
  readonly readFile: (path: string) => string;
  /** What `growthos connect` has stored; nothing when left out. */
  readonly stored?: Readonly<Record<string, Secret>>;
}

/**
 * The credentials of a source: those that are set in the environment, else those that are stored (`growthos connect`), member by member;
 * and the variables that are still missing. A member that is a file's content may also be named by its path.
 */
export function readSecrets(
  source: { readonly id: string; readonly signIns: readonly SignIn[] },
  env: Env,
  places: SecretPlaces,
): { readonly secrets: Readonly<Record<string, Secret>>; readonly missing: readonly string[] } {
  const secrets: Record<string, Secret> = {};
  for (const name of source.signIns.flatMap(membersOf)) {
    const value = env[secretVariable(source.id, name)];
    const kept = places.stored?.[name];
    if (value === undefined || value === "") {
      if (kept !== undefined) secrets[name] = kept;
      continue;
    }
    const isPath = isFile(source.signIns, name) && !/[{\n]|-----BEGIN /.test(value);
    secrets[name] = new Secret(isPath ? places.readFile(value) : value);
  }
  if (signInOf(source.signIns, secrets) !== undefined) return { secrets, missing: [] };
  const begun = begunSignIn(source.signIns, Object.keys(secrets));
  const wanted = begun === undefined ? [] : required(begun);
  return {
    secrets,
    missing: wanted.filter((name) => !(name in secrets)).map((name) => secretVariable(source.id, name)),
  };
}

/**
 * The variables that a source wants: those of the way of signing in that is complete in the environment, else of the one that is
 * begun, else of the recommended one. Optional ones only when they are set. Names, never values.
 */
export function wantedVariables(
  source: { readonly id: string; readonly signIns: readonly SignIn[] },
  env: Env,
): readonly string[] {
  const isSet = (name: string) => (env[secretVariable(source.id, name)] ?? "") !== "";
  const { signIns } = source;
  const chosen =
    signIns.find((one) => required(one).every(isSet)) ?? begunSignIn(signIns, signIns.flatMap(membersOf).filter(isSet));
  if (chosen === undefined) return [];
  return membersOf(chosen)
    .filter((name) => required(chosen).includes(name) || isSet(name))
    .map((name) => secretVariable(source.id, name));
}

/** The way of signing in that some members of are there; the recommended one when there are none. */
function begunSignIn(signIns: readonly SignIn[], present: readonly string[]): SignIn | undefined {
  return signIns.find((one) => membersOf(one).some((name) => present.includes(name))) ?? signIns[0];
}

function isFile(signIns: readonly SignIn[], name: string): boolean {
  return signIns.some(({ members }) => members.some((member) => member.name === name && member.file === true));
}
