import { GraphQLError } from "graphql";
import type { ShopNode } from "./shopify-world.js";

type Args = Readonly<Record<string, unknown>>;

/** A page of a list as a connection; all of it inside a bulk operation. Refuses what the vendor refuses. */
export function pageOf(list: readonly ShopNode[], args: Args, isBulk: boolean): unknown {
  if (isBulk) return { edges: list.map((node) => ({ node })) };
  const { first } = args;
  if (typeof first !== "number") throw new GraphQLError("you must provide one of first or last");
  if (first < 0 || first > 250)
    throw new GraphQLError("first must be at most 250", { extensions: { code: "BAD_USER_INPUT" } });
  const start = args["after"] == null ? 0 : startAfter(list, String(args["after"]));
  const nodes = list.slice(start, start + first);
  const last = nodes.at(-1);
  return {
    nodes,
    // Hardly ever asked for, and a cursor for each costs.
    edges: () => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
    pageInfo: { hasNextPage: start + first < list.length, endCursor: last === undefined ? null : cursorOf(last) },
  };
}

/** Where a row stands: its time and its id. */
export function place(node: ShopNode): readonly string[] {
  return [String(node["updatedAt"] ?? node["occurredAt"] ?? ""), String(node["id"] ?? node["subjectId"])];
}

function cursorOf(node: ShopNode): string {
  return Buffer.from(JSON.stringify(place(node))).toString("base64");
}

/** A cursor names the last row by its time and id: rows that come or go do not shift the next page. */
function startAfter(list: readonly ShopNode[], cursor: string): number {
  const [time = "", id = ""] = JSON.parse(Buffer.from(cursor, "base64").toString("utf8")) as readonly string[];
  const same = list.findIndex((node) => place(node)[1] === id && place(node)[0] === time);
  if (same >= 0) return same + 1;
  const next = list.findIndex((node) => (place(node)[0] ?? "") > time);
  return next < 0 ? list.length : next;
}
