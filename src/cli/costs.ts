/** What the commands about entered costs share: what a cost may be, and how it is kept. */
import { isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import { currencyExponent } from "../base/money.js";
import type { CostRow, EnteredCost } from "../transform/costs.js";
import type { CommandContext } from "./command.js";
import { workspaceClock } from "./world.js";

const LONGEST = { name: 120, category: 60 } as const;

/** The cost that a row tells, or what is wrong with it. Without a currency it is in the shop's, without a category `other`. */
export function costOf(row: CostRow, shopCurrency: string): EnteredCost | { readonly wrong: string } {
  const [name, category] = [row.name.trim(), row.category.trim() === "" ? "other" : row.category.trim()];
  const currency = (row.currency.trim() === "" ? shopCurrency : row.currency.trim()).toUpperCase();
  const amount = row.amount.trim().replaceAll(",", "");
  const [from, to] = [row.from.trim(), row.to.trim() === "" ? null : row.to.trim()];
  const wrong = problemOf({ name, category, currency, amount, from, to });
  if (wrong !== null) return { wrong };
  // The same name, category and days are the same cost: entered again, it is corrected and not doubled.
  const id = sha256(JSON.stringify([name, category, from, to])).slice(0, 8);
  return { id, name, category, amount, currency, from, to };
}

function problemOf(cost: Omit<EnteredCost, "id">): string | null {
  const { name, category, currency, amount, from, to } = cost;
  if (name === "" || name.length > LONGEST.name) return `a name has 1 to ${LONGEST.name} characters`;
  if (category.length > LONGEST.category) return `a category has at most ${LONGEST.category} characters`;
  if (!/^[A-Z]{3}$/.test(currency)) return `"${currency.slice(0, 12)}" is no ISO 4217 code`;
  const digits = currencyExponent(currency);
  const [, decimals = ""] = /^-?\d{1,12}(?:\.(\d+))?$/.exec(amount) ?? [];
  if (!/^-?\d{1,12}(\.\d+)?$/.test(amount)) return `"${amount.slice(0, 20)}" is no amount such as 2000 or 1999.90`;
  if (decimals.length > digits) return `${currency} has ${digits} decimals, ${amount} has ${decimals.length}`;
  if (!isISODate(from)) return `"${from.slice(0, 20)}" is no day such as 2026-01-31`;
  if (to !== null && !isISODate(to)) return `"${to.slice(0, 20)}" is no day such as 2026-01-31`;
  if (to !== null && to <= from)
    return `the range ends on ${to}, which is not after ${from}: its last day is the one before its end`;
  return null;
}

/** Keeps costs, or takes them back, as events in raw; nothing with `--dry-run`. Waits `waitMs` for a sync under way. */
export async function keepCosts(
  context: CommandContext,
  costs: readonly EnteredCost[],
  { isRemoved, waitMs }: { readonly isRemoved: boolean; readonly waitMs: number },
): Promise<void> {
  if (context.flags.dryRun || costs.length === 0) return;
  const [{ landDecisions }, { COSTS_STREAM }, own] = await Promise.all([
    import("../sync/own-decisions.js"),
    import("../transform/costs.js"),
    context.workspaceConfig(),
  ]);
  await landDecisions(
    {
      ws: await context.workspace({ mustExist: false }),
      clock: workspaceClock(own, context.effects.clock),
      random: context.effects.random,
      toolVersion: context.version,
      configHash: own.hash,
      waitMs,
    },
    COSTS_STREAM,
    costs.map((cost) => ({ key: cost.id, event: { ...cost, is_removed: isRemoved } })),
  );
}

/** The costs that stand now. */
export async function standingCosts(context: CommandContext): Promise<readonly EnteredCost[]> {
  const [{ readCosts }, { openDatabase }] = await Promise.all([
    import("../transform/costs.js"),
    import("../warehouse/duckdb.js"),
  ]);
  const db = await openDatabase({ memoryLimitMb: 128, threads: 1 });
  try {
    return await readCosts(await context.workspace({ mustExist: false }), db);
  } finally {
    await db.close();
  }
}

/** "2000 USD, 2026-01-01 up to but not on 2026-02-01". */
export function costText({ name, category, amount, currency, from, to }: EnteredCost): string {
  return `${name} (${category}): ${amount} ${currency} ${to === null ? `on ${from}` : `from ${from} up to ${to}, which is not part of it`}`;
}

/** Costs as JSON, snake_case. */
export function costsJson(costs: readonly EnteredCost[]): readonly Readonly<Record<string, unknown>>[] {
  return costs.map(({ id, name, category, amount, currency, from, to }) => ({
    id,
    name,
    category,
    amount,
    currency,
    from,
    to,
  }));
}

/** Refusal of what was entered. */
export function badCost(what: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "BAD_COST",
    what,
    why,
    state: "nothing was entered",
    hint: "`growthos costs add --help` shows how a cost is entered",
    exit: "usage",
  });
}
