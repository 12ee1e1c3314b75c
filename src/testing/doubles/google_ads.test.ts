import { afterAll, afterEach, describe, expect, it } from "vitest";
import { fixedClock } from "../../base/clock.js";
import { addDays, type ISODate, isoDate } from "../../base/dates.js";
import { GrowthosError } from "../../base/errors.js";
import { systemRandom } from "../../base/ids.js";
import { silentLog } from "../../base/log.js";
import { googleAds } from "../../connectors/google_ads/index.js";
import { walk } from "../../connectors/paginate.js";
import { valueAt } from "../../connectors/shape.js";
import type { RawRecord, Slice, Stream } from "../../connectors/types.js";
import { createClient } from "../../http/client.js";
import { undiciTransport } from "../../http/undici.js";
import { removeFolders } from "../workspace.js";
import { type GoogleAdsDoubleOptions, googleAdsDouble, googleAdsExhausted, googleAdsFailure } from "./google_ads.js";
import { hasGoogleAdsFields } from "./google_ads-judge.js";
import { JP, MANAGER, OLD, US } from "./google_ads-world.js";
import { rerouted } from "./server.js";

// The connector against the double, through the real client over real HTTP. `pitfall n`: what others stumbled over with this API.

const AT = Date.parse("2026-02-09T15:00:00Z");
const DAY = isoDate("2026-02-08");
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(removeFolders);

const slice = (from: ISODate, to: ISODate = DAY): Slice => ({ kind: "days", days: { from, to } });
const FULL: Slice = { kind: "full" };

/** A double and everything that asks it; `given` replaces the connector's options. */
async function bench(options: GoogleAdsDoubleOptions = {}, given?: object) {
  const clock = fixedClock(AT);
  const double = await googleAdsDouble({ clock, ...options });
  const network = undiciTransport({ allowLoopback: true });
  closing.push(
    () => double.close(),
    () => network.close(),
  );
  const opened = googleAds.open(googleAds.options.parse(given ?? double.options), double.secrets);
  const { classify } = googleAds;
  const client = createClient({
    source: googleAds.id,
    title: googleAds.title,
    transport: rerouted(network, double.routes),
    auth: opened.auth,
    limits: googleAds.limits,
    hosts: googleAds.hosts,
    ...(classify === undefined ? {} : { classify }),
    clock,
    random: systemRandom,
    log: silentLog,
  });
  const stream = (name: string): Stream => {
    const found = opened.streams.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no stream ${name}`);
    return found;
  };
  const read = async (name: string, wanted: Slice = slice(DAY)) => {
    const records: RawRecord[] = [];
    const warnings: string[] = [];
    for await (const page of walk(stream(name), wanted, (request) => client.ask(request))) {
      records.push(...page.records);
      warnings.push(...(page.warnings ?? []));
    }
    return { records, warnings };
  };
  /** A query of our own making, as a naive connector would ask it. */
  const query = async (gaql: string, customer = US) => {
    const url = `https://googleads.googleapis.com/v25/customers/${customer}/googleAds:searchStream`;
    const headers = { "content-type": "application/json", "login-customer-id": MANAGER };
    const { body } = await client.ask({ method: "POST", url, headers, body: JSON.stringify({ query: gaql }) });
    return body;
  };
  return { clock, double, client, stream, read, query, probes: opened.probes };
}

const micros = (records: readonly RawRecord[]) =>
  records.reduce((sum, { payload }) => sum + Number(valueAt(payload, "metrics.costMicros") ?? 0), 0);
const of = (records: readonly RawRecord[], path: string, value: string) =>
  records.filter(({ payload }) => valueAt(payload, path) === value);
const valuesOf = (records: readonly RawRecord[], path: string) => [
  ...new Set(records.map(({ payload }) => valueAt(payload, path))),
];

async function failure(run: Promise<unknown>): Promise<GrowthosError> {
  const thrown = await run.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (thrown instanceof GrowthosError) return thrown;
  throw new Error(`expected a GrowthosError, got ${String(thrown)}`);
}

