/** Costs that people entered (D-52), as they stand in raw: what the next build will count. */
import { GrowthosError } from "../base/errors.js";
import { quoteText } from "../base/ids.js";
import { readState } from "../warehouse/log.js";
import { createRawRelation, rawRelation } from "../warehouse/raw-views.js";
import type { Database, Workspace } from "../warehouse/types.js";

/** The stream of `growthos` in which they land. */
export const COSTS_STREAM = "costs";

/** A cost that stands. Its amount is decimal text in whole units of its currency. */
export interface EnteredCost {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly amount: string;
  readonly currency: string;
  /** Its day, or the first one of its range. */
  readonly from: string;
  /** The first day after its range; null: one day. */
  readonly to: string | null;
}

/** A row of a file of costs, as written; empty cells are empty texts. */
export type CostRow = Readonly<Record<"name" | "category" | "amount" | "currency" | "from" | "to", string>>;

const MOST_ROWS = 10_000;
const COLUMNS = ["name", "category", "amount", "currency", "from", "to"] as const;

/** The costs that stand, by day, then name. */
export async function readCosts(ws: Workspace, db: Database): Promise<readonly EnteredCost[]> {
  const parts = readState(ws).parts.filter(({ source, stream }) => source === "growthos" && stream === COSTS_STREAM);
  if (parts.length === 0) return [];
  await createRawRelation(db, { ws, source: "growthos", stream: COSTS_STREAM, parts });
  const rows = await db.all(
    `select c.* from (
       select from_json(payload, '{"id": "VARCHAR", "name": "VARCHAR", "category": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR",
         "from": "VARCHAR", "to": "VARCHAR", "is_removed": "BOOLEAN"}') as c
       from ${rawRelation("growthos", COSTS_STREAM)}
       qualify row_number() over (partition by _key order by _load desc) = 1
     ) where not coalesce(c.is_removed, false) order by c."from", c.name, c.id`,
  );
  return rows.map((row) => ({
    id: String(row["id"]),
    name: String(row["name"]),
    category: String(row["category"]),
    amount: String(row["amount"]),
    currency: String(row["currency"]),
    from: String(row["from"]),
    to: row["to"] === null ? null : String(row["to"]),
  }));
}

/**
 * Reads a CSV with the columns name, amount, from, and as wanted to, category, currency; their order and others beside them do not matter.
 * Throws `COSTS_FILE` for a file that is none, lacks a column or is longer than 10,000 rows.
 */
export async function readCostFile(db: Database, path: string): Promise<readonly CostRow[]> {
  const file = `read_csv(${quoteText(path)}, header=true, all_varchar=true, null_padding=true, strict_mode=false)`;
  const names = await db.all(`describe select * from ${file}`).catch((cause: unknown) => {
    throw fileError(path, cause instanceof Error ? cause.message.slice(0, 200) : "", cause);
  });
  const given = new Map(
    names.map((row) => [String(row["column_name"]).trim().toLowerCase(), String(row["column_name"])]),
  );
  const lacking = (["name", "amount", "from"] as const).filter((column) => !given.has(column));
  if (lacking.length > 0)
    throw fileError(path, `it lacks the columns ${lacking.join(", ")}; it has ${[...given.values()].join(", ")}`);
  const cell = (column: string) => {
    const name = given.get(column);
    return name === undefined ? "''" : `coalesce(trim("${name.replaceAll('"', '""')}"), '')`;
  };
  const rows = await db.all(
    `select ${COLUMNS.map((column) => `${cell(column)} as "${column}"`).join(", ")} from ${file} limit ${MOST_ROWS + 1}`,
  );
  if (rows.length > MOST_ROWS) throw fileError(path, `it has more than ${MOST_ROWS} rows`);
  return rows as unknown as readonly CostRow[];
}

function fileError(path: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "COSTS_FILE",
    what: `${path} cannot be read as a list of costs`,
    why,
    state: "nothing was entered",
    hint: "a CSV with a head line: name,amount,from and, as wanted, to,category,currency",
    exit: "usage",
    ...(cause === undefined ? {} : { cause }),
  });
}
