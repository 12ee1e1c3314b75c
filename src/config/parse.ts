import type { ISODate } from "../base/dates.js";
import { canonicalJson, sha256 } from "../base/hash.js";
import { isWorkspaceName } from "../base/ids.js";
import { currencyExponent } from "../base/money.js";
import { alertProblems, alertsConfig, type ShippedRules } from "./alerts.js";
import { modelOf } from "./ask.js";
import { type DeckNames, deckProblems } from "./deck.js";
import { type DemoOptions, demoSources, parseDemo, withDemoLists } from "./demo.js";
import { engineOf } from "./engine.js";
import { intakeConfig } from "./intake.js";
import { type Env, interpolate, isTooDeep } from "./interpolate.js";
import { type Problem, problemsOf, unknownKey } from "./problems.js";
import { monthNumber, projectSchema, type ShopParsed, shopSchema, weekdayNumber, workspacesFolder } from "./schema.js";
import { parseSource, type SourceSchema } from "./sources.js";
import { storeOf } from "./store.js";
import type { AlertsConfig, DeckConfig, OwnMetricConfig, SourceConfig, WorkspaceConfig } from "./types.js";
import { DEFAULT_WORKSPACE } from "./workspaces.js";

/** A metric as far as targets need it. */
export interface TargetMetric {
  readonly id: string;
  readonly isMoney: boolean;
}

/** What a config is checked against; handed in so that this room need not know metrics. */
export interface ParseOptions {
  readonly env: Env;
  /** The environment of one workspace, where it has variables of its own; absent: `env` for all. */
  readonly envOf?: (workspace: string) => Env;
  readonly sources: readonly SourceSchema[];
  readonly metrics: readonly TargetMetric[];
  /** Ids of the shipped alert rules: over metrics, whose thresholds can be moved, and about the data. */
  readonly alertRules?: ShippedRules;
  /** Names of the sections and blocks of the weekly review. */
  readonly deck?: DeckNames;
  /** Holds the user's own metrics against the catalog. */
  readonly checkMetrics?: (
    own: readonly OwnMetricConfig[],
  ) => readonly { readonly id: string; readonly message: string }[];
}

/** What came of parsing: workspaces, and everything that is wrong. Workspaces are complete only when there are no problems. */
export interface Parsed {
  readonly workspaces: readonly WorkspaceConfig[];
  readonly problems: readonly Problem[];
  /** Folder with one file per further workspace, as written; null: there is none. */
  readonly folder: string | null;
}

/** Turns what the config file exported into what the program uses. Pure; collects all problems instead of stopping at the first. */
export function parseConfig(written: unknown, options: ParseOptions): Parsed {
  if (written === null || typeof written !== "object" || Array.isArray(written)) {
    const message = "the file must export default defineConfig({ … })";
    return { workspaces: [], problems: [{ path: [], message }], folder: null };
  }
  const problems: Problem[] = [];
  const folder = "workspacesFolder" in written ? folderOf(written.workspacesFolder, problems) : null;
  const several = "workspaces" in written || "workspacesFolder" in written;
  const shops = several ? members((written as { workspaces?: unknown }).workspaces) : { [DEFAULT_WORKSPACE]: written };
  if (several) problems.push(...frameProblems(written));
  const workspaces = Object.entries(shops).flatMap(([name, shop]) => {
    const found = parseShop(name, shop, several ? ["workspaces", name] : [], options);
    problems.push(...found.problems);
    return found.workspace === null ? [] : [found.workspace];
  });
  if ("workspaces" in written && folder === null && Object.keys(shops).length === 0) {
    problems.push({ path: ["workspaces"], message: "names no workspace" });
  }
  return { workspaces, problems, folder };
}

