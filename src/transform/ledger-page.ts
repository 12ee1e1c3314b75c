/** Reads what the page of the ledger shows of a build (D-51): balance, payouts, what waits, what changed, and what goods cost. */
import type { Database, Row } from "../warehouse/types.js";
import { countPayouts, hasLedger, type LedgerBalance, type LedgerPayout, readLedger } from "./ledger.js";

/** An entry that no payout has brought yet. Minor units of `currency`. */
export interface WaitingEntry {
  readonly id: string;
  readonly kind: string;
  /** As people call the order. */
  readonly order: string | null;
  /** The day of the sale or the refund in the shop's zone, and how many days it has waited by the day of the answer. */
  readonly day: string;
  readonly days: number;
  readonly cents: number;
  readonly currency: string;
}

/** Entries that came into one state on one day for one reason. */
export interface LedgerMove {
  readonly day: string;
  readonly state: string;
  readonly reason: string;
  readonly entries: number;
  /** Where it is one. */
  readonly order: string | null;
  readonly cents: number;
  readonly currency: string;
}

/** A variant of the catalogue. Minor units of `currency`. */
export interface Sku {
  readonly key: string;
  readonly sku: string | null;
  readonly name: string;
  readonly price: number | null;
  readonly unitCost: number | null;
  /** Price less unit cost; null where one of them is not known. */
  readonly margin: number | null;
  readonly currency: string | null;
  /** The shop tells no unit cost: its goods are taken at the margin of their category. */
  readonly hasMissingCosts: boolean;
}

/** All of it. */
export interface LedgerPage {
  readonly balance: readonly LedgerBalance[];
  /** The newest. */
  readonly payouts: readonly LedgerPayout[];
  readonly counted: { readonly all: number; readonly unexplained: number };
  readonly pendingEntries: number;
  /** The oldest of them. */
  readonly waiting: readonly WaitingEntry[];
  /** The newest; that an order was placed is none. */
  readonly moves: readonly LedgerMove[];
  readonly skus: readonly Sku[];
  readonly skusWithoutCost: number;
}

/** The days by which the page tells time. */
export interface LedgerDays {
  readonly asOf: string;
  readonly timeZone: string;
}

const MOST = { payouts: 24, waiting: 20, moves: 25, skus: 5000 } as const;

/** Null for a build of a version without a ledger. */
export async function readLedgerPage(db: Database, { asOf, timeZone }: LedgerDays): Promise<LedgerPage | null> {
  if (!(await hasLedger(db))) return null;
  const waiting = await db.all(
    `select l.*, o.order_name, date_diff('day', l.entry_date, cast(? as date)) as waiting_days
     from fact_ledger as l
     left join fact_orders as o on o.order_id = l.order_id
     where l.state = 'PENDING'
     order by l.entry_at, l.entry_id
     limit ?`,
    [asOf, MOST.waiting],
  );
  const moves = await db.all(
    `select cast(timezone(?, c.changed_at) as date) as day, c.state, c.reason, l.currency, count(*) as entries,
       cast(sum(l.amount_cents) as bigint) as cents, case when count(*) = 1 then max(o.order_name) end as order_name
     from fact_ledger_changes as c
     inner join fact_ledger as l on l.entry_id = c.entry_id
     left join fact_orders as o on o.order_id = l.order_id
     where c.change_number > 1
     group by all
     order by max(c.changed_at) desc, c.state, c.reason, l.currency
     limit ?`,
    [timeZone, MOST.moves],
  );
  const skus = await db.all(
    `select *, price_cents - unit_cost_cents as margin_cents
     from dim_product
     order by has_unit_cost, product_name, product_key
     limit ?`,
    [MOST.skus],
  );
  const missing = await db.one("select count(*) as products from dim_product where not has_unit_cost");
  const pending = await db.one("select count(*) as entries from fact_ledger where state = 'PENDING'");
  return {
    ...(await readLedger(db, MOST.payouts)),
    counted: await countPayouts(db),
    pendingEntries: Number(pending["entries"]),
    waiting: waiting.map(waitingOf),
    moves: moves.map(moveOf),
    skus: skus.map(skuOf),
    skusWithoutCost: Number(missing["products"]),
  };
}

function waitingOf(row: Row): WaitingEntry {
  return {
    id: String(row["entry_id"]),
    kind: String(row["entry_kind"]),
    order: text(row, "order_name") ?? text(row, "order_id"),
    day: String(row["entry_date"]),
    days: Number(row["waiting_days"]),
    cents: Number(row["amount_cents"]),
    currency: String(row["currency"]),
  };
}

function moveOf(row: Row): LedgerMove {
  return {
    day: String(row["day"]),
    state: String(row["state"]),
    reason: String(row["reason"]),
    entries: Number(row["entries"]),
    order: text(row, "order_name"),
    cents: Number(row["cents"]),
    currency: String(row["currency"]),
  };
}

function skuOf(row: Row): Sku {
  return {
    key: String(row["product_key"]),
    sku: text(row, "sku"),
    name: text(row, "product_name") ?? "",
    price: amount(row, "price_cents"),
    unitCost: amount(row, "unit_cost_cents"),
    margin: amount(row, "margin_cents"),
    currency: text(row, "currency"),
    hasMissingCosts: row["has_unit_cost"] !== true,
  };
}

function text(row: Row, column: string): string | null {
  const cell = row[column] ?? null;
  return cell === null ? null : String(cell);
}

function amount(row: Row, column: string): number | null {
  const cell = row[column] ?? null;
  return cell === null ? null : Number(cell);
}
