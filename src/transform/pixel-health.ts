/** How well the shop's own pixel works, from what it told before the cut-off of a build (D-53). */
import type { Cell, Database } from "../warehouse/types.js";

/** What `fact_pixel_health` counts; `recent` is the last 24 hours before the cut-off, `week` the last 7 days. */
export interface PixelCounts {
  /** ISO 8601 UTC: the end of the last complete day. */
  readonly cutOff: string;
  readonly events: number;
  /** After the cut-off. */
  readonly later: number;
  readonly recent: number;
  readonly recentCheckouts: number;
  readonly lastAt: string | null;
  readonly minutesSinceLast: number | null;
  readonly weekEvents: number;
  /** Orders that the pixel could have seen: online, and since it is there. */
  readonly weekOrders: number;
  readonly weekCheckouts: number;
  readonly repeatedCheckouts: number;
  readonly paidLandings: number;
  readonly unnamedLandings: number;
  readonly untoldConsent: number;
  readonly skewed: number;
}

/** `not_installed`: nothing has ever come. `too_young`: something has, but not before the cut-off. */
export type PixelState = "active" | "degraded" | "inactive" | "not_installed" | "too_young";

/** What is wrong, as far as the events can tell. */
export interface PixelIssue {
  readonly id: "checkouts_missing" | "paid_without_campaign" | "consent_untold" | "clock_skew" | "repeated_checkouts";
  readonly what: string;
  readonly advice: string;
}

/** The judgement. */
export interface PixelHealth {
  readonly state: PixelState;
  /** 0 to 100; null where there is nothing to judge: that is no zero. */
  readonly score: number | null;
  /** What the score is made of, in points. */
  readonly parts: readonly { readonly what: string; readonly points: number }[];
  readonly issues: readonly PixelIssue[];
  readonly counts: PixelCounts;
}

/** Points of the predecessor's score. */
const BASE = 50;
const PER_ISSUE = -10;
/** Below it the pixel is degraded: a small shop that is told about without fault has 75. */
const ACTIVE_FROM = 70;
/** Fewer say nothing about a share. */
const FEW = 5;

/** The judgement of these counts; pure. */
export function pixelHealth(counts: PixelCounts): PixelHealth {
  if (counts.events === 0)
    return { state: counts.later > 0 ? "too_young" : "not_installed", score: null, parts: [], issues: [], counts };
  const issues = issuesOf(counts);
  const parts = [
    { what: "it is installed", points: BASE },
    { what: `${several(counts.recent, "event")} in 24 hours`, points: volumePoints(counts.recent) },
    {
      what: `${several(counts.recentCheckouts, "completed checkout")} in 24 hours`,
      points: counts.recentCheckouts > 0 ? 15 : 0,
    },
    { what: `last event ${ageText(counts.minutesSinceLast)} before the end of the day`, points: agePoints(counts) },
    ...(issues.length > 0 ? [{ what: "issues", points: PER_ISSUE * issues.length }] : []),
  ];
  const sum = parts.reduce((total, { points }) => total + points, 0);
  const score = Math.max(0, Math.min(100, sum));
  const state = counts.recent === 0 ? "inactive" : score < ACTIVE_FROM ? "degraded" : "active";
  return { state, score, parts, issues, counts };
}

function volumePoints(events: number): number {
  if (events >= 100) return 25;
  if (events >= 10) return 15;
  return events > 0 ? 5 : 0;
}

function agePoints({ minutesSinceLast }: PixelCounts): number {
  if (minutesSinceLast === null || minutesSinceLast >= 360) return 0;
  return minutesSinceLast < 60 ? 10 : 5;
}

function several(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function ageText(minutes: number | null): string {
  if (minutes === null) return "never";
  if (minutes < 120) return several(minutes, "minute");
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1_440)} days`;
}

/** Shares are compared without dividing, so that nothing is judged of nothing. */
function issuesOf(counts: PixelCounts): readonly PixelIssue[] {
  const { weekOrders, weekCheckouts, unnamedLandings, paidLandings, untoldConsent, weekEvents, skewed } = counts;
  const found: PixelIssue[] = [];
  if (weekOrders >= FEW && 2 * weekCheckouts < weekOrders)
    found.push({
      id: "checkouts_missing",
      what: `${weekCheckouts} of about ${weekOrders} orders of a week came with checkout_completed`,
      advice:
        "the checkout runs no theme script: add the custom pixel (`growthos pixel --shopify`) or the server-side twin",
    });
  if (unnamedLandings >= FEW && 5 * unnamedLandings > paidLandings)
    found.push({
      id: "paid_without_campaign",
      what: `${unnamedLandings} of ${paidLandings} landings from ads name no campaign`,
      advice: "add utm_campaign to the ads' links, or switch on auto-tagging with gad_campaignid",
    });
  if (untoldConsent >= FEW && 10 * untoldConsent > weekEvents)
    found.push({
      id: "consent_untold",
      what: `${untoldConsent} of ${weekEvents} events say nothing about consent`,
      advice: "they come from another script than this version's: install what `growthos pixel` prints",
    });
  if (skewed >= FEW && 20 * skewed > weekEvents)
    found.push({
      id: "clock_skew",
      what: `${skewed} of ${weekEvents} events came more than 10 minutes before or after their own time`,
      advice: "set the clocks of the servers that send events, and of the receiver",
    });
  if (counts.repeatedCheckouts > 0)
    found.push({
      id: "repeated_checkouts",
      what: `${several(counts.repeatedCheckouts, "order")} of a week ${counts.repeatedCheckouts === 1 ? "was" : "were"} told several times, each time as another event`,
      advice: "give browser and server the same order_id (or event_id), and install the pixel once",
    });
  return found;
}

/** Reads and judges the pixel of a build; null for a build of a version without it. */
export async function readPixelHealth(db: Database): Promise<PixelHealth | null> {
  const known = await db.all("select 1 as one from duckdb_tables() where table_name = 'fact_pixel_health' limit 1");
  if (known.length === 0) return null;
  const row = await db.one("select * from fact_pixel_health");
  const count = (name: string) => Number(row[name]);
  return pixelHealth({
    cutOff: String(row["cut_off_at"]),
    events: count("event_count"),
    later: count("later_event_count"),
    recent: count("recent_event_count"),
    recentCheckouts: count("recent_checkout_count"),
    lastAt: textOf(row["last_event_at"]),
    minutesSinceLast: row["minutes_since_last"] === null ? null : count("minutes_since_last"),
    weekEvents: count("week_event_count"),
    weekOrders: count("week_order_count"),
    weekCheckouts: count("week_checkout_count"),
    repeatedCheckouts: count("week_repeated_checkout_count"),
    paidLandings: count("week_paid_landing_count"),
    unnamedLandings: count("week_unnamed_landing_count"),
    untoldConsent: count("week_untold_consent_count"),
    skewed: count("week_skewed_count"),
  });
}

function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

/** The state in words, one sentence. */
export function pixelSentence({ state, score, counts }: PixelHealth): string {
  if (state === "not_installed") return "not installed: no event has ever come";
  if (state === "too_young")
    return `too young to be judged: ${several(counts.later, "event")} since the last complete day`;
  const words = { active: "active", degraded: "degraded", inactive: "inactive, nothing came in the last 24 hours" };
  return `${words[state]}, ${score} of 100 points`;
}
