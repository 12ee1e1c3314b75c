/** From numbers to places, and the numbers that stand on an axis. */

/** An axis between two places; values beyond its ends lie beyond them. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A linear scale whose ends are round numbers around the values; 0 is among them unless `tight`. */
export function scaleOf(
  values: readonly number[],
  [start, end]: readonly [number, number],
  { count = 4, tight = false }: { readonly count?: number; readonly tight?: boolean } = {},
): Scale {
  const all = tight && values.length > 0 ? values : [...values, 0];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const step = stepOf(high - low || Math.abs(high) || 1, count);
  const [first, last] = [Math.floor(low / step), Math.max(Math.ceil(high / step), Math.floor(low / step) + 1)];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const place = (value: number) => start + ((value - first * step) / ((last - first) * step)) * (end - start);
  return { place, ticks: ticks.map((tick) => Number(tick.toPrecision(12))) };
}

/** 1, 2 or 5 times a power of ten, about `count` of which fill the span. */
function stepOf(span: number, count: number): number {
  const power = 10 ** Math.floor(Math.log10(span / count));
  const factor = [1, 2, 5, 10].find((one) => one * power * count >= span) ?? 10;
  return factor * power;
}

const SUFFIXES = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** `1,234,567` as `1.23M`: three digits for an axis or a mark; the exact figure stands elsewhere. */
export function compact(value: number): string {
  const size = Math.abs(value);
  // What would round up to a thousand belongs to the next suffix.
  const [unit, suffix] = SUFFIXES.find(([from]) => size >= from * 0.9995) ?? [1, ""];
  const digits = suffix === "" && Number.isInteger(size) ? String(size) : String(Number((size / unit).toPrecision(3)));
  return `${value < 0 && digits !== "0" ? "−" : ""}${digits}${suffix}`;
}
