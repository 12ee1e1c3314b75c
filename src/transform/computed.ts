/**
 * Models whose figures come from `stats`. Such a model is a statement like any other, with `-- computed: <name>` in its header: it
 * reads, names and types every column, and leaves null what a computation then fills in, row by row of the same rows. So the graph,
 * the plan, the lineage and the contracts know it as they know the rest. Small relations only: their rows pass through memory.
 */
import { quoteName, quoteText } from "../base/ids.js";
import { type ChannelPath, sharesOf } from "../stats/channel-path.js";
import { markovAttribution } from "../stats/markov.js";
import { fractributionShares, shapleyShares } from "../stats/shapley.js";
import type { Database, Row } from "../warehouse/types.js";
import { fillRepeatClasses, fillRepeatValues } from "./lifetime-models.js";
import type { Model } from "./types.js";

interface Computation {
  /** Raised when the same rows would get other figures. */
  readonly version: number;
  /** The rows with the columns filled that the statement left null: numbers, or null where there is none. */
  readonly fill: (rows: readonly Row[]) => readonly Row[];
}

const COMPUTATIONS: Readonly<Record<string, Computation>> = {
  path_shares: { version: 1, fill: fillPathShares },
  repeat_classes: { version: 1, fill: fillRepeatClasses },
  repeat_values: { version: 1, fill: fillRepeatValues },
};

/** True for a name that a header may give. */
export function isComputation(name: string): boolean {
  return Object.hasOwn(COMPUTATIONS, name);
}

/** What enters the hash of a computed model beside its SQL. */
export function versionOf({ computed }: Pick<Model, "computed">): number {
  return COMPUTATIONS[computed ?? ""]?.version ?? 0;
}

/** Creates the relation of a computed model as a temporary table, its rows in the order of all their columns. */
export async function createComputed(db: Database, { relation, sql, computed }: Model): Promise<void> {
  const name = quoteName(relation);
  await db.run(`create or replace temp table ${name} as select * from (${sql}) order by all`);
  const rows = await db.all(`select * from ${name}`);
  const filled = COMPUTATIONS[computed ?? ""]?.fill(rows) ?? rows;
  const columns = await db.all(`select column_name, column_type from (describe ${name})`);
  const list = columns.map(({ column_name: column, column_type: type }) => {
    const path = quoteText(`$.${String(column)}`);
    return `cast(row ->> ${path} as ${String(type)}) as ${quoteName(String(column))}`;
  });
  await db.run(
    `create or replace temp table ${name} as select ${list.join(", ")} from (select unnest(from_json($1::varchar, '["JSON"]')) as row)`,
    [JSON.stringify(filled)],
  );
}

/** `int_path_shares__computed`: one row per path and channel on it. */
function fillPathShares(rows: readonly Row[]): readonly Row[] {
  const paths = new Map<string, ChannelPath>();
  for (const row of rows)
    paths.set(String(row["path"]), {
      channels: String(row["path"]).split(">"),
      conversions: Number(row["conversion_count"]),
      journeys: Number(row["journey_count"]),
    });
  const told = [...paths.values()];
  const { removalEffects } = markovAttribution(told);
  const [shapley, fractribution] = [shapleyShares(told), fractributionShares(told)];
  return rows.map((row) => {
    const channels = paths.get(String(row["path"]))?.channels ?? [];
    const channel = String(row["channel_id"]);
    // Of one order only the channels on its way can have a part, in proportion to what the removal of each costs.
    const effects = new Map([...new Set(channels)].sort().map((one) => [one, removalEffects.get(one) ?? 0]));
    return {
      ...row,
      markov_share: sharesOf(effects)?.get(channel) ?? null,
      shapley_share: shapley(channels)?.get(channel) ?? null,
      fractribution_share: fractribution(channels)?.get(channel) ?? null,
    };
  });
}