/** One workspace as written: `path` is where it stands in its file. */
export function parseShop(
  name: string,
  shop: unknown,
  path: readonly string[],
  options: ParseOptions,
): { readonly workspace: WorkspaceConfig | null; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  if (!isWorkspaceName(name)) {
    const message = "a workspace name has 1 to 48 of a-z, 0-9 and -, and is no reserved device name";
    return { workspace: null, problems: [{ path, message }] };
  }
  const filled = interpolate(shop, options.envOf?.(name) ?? options.env, path, problems);
  if (isTooDeep(problems)) return { workspace: null, problems };
  const parsed = shopSchema.safeParse(filled);
  if (!parsed.success) {
    return { workspace: null, problems: [...problems, ...problemsOf(parsed.error, shopSchema, path)] };
  }
  return { workspace: workspaceOf(name, parsed.data, { written: shop, path, problems, options }), problems };
}

function folderOf(written: unknown, problems: Problem[]): string | null {
  const parsed = workspacesFolder.safeParse(written);
  if (parsed.success) return parsed.data;
  problems.push(...problemsOf(parsed.error, workspacesFolder, ["workspacesFolder"]));
  return null;
}

interface Surroundings {
  /** Before interpolation, so that the hash holds no secret. */
  readonly written: unknown;
  readonly path: readonly string[];
  readonly problems: Problem[];
  readonly options: ParseOptions;
}

function workspaceOf(name: string, shop: ShopParsed, around: Surroundings): WorkspaceConfig {
  const demo = demoOf(shop, around);
  const own = ownSources(shop, around);
  const exponent = currencyExponent(shop.shop.currency);
  const model = modelOf(shop.ask);
  const store = storeOf(name, shop.store);
  const engine = engineOf(name, shop.engine);
  return {
    name,
    shop: shop.shop,
    calendar: calendarOf(shop.calendar),
    sources: demo === null ? own : [...demoSources(demo), ...withDemoLists(name, own)],
    costs: {
      ...shop.costs,
      categoryMargins: Object.fromEntries(
        Object.entries(shop.costs.categoryMargins).map(([category, margin]) => [category.trim().toLowerCase(), margin]),
      ),
      paymentFeeFixed: Math.round(shop.costs.paymentFeeFixed * 10 ** exponent),
    },
    attribution: shop.attribution,
    tasks: shop.tasks,
    targets: targetsOf(shop, exponent, around),
    ...(shop.alerts === undefined ? {} : { alerts: alertsOf(shop.alerts, around) }),
    ...(shop.intake === undefined ? {} : { intake: intakeConfig(name, shop.intake) }),
    ...(model === undefined ? {} : { model }),
    ...(store === undefined ? {} : { store }),
    ...(engine === undefined ? {} : { engine }),
    ...(shop.publish === undefined ? {} : { publish: shop.publish }),
    ...(shop.deck === undefined ? {} : { deck: deckOf(shop, shop.deck, around) }),
    ...(shop.reports.pages === undefined ? {} : { pages: shop.reports.pages }),
    ...(Object.keys(shop.metrics).length === 0 ? {} : { metrics: ownMetrics(shop, around) }),
    pii: shop.pii,
    retention: shop.retention,
    ...(shop.limits.memoryMb === undefined ? {} : { limits: { memoryMb: shop.limits.memoryMb } }),
    ...(shop.checks.folder === undefined ? {} : { checksFolder: shop.checks.folder }),
    asOf: (shop.asOf as ISODate | undefined) ?? demo?.asOf ?? null,
    ...(demo === null ? {} : { demo }),
    hash: sha256(canonicalJson(around.written)),
  };
}

function calendarOf(written: ShopParsed["calendar"]): WorkspaceConfig["calendar"] {
  return {
    weekEndsOn: weekdayNumber(written.weekEndsOn),
    fiscalYearEndMonth: monthNumber(written.fiscalYearEnds),
    periods: written.fiscalPeriods === "iso" ? "4-4-5" : written.fiscalPeriods,
    lastWeek: written.lastWeek,
    yearNamedBy: written.fiscalYearNamedBy,
    // The schema has looked at every day.
    holidays: written.holidays as WorkspaceConfig["calendar"]["holidays"],
    datesUntil: (written.datesUntil as ISODate | undefined) ?? null,
  };
}

