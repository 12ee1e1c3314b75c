import type { ShopNode } from "./shopify-world.js";

const TERM = /(\w+):(>=|<=|>|<)?('[^']*'|"[^"]*"|\S+)/g;
const TIMES: Readonly<Record<string, string>> = {
  updated_at: "updatedAt",
  created_at: "createdAt",
  processed_at: "processedAt",
  occurred_at: "occurredAt",
};

/**
 * The search syntax as far as time goes; another term is refused, because the vendor would silently ignore it. `day`: the filter of
 * customers tells whole days apart only.
 */
export function searched(query: string, precision: "instant" | "day"): (node: ShopNode) => boolean {
  const rest = query.replace(TERM, "").trim();
  if (rest !== "") throw new Error(`the search "${rest}" is not understood`);
  const terms = [...query.matchAll(TERM)].map(([, field = "", operator = ":", quoted = ""]) => {
    const member = TIMES[field];
    const bound = Date.parse(quoted.replace(/^['"]|['"]$/g, ""));
    if (member === undefined || Number.isNaN(bound)) throw new Error(`the search ${field}:${quoted} is not understood`);
    const unit = precision === "day" ? 86_400_000 : 1;
    const rounded = (instant: number) => Math.floor(instant / unit);
    return (node: ShopNode) => {
      // A row without the time is found by any search for it: what is searched is another index than what is shown.
      if (node[member] === null) return true;
      return compare(rounded(Date.parse(String(node[member]))), operator, rounded(bound));
    };
  });
  return (node) => terms.every((term) => term(node));
}

function compare(value: number, operator: string, bound: number): boolean {
  if (operator === ">=") return value >= bound;
  if (operator === "<=") return value <= bound;
  if (operator === ">") return value > bound;
  return operator === "<" ? value < bound : value === bound;
}
