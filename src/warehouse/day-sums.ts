import type { DateRange } from "../base/dates.js";
import { quoteName, quoteText } from "../base/ids.js";
import { absolutePath } from "./layout.js";
import { createRawRelation, rawRelation, type StreamParts, survivors } from "./raw-views.js";
import { readParquet } from "./read-parquet.js";
import type { Database, Part, Workspace } from "./types.js";

/** Figures to add up by day: name -> dotted path in the payload, a number or a decimal as text. */
export interface Measures {
  readonly measures: Readonly<Record<string, string>>;
  readonly days: DateRange;
}

/** Day -> measure -> exact decimal text without needless zeros; null when no row had the figure. */
export type DaySums = ReadonlyMap<string, Readonly<Record<string, string | null>>>;

/** Digits kept of a figure: more than any platform gives, so that sums are exact. */
const DECIMAL = "decimal(38, 9)";

/** Sums over the rows of a stream that supersession keeps. */
export async function standingSums(db: Database, stream: StreamParts, wanted: Measures): Promise<DaySums> {
  const kept = await survivors(db, { ...stream, table: "standing_days" });
  await createRawRelation(db, { ...stream, parts: kept.parts });
  const relation = rawRelation(stream.source, stream.stream);
  if (kept.kind === "all") return sums(db, relation, wanted);
  const standing = `(select rows.* from ${relation} as rows semi join ${quoteName(kept.table)} using (_slice, _load))`;
  return sums(db, standing, wanted);
}

/** Sums over the rows of parts, whatever stands beside them. */
export function partSums(db: Database, ws: Workspace, parts: readonly Part[], wanted: Measures): Promise<DaySums> {
  return sums(db, readParquet(parts.map(({ path }) => absolutePath(ws, path))), wanted);
}

async function sums(db: Database, relation: string, { measures, days }: Measures): Promise<DaySums> {
  const columns = Object.entries(measures).map(([name, path]) => {
    const figure = `try_cast(json_extract_string(payload, ${quoteText(`$.${path}`)}) as ${DECIMAL})`;
    return `rtrim(rtrim(sum(${figure})::varchar, '0'), '.') as ${quoteName(name)}`;
  });
  const found = await db.all(
    `select _slice as day, ${columns.join(", ")} from ${relation} where _slice between $1 and $2 group by _slice`,
    [days.from, days.to],
  );
  const textOf = (value: unknown) => (typeof value === "string" ? value : null);
  return new Map(
    found.map(({ day, ...figures }) => [
      String(day),
      Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, textOf(value)])),
    ]),
  );
}
