/** Reads the ledger of a build (D-51): where the money is, what payouts hold, and what became of one order. */
import type { Database, Row } from "../warehouse/types.js";

/** Where an entry can be. */
export const LEDGER_STATES = ["PENDING", "CLEARED", "DISPUTED", "REFUNDED"] as const;
/** One of them. */
export type LedgerState = (typeof LEDGER_STATES)[number];

/** Entries of one kind, state and currency; signed minor units. */
export interface LedgerBalance {
  readonly kind: string;
  readonly state: LedgerState;
  readonly currency: string;
  readonly entries: number;
  readonly cents: number;
}

/** A payout that reached the bank: `cents` is the sum of the parts and of what nothing explains. Minor units of `currency`. */
export interface LedgerPayout {
  readonly id: string;
  readonly payer: string;
  /** The day in the shop's zone. */
  readonly day: string;
  readonly currency: string;
  readonly cents: number;
  readonly sales: number;
  readonly refunds: number;
  readonly fees: number;
  readonly disputes: number;
  readonly other: number;
  readonly unexplained: number;
  /** False: it named no transaction, and its entries are the oldest that waited. */
  readonly namesTransactions: boolean;
  readonly matched: number;
  /** Sales and refunds in it of orders that nobody knows. */
  readonly unmatched: number;
}

/** One entry; `settled` is what came of it at the bank, in the payout's currency. */
export interface LedgerEntry {
  readonly id: string;
  readonly kind: string;
  readonly orderId: string | null;
  readonly day: string;
  readonly cents: number;
  readonly currency: string;
  readonly state: LedgerState;
  readonly payoutId: string | null;
  readonly settled: { readonly cents: number; readonly currency: string } | null;
  readonly matchedBy: string | null;
}

/** A state that an entry came into. */
export interface LedgerChange {
  readonly entryId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly state: LedgerState;
  readonly reason: string;
}

/** The whole ledger in sums, and its payouts, newest first. */
export interface Ledger {
  readonly balance: readonly LedgerBalance[];
  readonly payouts: readonly LedgerPayout[];
}

/** False for a build of a version without a ledger. */
export async function hasLedger(db: Database): Promise<boolean> {
  const found = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_payouts'");
  return found.length > 0;
}

/** Sums of all entries, and the newest payouts. */
export async function readLedger(db: Database, mostPayouts: number): Promise<Ledger> {
  const balance = await db.all(
    "select entry_kind, state, currency, count(*) as entries, cast(sum(amount_cents) as bigint) as cents from fact_ledger group by all order by currency, entry_kind, state",
  );
  const payouts = await db.all("select * from fact_payouts order by payout_date desc, payout_id limit ?", [
    mostPayouts,
  ]);
  return {
    balance: balance.map((row) => ({
      kind: text(row, "entry_kind"),
      state: text(row, "state") as LedgerState,
      currency: text(row, "currency"),
      entries: number(row, "entries"),
      cents: number(row, "cents"),
    })),
    payouts: payouts.map(payoutOf),
  };
}

/** How many payouts there are, and of how many something is unexplained. */
export async function countPayouts(db: Database): Promise<{ readonly all: number; readonly unexplained: number }> {
  const row = await db.one(
    "select count(*) as payouts, count(*) filter (unexplained_cents <> 0) as unexplained from fact_payouts",
  );
  return { all: number(row, "payouts"), unexplained: number(row, "unexplained") };
}

/** Entries in a state, the oldest first. */
export async function readEntries(db: Database, state: LedgerState, most: number): Promise<readonly LedgerEntry[]> {
  const rows = await db.all("select * from fact_ledger where state = ? order by entry_at, entry_id limit ?", [
    state,
    most,
  ]);
  return rows.map(entryOf);
}

/** What the ledger holds of an order, by its id or its number, and how it came there; empty for an order that it does not know. */
export async function readOrder(
  db: Database,
  order: string,
): Promise<{ readonly entries: readonly LedgerEntry[]; readonly changes: readonly LedgerChange[] }> {
  const entries = await db.all(
    `select l.* from fact_ledger as l
     where l.order_id in (select order_id from fact_orders where order_id = ? or order_name = ? or order_name = '#' || ?)
     order by l.entry_at, l.entry_id`,
    [order, order, order],
  );
  const changes = await db.all(
    `select c.* from fact_ledger_changes as c
     inner join fact_ledger as l on l.entry_id = c.entry_id
     where l.order_id in (select order_id from fact_orders where order_id = ? or order_name = ? or order_name = '#' || ?)
     order by c.changed_at, c.entry_id, c.change_number`,
    [order, order, order],
  );
  return {
    entries: entries.map(entryOf),
    changes: changes.map((row) => ({
      entryId: text(row, "entry_id"),
      at: text(row, "changed_at"),
      state: text(row, "state") as LedgerState,
      reason: text(row, "reason"),
    })),
  };
}

function payoutOf(row: Row): LedgerPayout {
  return {
    id: text(row, "payout_id"),
    payer: text(row, "payer"),
    day: text(row, "payout_date"),
    currency: text(row, "currency"),
    cents: number(row, "amount_cents"),
    sales: number(row, "sale_cents"),
    refunds: number(row, "refund_cents"),
    fees: number(row, "fee_cents"),
    disputes: number(row, "dispute_cents"),
    other: number(row, "other_cents"),
    unexplained: number(row, "unexplained_cents"),
    namesTransactions: row["has_lines"] === true,
    matched: number(row, "matched_count"),
    unmatched: number(row, "unmatched_count"),
  };
}

function entryOf(row: Row): LedgerEntry {
  const settled = row["settled_cents"];
  const currency = row["settled_currency"];
  return {
    id: text(row, "entry_id"),
    kind: text(row, "entry_kind"),
    orderId: row["order_id"] === null ? null : text(row, "order_id"),
    day: text(row, "entry_date"),
    cents: number(row, "amount_cents"),
    currency: text(row, "currency"),
    state: text(row, "state") as LedgerState,
    payoutId: row["payout_id"] === null ? null : text(row, "payout_id"),
    settled: typeof settled === "number" && typeof currency === "string" ? { cents: settled, currency } : null,
    matchedBy: row["matched_by"] === null ? null : text(row, "matched_by"),
  };
}

const text = (row: Row, column: string): string => String(row[column]);
const number = (row: Row, column: string): number => Number(row[column]);
