import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { GrowthosError } from "../base/errors.js";
import type { FileStat, Files } from "../base/files.js";
import { ownProblems } from "../metrics/own.js";
import { loadConfig } from "./load.js";
import { lineOf } from "./problems.js";
import { freshnessOf } from "./sources.js";

const root = process.cwd();
const sources = [
  { id: "shopify", options: z.strictObject({ shop: z.string() }) },
  { id: "files", options: z.strictObject({ paths: z.array(z.string()).default([]) }) },
];
const metrics = [
  { id: "net_revenue", isMoney: true },
  { id: "orders", isMoney: false },
];

/** The two reading calls that loading makes, on the real disk. */
const files = {
  readText: (path: string) => readFileSync(path, "utf8"),
  stat: (path: string): Partial<FileStat> | undefined => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found && { kind: found.isFile() ? "file" : "folder", bytes: found.size };
  },
} as Files;

async function load(text: string, env: Record<string, string> = {}, dotEnv?: string) {
  const cwd = mkdtempSync(join(tmpdir(), "growthos-config-"));
  writeFileSync(join(cwd, "growthos.config.ts"), text);
  if (dotEnv !== undefined) writeFileSync(join(cwd, ".env"), dotEnv);
  return loadConfig({ cwd, env, files, packageFolder: root, sources, metrics, checkMetrics: ownProblems });
}

async function problems(text: string, env: Record<string, string> = {}): Promise<string> {
  const error = (await load(text, env).catch((thrown: unknown) => thrown)) as GrowthosError;
  return `${error.code}\n${error.parts?.why}`;
}

const shop = `shop: { name: "Acme", currency: "USD", timeZone: "America/New_York" }`;
const wrap = (members: string) =>
  `import { defineConfig } from "growthos";\nexport default defineConfig({\n${members}\n});\n`;

