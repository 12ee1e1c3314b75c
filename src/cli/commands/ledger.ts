import { GrowthosError } from "../../base/errors.js";
import { decimalText } from "../../base/money.js";
import { payoutsSentence } from "../../reports/ledger.js";
import {
  countPayouts,
  hasLedger,
  LEDGER_STATES,
  type Ledger,
  type LedgerChange,
  type LedgerEntry,
  type LedgerPayout,
  type LedgerState,
  readEntries,
  readLedger,
  readOrder,
} from "../../transform/ledger.js";
import type { Database } from "../../warehouse/types.js";
import { type Command, type CommandArgs, type CommandContext, type Outcome, stringOption } from "../command.js";
import { olderBuild } from "../stamp.js";

const MOST_ENTRIES = 50;
const MOST_PAYOUTS = 1_000;

export const command: Command = {
  name: "ledger",
  summary: "follow the money to the bank: what is pending, cleared, disputed or refunded, and what payouts hold",
  description: [
    "What customers were charged and paid back, and what payouts brought of it: an entry is cleared when a payout holds it, whatever the shop",
    "calls paid. What a payout holds beside known orders, and what nothing explains, is named. Payouts come in by `growthos ingest payouts",
    "<file>` or by webhook. Amounts are those of the entries, tax and shipping included, each in its own currency.",
  ].join(" "),
  options: [
    {
      flags: "--order <order>",
      description: "one order, by its number or its id: its entries and what became of them",
    },
    {
      flags: "--state <state>",
      description: `entries in this state, the oldest ${MOST_ENTRIES}`,
      choices: LEDGER_STATES.map((state) => state.toLowerCase()),
    },
    { flags: "--payouts <number>", description: "how many payouts to show, the newest first", default: "12" },
  ],
  examples: ["growthos ledger", "growthos ledger --order '#1001'", "growthos ledger --state pending --json"],
  async run(context, args) {
    const { database } = await context.openBuild();
    try {
      if (!(await hasLedger(database))) throw olderBuild();
      const order = stringOption(args, "order");
      const state = stringOption(args, "state");
      if (order !== undefined && state !== undefined) throw both();
      if (order !== undefined) return await ofOrder(context, database, order);
      if (state !== undefined) return await ofState(context, database, state.toUpperCase() as LedgerState);
      return await whole(context, database, mostPayouts(args));
    } finally {
      await database.close();
    }
  },
};

function mostPayouts(args: CommandArgs): number {
  const given = stringOption(args, "payouts") ?? "12";
  if (/^\d{1,4}$/.test(given) && Number(given) <= MOST_PAYOUTS) return Number(given);
  throw new GrowthosError({
    code: "USAGE",
    what: `--payouts takes a whole number up to ${MOST_PAYOUTS}, not "${given.slice(0, 20)}"`,
    exit: "usage",
  });
}

async function whole(context: CommandContext, database: Database, most: number): Promise<Outcome> {
  const [ledger, counted] = [await readLedger(database, most), await countPayouts(database)];
  const text = counted.all === 0 ? nothingTold() : ledgerText(context, ledger, counted);
  const json = {
    balance: ledger.balance.map(({ kind, state, currency, entries, cents }) => ({
      ...{ kind, state, currency, entries, amount_minor: cents },
    })),
    payouts: ledger.payouts.map(payoutJson),
    payouts_in_all: counted.all,
    payouts_with_unexplained_rest: counted.unexplained,
  };
  return { exit: "ok", json, text };
}

/** Money in minor units of the payout's currency. */
function payoutJson({ id, payer, day, currency, cents, ...one }: LedgerPayout) {
  return {
    ...{ id, payer, day, currency, amount_minor: cents, sales_minor: one.sales, refunds_minor: one.refunds },
    ...{ fees_minor: one.fees, disputes_minor: one.disputes, other_minor: one.other },
    ...{ unexplained_minor: one.unexplained, names_transactions: one.namesTransactions },
    ...{ matched_entries: one.matched, unmatched_transactions: one.unmatched },
  };
}

function entryJson({ id, kind, orderId, day, cents, currency, state, payoutId, settled, matchedBy }: LedgerEntry) {
  return {
    ...{ id, kind, order_id: orderId, day, amount_minor: cents, currency, state, payout_id: payoutId },
    ...{ settled_minor: settled?.cents ?? null, settled_currency: settled?.currency ?? null, matched_by: matchedBy },
  };
}

