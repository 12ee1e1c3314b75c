/** The lineage of a metric as text and as streams: metric, mart, landed fields. */
import type { ReadColumns } from "../metrics/metric-lineage.js";
import type { MetricId } from "../metrics/types.js";
import type { Origin } from "../transform/column-lineage.js";
import type { DataHealth, Facts } from "./types.js";

/** What a part of a metric is read from, with the landed fields behind it. */
export interface TracedPart extends ReadColumns {
  readonly origins: readonly Origin[];
}

/** Every part of a metric with its fields, as far as their streams have landed or the config holds them. */
export function tracedParts(facts: Facts, id: MetricId): readonly TracedPart[] {
  const landed = landedStreams(facts.health);
  return facts.columnsOf(id).map((part) => {
    const relation = facts.lineage.relations.find((one) => one.relation === part.relation);
    // A count of rows is about what a row is.
    const columns = part.columns.length > 0 ? part.columns : (relation?.grain ?? []);
    const origins = columns.flatMap((column) => facts.lineage.origins(part.relation, column));
    const unique = new Map(origins.map((origin) => [`${origin.relation} ${origin.path}`, origin]));
    return { ...part, origins: [...unique.values()].filter(({ relation: name }) => isShown(name, landed)) };
  });
}

function landedStreams({ sources }: DataHealth): ReadonlySet<string> {
  return new Set(sources.map(({ source, stream }) => `${source}.${stream}`));
}

function isShown(relation: string, landed: ReadonlySet<string>): boolean {
  return landed.has(relation) || relation.startsWith("config.") || relation.startsWith("seeds.");
}

/** The streams behind a metric, in order; tables of the config are left out. */
export function streamsOf(facts: Facts, id: MetricId): readonly string[] {
  const names = tracedParts(facts, id).flatMap(({ origins }) => origins.map(({ relation }) => relation));
  return [...new Set(names)].filter((name) => !/^(config|seeds)\./.test(name)).sort();
}

/** An indented list: each part, its relation and columns, and the fields of each stream. */
export function lineageText(facts: Facts, id: MetricId): string {
  return tracedParts(facts, id).map(partText).join("\n");
}

function partText({ metric, relation, columns, conditions, origins }: TracedPart): string {
  const what = columns.length === 0 ? "rows" : columns.join(", ");
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  const streams = [...new Set(origins.map((origin) => origin.relation))];
  const fields = streams.flatMap((stream) => [
    `    ${stream}`,
    ...origins
      .filter((origin) => origin.relation === stream)
      .map(({ path }) => `      ${path === "" ? "(the whole record)" : path}`),
  ]);
  const below = fields.length === 0 ? ["    nothing of it has landed"] : fields;
  return [metric, `  ${relation}: ${what}${where}`, ...below].join("\n");
}
