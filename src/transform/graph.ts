import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import type { Layer, Model } from "./types.js";

/** Who may read whom, executed. `raw` and `meta` are schemas, the rest are layers. */
const MAY_READ: Readonly<Record<Exclude<Layer, "seeds">, readonly (Layer | "raw" | "meta")[]>> = {
  source_staging: ["raw", "source_staging"],
  staging: ["source_staging", "staging", "seeds"],
  intermediate: ["staging", "intermediate", "seeds", "meta"],
  marts: ["staging", "intermediate", "marts", "seeds", "meta"],
  // Published relations only, so that the checks can be run again on a build that is open.
  checks: ["staging", "marts", "seeds", "meta"],
};

/** Relations that the runner fills and models may read. */
export const META_INPUTS = [
  "meta.category_margins",
  "meta.cost_rates",
  "meta.configured",
  "meta.freshness",
  "meta.sources",
  "meta.coverage",
] as const;

/**
 * Checks names and layer rules and gives the models in an order in which each comes after what it reads.
 * Throws `MODEL_UNKNOWN`, `MODEL_LAYER`, `MODEL_SHADOW`, `MODEL_TWICE` or `MODEL_CYCLE` (exit usage).
 */
export function orderModels(models: readonly Model[], seeds: readonly string[]): readonly Model[] {
  const byName = new Map<string, Model>();
  for (const model of models) {
    const other = byName.get(model.relation);
    if (other !== undefined) throw graphError("MODEL_TWICE", model, `sql/${other.path} has the same name`);
    byName.set(model.relation, model);
  }
  for (const model of models) {
    const shadow = model.ctes.find((name) => byName.has(name));
    if (shadow !== undefined) throw graphError("MODEL_SHADOW", model, `its CTE ${shadow} has the name of a relation`);
    for (const name of model.reads) refuseRead(model, name, { byName, seeds });
  }
  return sorted(models, byName);
}

interface Known {
  readonly byName: ReadonlyMap<string, Model>;
  readonly seeds: readonly string[];
}

function refuseRead(model: Model, name: string, known: Known): void {
  const target = known.byName.get(name);
  const layer = layerOf(name, target, known);
  if (layer === undefined) {
    const near = nearest(name, [...known.byName.keys(), ...known.seeds, ...META_INPUTS]);
    throw graphError(
      "MODEL_UNKNOWN",
      model,
      `there is no relation ${name}${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
  if (model.layer === "seeds" || !MAY_READ[model.layer].includes(layer))
    throw graphError("MODEL_LAYER", model, `${model.layer.replace("_", " ")} may not read ${name}`);
  if (model.layer === "source_staging") refuseForeign(model, name, target);
}

function layerOf(name: string, target: Model | undefined, { seeds }: Known): Layer | "raw" | "meta" | undefined {
  if (target !== undefined) return target.layer;
  if (seeds.includes(name)) return "seeds";
  if ((META_INPUTS as readonly string[]).includes(name)) return "meta";
  return name.startsWith("raw.") ? "raw" : undefined;
}

function refuseForeign(model: Model, name: string, target: Model | undefined): void {
  const own = target === undefined ? name.startsWith(`raw.${model.source}__`) : target.source === model.source;
  if (!own) throw graphError("MODEL_LAYER", model, `staging of ${model.source} may not read ${name} of another source`);
  const raws = model.reads.filter((read) => read.startsWith("raw."));
  if (raws.length > 1 || (raws.length === 1 && model.reads.length > 1))
    throw graphError(
      "MODEL_LAYER",
      model,
      "it reads a raw relation and something else; a staged part has one raw relation only",
    );
}

function sorted(models: readonly Model[], byName: ReadonlyMap<string, Model>): readonly Model[] {
  const done = new Set<string>();
  const order: Model[] = [];
  const visit = (model: Model, path: readonly string[]): void => {
    if (done.has(model.relation)) return;
    if (path.includes(model.relation)) {
      const cycle = [...path.slice(path.indexOf(model.relation)), model.relation];
      throw graphError("MODEL_CYCLE", model, cycle.join(" -> "));
    }
    for (const name of model.reads) {
      const target = byName.get(name);
      if (target !== undefined) visit(target, [...path, model.relation]);
    }
    done.add(model.relation);
    order.push(model);
  };
  for (const model of [...models].sort((a, b) => (a.relation < b.relation ? -1 : 1))) visit(model, []);
  return order;
}

/** The models that `names` need, themselves included, in order; the search does not go behind those in `given`, which are there already. */
export function withAncestors(
  models: readonly Model[],
  names: Iterable<string>,
  given: ReadonlySet<string> = new Set(),
): readonly Model[] {
  const wanted = new Set(names);
  for (const model of [...models].reverse()) {
    if (wanted.has(model.relation) && !given.has(model.relation)) for (const name of model.reads) wanted.add(name);
  }
  return models.filter((model) => wanted.has(model.relation));
}

/** True for a model whose rows are staged per landed part. */
export function isStagedPerPart(model: Model): boolean {
  return model.layer === "source_staging" && model.reads.some((name) => name.startsWith("raw."));
}

/** The source and stream of the raw relation that a staged model reads. */
export function rawStreamOf(model: Model): { readonly source: string; readonly stream: string } {
  const [source = "", ...rest] = (model.reads[0] ?? "").replace(/^raw\./, "").split("__");
  return { source, stream: rest.join("__") };
}

function graphError(code: string, model: Model, why: string): GrowthosError {
  return new GrowthosError({
    code,
    what: `sql/${model.path} cannot take its place among the models`,
    why,
    hint: "sql/README.md says which folder may read which",
    exit: "usage",
  });
}
