/**
 * Why a figure changed: price, volume and mix of a sum over segments, factors of a product, parts of a quotient.
 * Price, volume and mix: integers in, integers out, nothing left over. The usual split: volume at the old average price, mix as the volume's shift between segments at their old prices, price within segments.
 */

/** One segment in one period: how many, and what they brought (integer minor units). */
export interface SegmentTotals {
  readonly volume: number;
  readonly value: number;
}

/** One segment before and after. */
export interface SegmentChange {
  readonly before: SegmentTotals;
  readonly after: SegmentTotals;
}

/** volume + price + mix = value after - value before, exactly. */
export interface PriceVolumeMix {
  readonly volume: number;
  readonly price: number;
  readonly mix: number;
}

/** The split of the whole and of each segment; every column and every row adds up to the cent. */
export interface SegmentSplits {
  readonly total: PriceVolumeMix;
  /** In the order of the segments: volume + price + mix = the segment's own change. */
  readonly segments: readonly PriceVolumeMix[];
}

/** Splits the change of a value over all segments; see `splitSegments`. */
export function priceVolumeMix(segments: readonly SegmentChange[]): PriceVolumeMix {
  return splitSegments(segments).total;
}

/**
 * Splits the change of a value. With N0, N1 the total volume before and after, v a segment's value, n its volume, p0 = v0 / n0 its old price:
 *
 *     volume = (N1 - N0) x V0 / N0          of a segment: v0 x (N1 - N0) / N0
 *     mix    = sum of n1 x p0 - N1 x V0/N0  of a segment: n1 x p0 - v0 x N1 / N0
 *     price  = sum of v1 - n1 x p0          of a segment: v1 - n1 x p0
 *
 * A segment that is new has no old price: its own new one is taken, so that its distance from the old average counts as mix.
 * When there was nothing before, all is volume. Fractions of a unit go to the largest remainders, so that nothing is left over.
 */
export function splitSegments(segments: readonly SegmentChange[]): SegmentSplits {
  // In an order of their own, so that neither a sum of fractions nor a tie depends on the order in which they were given.
  const order = segments.map((_, index) => index).sort((a, b) => bySize(segments[a], segments[b]) || a - b);
  const split = splitInOrder(order.flatMap((index) => segments[index] ?? []));
  const parts: PriceVolumeMix[] = [];
  order.forEach((index, place) => {
    parts[index] = split.segments[place] ?? { volume: 0, price: 0, mix: 0 };
  });
  return { total: split.total, segments: parts };
}

