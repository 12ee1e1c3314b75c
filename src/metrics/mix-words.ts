/** What a media mix says, and why it does not, in words: the same for the terminal and for pages. */
import { currencyExponent } from "../base/money.js";
import type { MixRefusal, MixVerdict, Ranged } from "../stats/media-mix.js";
import { type MixSuggestion, MOST_SHIFT } from "../stats/mix-budget.js";
import type { MixHoldOut } from "../stats/mix-hold-out.js";
import { formatValue } from "./format.js";
import type { MixAnswer } from "./media-mix.js";

const share = (value: number) => formatValue({ status: "ok", value }, "ratio", "");
const tenths = (value: number) => value.toFixed(1);

/** An amount of money, in minor units. */
export function mixMoney(minor: number, currency: string): string {
  return formatValue({ status: "ok", value: Math.round(minor) }, "money", currency);
}

/** A change of money with its sign. */
export function mixChange(minor: number, currency: string): string {
  const text = mixMoney(minor, currency);
  return Math.round(minor) > 0 ? `+${text}` : text;
}

/** `$1.00 … $2.00`, the ends of a range. */
export function mixRange({ low, high }: Pick<Ranged, "low" | "high">, currency: string): string {
  return `${mixMoney(low, currency)} … ${mixMoney(high, currency)}`;
}

/** How far off the model was on the weeks that it had not seen. */
export function holdOutText({ weeks, error, errorWithoutAds, r2 }: MixHoldOut): string {
  return `the newest ${weeks} weeks, held out, were missed by ${share(error)}; without ads by ${share(errorWithoutAds)} (R² ${r2.toFixed(2)})`;
}

/** Why there is no mix at all; null: there is one. */
export function noMixText({ verdict, missing, channels }: MixAnswer): string | null {
  if (verdict.status === "ok") return null;
  switch (verdict.because) {
    case "too_short":
      return `${verdict.weeks} complete weeks are known without a gap up to the newest, ${verdict.needed} are needed (two years)${missing === null ? "" : `; not known: ${missing}`}`;
    case "no_channel":
      return channels.length === 0
        ? `no week with ad spend is known${missing === null ? "" : `: ${missing}`}`
        : "no channel's effect can be told";
    case "no_better_than_without_ads":
      return verdict.holdOut === null
        ? "ads explain nothing"
        : `with ads the model is no better than without: ${holdOutText(verdict.holdOut)}`;
  }
}

/** Why nothing is told about a channel. `label`: the names of channels by id. */
export function refusalText(refusal: MixRefusal, currency: string, label: (id: string) => string): string {
  const unit = 10 ** currencyExponent(currency);
  switch (refusal.because) {
    case "missing_weeks":
      return `its spend is known for ${refusal.known} weeks without a gap up to the newest, ${refusal.needed} are needed; unknown is not zero`;
    case "few_weeks_with_spend":
      return `${refusal.weeks} weeks with spend, ${refusal.needed} are needed`;
    case "hardly_varies":
      return `its spend hardly varies: by ${share(refusal.variation)} of its mean beside trend and season, ${share(refusal.needed)} is needed`;
    case "moves_together":
      return `its spend moves together with ${label(refusal.nearest)}: variance inflation ${tenths(refusal.inflation)}, ${tenths(refusal.most)} at most`;
    case "no_effect_told":
      return `its effect cannot be told from none: beyond ${mixMoney(refusal.spend, currency)} a week the next ${mixMoney(unit, currency)} seems to bring ${mixRange({ low: refusal.nextUnit.low * unit, high: refusal.nextUnit.high * unit }, currency)} (80 %), and a channel without any effect looks as good ${share(refusal.chance)} of the time (${share(refusal.most)} at most)`;
  }
}

/** Why no split is suggested. `rest` is what channels cost that are not told. */
export function noSuggestionText(
  suggestion: Extract<MixSuggestion, { readonly status: "none" }>,
  rest: number,
  currency: string,
): string {
  switch (suggestion.because) {
    case "one_channel":
      return "a shift needs two channels with spend whose effect is told";
    case "nothing_spent":
      return "nothing was spent of late on the channels whose effect is told";
    case "crosses_zero":
      return `the best shift within ±${share(MOST_SHIFT)} could as well be for the worse: ${mixChange(suggestion.change.low, currency)} … ${mixChange(suggestion.change.high, currency)} of net revenue a week (80 %)`;
    case "out_of_reach":
      return `${mixMoney(suggestion.total + rest, currency)} a week cannot be split: within ±${share(MOST_SHIFT)} of today's spend and of the weeks that were seen, ${mixMoney(suggestion.least + rest, currency)} to ${mixMoney(suggestion.most + rest, currency)} can`;
  }
}

/** What is said under every mix. */
export function mixCaveats(verdict: MixVerdict): readonly string[] {
  if (verdict.status !== "ok") return [];
  return [
    "spend that follows demand looks like an effect: only an experiment tells a cause",
    "ranges know nothing of a wrong model: in invented worlds that are as the model says, 82 to 95 % held the truth",
    "nothing is told beyond the weeks that were seen: neither above a channel's largest spend nor below its smallest",
  ];
}