describe("a config that is right", () => {
  it("fills in every default for a single shop, which is workspace main", async () => {
    const config = await load(wrap(`${shop},`));
    expect(config.workspaces).toHaveLength(1);
    expect(config.workspaces[0]).toMatchObject({
      name: "main",
      calendar: { weekEndsOn: 7, fiscalYearEndMonth: 12 },
      costs: { defaultMargin: 0.45, shippingShare: 0.08, opsShare: 0.05, paymentFeeShare: 0, paymentFeeFixed: 0 },
      pii: "hash",
      retention: { builds: 3, runsDays: 90 },
      asOf: null,
      sources: [],
      targets: [],
    });
  });

  it("takes ISO weeks for what they are, and tells everything that is wrong with a calendar at once", async () => {
    const right = await load(
      wrap(`${shop}, calendar: { fiscalPeriods: "iso", holidays: { ramadan: ["2025-03-01"] } }`),
    );
    expect(right.workspaces[0]?.calendar).toEqual({
      weekEndsOn: 7,
      fiscalYearEndMonth: 12,
      periods: "4-4-5",
      lastWeek: "nearest",
      yearNamedBy: "end",
      holidays: { ramadan: ["2025-03-01"] },
      datesUntil: null,
    });
    const wrong = load(
      wrap(`${shop}, calendar: { fiscalPeriods: "iso", weekEndsOn: "saturday", lastWeek: "last",
        holidays: { ramadan: ["2026-02-18", "2025-03-01"] } }`),
    );
    await expect(wrong).rejects.toThrow(/weeks of ISO 8601 end on sunday[\s\S]*nearest week[\s\S]*days in order/);
  });

  it("turns money into minor units of the shop's currency and lower-cases categories", async () => {
    const config = await load(
      wrap(`${shop}, costs: { paymentFeeFixed: 0.3, categoryMargins: { "Apparel ": 0.6 } },
        targets: { net_revenue: { week: 25000.5 }, orders: { day: 12 } }, calendar: { weekEndsOn: "saturday" }`),
    );
    expect(config.workspaces[0]?.costs).toMatchObject({ paymentFeeFixed: 30, categoryMargins: { apparel: 0.6 } });
    expect(config.workspaces[0]?.targets).toEqual([
      { metric: "net_revenue", period: "week", value: 2500050 },
      { metric: "orders", period: "day", value: 12 },
    ]);
    expect(config.workspaces[0]?.calendar.weekEndsOn).toBe(6);
  });

  it("takes limits of freshness and a folder of checks, and has defaults by the kind of source", async () => {
    const config = await load(
      wrap(
        `${shop}, sources: { files: { paths: ["x"], freshness: { warnAfterDays: 7, errorAfterDays: 14 } } }, checks: { folder: "checks" }`,
      ),
    );
    const [own] = config.workspaces;
    expect(own?.checksFolder).toBe("checks");
    expect(freshnessOf(own?.sources ?? [])).toEqual({ files: { warnAfterDays: 7, errorAfterDays: 14 } });
    const network = { options: {}, transport: "network", timeoutMinutes: 30, since: null } as const;
    const defaults = freshnessOf(["shopify", "fx", "ga4_events", "files", "sftp"].map((id) => ({ ...network, id })));
    expect(defaults).toEqual({
      shopify: { warnAfterDays: 1, errorAfterDays: 3 },
      fx: { warnAfterDays: 4, errorAfterDays: 7 },
      ga4_events: { warnAfterDays: 3, errorAfterDays: 5 },
    });
    const wrong = await problems(
      wrap(`${shop}, sources: { files: { paths: ["x"], freshness: { warnAfterDays: 3, errorAfterDays: 2 } } }`),
    );
    expect(wrong).toContain("errorAfterDays must not be smaller than warnAfterDays");
  });

  it("keeps yen whole", async () => {
    const config = await load(
      wrap(`shop: { name: "A", currency: "JPY", timeZone: "Asia/Tokyo" }, targets: { net_revenue: { day: 5000 } }`),
    );
    expect(config.workspaces[0]?.targets[0]?.value).toBe(5000);
  });

  it("expands the demo to its platforms, raw events and lists with a fixed day", async () => {
    const config = await load(wrap(`${shop}, sources: { demo: {} }`));
    const [main] = config.workspaces;
    expect(main?.sources.map((source) => [source.id, source.transport, source.since])).toEqual([
      ["shopify", "demo", "2025-08-13"],
      ["meta_ads", "demo", "2025-08-13"],
      ["google_ads", "demo", "2025-08-13"],
      ["ga4", "demo", "2025-08-13"],
      ["ga4_events", "demo", "2026-01-10"],
      ["files", "demo", null],
    ]);
    expect(main?.asOf).toBe("2026-02-09");
    expect(main?.demo).toEqual({ seed: 42, days: 180, asOf: "2026-02-09" });
  });

  it("reads several shops", async () => {
    const config = await load(wrap(`workspaces: { "shop-a": { ${shop} }, "shop-b": { ${shop} } }`));
    expect(config.workspaces.map((workspace) => workspace.name)).toEqual(["shop-a", "shop-b"]);
  });
});

describe("the environment", () => {
  it("fills variables and their defaults; .env never overrides what is set", async () => {
    const config = await load(
      wrap(`shop: { name: "\${SHOP} \${CITY:-Berlin}", currency: "\${MONEY}", timeZone: "UTC" }`),
      { SHOP: "set", CITY: "" },
      "SHOP=from-file\nMONEY=EUR\n",
    );
    expect(config.workspaces[0]?.shop).toMatchObject({ name: "set Berlin", currency: "EUR" });
    expect(process.env["MONEY"]).toBeUndefined();
  });

  it("G03 names a variable that is not set, empty, or has a line break", async () => {
    const text = wrap(`shop: { name: "\${NOPE}", currency: "\${EMPTY}", timeZone: "\${BROKEN}" }`);
    const why = await problems(text, { EMPTY: "", BROKEN: "a\nb" });
    expect(why).toContain("growthos.config.ts:3  shop.name: environment variable NOPE is not set");
    expect(why).toContain("shop.currency: environment variable EMPTY is empty");
    expect(why).toContain("shop.timeZone: environment variable BROKEN holds a line break");
  });
});