function demoOf(shop: ShopParsed, { path, problems }: Surroundings): DemoOptions | null {
  const written = shop.sources["demo"];
  if (written === undefined) return null;
  const parsed = parseDemo(written);
  const simulated = new Set(demoSources(parsed.demo).map((source) => source.id));
  for (const id of Object.keys(shop.sources)) {
    if (simulated.has(id)) {
      problems.push({
        path: [...path, "sources", id],
        message: "the demo simulates this source; remove one of the two",
      });
    }
  }
  problems.push(
    ...parsed.problems.map((problem) => ({ ...problem, path: [...path, "sources", "demo", ...problem.path] })),
  );
  return parsed.demo;
}

function ownSources(shop: ShopParsed, { path, problems, options }: Surroundings): readonly SourceConfig[] {
  const valid = ["demo", ...options.sources.map((source) => source.id)];
  return Object.entries(shop.sources).flatMap(([id, written]) => {
    if (id === "demo") return [];
    const schema = options.sources.find((source) => source.id === id);
    const place = [...path, "sources", id];
    if (schema === undefined) {
      problems.push({ path: place, message: unknownKey(id, valid) });
      return [];
    }
    const parsed = parseSource(schema, written);
    problems.push(...parsed.problems.map((problem) => ({ ...problem, path: [...place, ...problem.path] })));
    return parsed.source === null ? [] : [parsed.source];
  });
}

function ownMetrics(shop: ShopParsed, { path, problems, options }: Surroundings): readonly OwnMetricConfig[] {
  const own = Object.entries(shop.metrics).map(([id, metric]) => ({ id, ...metric }));
  const found = options.checkMetrics?.(own) ?? [];
  problems.push(...found.map(({ id, message }) => ({ path: [...path, "metrics", id], message })));
  return own;
}

function targetsOf(shop: ShopParsed, exponent: number, around: Surroundings): WorkspaceConfig["targets"] {
  const { path, problems, options } = around;
  const own = Object.entries(shop.metrics).map(([id, { unit }]) => ({ id, isMoney: unit === "money" }));
  const metrics = [...options.metrics, ...own];
  return Object.entries(shop.targets).flatMap(([metric, target]) => {
    const known = metrics.find((candidate) => candidate.id === metric);
    if (known === undefined) {
      const ids = metrics.map((candidate) => candidate.id);
      problems.push({ path: [...path, "targets", metric], message: unknownKey(metric, ids) });
      return [];
    }
    return (["day", "week", "month"] as const).flatMap((period) => {
      const value = target[period];
      if (value === undefined) return [];
      return [{ metric, period, value: known.isMoney ? Math.round(value * 10 ** exponent) : value }];
    });
  });
}

function alertsOf(written: NonNullable<ShopParsed["alerts"]>, { path, problems, options }: Surroundings): AlertsConfig {
  const config = alertsConfig(written);
  const { overMetrics, aboutData } = options.alertRules ?? { overMetrics: [], aboutData: [] };
  const known = { metrics: options.metrics.map(({ id }) => id), overMetrics, aboutData };
  problems.push(...alertProblems(config, known).map((problem) => ({ ...problem, path: [...path, ...problem.path] })));
  return config;
}

function deckOf(shop: ShopParsed, deck: DeckConfig, { path, problems, options }: Surroundings): DeckConfig {
  const metrics = [...options.metrics.map(({ id }) => id), ...Object.keys(shop.metrics)];
  const known = { ...(options.deck ?? { sections: [], blocks: [] }), metrics };
  problems.push(...deckProblems(deck, known).map((problem) => ({ ...problem, path: [...path, ...problem.path] })));
  return deck;
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** Keys beside `workspaces`, or `workspaces` of the wrong kind; the shops themselves are checked one by one. */
function frameProblems(written: object): readonly Problem[] {
  const { workspaces = {} } = written as { workspaces?: unknown };
  if (workspaces === null || typeof workspaces !== "object" || Array.isArray(workspaces)) {
    return [{ path: ["workspaces"], message: "expected { <name>: { shop: … } }" }];
  }
  const frame = projectSchema.safeParse({ ...written, workspaces: {}, workspacesFolder: undefined });
  return frame.success ? [] : problemsOf(frame.error, projectSchema, []);
}
