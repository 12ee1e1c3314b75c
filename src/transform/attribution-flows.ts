/** Ways through the channels as flows between places, for a Sankey diagram. Pure. */
import type { Way } from "./attribution.js";

/** How many journeys pass a place: a channel at a place of the way, or an end. */
export interface FlowPlace {
  readonly id: string;
  /** A channel's id, `…` for the ways that are not shown one by one, `ordered` or `left`. */
  readonly name: string;
  /** 0 to `MOST_STEPS` - 1 for channels, `MOST_STEPS` for the ends. */
  readonly column: number;
  readonly journeys: number;
}

/** Journeys that go from one place to another. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly journeys: number;
}

/** Steps of a way that are told apart; what comes after them is not shown. */
export const MOST_STEPS = 3;

/** The places of all ways, by column and size, and what flows between them. */
export function flowsOf(ways: readonly Way[]): {
  readonly places: readonly FlowPlace[];
  readonly flows: readonly Flow[];
} {
  const places = new Map<string, FlowPlace>();
  const flows = new Map<string, Flow>();
  const pass = (name: string, column: number, journeys: number): string => {
    const id = `${column}:${name}`;
    places.set(id, { id, name, column, journeys: (places.get(id)?.journeys ?? 0) + journeys });
    return id;
  };
  const flow = (from: string, to: string, journeys: number): void => {
    const key = `${from} ${to}`;
    flows.set(key, { from, to, journeys: (flows.get(key)?.journeys ?? 0) + journeys });
  };
  for (const { steps, journeys, orders } of ways) {
    const way = steps.slice(0, MOST_STEPS).map((step, column) => pass(step, column, journeys));
    way.slice(1).forEach((to, index) => {
      flow(way[index] ?? "", to, journeys);
    });
    for (const [end, count] of [["ordered", orders] as const, ["left", journeys - orders] as const])
      if (count > 0) flow(way.at(-1) ?? "", pass(end, MOST_STEPS, count), count);
  }
  return {
    places: [...places.values()].sort(
      (a, b) => a.column - b.column || b.journeys - a.journeys || (a.id < b.id ? -1 : 1),
    ),
    flows: [...flows.values()].sort((a, b) => b.journeys - a.journeys || (a.from + a.to < b.from + b.to ? -1 : 1)),
  };
}
