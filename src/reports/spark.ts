/** A sparkline as path data in a box of 100 × 24; only its course matters, so it has no axis. */

/** The line, and the area below it. */
export interface SparkPaths {
  readonly line: string;
  readonly under: string;
}

const WIDTH = 100;
const [TOP, BOTTOM] = [2, 22];

/** Null when there are not two values to connect. A gap in the values is a gap in the line. */
export function sparkPaths(values: readonly (number | null)[]): SparkPaths | null {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const place = (value: number) =>
    high === low ? (TOP + BOTTOM) / 2 : BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP);
  const runs: { x: string; y: string }[][] = [[]];
  values.forEach((value, index) => {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ x: short((index / (values.length - 1)) * WIDTH), y: short(place(value)) });
  });
  const drawn = runs.filter((run) => run.length > 1);
  if (drawn.length === 0) return null;
  const lines = drawn.map((run) => `M${run.map((point) => `${point.x},${point.y}`).join("L")}`);
  const areas = drawn.map((run, index) => `${lines[index]}L${run.at(-1)?.x},24L${run[0]?.x},24Z`);
  return { line: lines.join(""), under: areas.join("") };
}

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}
