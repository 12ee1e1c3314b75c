/** Reads what happened at each branch on one day, thing by thing: the lists of the daily branch report (D-65). */
import type { ISODate } from "../base/dates.js";
import { quoteText } from "../base/ids.js";
import type { Cell, Database, Row } from "../warehouse/types.js";

/** Kinds of things that a branch report lists. */
export const BRANCH_LISTS = ["purchase", "abandoned_cart", "failed_search", "repeat_visit"] as const;
/** One of them. */
export type BranchList = (typeof BRANCH_LISTS)[number];

/** One thing that happened, with whom to call. Contacts are null where nobody was signed in or the shop hashes them. */
export interface BranchThing {
  /** The transaction, or the term that was searched. */
  readonly subject: string | null;
  /** Minor units of `currency`: the purchase, or what was left in the cart. */
  readonly cents: number | null;
  readonly currency: string | null;
  /** Instant, ISO 8601 UTC. */
  readonly at: string;
  readonly company: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** Different pages of the visit. */
  readonly pages: number | null;
}

/** The things of one branch and kind. */
export interface BranchThings {
  /** Key of the branch; null: none was told. */
  readonly branch: string | null;
  readonly list: BranchList;
  /** All of them; `things` holds the first. */
  readonly count: number;
  /** Mean of different pages per visit; null for other kinds. */
  readonly meanPages: number | null;
  readonly things: readonly BranchThing[];
}

/** Reads them, at most `most` things of each kind: the dearest first, then the earliest. */
export async function readBranchDay(db: Database, day: ISODate, most: number): Promise<readonly BranchThings[]> {
  const rows = await db.all(
    `with things as (
      select a.location_id, case when a.activity_kind = 'visit' then 'repeat_visit' else a.activity_kind end as list,
        a.activity_key, a.activity_at, a.subject,
        case when a.activity_kind = 'purchase' then a.revenue_cents when a.activity_kind = 'abandoned_cart' then a.cart_cents end as cents,
        a.currency, u.company_name, u.user_name, u.email, coalesce(u.office_phone, u.cell_phone) as phone, s.distinct_pages as pages
      from fact_web_activity as a
      left join dim_user as u on u.user_id = a.user_id
      left join fact_sessions as s on s.session_key = a.session_key
      where a.activity_date = date ${quoteText(day)}
        and (a.activity_kind in ('purchase', 'abandoned_cart', 'failed_search') or (a.activity_kind = 'visit' and a.is_repeat))
    ), placed as (
      select *, count(*) over (partition by location_id, list) as things, avg(pages) over (partition by location_id, list) as mean_pages,
        row_number() over (partition by location_id, list order by cents desc nulls last, activity_at, activity_key) as place
      from things
    )
    select * from placed where place <= ${most} order by location_id nulls last, list, place`,
  );
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row["location_id"], row["list"]]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  return [...groups.values()].flatMap(groupOf);
}

function groupOf(rows: readonly Row[]): readonly BranchThings[] {
  const [first] = rows;
  const list = BRANCH_LISTS.find((name) => name === first?.["list"]);
  if (first === undefined || list === undefined) return [];
  const mean = numberOf(first["mean_pages"]);
  return [
    {
      branch: textOf(first["location_id"]),
      list,
      count: Number(first["things"]),
      meanPages: list === "repeat_visit" ? mean : null,
      things: rows.map((row) => ({
        subject: textOf(row["subject"]),
        cents: numberOf(row["cents"]),
        currency: textOf(row["currency"]),
        at: String(row["activity_at"]),
        company: textOf(row["company_name"]),
        name: textOf(row["user_name"]),
        email: textOf(row["email"]),
        phone: textOf(row["phone"]),
        pages: numberOf(row["pages"]),
      })),
    },
  ];
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
