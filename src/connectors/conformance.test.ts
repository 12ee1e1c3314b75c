import { readdirSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { Secret } from "../base/secret.js";
import { demoTransport } from "../demo/transport.js";
import { createClient } from "../http/client.js";
import { replayTransport } from "../http/replay.js";
import type { HttpResponse, Transport } from "../http/types.js";
import { type Fixture, faultyFirst, readFixture, vendorDouble, wireRows } from "../testing/vendors.js";
import { CONNECTORS } from "./index.js";
import { walk } from "./paginate.js";
import { isObject, type JsonObject, valueAt } from "./shape.js";
import type { Connector, RawRecord, Slice, Stream } from "./types.js";

// Every stream of every connector goes through every test of this file; a new one joins by its line in the list and its fixture.

const SECRET = "s3cret-token-of-the-user";
const AT = Date.parse("2026-02-09T06:00:00Z");
// The same request always gets the same bytes, so one world serves every stream.
const demo = demoTransport({ seed: 42, days: 40, asOf: isoDate("2026-02-09") });

function open(connector: Connector, options: unknown) {
  // A source without an account takes no credentials at all.
  const secrets = connector.signIns.length === 0 ? {} : { token: new Secret(SECRET) };
  return connector.open(connector.options.parse(options), connector.secrets.parse(secrets));
}

function streamOf(connector: Connector, name: string, options: unknown): Stream {
  const stream = open(connector, options).streams.find((one) => one.name === name);
  if (stream === undefined) throw new Error(`no stream ${name}`);
  return stream;
}

/** The records of a walk, through the real client. */
async function recordsOf(
  connector: Connector,
  stream: Stream,
  slice: Slice,
  transport: Transport,
  clock = fixedClock(AT),
): Promise<readonly RawRecord[]> {
  const client = createClient({
    source: connector.id,
    title: connector.title,
    transport,
    auth: open(connector, readFixture(connector.id, stream.name).options).auth,
    limits: connector.limits,
    ...(connector.classify === undefined ? {} : { classify: connector.classify }),
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const records: RawRecord[] = [];
  for await (const page of walk(stream, slice, (request) => client.ask(request))) records.push(...page.records);
  return records;
}

const byKey = (records: readonly RawRecord[]) =>
  [...records].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

async function failure(run: () => Promise<unknown>): Promise<GrowthosError> {
  const thrown = await run().then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
}

describe.each((CONNECTORS as readonly Connector[]).map((connector) => [connector.id, connector] as const))(
  "%s",
  (id, connector) => {
    const fixtures = readdirSync(new URL(`../../fixtures/http/${id}/`, import.meta.url)).map((name) =>
      name.slice(0, -5),
    );
    const [firstFixture = ""] = fixtures;
    const { options } = readFixture(id, firstFixture);

    it("has one recorded fixture per stream", () => {
      const names = open(connector, options).streams.map(({ name }) => name);
      expect([...names].sort()).toEqual([...fixtures].sort());
    });

    it("is looked at for the day under way only where a staging model reads the snapshots", () => {
      const snapshots = open(connector, options)
        .streams.filter(({ today }) => today)
        .map(({ name }) => `stg_${id}__${name}_today.sql`);
      const folder = new URL(`../../sql/staging/${id}/`, import.meta.url);
      expect(snapshots).toEqual(readdirSync(folder).filter((name) => name.endsWith("_today.sql")));
    });

    it("B-53 names an unknown option and an unknown credential", () => {
      const wrong = connector.options.safeParse({ ...options, pagesize: 3 });
      expect(JSON.stringify(wrong.error?.issues)).toContain("pagesize");
      const secrets = connector.secrets.safeParse({ token: new Secret("x"), tokn: new Secret("y") });
      expect(JSON.stringify(secrets.error?.issues)).toContain("tokn");
      expect(connector.secrets.safeParse({ token: "plain text" }).success).toBe(false);
    });

    it("prints no secret", () => {
      const opened = open(connector, options);
      expect(inspect(opened, { depth: 10 })).not.toContain(SECRET);
      expect(JSON.stringify(opened.auth)).not.toContain(SECRET);
    });

    describe.each(fixtures)("%s", (name) => {
      const fixture = readFixture(id, name);
      const { slice } = fixture;
      const stream = streamOf(connector, name, fixture.options);
      const replayed = () => recordsOf(connector, stream, slice, replayTransport(fixture.exchanges));
      const doubled = async (page: number, reversed = false) =>
        vendorDouble(
          id,
          wireRows(
            id,
            fixture,
            (await replayed()).map(({ payload }) => payload),
          ),
          { page, reversed },
        );

      it("asks for the first page as a pure function of the slice", () => {
        const frozen = Object.freeze({ ...slice });
        expect(stream.first(frozen)).toEqual(stream.first(frozen));
        expect(stream.first(frozen)).toEqual(streamOf(connector, name, fixture.options).first(slice));
        expect(JSON.stringify(stream.first(slice))).not.toContain(SECRET);
      });

      it("walks the recorded pages to the end, each request once", async () => {
        const transport = replayTransport(fixture.exchanges);
        const records = await recordsOf(connector, stream, slice, transport);
        expect(records.map(({ key }) => key).sort()).toEqual([...fixture.expect.keys].sort());
        expect(transport.asked).toHaveLength(fixture.expect.requests);
        expect(new Set(transport.asked.map((asked) => JSON.stringify([asked.url, asked.body]))).size).toBe(
          fixture.expect.requests,
        );
      });

      it("gives each record a key of its own and, in windows, a day that was asked for", async () => {
        const records = await replayed();
        expect(new Set(records.map(({ key }) => key)).size).toBe(records.length);
        for (const { key, day } of records) {
          expect(key).not.toBe("");
          if (slice.kind !== "days") expect(day).toBeUndefined();
          else expect(day !== undefined && day >= slice.days.from && day <= slice.days.to).toBe(true);
        }
      });

      it("reads the same records whatever the page size", async () => {
        const all = byKey(await replayed());
        for (const page of [1, 2, 3, 1000]) {
          const records = await recordsOf(connector, stream, slice, await doubled(page));
          expect(byKey(records)).toEqual(all);
        }
      });

      it("reads the same records in whatever order", async () => {
        const forwards = await recordsOf(connector, stream, slice, await doubled(2));
        const backwards = await recordsOf(connector, stream, slice, await doubled(2, true));
        expect(byKey(backwards)).toEqual(byKey(forwards));
      });

      it("reads the same records when every request fails once, and waits as told", async () => {
        const all = byKey(await replayed());
        for (const [fault, seconds] of faultsOf(id)) {
          const clock = fixedClock(AT);
          const transport = faultyFirst(replayTransport(fixture.exchanges), fault);
          const records = await recordsOf(connector, stream, slice, transport, clock);
          expect(byKey(records)).toEqual(all);
          expect(clock.now() - AT).toBeGreaterThanOrEqual(seconds * 1000 * fixture.expect.requests);
        }
      });

      it("stops at refused credentials with a named error", async () => {
        const denied: Transport = {
          send: async () => ({ status: 401, headers: {}, body: '{"errors":"[API] Invalid"}' }),
        };
        const error = await failure(() => recordsOf(connector, stream, slice, denied));
        expect([error.code, error.exitCode]).toEqual(["API_AUTH", 7]);
        expect(`${error.message}${error.parts.hint}`).not.toContain(SECRET);
      });

      it("keeps fields that it does not know", async () => {
        const rows = wireRows(
          id,
          fixture,
          (await replayed()).map(({ payload }) => payload),
        );
        // GA4 and its export have no fields but those that were asked for, and a rate is a rate.
        if (["ga4", "ga4_events", "fx"].includes(id)) return;
        const transport = vendorDouble(
          id,
          rows.map((row) => ({ ...row, brandNewField: { deep: [1] } })),
          { page: 2 },
        );
        const records = await recordsOf(connector, stream, slice, transport);
        expect(records.map(({ payload }) => payload["brandNewField"])).toEqual(records.map(() => ({ deep: [1] })));
      });

      it.each(fixture.required)("names the path when %s is missing", async (path) => {
        const rows = wireRows(
          id,
          fixture,
          (await replayed()).map(({ payload }) => payload),
        );
        const [first, ...others] = rows;
        if (first === undefined) throw new Error("the fixture is empty");
        const broken = [withoutPath(first, path, columnsOf(fixture)), ...others];
        const transport: Transport = {
          send: async (request) => {
            // Served unfiltered, because the double filters by the very fields that are missing.
            if (id === "ga4_events") return vendorDouble(id, broken, { page: 1000 }).send(request);
            const whole = await vendorDouble(id, rows, { page: 1000 }).send(request);
            return { ...whole, body: whole.body.replace(JSON.stringify(first), JSON.stringify(broken[0])) };
          },
        };
        const error = await failure(() => recordsOf(connector, stream, slice, transport));
        expect(error.code).toBe("API_SHAPE");
        expect(error.message).toContain(path.split(".").at(-1) ?? path);
      });

      it("is spoken by the demo in the same format", async () => {
        const some: Slice =
          slice.kind === "days"
            ? { kind: "days", days: { from: isoDate("2026-02-05"), to: isoDate("2026-02-08") } }
            : // Few enough to be read page by page; the file of a bulk operation is tested where files land.
              { kind: "since", since: "2026-02-05T00:00:00.000Z", until: "2026-02-09T06:00:00.000Z" };
        const records = await recordsOf(connector, stream, some, demo);
        expect(records.length).toBeGreaterThan(0);
        expect(new Set(records.map(({ key }) => key)).size).toBe(records.length);
        const recorded = shapeOf((await replayed()).map(({ payload }) => payload));
        const spoken = shapeOf(records.map(({ payload }) => payload));
        // What both speak of must be of the same kind (a member that was only null tells none), and nothing may be missing.
        for (const [path, kinds] of spoken) {
          const known = recorded.get(path);
          const strange = [...kinds].filter((kind) => known !== undefined && known.size > 0 && !known.has(kind));
          expect({ path, strange }).toEqual({ path, strange: [] });
        }
        const top = (shape: ReadonlyMap<string, unknown>) =>
          [...shape.keys()].filter((path) => !path.includes(".")).sort();
        expect(top(spoken)).toEqual(expect.arrayContaining(top(recorded).filter((path) => !OPTIONAL.has(path))));
      });
    });
  },
);

/** Members that a vendor leaves out when there is nothing to say. */
const OPTIONAL: ReadonlySet<string> = new Set(["actions", "action_values"]);

/** What can go wrong with one request, and the seconds that must then pass at least. */
function faultsOf(id: string): readonly (readonly [HttpResponse | Error, number])[] {
  const throttled = {
    errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
    extensions: { cost: { requestedQueryCost: 752, throttleStatus: { currentlyAvailable: 252, restoreRate: 100 } } },
  };
  const metaLimit = { error: { code: 80000, message: "too many calls", type: "OAuthException" } };
  const usage = JSON.stringify({ "1": [{ estimated_time_to_regain_access: 2 }] });
  const vendor: Readonly<Record<string, readonly (readonly [HttpResponse, number])[]>> = {
    shopify: [[{ status: 200, headers: {}, body: JSON.stringify(throttled) }, 5]],
    meta_ads: [
      [{ status: 400, headers: { "x-business-use-case-usage": usage }, body: JSON.stringify(metaLimit) }, 120],
    ],
  };
  return [
    [{ status: 429, headers: { "retry-after": "7" }, body: "{}" }, 7],
    [{ status: 500, headers: {}, body: "" }, 0],
    [{ status: 502, headers: {}, body: "<html>Bad gateway</html>" }, 0],
    [{ status: 200, headers: {}, body: '{"data":' }, 0],
    [new Error("other side closed"), 0],
    ...(vendor[id] ?? []),
  ];
}

/** GA4 names its columns once, beside the rows; elsewhere there are none. */
function columnsOf(fixture: Fixture): readonly string[] {
  const headers = valueAt(fixture.exchanges[0]?.response.json, "dimensionHeaders");
  return Array.isArray(headers) ? headers.map((header) => String(valueAt(header, "name"))) : [];
}

/** The row without the member at the path; where columns have names, the value is taken out by position. */
function withoutPath(row: JsonObject, path: string, columns: readonly string[]): JsonObject {
  if (columns.includes(path)) {
    const values = (row["dimensionValues"] as readonly JsonObject[]).map((value, index) =>
      columns[index] === path ? {} : value,
    );
    return { ...row, dimensionValues: values };
  }
  const [name = "", ...rest] = path.split(".");
  const { [name]: member, ...others } = row;
  if (rest.length === 0 || !isObject(member)) return others;
  return { ...row, [name]: withoutPath(member, rest.join("."), columns) };
}

/** Every path of the records with the kinds of value found there; list elements share one path. */
function shapeOf(records: readonly JsonObject[]): ReadonlyMap<string, ReadonlySet<string>> {
  const shape = new Map<string, Set<string>>();
  const visit = (path: string, value: unknown): void => {
    if (value === null || value === undefined) return void note(path);
    if (Array.isArray(value)) {
      note(path, "list");
      for (const item of value) visit(`${path}.*`, item);
    } else if (isObject(value)) {
      if (path !== "") note(path, "object");
      for (const [name, member] of Object.entries(value)) visit(path === "" ? name : `${path}.${name}`, member);
    } else note(path, typeof value);
  };
  const note = (path: string, kind?: string) => {
    const kinds = shape.get(path) ?? new Set();
    if (kind !== undefined) kinds.add(kind);
    shape.set(path, kinds);
  };
  for (const record of records) visit("", record);
  return new Map([...shape].filter(([path]) => valueAt({}, path) === undefined));
}
