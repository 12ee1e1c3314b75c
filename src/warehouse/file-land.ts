import { quoteName, quoteText } from "../base/ids.js";
import { badCellsSql, judgedNames } from "./file-judge.js";
import type { FilePlan } from "./file-plan.js";
import { hmacSql, personalSql, withoutEmailsSql } from "./hmac.js";
import { keepQuarantine, quarantinePath } from "./quarantine.js";
import type { Database, Part, Workspace } from "./types.js";
import { copyToParquet } from "./write-part.js";

/** What to do with personal data: HMAC with the workspace's salt (`setHmacKey` first), nothing, or leave it out. */
export type FilePii = "hash" | "keep" | "drop";

/** Who lands, and when; stands in every landed row. */
export interface LandingStamp {
  readonly runId: string;
  /** ISO 8601 UTC. */
  readonly fetchedAt: string;
  readonly pii: FilePii;
}

/** The good rows of `file_judged` in the landing columns, in the order of the file. */
export function landingSql(plan: FilePlan, stamp: LandingStamp): string {
  const members = payloadMembers(plan, stamp.pii).map(({ name, value }) => {
    const label = quoteText(`${JSON.stringify(name)}:`);
    return `case when ${value} is not null then ${label} || to_json(${value})::varchar end`;
  });
  const payload = `'{' || concat_ws(',', ${members.join(", ")}) || '}'`;
  return `select key as _key, '' as _slice, ${quoteText(stamp.runId)} as _run_id, ${quoteText(stamp.fetchedAt)}::timestamptz as _fetched_at,
      'file' as _api_version, sha256(payload) as _hash, payload
    from (select _row, key, ${payload} as payload from file_judged where sum is null and problem is null order by _row)`;
}

function payloadMembers(plan: FilePlan, pii: FilePii): readonly { readonly name: string; readonly value: string }[] {
  const columns = new Map(plan.columns.map((column) => [column.name, column]));
  const names = judgedNames(plan);
  const known = names.map((name) => {
    const column = columns.get(name);
    // What rows are told apart and joined by stays what it is.
    const isFree = column?.kind === "text" && !plan.key.includes(name) && !/(^|_)id$/.test(name);
    return { name, value: personal(quoteName(name), column?.pii ?? (isFree ? "free" : null), pii) };
  });
  // Its row in the file: lines of one order have no other order among them.
  const row = { name: "row", value: "_row::varchar" };
  const taken = new Set([...names, row.name]);
  const others = plan.others.map((other) => {
    const name = freeName(other.header, taken);
    return { name, value: personal(`o${other.index}`, other.pii ? "text" : "free", pii) };
  });
  return [...known, row, ...others];
}

/** An unknown column may bear the name of a known field; it must not overwrite it. */
function freeName(header: string, taken: Set<string>): string {
  let name = header;
  for (let count = 2; taken.has(name); count++) name = `${header}_${count}`;
  taken.add(name);
  return name;
}

/** `free`: not personal by its name; what people put into it may be. */
function personal(value: string, kind: "email" | "text" | "free" | null, pii: FilePii): string {
  if (kind === null) return value;
  if (kind === "free") return pii === "keep" ? value : withoutEmailsSql(value);
  if (pii === "drop") return "null::varchar";
  if (pii === "keep") return kind === "email" ? personalSql(value) : value;
  return hmacSql(personalSql(value));
}

/** Writes the bad rows to the quarantine (file, line, column, value, reason); gives the members of `Part.origin` that name the file. */
export async function writeQuarantine(
  ws: Workspace,
  db: Database,
  options: { readonly plan: FilePlan; readonly loadId: string; readonly source: string; readonly stream: string },
): Promise<Part["origin"]> {
  const { plan, loadId, source, stream } = options;
  const path = quarantinePath(ws, { source, stream, loadId, extension: "parquet" });
  const rows = await copyToParquet(ws, db, { sql: `${badCellsSql(plan)} order by line` }, path);
  return keepQuarantine(ws, path, rows);
}
