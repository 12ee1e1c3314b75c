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
  /** The first items with their quantities, `2 x Hat`; null: not told, or of a kind that has none. */
  readonly items: string | null;
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

/** An item of a purchase as a text, and how many of them a line shows. */
const ITEM = "coalesce(quantity, 1) || ' x ' || coalesce(item_name, item_id, 'unnamed item')";
const MOST_ITEMS = 5;

/** Reads them, at most `most` things of each kind: the dearest first, then the earliest. */
export async function readBranchDay(db: Database, day: ISODate, most: number): Promise<readonly BranchThings[]> {
  const rows = await db.all(
    `with bought as (
      select event_key, event_date, string_agg(${ITEM}, ', ' order by item_index) filter (where item_index <= ${MOST_ITEMS})
          || case when count(*) > ${MOST_ITEMS} then ', …' else '' end as items
      from fact_event_items
      where event_kind = 'purchase' and event_date = date ${quoteText(day)}
      group by event_key, event_date
    ), things as (
      select a.location_id, case when a.activity_kind = 'visit' then 'repeat_visit' else a.activity_kind end as list,
        a.activity_key, a.activity_at, a.subject,
        case when a.activity_kind = 'purchase' then a.revenue_cents when a.activity_kind = 'abandoned_cart' then a.cart_cents end as cents,
        a.currency, coalesce(b.items, c.items) as items, u.company_name, u.user_name, u.email, coalesce(u.office_phone, u.cell_phone) as phone, s.distinct_pages as pages
      from fact_web_activity as a
      left join dim_user as u on u.user_id = a.user_id
      left join fact_sessions as s on s.session_key = a.session_key
      left join bought as b on a.activity_kind = 'purchase' and a.activity_key = 'purchase:' || b.event_key
      left join fact_abandoned_carts as c on a.activity_kind = 'abandoned_cart' and c.cart_key = a.subject
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
        items: textOf(row["items"]),
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

/** A product that was bought or left in a cart at a branch. */
export interface BranchProduct {
  /** Key of the branch; null: none was told. */
  readonly branch: string | null;
  readonly name: string;
  /** Pieces; a missing quantity is 1, as GA4 counts. */
  readonly bought: number;
  readonly left: number;
}

/** The products of the day's purchases and abandoned carts, at most `most` of each branch: those bought most first. */
export async function readBranchProducts(db: Database, day: ISODate, most: number): Promise<readonly BranchProduct[]> {
  const rows = await db.all(
    `with moved as (
      select a.location_id, coalesce(i.item_name, i.item_id) as name, coalesce(i.quantity, 1) as bought, 0 as remains
      from fact_web_activity as a
      join fact_event_items as i
        on i.event_kind = 'purchase' and i.event_date = a.activity_date and a.activity_key = 'purchase:' || i.event_key
      where a.activity_date = date ${quoteText(day)} and a.activity_kind = 'purchase'
      union all
      select a.location_id, coalesce(i.item_name, i.item_id), 0, i.quantity
      from fact_web_activity as a
      join fact_cart_items as i on i.cart_key = a.subject
      where a.activity_date = date ${quoteText(day)} and a.activity_kind = 'abandoned_cart'
    ), summed as (
      select location_id, name, sum(bought) as bought, sum(remains) as remains
      from moved where name is not null group by location_id, name
    )
    select * from summed
    qualify row_number() over (partition by location_id order by bought desc, remains desc, name) <= ${most}
    order by location_id nulls last, bought desc, remains desc, name`,
  );
  return rows.map((row) => ({
    branch: textOf(row["location_id"]),
    name: String(row["name"]),
    bought: Number(row["bought"]),
    left: Number(row["remains"]),
  }));
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

function numberOf(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