function nothingTold(): string {
  return "No payout was told yet: nobody can say what is at the bank. `growthos ingest payouts <file>` takes what your payment provider exports as JSON; `growthos serve --intake` takes its webhooks.";
}

function ledgerText(
  { output }: CommandContext,
  { balance, payouts }: Ledger,
  counted: { all: number; unexplained: number },
): string {
  const rows = [...new Set(balance.map(({ currency, kind }) => `${currency} ${kind}`))].map((name) => {
    const [currency = "", kind = ""] = name.split(" ");
    const cells = LEDGER_STATES.map((state) => {
      const found = balance.find((one) => one.currency === currency && one.kind === kind && one.state === state);
      return found === undefined ? "" : amount(found.cents, currency);
    });
    const entries = balance.filter((one) => one.currency === currency && one.kind === kind);
    return [kind.replaceAll("_", " "), currency, String(entries.reduce((sum, one) => sum + one.entries, 0)), ...cells];
  });
  const titles = ["entries", ...LEDGER_STATES.map((state) => state.toLowerCase())];
  const right = (title: string) => ({ title, align: "right" as const });
  const balanceTable = output.table([{ title: "kind" }, { title: "currency" }, ...titles.map(right)], rows);
  const payoutTable = output.table(
    [
      { title: "paid" },
      { title: "payout" },
      ...["amount", "sales", "refunds", "fees", "disputes", "other", "unexplained"].map(right),
    ],
    payouts.map((one) => [
      one.day,
      `${one.id}${one.namesTransactions ? "" : " *"}`,
      `${amount(one.cents, one.currency)} ${one.currency}`,
      ...[one.sales, one.refunds, one.fees, one.disputes, one.other, one.unexplained].map((cents) =>
        cents === 0 ? "" : amount(cents, one.currency),
      ),
    ]),
  );
  const convention = payouts.some(({ namesTransactions }) => !namesTransactions)
    ? ["* names no transaction: the oldest entries of its payer were taken as paid."]
    : [];
  return [balanceTable, payoutTable, [payoutsSentence(counted), ...convention].join("\n")].join("\n\n");
}

async function ofState(context: CommandContext, database: Database, state: LedgerState): Promise<Outcome> {
  const entries = await readEntries(database, state, MOST_ENTRIES);
  const text = entries.length === 0 ? `No entry is ${state.toLowerCase()}.` : entryTable(context, entries);
  return { exit: "ok", json: { state, entries: entries.map(entryJson) }, text };
}

async function ofOrder(context: CommandContext, database: Database, order: string): Promise<Outcome> {
  const { entries, changes } = await readOrder(database, order);
  if (entries.length === 0)
    throw new GrowthosError({
      code: "ORDER_UNKNOWN",
      what: `the ledger holds no order "${order.slice(0, 60)}"`,
      why: "it has no such number or id, was never charged, or no payout was told yet",
      hint: "`growthos ledger` shows what there is",
      exit: "usage",
    });
  return {
    exit: "ok",
    json: {
      order,
      entries: entries.map(entryJson),
      changes: changes.map(({ entryId, at, state, reason }) => ({ entry_id: entryId, at, state, reason })),
    },
    text: `${entryTable(context, entries)}\n\n${changeTable(context, changes)}`,
  };
}

function entryTable({ output }: CommandContext, entries: readonly LedgerEntry[]): string {
  return output.table(
    [
      { title: "day" },
      { title: "entry" },
      { title: "amount", align: "right" },
      { title: "state" },
      { title: "payout" },
      { title: "at the bank", align: "right" },
    ],
    entries.map(({ day, id, cents, currency, state, payoutId, settled }) => [
      day,
      id,
      `${amount(cents, currency)} ${currency}`,
      state.toLowerCase(),
      payoutId ?? "",
      settled === null ? "" : `${amount(settled.cents, settled.currency)} ${settled.currency}`,
    ]),
  );
}

function changeTable({ output }: CommandContext, changes: readonly LedgerChange[]): string {
  return output.table(
    [{ title: "when (UTC)" }, { title: "entry" }, { title: "became" }, { title: "because" }],
    changes.map(({ at, entryId, state, reason }) => [
      at.slice(0, 16).replace("T", " "),
      entryId,
      state.toLowerCase(),
      reason,
    ]),
  );
}

function amount(minor: number, currency: string): string {
  return decimalText({ minor, currency });
}

function both(): GrowthosError {
  return new GrowthosError({
    code: "BAD_OPTION",
    what: "--order and --state ask different questions",
    hint: "give one of them",
    exit: "usage",
  });
}
