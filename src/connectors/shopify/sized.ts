import type { HttpRequest } from "../../http/types.js";
import { listAt, shapeError, textAt, valueAt } from "../shape.js";
import type { Page, Stream } from "../types.js";
import { type BulkSource, readBulk, startBulk } from "./bulk.js";
import { type Ask, halves, type Operation, operationOf, searchOf, type Window, windowOf } from "./graphql.js";
import type { Given } from "./nested.js";

/**
 * Records from which on a slice is read as one file instead of page by page. A thousand orders take some 50,000 points, eight
 * minutes on the smallest plan; a bulk operation takes about a minute to begin with and then no points at all.
 */
export const BULK_FROM = 1_000;

/** A list of the shop that can be read page by page or as one file. */
export interface Sized extends BulkSource {
  readonly root: "orders" | "customers" | "products";
  readonly count: Pick<Operation, "operationName" | "query">;
  readonly page: (search: string) => Operation;
  /** What the search filter of the list can tell apart. */
  readonly precision: "instant" | "day";
  /** Reads a page and whatever follows from it. */
  readonly readPage: (given: Given) => Page;
}

/** A slice begins with a count; what it says decides how the slice is read. */
export function sizedStream(ask: Ask, sized: Sized): Pick<Stream, "first" | "read" | "shrink"> {
  const start = (window: Window): HttpRequest =>
    ask({ ...sized.count, variables: { q: searchOf(window), limit: BULK_FROM + 1 } }, { window });
  return {
    first: (slice) => start(windowOf(slice, sized.precision)),
    read: (body, asked) => {
      const name = asked.expect === "file" ? "file" : operationOf(asked).operationName;
      if (name === sized.count.operationName) return readCount(ask, sized, { body, asked });
      return readBulk(ask, sized, { body, asked }) ?? sized.readPage({ body, asked });
    },
    shrink: (asked) => {
      const { window } = (asked.carry ?? {}) as { readonly window?: Window };
      if (window !== undefined) return halves(window, sized.precision).map(start);
      return smaller(ask, asked);
    },
  };
}

/** Orders, customers and products without a count are paged: the pages are right for any number. */
function readCount(ask: Ask, sized: Sized, { body, asked }: Given): Page {
  const { window } = asked.carry as { readonly window: Window };
  const path = `data.${sized.root}Count`;
  const found = valueAt(body, path) === null ? 0 : valueAt(body, `${path}.count`);
  if (typeof found !== "number") throw shapeError(`${path}.count`, "a number", found);
  const warnings = sized.root === "orders" ? unseen(body) : [];
  const next = found > BULK_FROM ? startBulk(ask, window) : ask(sized.page(searchOf(window)));
  return { records: [], next, warnings };
}

/** Without `read_all_orders` Shopify leaves out older orders and says nothing. */
function unseen(body: unknown): readonly string[] {
  const scopes = listAt(body, "data.currentAppInstallation.accessScopes").map((_, index) =>
    textAt(body, `data.currentAppInstallation.accessScopes.${index}.handle`),
  );
  if (scopes.includes("read_all_orders")) return [];
  return [
    "the app has no read_all_orders, so only orders of the last 60 days are seen: grant it, then read the days before with `growthos sync --source shopify --backfill from..to`",
  ];
}

/** The same with half as much at a time; the rest follows from what was left out. None when one object is too much. */
export function smaller(ask: Ask, asked: HttpRequest): readonly HttpRequest[] {
  const operation = operationOf(asked);
  const ids = operation.variables["ids"];
  const half = (variables: Operation["variables"]) =>
    ask({ ...operation, variables: { ...operation.variables, ...variables } }, asked.carry);
  if (Array.isArray(ids)) {
    if (ids.length < 2) return [];
    const parts = [ids.slice(0, Math.ceil(ids.length / 2)), ids.slice(Math.ceil(ids.length / 2))];
    // What waits in `carry` asks for the second half by itself.
    return (asked.carry === undefined ? parts : parts.slice(0, 1)).map((part) => half({ ids: part }));
  }
  const name = ["first", "lines", "refundLines", "variants"].find(
    (one) => typeof operation.variables[one] === "number",
  );
  const size = name === undefined ? 1 : Number(operation.variables[name]);
  return name === undefined || size < 2 ? [] : [half({ [name]: Math.floor(size / 2) })];
}