function bySize(one: SegmentChange | undefined, other: SegmentChange | undefined): number {
  const numbers = (segment: SegmentChange | undefined) =>
    segment === undefined
      ? []
      : [segment.before.value, segment.after.value, segment.before.volume, segment.after.volume];
  const [own, theirs] = [numbers(one), numbers(other)];
  return own.map((value, index) => value - (theirs[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function splitInOrder(segments: readonly SegmentChange[]): SegmentSplits {
  const before = total(segments.map((segment) => segment.before));
  const after = total(segments.map((segment) => segment.after));
  const exact = segments.map((segment) => exactSplit(segment, before.volume, after.volume));
  const volumes = exact.map((split) => split.volume);
  const mixes = exact.map((split) => split.mix);
  const prices = exact.map((split) => split.price);
  const [volume = 0, price = 0, mix = 0] = apportion(
    [sum(volumes), sum(prices), sum(mixes)],
    after.value - before.value,
  );
  const volumeParts = apportion(volumes, volume);
  const mixParts = apportion(mixes, mix);
  return {
    total: { volume, price, mix },
    segments: segments.map((segment, index) => {
      const [ownVolume, ownMix] = [volumeParts[index] ?? 0, mixParts[index] ?? 0];
      const change = segment.after.value - segment.before.value;
      return { volume: ownVolume, price: plain(change - ownVolume - ownMix), mix: ownMix };
    }),
  };
}

function exactSplit(segment: SegmentChange, volumeBefore: number, volumeAfter: number): PriceVolumeMix {
  const { before, after } = segment;
  if (volumeBefore === 0) return { volume: after.value - before.value, price: 0, mix: 0 };
  const atOldPrice =
    before.volume === 0 ? (after.volume === 0 ? 0 : after.value) : (after.volume * before.value) / before.volume;
  return {
    volume: ((volumeAfter - volumeBefore) * before.value) / volumeBefore,
    price: after.value - atOldPrice,
    mix: atOldPrice - (volumeAfter * before.value) / volumeBefore,
  };
}

/**
 * Rounds parts to integers that add up to an integer total: everything down, then one more for the largest remainders (Hamilton);
 * the earlier part wins a tie. The parts must add up to the total but for rounding.
 */
export function apportion(parts: readonly number[], whole: number): readonly number[] {
  const floors = parts.map(Math.floor);
  const left = whole - sum(floors);
  const byRemainder = parts
    .map((part, index) => ({ index, remainder: part - Math.floor(part) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  // `left` is negative only when binary fractions put a part just above an integer that it should have been.
  const order = left < 0 ? byRemainder.reverse() : byRemainder;
  for (let given = 0; given < Math.abs(left) && order.length > 0; given++) {
    const index = order[given % order.length]?.index ?? 0;
    floors[index] = (floors[index] ?? 0) + Math.sign(left);
  }
  return floors.map(plain);
}

/**
 * Splits the change of a product over its factors (sessions x conversion rate x order value) by Shapley's value: each factor takes
 * the mean, over all orders in which the factors could have moved, of what its own move changed. Exact, symmetric, defined for zeros.
 * The effects add up to the change but for rounding. At most 6 factors (720 orders).
 */
export function factorEffects(before: readonly number[], after: readonly number[]): readonly number[] {
  const count = before.length;
  if (count > 6) throw new Error(`${count} factors are too many`);
  const effects = before.map(() => 0);
  const orders = permutations(count);
  for (const order of orders) {
    const now = [...before];
    for (const index of order) {
      const was = product(now);
      now[index] = after[index] ?? 0;
      effects[index] = (effects[index] ?? 0) + (product(now) - was) / orders.length;
    }
  }
  return effects.map(plain);
}

function permutations(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, place) => [...order.slice(0, place), count - 1, ...order.slice(place)]),
  );
}

function product(values: readonly number[]): number {
  return values.reduce((all, value) => all * value, 1);
}

/** A quotient of two sums; `under` is not 0. */
export interface Quotient {
  readonly over: number;
  readonly under: number;
}

/** What the numerator and the denominator did to a quotient. */
export interface QuotientEffects {
  readonly over: number;
  readonly under: number;
}

/** Splits the change of a quotient: each part's effect is the mean of moving it first and of moving it last (Shapley of two). */
export function quotientEffects(before: Quotient, after: Quotient): QuotientEffects {
  const [over = 0, under = 0] = factorEffects([before.over, 1 / before.under], [after.over, 1 / after.under]);
  return { over, under };
}

/** A segment of a quotient before and after: its own numerator and denominator. */
export interface QuotientChange {
  readonly before: Quotient;
  readonly after: Quotient;
}

/** mix: the segment's weight in the denominator moved; rate: its own quotient moved. */
export interface MixAndRate {
  readonly mix: number;
  readonly rate: number;
}

/**
 * Splits the change of a quotient over segments. With w a segment's share of the denominator, r its own quotient, R the whole's,
 * and bars for the mean of before and after: mix = (w1 - w0) x (r̄ - R̄), rate = (w1 r1 - w0 r0) - (w1 - w0) x r̄.
 * All parts add up to R1 - R0 but for rounding. A segment without a denominator in one period is taken at its quotient of the other,
 * so that coming and going are mix; one that never has a denominator adds what its numerator brings as rate.
 * Null when a total denominator is 0.
 */
export function mixAndRate(segments: readonly QuotientChange[]): readonly MixAndRate[] | null {
  const before = sumOf(segments.map((segment) => segment.before));
  const after = sumOf(segments.map((segment) => segment.after));
  if (before.under === 0 || after.under === 0) return null;
  const whole = (before.over / before.under + after.over / after.under) / 2;
  return segments.map(({ before: was, after: is }) => {
    const shift = is.under / after.under - was.under / before.under;
    const own = is.over / after.under - was.over / before.under;
    const rates = [was, is].filter(({ under }) => under !== 0).map(({ over, under }) => over / under);
    if (rates.length === 0) return { mix: 0, rate: plain(own) };
    const mean = sum(rates) / rates.length;
    return { mix: plain(shift * (mean - whole)), rate: plain(own - shift * mean) };
  });
}

function sumOf(parts: readonly Quotient[]): Quotient {
  return { over: sum(parts.map((part) => part.over)), under: sum(parts.map((part) => part.under)) };
}

/** A part of a total as a decimal; null when the total is not positive, since a share of it would mean nothing. */
export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function total(parts: readonly SegmentTotals[]): SegmentTotals {
  return { volume: sum(parts.map((part) => part.volume)), value: sum(parts.map((part) => part.value)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Without the sign of a negative zero. */
function plain(value: number): number {
  return value === 0 ? 0 : value;
}
