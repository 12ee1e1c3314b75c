import type { Database } from "../warehouse/types.js";
import { CATALOG, type Catalog, catalogOf } from "./catalog/index.js";
import { DECLARED_FIGURES } from "./compile.js";
import type { MetricDef } from "./types.js";

/** A catalog (the shipped one, unless given) with one more metric per figure that the user's `daily_metrics` files hold. */
export async function readCatalog(db: Database, catalog: Catalog = CATALOG): Promise<Catalog> {
  const rows = await db.all(DECLARED_FIGURES);
  const taken = new Set<string>();
  const declared = rows.flatMap((row): readonly MetricDef[] => {
    const metric = declaredMetric(String(row["metric_name"]));
    if (catalog.find(metric.id) !== undefined || taken.has(metric.id)) return [];
    taken.add(metric.id);
    return [metric];
  });
  return declared.length === 0 ? catalog : catalogOf([...catalog.metrics, ...declared]);
}

/** A declared figure is added up over days; `daily_` keeps its name apart from the shipped metrics. */
function declaredMetric(name: string): MetricDef {
  return {
    id: `daily_${name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_|_$/g, "")}`,
    title: name,
    description: `The figure "${name}" of the declared daily metrics, added up over the days.`,
    aliases: [],
    formula: `sum of ${name}`,
    unit: "number",
    better: "neither",
    source: "daily_metrics files",
    kind: "measure",
    measure: { mart: "fact_daily_metrics", sum: "value", only: { column: "metric_name", value: name } },
  };
}
