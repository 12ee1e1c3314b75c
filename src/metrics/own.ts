import { nearest } from "../base/ids.js";
import { CATALOG, type Catalog, catalogOf, catalogProblems } from "./catalog/index.js";
import { MARTS, type Mart, type MartName } from "./marts.js";
import type { Measure, MetricDef, MetricId, Unit } from "./types.js";

/** A metric of the user's own, as the config has it: one of `sum`, `count`, `distinct`, `figure`, `plus`, `divide`, `multiply`, `slopeOf`. */
export interface OwnMetric {
  readonly id: MetricId;
  readonly title: string;
  readonly description?: string;
  readonly unit: Unit;
  readonly better: "up" | "down" | "neither";
  readonly aliases: readonly string[];
  readonly formula?: string;
  readonly sum?: string;
  readonly count?: string;
  readonly distinct?: string;
  readonly figure?: string;
  readonly where?: readonly string[];
  readonly plus?: readonly string[];
  readonly minus?: readonly string[];
  readonly divide?: string;
  readonly by?: string;
  readonly times?: number;
  readonly multiply?: readonly string[];
  readonly slopeOf?: string;
}

/** What is wrong with a metric of the user's own. */
export interface OwnProblem {
  readonly id: MetricId;
  readonly message: string;
}

/** The shipped catalog with the user's own metrics. They have passed `ownProblems`; else a plain Error is thrown. */
export function ownCatalog(own: readonly OwnMetric[]): Catalog {
  return own.length === 0 ? CATALOG : catalogOf([...CATALOG.metrics, ...own.map(defOf)]);
}

/** Everything that is wrong with the user's own metrics: names, columns, units, parts that are not there, circles. */
export function ownProblems(own: readonly OwnMetric[]): readonly OwnProblem[] {
  const measures = own.flatMap((metric) => measureProblem(metric) ?? []);
  const ids = new Set(own.map(({ id }) => id));
  const reserved = own
    .filter(({ id }) => id === "all" || id.startsWith("daily_"))
    .map(({ id }) => ({
      id,
      message: "all and daily_… are taken: they stand for the catalog and for declared figures",
    }));
  const parts = catalogProblems([...CATALOG.metrics, ...own.map(defOf)])
    .filter(({ id }) => ids.has(id))
    .map(({ id, message, suggestion }) => ({
      id,
      message: suggestion === undefined ? message : `${message}; did you mean ${suggestion}?`,
    }));
  return [...measures, ...reserved, ...parts];
}

/** A fact, a column or a condition that is not there, or a unit that does not fit the column. */
function measureProblem({ id, unit, sum, count, distinct, where = [] }: OwnMetric): OwnProblem | null {
  const name = sum ?? count ?? distinct;
  if (name === undefined) return null;
  const [martName = "", column] = name.split(".");
  if (!isMart(martName)) return { id, message: unknownText("fact", martName, Object.keys(MARTS)) };
  const mart: Mart = MARTS[martName];
  const columns = sum === undefined ? mart.distinct : mart.sums;
  if (count === undefined && !columns.includes(column ?? ""))
    return {
      id,
      message: unknownText(`column of ${martName} to ${sum === undefined ? "count" : "add up"}`, column ?? "", columns),
    };
  if (count !== undefined && column !== undefined) return { id, message: `count takes a fact alone: ${martName}` };
  const stranger = where.find((flag) => !mart.flags.includes(flag));
  if (stranger !== undefined) return { id, message: unknownText(`condition of ${martName}`, stranger, mart.flags) };
  const isMoney = sum !== undefined && name.endsWith("_cents");
  if (isMoney !== (unit === "money"))
    return { id, message: `${name} is ${isMoney ? "" : "not "}money, the unit says ${unit}` };
  return null;
}

function isMart(name: string): name is MartName {
  return Object.hasOwn(MARTS, name);
}

function unknownText(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const valid = known.length === 0 ? "there is none" : `it is one of ${known.join(", ")}`;
  return `there is no ${what} "${name}"; ${near === undefined ? valid : `did you mean ${near}?`}`;
}

function defOf(own: OwnMetric): MetricDef {
  const made = kindOf(own);
  return {
    id: own.id,
    title: own.title,
    description: own.description ?? `${own.title}, as defined in growthos.config.ts.`,
    aliases: own.aliases,
    formula: own.formula ?? made.formula,
    unit: own.unit,
    better: own.better,
    source: "growthos.config.ts",
    own: true,
    ...made.kind,
  };
}

/** The kind as the catalog has it, and its formula in words. */
function kindOf(own: OwnMetric): { readonly kind: KindOf<MetricDef>; readonly formula: string } {
  if (own.divide !== undefined && own.by !== undefined) {
    const times = own.times === undefined ? {} : { times: own.times };
    const text = `${own.divide} / ${own.by}${own.times === undefined ? "" : ` x ${own.times}`}`;
    return { kind: { kind: "ratio", over: own.divide, under: own.by, ...times }, formula: text };
  }
  if (own.plus !== undefined) {
    const minus = own.minus ?? [];
    const terms = [
      ...own.plus.map((metric) => ({ metric, sign: 1 as const })),
      ...minus.map((metric) => ({ metric, sign: -1 as const })),
    ];
    const text = [own.plus.join(" + "), ...minus].join(" - ");
    return { kind: { kind: "total", terms }, formula: text };
  }
  if (own.multiply !== undefined)
    return { kind: { kind: "product", factors: own.multiply }, formula: own.multiply.join(" x ") };
  if (own.slopeOf !== undefined)
    return { kind: { kind: "slope", of: own.slopeOf }, formula: `least-squares slope of ${own.slopeOf} by day` };
  return measured(own);
}

type KindOf<T> = T extends MetricDef ? Omit<T, keyof Omit<Extract<MetricDef, { kind: "days" }>, "kind">> : never;

function measured({ sum, count, distinct, figure, where }: OwnMetric): ReturnType<typeof kindOf> {
  if (figure !== undefined) {
    const only = { column: "metric_name", value: figure };
    return {
      kind: { kind: "measure", measure: { mart: "fact_daily_metrics", sum: "value", only } },
      formula: `sum of ${figure}`,
    };
  }
  const name = sum ?? distinct ?? count ?? "";
  const [mart = "", column = "*"] = name.split(".");
  // A fact that is not there has been told of: nothing is read from such a metric.
  const measure: Measure = {
    mart: mart as MartName,
    sum: column,
    ...(where === undefined ? {} : { where }),
    ...(distinct === undefined ? {} : { distinct: true }),
  };
  const what =
    sum !== undefined ? `sum of ${column}` : distinct !== undefined ? `different ${column}` : `rows of ${mart}`;
  return {
    kind: { kind: "measure", measure },
    formula: where === undefined ? what : `${what} where ${where.join(" and ")}`,
  };
}
