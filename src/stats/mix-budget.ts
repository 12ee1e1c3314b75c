/**
 * How the same ad spend could bring more: shifted between the channels whose effect is told, within what was tried (D-62). Curves that bend
 * down have one best split: the one at which the next unit brings the same everywhere, or a limit is reached.
 */
import { type MixChannel, type Ranged, rangedOf } from "./media-mix.js";
import { broughtBy, type MixCurve, spendAtReturn } from "./mix-model.js";

/** A suggestion moves no channel further from today's spend than this part of it. */
export const MOST_SHIFT = 0.2;

/** A channel's weekly spend today and as suggested. */
export interface MixShift {
  readonly id: string;
  readonly today: number;
  readonly suggested: number;
  /** The suggestion stands at the channel's largest week: beyond it nothing is known. */
  readonly isAtLargest: boolean;
}

/** A split of the told channels' weekly spend, or why none is suggested. `total` of today and as asked for. */
export type MixSuggestion =
  | {
      readonly status: "ok";
      readonly total: { readonly today: number; readonly suggested: number };
      readonly channels: readonly MixShift[];
      /** Change of the weekly outcome. */
      readonly change: Ranged;
    }
  /** A single channel that is told, or none that is on: nothing can be shifted. */
  | { readonly status: "none"; readonly because: "one_channel" | "nothing_spent" }
  /** The change may as well be for the worse. */
  | { readonly status: "none"; readonly because: "crosses_zero"; readonly change: Ranged }
  /** The total lies beyond what the limits of the channels allow. */
  | {
      readonly status: "none";
      readonly because: "out_of_reach";
      readonly total: number;
      readonly least: number;
      readonly most: number;
    };

/** The split of `total` a week (default: today's) between the told channels that is expected to bring most. */
export function suggestSpend(channels: readonly MixChannel[], total?: number): MixSuggestion {
  const places = channels.flatMap((channel) => (channel.status === "ok" ? [placeOf(channel)] : []));
  const sum = (of: (place: Place) => number) => places.reduce((all, place) => all + of(place), 0);
  const today = sum((place) => place.today);
  if (today === 0) return { status: "none", because: "nothing_spent" };
  if (total === undefined && places.filter((place) => place.today > 0).length < 2)
    return { status: "none", because: "one_channel" };
  const [least, most, asked] = [sum((place) => place.least), sum((place) => place.most), total ?? today];
  if (asked < least - ROUNDING * today || asked > most + ROUNDING * today)
    return { status: "none", because: "out_of_reach", total: asked, least, most };
  const split = splitOf(places, asked);
  const changeBy = (curvesOf: (place: Place) => MixCurve | undefined) =>
    places.reduce((all, place, index) => {
      const curve = curvesOf(place);
      return curve === undefined ? all : all + broughtBy(curve, split[index] ?? 0) - broughtBy(curve, place.today);
    }, 0);
  const draws = places[0]?.draws.map((_, draw) => changeBy((place) => place.draws[draw])) ?? [];
  const change = rangedOf(
    changeBy((place) => place.curve),
    draws,
  );
  if (change.low <= 0 && change.high >= 0) return { status: "none", because: "crosses_zero", change };
  return {
    status: "ok",
    total: { today, suggested: asked },
    channels: places.map(({ id, today: now, largest }, index) => {
      const suggested = split[index] ?? now;
      return { id, today: now, suggested, isAtLargest: suggested >= largest };
    }),
    change,
  };
}

/** Sums of limits miss a total by the last digits only. */
const ROUNDING = 1e-9;

interface Place {
  readonly id: string;
  readonly today: number;
  readonly largest: number;
  readonly least: number;
  readonly most: number;
  readonly curve: MixCurve;
  readonly draws: readonly MixCurve[];
}

function placeOf({ id, estimate }: Extract<MixChannel, { readonly status: "ok" }>): Place {
  const { today, smallest, largest, curve, draws } = estimate;
  const [least, most] = [Math.max(smallest, today * (1 - MOST_SHIFT)), Math.min(largest, today * (1 + MOST_SHIFT))];
  return { id, today, largest, least, most, curve, draws };
}

/** Halvings of the common marginal return, on the logarithmic scale. */
const HALVINGS = 200;

/** Spends at one common marginal return, within the limits, that add up to a total: found by bisection. */
function splitOf(places: readonly Place[], total: number): readonly number[] {
  const at = (logReturn: number) =>
    places.map(({ curve, least, most }) => Math.min(most, Math.max(least, spendAtReturn(curve, Math.exp(logReturn)))));
  let [low, high] = [-700, 700];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    const spends = at(middle).reduce((sum, spend) => sum + spend, 0);
    if (spends > total) low = middle;
    else high = middle;
  }
  return at(high);
}
