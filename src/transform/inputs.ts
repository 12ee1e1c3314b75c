import { canonicalJson, sha256 } from "../base/hash.js";
import type { ActivePart } from "../warehouse/types.js";
import { versionOf } from "./computed.js";
import { isStagedPerPart, rawStreamOf } from "./graph.js";
import { macrosUsed } from "./macros.js";
import type { SqlFile } from "./model.js";
import type { Project } from "./project.js";
import { SEED_RELATIONS, type SeedPlace, seedHash } from "./seeds.js";
import type { BuildSettings, Model } from "./types.js";

/** Raised when the runner itself would make other content from the same SQL and parts. */
const FORMAT = 1;

/** What decides the content of one relation, in parts, so that a plan can say which of them changed. */
export interface RelationInput {
  /** Hash of everything below: equal hashes, equal rows. */
  readonly hash: string;
  /** The SQL and the macros that it uses. */
  readonly sqlHash: string;
  /** The session variables that it reads, with their values. */
  readonly settingsHash: string;
  /** The hashes of what it reads, by name. */
  readonly reads: Readonly<Record<string, string>>;
}

/** The values behind `getvariable('…')`. */
export function variablesOf(settings: BuildSettings): Readonly<Record<string, string | number>> {
  return {
    as_of: settings.asOf,
    time_zone: settings.timeZone,
    currency: settings.currency,
    week_ends_on: settings.weekEndsOn,
    attribution_window_days: settings.attributionWindowDays ?? 30,
    cart_quiet_hours: settings.tasks?.cartQuietHours ?? 24,
    task_keep_days: settings.tasks?.keepDays ?? 90,
    fiscal_year_end_month: settings.fiscalYearEndMonth,
    fiscal_periods: settings.fiscalPeriods ?? "months",
    fiscal_last_week: settings.fiscalLastWeek ?? "nearest",
    fiscal_year_named_by: settings.fiscalYearNamedBy ?? "end",
    dates_until: settings.datesUntil ?? settings.asOf,
  };
}

/** Hash of a staged part: its bytes, the model, the macros and settings that the model uses. Load ids and clocks are not in it. */
export function stagedHash(project: Project, model: Model, settings: BuildSettings, part: ActivePart): string {
  return sha256(
    canonicalJson([
      FORMAT,
      model.relation,
      part.sha256,
      sqlHash(project, model),
      settingsHash(project, model, settings),
    ]),
  );
}

/** The inputs of every model, in the project's order. */
export function relationInputs(
  project: Project,
  given: { readonly settings: BuildSettings; readonly parts: readonly ActivePart[]; readonly seeds: SeedPlace },
): ReadonlyMap<string, RelationInput> {
  const inputs = new Map<string, RelationInput>();
  const external = new Map<string, string>();
  const hashOf = (name: string, model: Model): string => {
    const known = inputs.get(name)?.hash ?? external.get(name);
    if (known !== undefined) return known;
    const hash = isStagedPerPart(model) ? partsHash(model, given.parts) : outsideHash(name, given);
    external.set(name, hash);
    return hash;
  };
  for (const model of project.models) {
    const reads = Object.fromEntries(model.reads.map((name) => [name, hashOf(name, model)]));
    const own = { sqlHash: sqlHash(project, model), settingsHash: settingsHash(project, model, given.settings), reads };
    inputs.set(model.relation, { ...own, hash: sha256(canonicalJson([FORMAT, model.relation, own])) });
  }
  return inputs;
}

/**
 * One hash over everything that goes into a build: the text of `sql/`, seeds, settings and landed parts. It needs no database, so that
 * an unchanged warehouse costs nothing; printed in every report's footer.
 */
export function inputHash(
  sources: readonly SqlFile[],
  given: { readonly settings: BuildSettings; readonly parts: readonly ActivePart[]; readonly seeds: SeedPlace },
): string {
  const { settings, seeds } = given;
  // Order counts within a stream only: which of several sources was quicker changes nothing.
  const byStream = [...given.parts].sort((a, b) => compare(a.source, b.source) || compare(a.stream, b.stream));
  const parts = byStream.map((part) => [part.source, part.stream, part.sha256, part.days, part.supersession]);
  const seedHashes = SEED_RELATIONS.map((name) => seedHash(seeds, name));
  const files = sources.map(({ path, text }) => [path, text]);
  return sha256(canonicalJson([FORMAT, files, seedHashes, settings, parts]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sqlHash(project: Project, model: Model): string {
  const macros = macrosUsed(project.macros, model.functions).map((macro) => macro.sql);
  return sha256(canonicalJson(model.computed === null ? [model.sql, macros] : [model.sql, macros, versionOf(model)]));
}

function settingsHash(project: Project, model: Model, settings: BuildSettings): string {
  const values = variablesOf(settings);
  const names = [
    ...model.variables,
    ...macrosUsed(project.macros, model.functions).flatMap((macro) => macro.variables),
  ];
  return sha256(canonicalJson([...new Set(names)].sort().map((name) => [name, values[name] ?? null])));
}

// Order matters: the newer part wins.
function partsHash(model: Model, parts: readonly ActivePart[]): string {
  const { source, stream } = rawStreamOf(model);
  const own = parts.filter((part) => part.source === source && part.stream === stream);
  const sorted = [...own].sort((a, b) => a.ordinal - b.ordinal);
  return sha256(canonicalJson(sorted.map((part) => [part.sha256, part.supersession, part.days])));
}

/** What has landed decides `meta.sources` and, with the time zone, `meta.coverage`; settings decide the rest. */
function outsideHash(
  name: string,
  given: { readonly settings: BuildSettings; readonly parts: readonly ActivePart[]; readonly seeds: SeedPlace },
): string {
  const { settings } = given;
  if (name.startsWith("seeds.")) return seedHash(given.seeds, name);
  if (name !== "meta.sources" && name !== "meta.coverage")
    return sha256(canonicalJson([name, settings.costs, settings.sources, settings.freshness ?? {}]));
  const landed = given.parts.map(({ source, stream, days, sha256 }) => canonicalJson([source, stream, days, sha256]));
  return sha256(canonicalJson([name, settings.timeZone, [...landed].sort()]));
}
