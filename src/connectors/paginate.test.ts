import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../http/types.js";
import { type Send, walk } from "./paginate.js";
import type { Page, Stream } from "./types.js";

const request = (page: number): HttpRequest => ({ method: "GET", url: `https://api.example/?page=${page}` });
const send: Send = async (asked) => ({
  outcome: "read",
  reason: "",
  body: Number(new URL(asked.url).searchParams.get("page")),
  response: { status: 200, headers: {}, body: "" },
});

/** A stream whose pages hold one record each and whose next page is what `next` says. */
function stream(next: (page: number) => number | null, empty: ReadonlySet<number> = new Set()): Stream {
  return {
    name: "orders",
    sync: { kind: "full" },
    pii: [],
    first: () => request(0),
    read: (body): Page => {
      const page = Number(body);
      const then = next(page);
      const records = empty.has(page) ? [] : [{ key: String(page), payload: {} }];
      return { records, next: then === null ? null : request(then) };
    },
  };
}

async function keys(of: Stream, maxPages?: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of walk(of, { kind: "full" }, send, maxPages))
    found.push(...page.records.map(({ key }) => key));
  return found;
}

describe("walk", () => {
  it("reads to the end, over an empty page in the middle and an empty last one", async () => {
    const upTo3 = (page: number) => (page < 3 ? page + 1 : null);
    expect(await keys(stream(upTo3, new Set([1, 3])))).toEqual(["0", "2"]);
  });

  it("stops when the same page is asked for twice, next to each other or in a circle", async () => {
    await expect(keys(stream((page) => page))).rejects.toThrow(/asked for twice, after 1 pages/);
    await expect(keys(stream((page) => (page + 1) % 3))).rejects.toThrow(/asked for twice, after 3 pages/);
  });

  it("stops pages that never end", async () => {
    await expect(
      keys(
        stream((page) => page + 1),
        50,
      ),
    ).rejects.toThrow(/more than 50 pages/);
  });
});
