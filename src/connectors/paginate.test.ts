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

  const page = (number: number) => Number(new URL(request(number).url).searchParams.get("page"));
  const halving: Stream = {
    ...stream(() => null),
    first: () => request(8),
    // Page 8 is too much; so is 4; a page of 2 is not.
    shrink: (asked) => {
      const size = page(Number(new URL(asked.url).searchParams.get("page"))) / 2;
      return [size, size].map((half, index) => ({
        ...request(half),
        headers: { half: `${asked.headers?.["half"] ?? ""}${index}` },
      }));
    },
  };

  it("walks the pieces of what was too much, in order, each split again when it must be", async () => {
    const asked: string[] = [];
    const picky: Send = async (one) => {
      const size = Number(new URL(one.url).searchParams.get("page"));
      asked.push(`${size}${one.headers?.["half"] ?? ""}`);
      return { ...(await send(one)), outcome: size > 2 ? "shrink" : "read", reason: "too much" };
    };
    const found: string[] = [];
    for await (const { records } of walk(halving, { kind: "full" }, picky))
      found.push(...records.map(({ key }) => key));
    expect(found).toEqual(["2", "2", "2", "2"]);
    expect(asked).toEqual(["8", "40", "200", "201", "41", "210", "211"]);
  });

  it("says so when something is too much and cannot be split", async () => {
    const refuse: Send = async (one) => ({
      ...(await send(one)),
      outcome: "shrink",
      reason: "reduce the amount of data",
    });
    const all = async () => {
      for await (const _ of walk(
        stream(() => null),
        { kind: "full" },
        refuse,
      ));
    };
    await expect(all()).rejects.toMatchObject({ code: "API_TOO_MUCH" });
  });

  it("goes on after something that has nothing to give, with the reason as a warning", async () => {
    const bodies: unknown[] = [];
    const accounts: Stream = {
      ...stream(() => null),
      read: (body, asked): Page => {
        bodies.push(body);
        return { records: [], next: asked.url.endsWith("=0") ? request(1) : null };
      },
    };
    const skipping: Send = async (one) =>
      one.url.endsWith("=0")
        ? { ...(await send(one)), outcome: "skip", reason: "account 0 is cancelled", body: null }
        : send(one);
    const warnings: string[] = [];
    for await (const { warnings: said } of walk(accounts, { kind: "full" }, skipping)) warnings.push(...(said ?? []));
    expect(bodies).toEqual([null, 1]);
    expect(warnings).toEqual(["account 0 is cancelled"]);
  });

  it("tells the looks at a job under way apart, and takes the same look twice for endless", async () => {
    const job = (poll: (attempt: number) => number): Stream => ({
      ...stream(() => null),
      read: (_body, asked): Page => {
        const attempt = asked.attempt ?? 0;
        return { records: [], next: attempt < 3 ? { ...asked, attempt: poll(attempt), after: 1 } : null };
      },
    });
    const looks = async (of: Stream) => {
      let count = 0;
      for await (const _ of walk(of, { kind: "full" }, send)) count += 1;
      return count;
    };
    expect(await looks(job((attempt) => attempt + 1))).toBe(4);
    await expect(looks(job(() => 0))).rejects.toThrow(/asked for twice/);
  });

  it("asks what the reader of a page puts in front", async () => {
    const found: string[] = [];
    for await (const { records, ask } of walk(
      stream((at) => (at === 0 ? 1 : null)),
      { kind: "full" },
      send,
    )) {
      found.push(...records.map(({ key }) => key));
      if (found.length === 1) ask([request(7), request(8)]);
    }
    expect(found).toEqual(["0", "7", "8", "1"]);
  });
});
