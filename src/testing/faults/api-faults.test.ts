import { afterAll, describe, expect, inject, it } from "vitest";
import { isoDate } from "../../base/dates.js";
import { undiciTransport } from "../../http/undici.js";
import { readState } from "../../warehouse/log.js";
import type { Row } from "../../warehouse/types.js";
import type { BigqueryDouble } from "../doubles/bigquery.js";
import type { Ga4Double } from "../doubles/ga4.js";
import type { GoogleAdsDouble } from "../doubles/google_ads.js";
import type { MetaDouble } from "../doubles/meta.js";
import type { Answer, Arrived, Double, Fault } from "../doubles/server.js";
import { removeFolders } from "../workspace.js";
import { openRig, placesOf, RIGS, type Rig } from "./rigs.js";

// Connector x what the API means: each vendor's own words for "too fast", "not yours", "gone" and "here is half of it".

const isSweep = inject("faultStride") === 1;
const network = undiciTransport({ allowLoopback: true });
afterAll(async () => {
  await network.close();
  removeFolders();
});

const answer = (one: Answer): Fault => ({ kind: "answer", answer: one });
/** Puts a member into the answer that would have come. */
const beside = (member: string): Fault => ({
  kind: "edit",
  change: (body) => body.replace(/^\s*\{/, () => `{${member},`),
});
const google = (code: number, status: string, message: string, reason?: string): Answer => ({
  status: code,
  json: { error: { code, status, message, ...(reason === undefined ? {} : { errors: [{ reason, message }] }) } },
});
/** As a stream has it. */
const listed = (one: Answer): Answer => ({ ...one, json: [one.json] });
const shopify = (code: string, more: object = {}): Answer => ({
  json: { data: null, errors: [{ message: code, extensions: { code, ...more } }] },
});
const meta = (code: number, status: number, message: string): Answer => ({
  status,
  json: { error: { code, message, type: "OAuthException", fbtrace_id: "x" } },
});

interface Words {
  /** The quota is used up for now; some say so with status 200. */
  readonly throttled: readonly Answer[];
  /** The token is good, for less than this (A15). */
  readonly denied: Answer;
  /** An error with status 200 (A10), beside data where the vendor does that. */
  readonly half: Fault | null;
}

const SHOPIFY: Words = {
  throttled: [shopify("THROTTLED"), { ...shopify("THROTTLED"), status: 429 }, { status: 430, text: "" }],
  denied: shopify("ACCESS_DENIED", { requiredAccess: "`read_orders` access scope." }),
  half: beside('"errors":[{"message":"Internal error","extensions":{"code":"UNKNOWN"}}]'),
};

const WORDS: Readonly<Record<string, Words>> = {
  "shopify paged": SHOPIFY,
  "shopify bulk": SHOPIFY,
  meta_ads: {
    throttled: [meta(17, 400, "User request limit reached"), meta(80000, 200, "too many calls"), meta(4, 403, "limit")],
    denied: meta(200, 403, "(#200) Ad account owner has NOT grant ads_management or ads_read permission"),
    half: beside('"error":{"code":2635,"message":"deprecated"}'),
  },
  google_ads: {
    throttled: [listed(google(429, "RESOURCE_EXHAUSTED", "Too many requests. Retry in 30 seconds."))],
    denied: listed(google(403, "PERMISSION_DENIED", "The caller does not have permission")),
    // A stream that breaks off: good chunks, then an error.
    half: { kind: "edit", change: (body) => body.replace(/\]\s*$/, ',{"error":{"code":400,"message":"half of it"}}]') },
  },
  ga4: {
    throttled: [google(429, "RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota.")],
    denied: google(403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property."),
    half: answer({ ...google(429, "RESOURCE_EXHAUSTED", "Exhausted"), status: 200 }),
  },
  ga4_events: {
    throttled: [google(403, "PERMISSION_DENIED", "Exceeded rate limits", "rateLimitExceeded")],
    denied: google(403, "PERMISSION_DENIED", "Access Denied: bigquery.jobs.create", "accessDenied"),
    half: answer({ ...google(403, "PERMISSION_DENIED", "Exceeded rate limits", "rateLimitExceeded"), status: 200 }),
  },
  fx: { throttled: [{ status: 429, text: "" }], denied: { status: 403, text: "" }, half: null },
};

const spoken = RIGS.flatMap((rig) => {
  const words = WORDS[rig.name];
  return words === undefined ? [] : [{ name: rig.name, rig, words }];
});
const whole = new Map<string, Readonly<Record<string, readonly Row[]>>>();
const many = (fault: Fault) => Array.from({ length: 60 }, () => fault);
/** Where the vendor itself is asked for records, not its storage or its token endpoint. */
const placeOf = (rig: Rig) => placesOf(rig).find(({ name }) => !["file", "token"].includes(name))?.at ?? (() => true);

async function undisturbed(rig: Rig) {
  const known = whole.get(rig.name);
  if (known !== undefined) return known;
  const open = await openRig(rig, network);
  expect((await open.sync()).exit).toBe("ok");
  const rows = await open.rows();
  await open.close();
  whole.set(rig.name, rows);
  return rows;
}

interface Told {
  readonly code: string | null;
  readonly exit: string;
  readonly text: string;
  /** Milliseconds of the clock, and requests that were the ones at fault. */
  readonly waited: number;
  readonly asked: number;
}

/** One sync with the faults, which heals or leaves nothing behind, and a second one that is whole. */
async function faulty(rig: Rig, faults: readonly Fault[], at: (request: Arrived) => boolean): Promise<Told> {
  const expected = await undisturbed(rig);
  const { double, sync, rows, ws, clock, close } = await openRig(rig, network);
  try {
    const began = clock.now();
    let asked = 0;
    double.server.fail(faults, (request) => {
      const isHit = at(request);
      if (isHit) asked += 1;
      return isHit;
    });
    const report = await sync();
    const waited = clock.now() - began;
    if (report.exit === "ok") expect(await rows()).toEqual(expected);
    else expect(readState(ws)).toMatchObject({ parts: [], cursors: {} });
    double.server.mend();
    expect((await sync()).exit).toBe("ok");
    expect(await rows()).toEqual(expected);
    const error = report.sources[0]?.error ?? null;
    return { code: error?.code ?? null, exit: report.exit, text: JSON.stringify(error), waited, asked };
  } finally {
    await close();
  }
}

let turn = 0;
/** All in the sweep, every sixth in turn in the usual run. */
function some<T>(all: readonly T[]): readonly T[] {
  turn += 1;
  return all.filter((_, index) => isSweep || (index + turn) % 6 === 0);
}

describe("A10 the vendor's own way to say too fast", () => {
  const cases = spoken.flatMap(({ name, rig, words }) =>
    words.throttled.map((one, index) => ({ name: `${name} (${index + 1})`, rig, one })),
  );
  it.each(some(cases))("$name: is waited for, and the slice is whole", async ({ rig, one }) => {
    const told = await faulty(rig, [answer(one), answer(one)], placeOf(rig));
    expect([told.code, told.exit]).toEqual([null, "ok"]);
    expect(told.waited).toBeGreaterThanOrEqual(1_000);
  });

  it.each(some(cases))("$name: for ever ends with its name", async ({ rig, one }) => {
    const told = await faulty(rig, many(answer(one)), placeOf(rig));
    expect([told.code, told.exit]).toEqual(["API_THROTTLED", "source"]);
  });
});

describe("A15 a token that is good for less", () => {
  it.each(some(spoken))("$name: ends after one question, and says what to do", async ({ rig, words }) => {
    const told = await faulty(rig, many(answer(words.denied)), placeOf(rig));
    expect([told.code, told.exit, told.asked]).toEqual(["API_AUTH", "auth", 1]);
    expect(told.text).toContain('"hint":"');
  });
});

describe("A06 an API version that is switched off", () => {
  it.each(some(spoken))("$name: 410 is not asked again", async ({ rig }) => {
    const told = await faulty(rig, many(answer({ status: 410, text: "Gone" })), placeOf(rig));
    expect([told.code, told.exit, told.asked]).toEqual(["API_REFUSED", "source", 1]);
  });
});

describe("A10 an error with status 200", () => {
  const cases = spoken.flatMap(({ name, rig, words: { half } }) => (half === null ? [] : [{ name, rig, half }]));
  it.each(some(cases))("$name: is never committed, whatever comes beside it", async ({ rig, half }) => {
    const told = await faulty(rig, many(half), placeOf(rig));
    expect(told.exit).toBe("source");
    expect(told.code).toMatch(/^API_(REFUSED|BROKEN|SHAPE)$/);
  });
});

describe("A01 the same page again", () => {
  const paged = spoken.filter(({ name }) => ["shopify paged", "meta_ads", "ga4", "ga4_events"].includes(name));
  it.each(some(paged))(
    "$name: ends with a name, after a few pages, and nothing is committed",
    async ({ name, rig }) => {
      const isPage =
        name === "ga4_events"
          ? ({ body, url }: Arrived) => body.includes("requestId") || url.searchParams.has("pageToken")
          : rig.isOfStream;
      let first: string | null = null;
      const change = (body: string) => {
        if (!/"(pageToken|after|endCursor|rowCount)":/.test(body)) return body;
        first ??= body;
        return first;
      };
      const told = await faulty(rig, many({ kind: "edit", change }), isPage);
      expect(told.exit).toBe("source");
      expect(told.code).toMatch(/^API_(LOOP|INCOMPLETE|SHAPE)$/);
      expect(told.asked).toBeLessThan(12);
    },
  );
});
/** A row goes and another one comes while the pages are read. GA4 and BigQuery have no new ones in between. */
const CHANGES: Readonly<Record<string, (double: Double) => void>> = {
  meta_ads: (double) => {
    const { world } = double as MetaDouble;
    const of = (campaign: string) => world.objects.find((one) => one.kind === "ads" && one.campaign === campaign)?.id;
    const [gone, come] = [of("23850001"), of("23850003")];
    const [first] = world.days.filter(({ ad, day }) => ad === gone && day === "2026-02-04");
    if (first === undefined || come === undefined) throw new Error("the world is another one");
    world.days = [...world.days.filter((one) => one !== first), { ...first, ad: come }];
  },
  google_ads: (double) =>
    (double as GoogleAdsDouble).restate(isoDate("2026-02-05"), (cell) => {
      Object.assign(cell, { impressions: 0, clicks: 0, cost: 0, conversions: 0, value: 0 });
    }),
  ga4: (double) => (double as Ga4Double).deleteRow(isoDate("2026-02-07")),
  ga4_events: (double) => {
    // Older tables are not changed any more, and not read again.
    for (const [name, table] of (double as BigqueryDouble).world) {
      if (!/2026020[78]$/.test(name)) continue;
      const at = table.rows.findIndex((row) => row["event_name"] === "purchase");
      table.rows = table.rows.filter((_, index) => index !== at);
    }
  },
};

describe("A02 rows go and come between two pages", () => {
  const cases = RIGS.flatMap((rig) => {
    const change = CHANGES[rig.name];
    return change === undefined ? [] : [{ name: rig.name, rig, change }];
  });
  it.each(cases)("$name: none comes twice, and the next run has them as they are", async ({ rig, change }) => {
    const open = await openRig(rig, network);
    const { double, sync, rows, clock, close } = open;
    try {
      let changes = 0;
      const between = (body: string) => {
        if (changes++ === 0) change(double);
        return body;
      };
      double.server.fail([{ kind: "edit", change: between }], rig.isOfStream);
      const { exit, sources } = await sync();
      expect(changes).toBe(1);
      // What the vendor counts is found incomplete; else the slice is as it was read, each row once.
      if (exit === "ok") {
        const keys = ((await rows())[rig.stream] ?? []).map((row) => `${row["_slice"]} ${row["_key"]}`);
        expect([keys.length > 0, new Set(keys).size]).toEqual([true, keys.length]);
      } else expect([sources[0]?.error?.code, readState(open.ws).parts]).toEqual(["API_INCOMPLETE", []]);
      clock.advance(86_400_000);
      const asOf = isoDate("2026-02-10");
      expect((await sync({ asOf })).exit).toBe("ok");
      const fresh = await openRig(rig, network, { double });
      fresh.clock.advance(clock.now() - fresh.clock.now());
      expect((await fresh.sync({ asOf })).exit).toBe("ok");
      expect(await rows()).toEqual(await fresh.rows());
      expect((await rows())[rig.stream]).not.toEqual((await undisturbed(rig))[rig.stream]);
    } finally {
      await close();
    }
  });
});