describe("pitfalls of the Google Ads API", () => {
  it("pitfall 1: without the manager, or with another one, it says which option is missing", async () => {
    const { double, read } = await bench();
    await read("customers", FULL);
    const searches = double.server.arrived.filter(({ url }) => url.pathname.endsWith("searchStream"));
    expect([...new Set(searches.map(({ headers }) => headers["login-customer-id"]))]).toEqual([MANAGER]);
    for (const given of [{ customers: [US] }, { customers: [US], loginCustomer: "1234567890" }]) {
      const error = await failure((await bench({}, given)).read("customers", FULL));
      expect([error.code, error.exitCode]).toEqual(["API_AUTH", 7]);
      expect(error.parts.hint).toContain("set loginCustomer to that manager");
    }
  });

  it("pitfall 2: Performance Max is in the days of campaigns and not in those of ads", async () => {
    const { read } = await bench();
    const campaigns = (await read("campaign_days")).records;
    const ads = (await read("ad_days")).records;
    const most = of(campaigns, "campaign.advertisingChannelType", "PERFORMANCE_MAX");
    expect(most).toHaveLength(2);
    expect(micros(most)).toBeGreaterThan(0);
    expect(micros(campaigns) - micros(ads)).toBe(micros(most));
    expect(valuesOf(ads, "campaign.id")).toEqual(["11", "13"]);
  });

  it("pitfall 3: warns of conversions that count longer than days are read again", async () => {
    const { read } = await bench();
    const { warnings, records } = await read("conversion_actions", FULL);
    expect(records).toHaveLength(6);
    expect(warnings).toEqual([
      expect.stringContaining(`account ${US} counts "Subscription" up to 90 days after the click`),
      expect.stringContaining(`account ${JP} counts "Subscription" up to 90 days after the click`),
    ]);
  });

  it("pitfall 4: an API that is not enabled is named with its project", async () => {
    const { double, read } = await bench();
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "SERVICE_DISABLED",
      metadata: { service: "googleads.googleapis.com", consumer: "projects/4711" },
    };
    const error = { code: 403, status: "PERMISSION_DENIED", message: "has not been used", details: [info] };
    double.server.fail([{ kind: "answer", answer: { status: 403, json: [{ error }] } }], isSearch);
    const told = await failure(read("customers", FULL));
    expect(told.code).toBe("API_AUTH");
    expect(told.parts.hint).toContain("enable googleads.googleapis.com in the Cloud project 4711");
  });

  it("pitfall 5: hours add up to their day, and the conversions of a day depend on what the day is of", async () => {
    const { read } = await bench();
    const week = slice(addDays(DAY, -6));
    const days = (await read("campaign_days", week)).records;
    const hours = (await read("campaign_hours", week)).records;
    expect(micros(hours)).toBe(micros(days));
    for (const { key, payload } of days) {
      const own = hours.filter((hour) => hour.key.startsWith(`${key}|`));
      expect(micros(own)).toBe(Number(valueAt(payload, "metrics.costMicros")));
    }
    const sum = (path: string) => days.reduce((total, { payload }) => total + Number(valueAt(payload, path)), 0);
    expect(sum("metrics.conversions")).not.toBe(sum("metrics.conversionsByConversionDate"));
  });

  it("pitfall 6: a manager has no figures and a cancelled account cannot be read: both are left out by name", async () => {
    const { read } = await bench({}, { customers: [US, OLD, MANAGER], loginCustomer: MANAGER });
    const { records, warnings } = await read("campaign_days");
    expect(valuesOf(records, "customer.id")).toEqual([US]);
    expect(warnings.join("\n")).toContain(`campaign_days: account ${OLD} was left out`);
    expect(warnings.join("\n")).toContain("CUSTOMER_NOT_ENABLED");
    expect(warnings.join("\n")).toContain(`campaign_days: account ${MANAGER} was left out`);
    expect(warnings.join("\n")).toContain("REQUESTED_METRICS_FOR_MANAGER");
    // Those that are found below the manager are only the ones that can be read.
    const found = await bench();
    expect(valuesOf((await found.read("customers", FULL)).records, "customer.id")).toEqual([US, JP]);
  });

  it("pitfall 7: asks for the names of this version and gets values for them", async () => {
    const { read, query } = await bench();
    const { records } = await read("campaigns", FULL);
    expect(valuesOf(records, "campaign.startDateTime")).toEqual(["2025-12-11 00:00:00"]);
    expect(valuesOf(records, "campaign.status")).toEqual(["ENABLED", "PAUSED", "REMOVED"]);
    const error = await failure(query("SELECT campaign.id, campaign.start_date FROM campaign"));
    expect(error.code).toBe("API_REFUSED");
    expect(error.message).toContain("UNRECOGNIZED_FIELD");
  });

  it("pitfall 8: one text is many keywords, each with its ad group and criterion", async () => {
    const { read } = await bench();
    const { records } = await read("keywords", FULL);
    // Two accounts, three ad groups of search campaigns, two match types of the same words.
    expect(records).toHaveLength(2 * 3 * 2);
    expect(new Set(records.map(({ key }) => key)).size).toBe(12);
    expect(valuesOf(records, "adGroupCriterion.keyword.text")).toEqual(["green tea"]);
    expect(records.map(({ key }) => key)).toContain(`${US}|112|701`);
  });

  it.each(["refused", "gone"] as const)(
    "pitfall 9, A06: a version that is %s asks for a newer growthos",
    async (how) => {
      const { double, read } = await bench();
      double.retire(how);
      const error = await failure(read("customers", FULL));
      expect([error.code, error.exitCode]).toEqual(["API_REFUSED", 3]);
      expect(error.parts.hint).toContain("update growthos: Google has switched off the API version");
      expect(double.server.arrived.filter(isSearch)).toHaveLength(1);
    },
  );
});

