/**
 * Price, volume and mix: why a sum of volume x price over segments changed. Integers in, integers out, nothing left over.
 * The usual split: volume at the old average price, mix as the volume's shift between segments at their old prices, price within segments.
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