describe("metrics of the user's own", () => {
  const metric = (members: string) => wrap(`${shop},\n  metrics: {\n    returns_per_day: {\n ${members} },\n  },`);

  it("are taken with their id, and may have targets", async () => {
    const text = `import { defineConfig, defineMetric } from "growthos";
      export default defineConfig({ ${shop}, targets: { order_tax: { day: 12.5 } },
        metrics: { order_tax: defineMetric({ title: "Tax", unit: "money", better: "neither", sum: "fact_orders.tax_cents", where: ["is_counted"] }) } });`;
    const [workspace] = (await load(text)).workspaces;
    expect(workspace?.metrics).toEqual([
      {
        id: "order_tax",
        title: "Tax",
        unit: "money",
        better: "neither",
        aliases: [],
        sum: "fact_orders.tax_cents",
        where: ["is_counted"],
      },
    ]);
    expect(workspace?.targets).toEqual([{ metric: "order_tax", period: "day", value: 1250 }]);
  });

  it.each([
    ['title: "R", unit: "money", better: "down"', "is made of exactly one of sum, count"],
    ['title: "R", unit: "money", better: "down", sum: "a.b", count: "a"', "is made of exactly one of"],
    ['title: "R", unit: "money", better: "down", divide: "orders"', "divide needs by"],
    ['title: "R", unit: "money", better: "down", plus: ["orders"], by: "days"', "by does not go with plus"],
    ['title: "R", unit: "euro", better: "down", plus: ["orders"]', "metrics.returns_per_day.unit"],
    ['title: "R", unit: "money", beter: "down", plus: ["orders"]', 'did you mean "better"'],
    [
      'title: "R", unit: "money", better: "down", divide: "ordrs", by: "days"',
      'there is no metric "ordrs"; did you mean orders?',
    ],
  ])("refuses { %s }", async (members, message) => {
    const said = await problems(metric(members));
    expect(said).toContain("CONFIG_INVALID");
    expect(said).toContain(message);
    expect(said).toMatch(/growthos\.config\.ts:[56]/);
  });
});