const isSearch = ({ url }: { readonly url: URL }) => url.pathname.endsWith(":searchStream");

describe("the quota of Google Ads", () => {
  it("stays under the operations of a day and uses at least 90 % of them", { timeout: 120_000 }, async () => {
    const { double, client, clock, stream } = await bench({ customers: [US], signIn: "token" });
    const request = stream("customers").first(FULL);
    for (let call = 0; clock.now() < AT + 86_400_000; call++) await client.ask({ ...request, attempt: call });
    const { peak, refused } = double.ledger();
    console.info(`Google Ads: ${peak} of 2880 operations in the busiest 24 hours`);
    expect(refused).toBe(0);
    expect(peak).toBeGreaterThanOrEqual(0.9 * 2_880);
    expect(peak).toBeLessThanOrEqual(2_880);
  });

  it("waits as told when too many come at once", async () => {
    const { double, read, clock } = await bench();
    double.use(10);
    expect((await read("customers", FULL)).records).toHaveLength(2);
    expect(double.ledger().refused).toBe(1);
    expect(clock.now() - AT).toBeGreaterThanOrEqual(30_000);
  });

  it("N01 waits half an hour in two parts", async () => {
    const { double, read, clock } = await bench();
    const busy = (seconds: number) =>
      ({ kind: "answer", answer: googleAdsExhausted("quotaError.RESOURCE_TEMPORARILY_EXHAUSTED", seconds) }) as const;
    double.server.fail([busy(1800), busy(900)], isSearch);
    expect((await read("customers", FULL)).records).toHaveLength(2);
    expect(clock.now() - AT).toBeGreaterThanOrEqual(1_800_000);
    expect(clock.now() - AT).toBeLessThan(1_810_000);
  });

  it("N01 gives up when others have used the day up, and says when to come back", async () => {
    const { double, read, clock } = await bench({ operationsPerDay: 100 });
    double.use(100);
    await clock.sleep(60_000);
    const error = await failure(read("customers", FULL));
    expect([error.code, error.exitCode]).toEqual(["API_THROTTLED", 3]);
    expect(error.message).toContain("quotaError=RESOURCE_EXHAUSTED");
    expect(error.parts.hint).toContain("run the same command again after 2026-02-10 15:00 UTC");
    expect(double.ledger().refused).toBe(2);
  });
});

