/** Reads what a build knows of branches beside their figures (D-65): what they are called, and which events there are. */
import { GrowthosError } from "../base/errors.js";
import { quoteName, quoteText } from "../base/ids.js";
import type { Cell, Database } from "../warehouse/types.js";

/** A branch: a location of the shop's list, or what a session called its branch and no list names. */
export interface Branch {
  /** Key of the breakdown by location. */
  readonly id: string;
  /** What people call it by; the id where the list has no code. */
  readonly code: string;
  readonly name: string;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
  readonly isActive: boolean;
  readonly isListed: boolean;
}

/** Events of one kind. Days are those of the analytics tool. */
export interface EventKindDays {
  readonly kind: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

/** True when the build has what branches are measured by; builds of older versions do not. */
export async function hasBranches(db: Database): Promise<boolean> {
  const found = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_web_activity'");
  return found.length > 0;
}

/** All of them, by code. */
export async function readBranches(db: Database): Promise<readonly Branch[]> {
  const rows = await db.all(
    `select location_id as id, coalesce(location_code, location_id) as code,
       coalesce(location_name, location_code, location_id) as name, city, state, country, is_active, is_listed
     from dim_location
     union all
     select distinct a.location_id, a.location_id, a.location_id, null, null, null, true, false
     from fact_web_activity as a
     left join dim_location as l on l.location_id = a.location_id
     where a.location_id is not null and l.location_id is null
     order by code, id`,
  );
  return rows.map((row) => ({
    id: String(row["id"]),
    code: String(row["code"]),
    name: String(row["name"]),
    city: textOf(row["city"]),
    state: textOf(row["state"]),
    country: textOf(row["country"]),
    isActive: row["is_active"] === true,
    isListed: row["is_listed"] === true,
  }));
}

/** Which kinds of events there are, by kind. */
export async function readEventKinds(db: Database): Promise<readonly EventKindDays[]> {
  const rows = await db.all(
    `select event_kind as kind, count(*) as events, min(event_date) as first_day, max(event_date) as last_day
     from fact_events group by event_kind order by event_kind`,
  );
  return rows.map((row) => ({
    kind: String(row["kind"]),
    count: Number(row["events"]),
    first: String(row["first_day"]).slice(0, 10),
    last: String(row["last_day"]).slice(0, 10),
  }));
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

/** A row of a file of sales reps, as written; empty cells are empty texts. */
export type RepRow = Readonly<Record<"branch_code" | "email" | "name" | "enabled", string>>;

const MOST_ROWS = 10_000;

/**
 * Reads a CSV with the columns branch_code, email and, as wanted, name and enabled; others beside them do not matter.
 * Throws `REPS_FILE` for a file that is none, lacks a column or is longer than 10,000 rows.
 */
export async function readRepFile(db: Database, path: string): Promise<readonly RepRow[]> {
  const file = `read_csv(${quoteText(path)}, header=true, all_varchar=true, null_padding=true, strict_mode=false)`;
  const described = await db.all(`describe select * from ${file}`).catch((cause: unknown) => {
    throw fileError(path, cause instanceof Error ? cause.message.slice(0, 200) : "", cause);
  });
  const names = described.map((row) => String(row["column_name"]));
  const given = new Map(names.map((name) => [name.trim().toLowerCase(), name]));
  const lacking = ["branch_code", "email"].filter((column) => !given.has(column));
  if (lacking.length > 0)
    throw fileError(path, `it lacks the columns ${lacking.join(", ")}; it has ${names.join(", ")}`);
  const cells = ["branch_code", "email", "name", "enabled"].map((column) => {
    const name = given.get(column);
    return `${name === undefined ? "''" : `coalesce(trim(${quoteName(name)}), '')`} as ${column}`;
  });
  const rows = await db.all(`select ${cells.join(", ")} from ${file} limit ${MOST_ROWS + 1}`);
  if (rows.length > MOST_ROWS) throw fileError(path, `it has more than ${MOST_ROWS} rows`);
  return rows as unknown as readonly RepRow[];
}

function fileError(path: string, why: string, cause?: unknown): GrowthosError {
  return new GrowthosError({
    code: "REPS_FILE",
    what: `${path} cannot be read as a list of sales reps`,
    why,
    state: "nothing was changed",
    hint: "a CSV with a head line: branch_code,email and, as wanted, name,enabled",
    exit: "usage",
    ...(cause === undefined ? {} : { cause }),
  });
}