describe("a config that is wrong", () => {
  it("tells all problems at once, each with its line and the nearest valid key", async () => {
    const why = await problems(
      wrap(
        [
          `shop: { name: "A", currency: "usd", timeZone: "Mars/Olympus" },`,
          `costs: { shipingShare: 0.1, opsShare: 8 },`,
          `calendar: { weekEndsOn: "sun" },`,
          `retentions: {},`,
        ].join("\n"),
      ),
    );
    expect(why).toContain('growthos.config.ts:3  shop.currency: expected an ISO 4217 code in capitals, such as "USD"');
    expect(why).toContain("growthos.config.ts:3  shop.timeZone: expected an IANA time zone");
    expect(why).toContain('growthos.config.ts:4  costs.shipingShare: unknown key; did you mean "shippingShare"?');
    expect(why).toContain("growthos.config.ts:4  costs.opsShare: 8 is not a share: write 0.08 for 8 %");
    expect(why).toContain("growthos.config.ts:5  calendar.weekEndsOn:");
    expect(why).toContain('growthos.config.ts:6  retentions: unknown key; did you mean "retention"?');
  });

  it.each([
    [2048, { memoryMb: 2048 }],
    [
      256,
      "limits.memoryMb: 256 MB is not enough: 768 MB are needed, 512 of them for DuckDB to spill what does not fit",
    ],
    [8_589_934_592, "limits.memoryMb: megabytes are meant: 4096 is 4 GB"],
    ['"2 GB"', "growthos.config.ts:3  limits.memoryMb:"],
  ])("takes a memory of %s as it is or says why not", async (memoryMb, expected) => {
    const text = wrap(`${shop}, limits: { memoryMb: ${memoryMb} },`);
    if (typeof expected === "string") expect(await problems(text)).toContain(expected);
    else expect((await load(text)).workspaces[0]?.limits).toEqual(expected);
  });

  it("checks sources by their own schemas and names unknown sources, keys and metrics", async () => {
    const why = await problems(
      wrap(
        `${shop}, sources: { shopifi: {}, shopify: { stor: 1 }, files: { since: "2025-13-01" } }, targets: { net_revenu: { day: 1 } }`,
      ),
    );
    expect(why).toContain('sources.shopifi: unknown key; did you mean "shopify"?');
    expect(why).toContain("sources.shopify.shop: missing; expected string");
    expect(why).toContain("sources.shopify.stor: unknown key; did you mean");
    expect(why).toContain("sources.files.since: expected a date YYYY-MM-DD");
    expect(why).toContain('targets.net_revenu: unknown key; did you mean "net_revenue"?');
  });

  it("refuses the demo beside a source that it simulates", async () => {
    expect(await problems(wrap(`${shop}, sources: { demo: { seeds: 1 }, shopify: { shop: "a" } }`))).toMatch(
      /sources\.shopify: the demo simulates this source[\s\S]*sources\.demo\.seeds: unknown key; did you mean "seed"/,
    );
  });

  it.each(["../x", ".", "CON", "con", "a/b", "a%2fb", "-a", "a".repeat(49), "ä"])(
    "refuses workspace name %s",
    async (name) => {
      expect(await problems(wrap(`workspaces: { ${JSON.stringify(name)}: { ${shop} } }`))).toContain(
        "a workspace name has",
      );
    },
  );

  it.each([wrap("workspaces: {}"), wrap("workspaces: []"), wrap(`workspaces: { a: { ${shop} } }, shop: {}`)])(
    "refuses a frame without shops or with strangers beside them",
    async (text) => expect(await problems(text)).toContain("CONFIG_INVALID"),
  );

  it("names file, line and reason of a half-written file", async () => {
    const whole = wrap(`${shop},`);
    const why = await problems(whole.slice(0, whole.indexOf("timeZone")));
    expect(why).toMatch(/^CONFIG_BROKEN\n.*growthos\.config\.ts:\d+: /);
  });

  it.each([
    ["a key twice", '{ "pii": "hash", "pii": "keep" }', "CONFIG_BROKEN"],
    ["too many levels", `{ "shop": ${"[".repeat(3_000)}${"]".repeat(3_000)} }`, "CONFIG_BROKEN"],
  ])("G01 refuses JSON with %s", async (_, text, code) => {
    const cwd = mkdtempSync(join(tmpdir(), "growthos-config-"));
    writeFileSync(join(cwd, "growthos.config.json"), text);
    const loading = loadConfig({ cwd, env: {}, files, packageFolder: root, sources, metrics });
    await expect(loading).rejects.toMatchObject({ code });
  });

  it.each(["own.a = own;", "own.a = own; own.b = own;"])("says that a value holds itself: %s", async (line) => {
    const why = await problems(
      `const own: Record<string, unknown> = {}; ${line}\nexport default { ${shop}, targets: own };`,
    );
    expect(why).toContain("targets.a.a.a: is nested deeper than 64 levels, or holds itself");
  });

  it("G06 never accepts a truncation silently", async () => {
    const whole = wrap(`${shop},`);
    for (let length = 0; length < whole.trimEnd().length - 3; length += 7) {
      expect(await problems(whole.slice(0, length))).toMatch(/^CONFIG_(BROKEN|INVALID)/);
    }
  });

  it("names the line of an error while it runs", async () => {
    expect(await problems("const a = 1;\n\nexport default { a: nothere.b };")).toMatch(
      /growthos\.config\.ts:3: nothere is not defined/,
    );
  });

  it("says what to do when there is none", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "growthos-config-"));
    await expect(loadConfig({ cwd, env: {}, files, packageFolder: root, sources, metrics })).rejects.toMatchObject({
      code: "CONFIG_MISSING",
    });
  });
});

describe("lineOf", () => {
  it("follows the path through nested keys with the same names", () => {
    const text = `a: {\n  name: 1,\n},\nb: {\n  name: 2,\n}`;
    expect(lineOf(text, ["b", "name"])).toBe(5);
    expect(lineOf(text, ["c"])).toBeNull();
  });
});