describe("the Google Ads double and the connector", () => {
  it.each(["oauth", "service_account", "token"] as const)("sign in by %s", async (signIn) => {
    const { read, double } = await bench({ signIn });
    expect((await read("customers", FULL)).records).toHaveLength(2);
    const grants = double.server.arrived.filter(({ url }) => url.pathname === "/token");
    expect(grants).toHaveLength(signIn === "token" ? 0 : 1);
  });

  it("renew a token that is no longer taken", async () => {
    const { read, double } = await bench();
    await read("customers", FULL);
    double.breakTokens();
    expect((await read("customers", FULL)).records).toHaveLength(2);
    const dead = await bench({ signIn: "token" });
    dead.double.breakTokens();
    expect((await failure(dead.read("customers", FULL))).code).toBe("API_AUTH");
  });

  it("send a developer token where a project still demands one, and none otherwise", async () => {
    const old = await bench({ developerToken: "dev-token-22chars" });
    expect((await old.read("customers", FULL)).records).toHaveLength(2);
    const { double, read } = await bench();
    await read("customers", FULL);
    expect(double.server.arrived.filter(({ headers }) => "developer-token" in headers)).toEqual([]);
  });

  it.each([
    ["authorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", 403, "API_AUTH", "apply for Explorer access"],
    ["authenticationError.NOT_ADS_USER", 401, "API_AUTH", "invite its e-mail address"],
    ["authenticationError.OAUTH_TOKEN_REVOKED", 401, "API_AUTH", "sign in again"],
    ["authenticationError.CUSTOMER_NOT_FOUND", 401, "API_REFUSED", "check the ids in customers and loginCustomer"],
    ["requestError.CLOUD_PROJECT_NOT_FOUND", 403, "API_AUTH", "a Cloud project that exists"],
  ])("say what to do about %s", async (code, status, named, remedy) => {
    const { read, double } = await bench();
    const fault = { kind: "answer", answer: googleAdsFailure(code, "no", { code: status }) } as const;
    // A token that is refused may have ended early: it is renewed once before that is believed.
    double.server.fail([fault, fault], isSearch);
    const error = await failure(read("customers", FULL));
    expect(error.code).toBe(named);
    expect(error.parts.hint).toContain(remedy);
  });

  it("read a stream again that breaks off after good chunks", async () => {
    const { read, double } = await bench();
    const whole = (await read("campaign_days")).records.map(({ key }) => key);
    const broken = googleAdsFailure("internalError.TRANSIENT_ERROR", "oops", { code: 500, status: "INTERNAL" });
    const [error] = broken.json as readonly unknown[];
    const json = [{ results: [{ customer: { id: US } }], fieldMask: "", requestId: "x" }, error];
    double.server.fail([{ kind: "answer", answer: { json } }], ({ body }) => body.includes("metrics."));
    expect((await read("campaign_days")).records.map(({ key }) => key)).toEqual(whole);
  });

  it("find the accounts below the manager, and say which of them cannot be read", async () => {
    const { client, probes } = await bench();
    const said: string[] = [];
    const ask = async (list: typeof probes): Promise<void> => {
      for (const { request, read } of list) {
        const told = read((await client.ask(request)).body, 0);
        said.push(told.message);
        await ask(told.next ?? []);
      }
    };
    await ask(probes);
    expect(said).toEqual([
      `the sign-in sees ${MANAGER}`,
      `2 client accounts below ${MANAGER}; without figures: ${OLD} (CANCELED)`,
      `Northwind Tea (${US}) in USD can be read`,
      `Northwind Tea JP (${JP}) in JPY can be read`,
    ]);
  });

  if (!hasGoogleAdsFields) console.info("skipped: the vendors' schemas are not beside the repository");
  it("the double tells clicks of one day per query, as Google does", async () => {
    const { query } = await bench();
    const gaql = "SELECT click_view.gclid, segments.date FROM click_view WHERE segments.date";
    const error = await failure(query(`${gaql} BETWEEN '2026-02-07' AND '2026-02-08'`));
    expect(error.message).toContain("clickViewError=EXPECTED_FILTER_ON_A_SINGLE_DAY");
    expect(await query(`${gaql} = '2026-02-08'`)).toBeDefined();
  });

  it.runIf(hasGoogleAdsFields).each([
    ["SELECT campaign.colour FROM campaign", "UNRECOGNIZED_FIELD"],
    ["SELECT campaign.id FROM campagne", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"],
    ["SELECT campaign.id, ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"],
    ["SELECT conversion_action.id, metrics.clicks FROM conversion_action", "PROHIBITED_METRIC"],
    ["SELECT campaign.id, segments.date, metrics.clicks FROM campaign", "REQUIRED_SEGMENT_FIELD_MISSING"],
    [
      "SELECT segments.date, segments.hour, metrics.conversions_by_conversion_date FROM campaign WHERE segments.date BETWEEN '2026-01-01' AND '2026-01-02'",
      "PROHIBITED_SEGMENT_WITH_METRIC",
    ],
    ["SELECT campaign.id FROM campaign WHERE segments.hour = 3", "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"],
    ["SELECT ad_group_ad.ad.id FROM ad_group_ad WHERE ad_group_ad.ad.final_urls = 'x'", "UNSUPPORTED_FIELD"],
    ["SELECT campaign.id campaign.name FROM campaign", "UNEXPECTED_INPUT"],
    ["SELECT campaign.id FROM campaign WHERE campaign.id LIKES 3", "UNEXPECTED_INPUT"],
  ])("the double refuses %s", async (gaql, code) => {
    const { query } = await bench();
    const error = await failure(query(gaql));
    expect([error.code, error.message]).toEqual(["API_REFUSED", expect.stringContaining(`queryError=${code}`)]);
  });
});
