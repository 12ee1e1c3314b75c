/** A reconciliation in words: the way from what the shop sold to what another system says, and what the rest may be. */
import type { Claim, Reconciliation, Step } from "../transform/data-quality.js";
import { moneyText, signedMoney } from "./figures.js";
import { listText } from "./text.js";

/** A line of the bridge; amounts are final text, `null` where nothing can be said. */
export interface BridgeLine {
  readonly kind: "start" | "cause" | "expected" | "rest" | "end";
  readonly text: string;
  readonly orders: string | null;
  readonly money: string | null;
  /** For sorting and machines: orders, minor units. */
  readonly claim: Claim;
}

/** What a cause is called; `{}` is the other system. */
const CAUSES: Readonly<Record<string, string>> = {
  other_channels: "Came by other channels (last click)",
  refunds: "Refunds, not taken off by {}",
  cancelled: "Cancelled orders, counted by {} at checkout",
  unpaid: "Unpaid orders, counted by {} at checkout",
  offline: "Counter and draft orders: no visit to the site",
  not_seen: "Not seen by {}: consent refused or tag blocked",
  other_day: "Booked by {} on another day (time zone, late events)",
  test: "Test orders, counted by {}",
  repeated: "Purchases counted twice by {}",
  no_order: "Purchases in {} without an order in the shop",
  tax: "Tax, in the revenue of {}",
  shipping: "Shipping, in the revenue of {}",
  other_value: "Another value than the goods (currency, tips, rounding)",
};

/** Start, causes, what was to be expected, the rest, and what the system says. */
export function bridgeLines(one: Reconciliation, currency: string): readonly BridgeLine[] {
  const line = (kind: BridgeLine["kind"], text: string, claim: Claim): BridgeLine => {
    const isChange = kind === "cause" || kind === "rest";
    return {
      kind,
      text,
      orders: claim.orders === null ? null : ordersText(claim.orders, isChange),
      money:
        claim.cents === null ? null : isChange ? signedMoney(claim.cents, currency) : moneyText(claim.cents, currency),
      claim,
    };
  };
  return [
    line("start", "The shop: counted orders, net revenue", one.start),
    ...one.causes.map((cause) => line("cause", causeText(cause, one), cause)),
    line("expected", `Expected of ${one.title}`, one.expected),
    line("rest", `Unexplained rest${shareText(one.restShare)}`, one.rest),
    line("end", `Claimed by ${one.title}`, one.end),
  ];
}

function causeText({ step }: Step, { title }: Reconciliation): string {
  return (CAUSES[step] ?? step).replace("{}", title);
}

/** " (−4.9 % of the orders)", or nothing where there is no share. */
function shareText({ orders }: Claim): string {
  if (orders === null) return "";
  const percent = (Math.abs(orders) * 100).toFixed(1);
  return ` (${orders < 0 ? "−" : "+"}${percent}% of the orders)`;
}

/** Whole orders without decimals, shares of conversions with two. */
function ordersText(orders: number, isChange: boolean): string {
  const [whole = "", fraction] = Math.abs(orders).toFixed(2).split(".");
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === "00" ? digits : `${digits}.${fraction}`;
  if (!isChange || orders === 0) return text;
  return `${orders < 0 ? "−" : "+"}${text}`;
}

/** What the rest may be, that cannot be measured: a sentence each, the amounts that are known with it. */
export function possibleCauses(one: Reconciliation, currency: string): readonly string[] {
  const hasPurchases = one.causes.some(({ step }) => step === "not_seen");
  const measured = one.possible.map((step) => possibleText(step, one, currency));
  if (one.kind === "ads") {
    return [
      "views of an ad without a click (view-through)",
      "clicks before a later one elsewhere (attribution window)",
      "orders booked on the day of the click, in the ad account's time zone",
      "orders that another platform claims, too",
      "conversions that are no purchases",
      ...measured,
    ];
  }
  return [
    ...(hasPurchases ? [] : ["visitors who refused consent or block the tag", "another time zone of the property"]),
    ...measured,
  ];
}

function possibleText({ step, orders, cents }: Step, { title }: Reconciliation, currency: string): string {
  const money = moneyText(cents ?? 0, currency);
  if (step === "test") return `test orders (${ordersText(orders ?? 0, false)}, ${money}), if counted by ${title}`;
  return `${step} (${money}), if it is sent as revenue`;
}

/** What is to be said beside the figures: days that are missing, money that cannot be compared, orders that are claimed twice, what the rest may be. */
export function reconciliationNotes(one: Reconciliation, currency: string): readonly string[] {
  if (one.comparedDays === 0) return [cannotTell(one)];
  const missing = one.missing.map(({ from, to }) => (from === to ? from : `${from} … ${to}`));
  const claims = one.claimedTwice > 0 ? ordersText(one.claimedTwice, false) : null;
  return [
    ...(missing.length === 0
      ? []
      : [
          `${one.comparedDays} of ${one.windowDays} days are compared; of ${listText(missing)} the shop or ${one.title} has not landed.`,
        ]),
    ...(one.end.orders === null
      ? [`No number of orders from ${one.title} on some day: orders cannot be compared.`]
      : []),
    ...(one.end.cents === null
      ? [`No revenue in ${currency} from ${one.title} on some day: money cannot be compared.`]
      : []),
    ...(claims === null
      ? []
      : [
          `The platforms claim ${claims} orders more than the shop had: at least that many are claimed by several, or never were.`,
        ]),
    ...(one.rest.orders === 0 && one.rest.cents === 0
      ? []
      : [`The rest may be: ${possibleCauses(one, currency).join("; ")}.`]),
  ];
}

/** Why there is nothing to compare. */
export function cannotTell({ title, windowDays }: Reconciliation): string {
  const days = windowDays === 1 ? "the day" : `any of the ${windowDays} days`;
  return `Cannot tell: the shop and ${title} have not both landed on ${days}.`;
}
