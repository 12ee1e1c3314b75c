import { LIMITS, plainText } from "../plain-text.js";

/** Where a figure stands against its thresholds; `unknown`: it cannot be judged. */
export type LightState = "green" | "amber" | "red" | "unknown";

/** Guardrails: a figure each, its state as a shape and a word, and the thresholds that decide. */
export interface LightsBlock {
  readonly kind: "lights";
  readonly title: string;
  readonly items: readonly {
    readonly label: string;
    /** The figure that is judged, as printed. */
    readonly value: string;
    readonly state: LightState;
    /** The state as a word. */
    readonly word: string;
    /** When it becomes amber and red, and where these thresholds stand. */
    readonly threshold: string;
    /** Why it cannot be judged. */
    readonly note?: string;
  }[];
  readonly note?: string;
}

/** The block with harmless texts. */
export function plainLights(block: LightsBlock): LightsBlock {
  return {
    ...block,
    title: plainText(block.title, LIMITS.title),
    items: block.items.map((item) => ({
      ...item,
      label: plainText(item.label, LIMITS.label),
      value: plainText(item.value, LIMITS.label),
      word: plainText(item.word, LIMITS.label),
      threshold: plainText(item.threshold),
      ...(item.note === undefined ? {} : { note: plainText(item.note) }),
    })),
    ...(block.note === undefined ? {} : { note: plainText(block.note) }),
  };
}

/** The shape of each state in a square of 20: a disc, a triangle, a square, a ring. */
const SHAPES: Readonly<Record<LightState, string>> = {
  green: "M10 2a8 8 0 1 0 0.01 0Z",
  amber: "M10 2 19 18 1 18Z",
  red: "M3 3H17V17H3Z",
  unknown: "M10 2a8 8 0 1 0 0.01 0ZM10 5a5 5 0 1 1-0.01 0Z",
};

/** What the template is given. */
export function lightsView(block: LightsBlock): object {
  return { ...block, items: block.items.map((item) => ({ ...item, shape: SHAPES[item.state] })) };
}
