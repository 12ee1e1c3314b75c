import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import { decimalText } from "../../base/money.js";
import type { AnswerContext } from "../../metrics/types.js";
import type { BridgeLine } from "../../reports/reconciliation.js";
import type { Claim, ReconciledDay, Reconciliation } from "../../transform/data-quality.js";
import type { Database } from "../../warehouse/types.js";
import { type Command, type CommandContext, flagOption, type Outcome, stringOption } from "../command.js";
import { olderBuild } from "../stamp.js";

export const command: Command = {
  name: "reconcile",
  summary: "hold the shop's orders and revenue against GA4 and the ad platforms",
  description: [
    "Shows the way from what the shop sold to what GA4 and each ad platform say: each cause that can be measured with its orders and its",
    "amount, the unexplained rest, and what the rest may be. The steps add up to the cent. Days that the shop or the other has not",
    "delivered are left out and named. Windows end at the last complete day.",
  ].join(" "),
  options: [
    { flags: "--window <window>", description: "28d, week, last month, 2026-01-01..2026-01-31", default: "28d" },
    { flags: "--with <system>", description: "only this one: ga4, meta, google, ad_platforms …" },
    { flags: "--by-day", description: "also a line per day" },
  ],
  examples: [
    "growthos reconcile",
    "growthos reconcile --window 'last month' --with ga4 --by-day",
    "growthos reconcile --json",
  ],
  async run(context, args) {
    const [{ readContext }, { windowFor }, quality] = await Promise.all([
      import("../../metrics/context.js"),
      import("../../metrics/windows.js"),
      import("../../transform/data-quality.js"),
    ]);
    const { shop } = await context.workspaceConfig();
    const { database } = await context.openBuild();
    try {
      if (!(await quality.hasDataQuality(database))) throw olderBuild();
      const stamped = await readContext(database, shop.name);
      const window = windowFor(stringOption(args, "window") ?? "28d", stamped.lastCompleteDay, stamped.weekEndsOn ?? 7);
      const all = await quality.readReconciliations(database, window);
      const chosen = chosenOf(all, stringOption(args, "with"));
      const days = flagOption(args, "byDay") ? await daysOf(database, chosen, window) : null;
      return await outcome(context, { stamped, window, chosen, days });
    } finally {
      await database.close();
    }
  },
};

type Days = ReadonlyMap<string, readonly ReconciledDay[]>;

interface Answer {
  readonly stamped: AnswerContext;
  readonly window: { readonly from: string; readonly to: string };
  readonly chosen: readonly Reconciliation[];
  readonly days: Days | null;
}

async function daysOf(
  database: Database,
  chosen: readonly Reconciliation[],
  window: Parameters<typeof import("../../transform/data-quality.js")["readReconciledDays"]>[2],
): Promise<Days> {
  const { readReconciledDays } = await import("../../transform/data-quality.js");
  const days = new Map<string, readonly ReconciledDay[]>();
  for (const { system } of chosen) days.set(system, await readReconciledDays(database, system, window));
  return days;
}

function chosenOf(all: readonly Reconciliation[], wanted: string | undefined): readonly Reconciliation[] {
  if (wanted === undefined) return all;
  const chosen = all.filter(({ system }) => system === wanted);
  if (chosen.length > 0) return chosen;
  const known = all.map(({ system }) => system);
  const near = nearest(wanted, known);
  throw new GrowthosError({
    code: "SYSTEM_UNKNOWN",
    what: `"${wanted.slice(0, 40)}" is nothing to compare the shop with`,
    why: known.length === 0 ? "no other system is configured" : `there are ${known.join(", ")}`,
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
    exit: "usage",
  });
}

async function outcome(context: CommandContext, answer: Answer): Promise<Outcome> {
  const words = await import("../../reports/reconciliation.js");
  const { stamped, window, chosen, days } = answer;
  const head = `${stamped.shop}, ${window.from} … ${window.to}, ${stamped.currency}, ${stamped.timeZone}`;
  const parts = chosen.map((one) => {
    const notes = words.reconciliationNotes(one, stamped.currency);
    const table = one.comparedDays === 0 ? [] : [bridgeTable(context, words.bridgeLines(one, stamped.currency))];
    const daily = days === null ? [] : [dayTable(context, days.get(one.system) ?? [], stamped.currency)];
    return [context.output.paint("strong", capital(one.title)), ...table, ...notes, ...daily].join("\n");
  });
  const nothing = "no other system is configured: there is nothing to compare the shop with";
  return {
    exit: "ok",
    json: {
      as_of: stamped.asOf,
      window,
      currency: stamped.currency,
      reconciliations: chosen.map((one) => ({
        ...json(one),
        notes: words.reconciliationNotes(one, stamped.currency),
        ...(days === null ? {} : { days: (days.get(one.system) ?? []).map(dayJson) }),
      })),
    },
    text: [context.output.paint("dim", head), ...(parts.length === 0 ? [nothing] : parts)].join("\n\n"),
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function bridgeTable({ output }: CommandContext, lines: readonly BridgeLine[]): string {
  const sign = (kind: BridgeLine["kind"]) => (kind === "expected" || kind === "end" ? "= " : "  ");
  return output.table(
    [{ title: "" }, { title: "orders", align: "right" }, { title: "revenue", align: "right" }],
    lines.map(({ kind, text, orders, money }) => [`${sign(kind)}${text}`, orders ?? "unknown", money ?? "unknown"]),
  );
}

function dayTable({ output }: CommandContext, days: readonly ReconciledDay[], currency: string): string {
  const orders = ({ orders: number }: Claim) => (number === null ? "unknown" : String(Math.round(number * 100) / 100));
  const cents = ({ cents: number }: Claim) => (number === null ? "unknown" : decimalText({ minor: number, currency }));
  return output.table(
    [
      { title: "day" },
      ...["shop", "causes", "rest", "says", `shop ${currency}`, "causes", "rest", "says"].map((title) => ({
        title,
        align: "right" as const,
      })),
    ],
    days.map(({ day, shop, causes, rest, claimed }) => {
      const claims = [shop, causes, rest, claimed];
      return [day, ...claims.map(orders), ...claims.map(cents)];
    }),
  );
}

function json(one: Reconciliation) {
  return {
    system: one.system,
    title: one.title,
    kind: one.kind,
    status: one.comparedDays === 0 ? "unknown" : "ok",
    compared_days: one.comparedDays,
    window_days: one.windowDays,
    missing: one.missing,
    shop: claimJson(one.start),
    causes: one.causes.map((cause) => ({ cause: cause.step, ...claimJson(cause) })),
    expected: claimJson(one.expected),
    unexplained: { ...claimJson(one.rest), orders_share: one.restShare.orders, amount_share: one.restShare.cents },
    claimed: claimJson(one.end),
    possible: one.possible.map((cause) => ({ cause: cause.step, ...claimJson(cause) })),
    claimed_more_than_sold: one.claimedTwice,
  };
}

/** Money in minor units. */
function claimJson({ orders, cents }: Claim) {
  return { orders, amount_minor: cents };
}

function dayJson({ day, shop, causes, rest, claimed }: ReconciledDay) {
  return {
    day,
    shop: claimJson(shop),
    causes: claimJson(causes),
    unexplained: claimJson(rest),
    claimed: claimJson(claimed),
  };
}
