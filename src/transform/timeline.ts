/** Everything that happened in one visit, or to one person, in order (D-63); with who it was. */
import type { Cell, Database, Row } from "../warehouse/types.js";

/** Whose events: a session by its key, or a person by user id, e-mail address (when the shop keeps it), browser or person key. */
export type TimelineOf = { readonly session: string } | { readonly user: string };

/** One event; money in minor units of `currency`. */
export interface TimelineEvent {
  /** ISO 8601 UTC, and the day in the property's zone. */
  readonly at: string;
  readonly day: string;
  readonly kind: string;
  readonly session: string | null;
  readonly person: string | null;
  readonly page: string | null;
  readonly term: string | null;
  readonly transaction: string | null;
  readonly revenue: number | null;
  readonly refund: number | null;
  readonly currency: string | null;
  readonly device: string | null;
  readonly country: string | null;
  readonly items: readonly TimelineItem[];
}

/** An item as the event told it; null is not told. */
export interface TimelineItem {
  readonly id: string | null;
  readonly name: string | null;
  readonly quantity: number | null;
  readonly price: number | null;
}

/** Somebody of the shop's list; contact data are null unless the shop keeps them. */
export interface TimelineUser {
  readonly id: string;
  readonly company: string | null;
  readonly branch: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly cellPhone: string | null;
  readonly officePhone: string | null;
}

/** A page of it. */
export interface Timeline {
  readonly users: readonly TimelineUser[];
  readonly sessions: number;
  readonly total: number;
  readonly pages: number;
  readonly events: readonly TimelineEvent[];
}

const MOST_USERS = 20;

/** Events in order of time, then of their place in what the browser sent. `page` counts from 1. */
export async function readTimeline(
  db: Database,
  of: TimelineOf,
  { page, limit }: { readonly page: number; readonly limit: number },
): Promise<Timeline> {
  const [where, params] = condition(of);
  const counted = await db.one(
    `select count(*) as events, count(distinct session_key) as sessions from fact_events where ${where}`,
    params,
  );
  const rows = await db.all(
    `select * exclude (items), cast(to_json(items) as varchar) as items_json from fact_events where ${where}
      order by event_at, batch_page, batch_ordering, batch_event, event_key limit $${params.length + 1} offset $${params.length + 2}`,
    [...params, limit, (page - 1) * limit],
  );
  const users = await db.all(
    `select u.*, l.location_name from dim_user as u left join dim_location as l on l.location_id = u.location_id
      where u.user_id in (select user_id from fact_events where ${where}) order by u.user_id limit ${MOST_USERS}`,
    params,
  );
  const total = Number(counted["events"]);
  return {
    users: users.map(userOf),
    sessions: Number(counted["sessions"]),
    total,
    pages: Math.ceil(total / limit),
    events: rows.map(eventOf),
  };
}

function condition(of: TimelineOf): readonly [string, readonly Cell[]] {
  if ("session" in of) return ["session_key = $1", [of.session]];
  return [
    `(person_key in ($1, 'u:' || $1, 'p:' || $1) or user_id = $1
      or user_id in (select user_id from dim_user where lower(email) = lower($1)))`,
    [of.user],
  ];
}

function eventOf(row: Row): TimelineEvent {
  const items = JSON.parse(text(row, "items_json") ?? "[]") as readonly Readonly<
    Record<string, string | number | null>
  >[];
  return {
    at: String(row["event_at"]),
    day: String(row["event_date"]),
    kind: String(row["event_kind"]),
    session: text(row, "session_key"),
    person: text(row, "person_key"),
    page: text(row, "page_location"),
    term: text(row, "search_term"),
    transaction: text(row, "transaction_id"),
    revenue: number(row, "revenue_cents"),
    refund: number(row, "refund_cents"),
    currency: text(row, "currency"),
    device: text(row, "device_category"),
    country: text(row, "geo_country"),
    items: items.map((item) => ({
      id: text(item, "item_id"),
      name: text(item, "item_name"),
      quantity: number(item, "quantity"),
      price: number(item, "price_cents"),
    })),
  };
}

function userOf(row: Row): TimelineUser {
  return {
    id: String(row["user_id"]),
    company: text(row, "company_name"),
    branch: text(row, "location_name") ?? text(row, "location_id"),
    name: text(row, "user_name"),
    email: text(row, "email"),
    cellPhone: text(row, "cell_phone"),
    officePhone: text(row, "office_phone"),
  };
}

function text(row: Row, column: string): string | null {
  const cell = row[column] ?? null;
  return cell === null ? null : String(cell);
}

function number(row: Row, column: string): number | null {
  const cell = row[column] ?? null;
  return cell === null ? null : Number(cell);
}
