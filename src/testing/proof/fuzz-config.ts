import { RULE_IDS } from "../../alerts/settings.js";
import { GrowthosError } from "../../base/errors.js";
import type { Files } from "../../base/files.js";
import { type LoadOptions, loadConfig } from "../../config/load.js";
import { filesOptions } from "../../connectors/files/options.js";
import { CONNECTORS } from "../../connectors/index.js";
import { sftp } from "../../connectors/sftp/index.js";
import { METRICS } from "../../metrics/catalog/index.js";
import { ownProblems } from "../../metrics/own.js";
import { SECTION_NAMES } from "../../reports/deck/layout.js";
import { NAMED_BLOCKS } from "../../reports/deck/types.js";
import type { FuzzTarget, Judgement } from "./fuzz-types.js";

const SHOP = { name: "Acme", currency: "USD", timeZone: "America/New_York" };
const SAMPLES: readonly object[] = [
  { shop: SHOP },
  {
    shop: SHOP,
    calendar: { weekEndsOn: "saturday", fiscalYearEndMonth: "june", fiscalPeriods: "4-4-5" },
    costs: { defaultMargin: 0.4, categoryMargins: { mugs: 0.5 }, paymentFeeShare: 0.02, paymentFeeFixed: 30 },
    targets: [{ metric: "net_revenue", month: "2026-02", value: 10_000 }],
    sources: { meta_ads: { accounts: ["act_1"], since: "2026-01-01" }, fx: { currencies: ["EUR"] } },
    retention: { builds: 3, runsDays: 90 },
    pii: "hash",
  },
  {
    shop: SHOP,
    sources: {
      shopify: { shop: "acme.myshopify.com", since: "2025-01-01" },
      files: {
        paths: ["inbox"],
        imports: [{ path: "inbox/o.csv", as: "orders", columns: { order_id: "No", ordered_at: "At", total: "Total" } }],
      },
    },
    reports: { pages: ["products"] },
    alerts: { rules: { spend_spike: { atLeast: 0.5 } }, slack: { url: "$SLACK" } },
  },
  {
    workspaces: {
      berlin: { shop: SHOP },
      wien: { shop: { ...SHOP, currency: "EUR" }, sources: { ga4: { property: "1" } } },
    },
    store: { endpoint: "https://s3.example", bucket: "lake", region: "eu-central-1" },
    limits: { memoryMb: 1024 },
  },
];

/** A config as JSON, through everything that a command does with it before it begins. */
export const configTarget: FuzzTarget = {
  name: "config",
  reads: "configs",
  samples: () => SAMPLES.map((config) => Buffer.from(JSON.stringify(config, null, 1))),
  words: [
    '"__proto__":{"polluted":1},',
    '"constructor":{"prototype":{"polluted":1}},',
    '"$HOME"',
    '"$' + '{A}"',
    '"../x"',
    '"name":"CON"',
    '"http://169.254.169.254/"',
    '"timeZone":"Mars/Olympus"',
    '"metrics":{"x":{"formula":"orders / 0"}},',
    '"since":"2026-02-30"',
    "1e308",
    '"workspaces":{},',
  ],
  open: async () => ({ judge: judgeConfig }),
};

const NAME = "growthos.config.json";

function optionsFor(text: string): LoadOptions {
  const path = `/project/${NAME}`;
  const files = {
    readText: () => text,
    stat: (asked: string) => (asked === path ? { kind: "file", bytes: text.length } : undefined),
    list: () => [],
  } as Partial<Files> as Files;
  return {
    cwd: "/project",
    env: { HOME: "/nowhere", SLACK: "https://hooks.example/x" },
    files,
    packageFolder: "/package",
    sources: [...CONNECTORS, { id: "files", options: filesOptions }, sftp],
    metrics: METRICS.map((metric) => ({ id: metric.id, isMoney: metric.unit === "money" })),
    alertRules: RULE_IDS,
    deck: { sections: SECTION_NAMES, blocks: NAMED_BLOCKS },
    checkMetrics: ownProblems,
  };
}

async function judgeConfig(input: Uint8Array): Promise<Judgement> {
  try {
    const { workspaces } = await loadConfig(optionsFor(Buffer.from(input).toString("utf8")));
    const strange = workspaces.find(({ name }) => !/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/.test(name));
    if (strange !== undefined) return { wrong: `a workspace is called ${JSON.stringify(strange.name)}` };
    const zone = workspaces.find(({ shop }) => !isZone(shop.timeZone));
    if (zone !== undefined) return { wrong: `the time zone is ${zone.shop.timeZone}` };
    return judgePrototype() ?? "taken";
  } catch (thrown) {
    if (!(thrown instanceof GrowthosError)) throw thrown;
    if (thrown.parts.exit !== "usage")
      return { wrong: `a config that is wrong ends with ${thrown.parts.exit}: ${thrown.message}` };
    if ((thrown.parts.why ?? "") === "") return { wrong: `${thrown.code} without a reason` };
    return judgePrototype() ?? "refused";
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function judgePrototype(): Judgement | null {
  const changed = ({} as { readonly polluted?: unknown }).polluted;
  return changed === undefined ? null : { wrong: "the prototype of all objects was changed" };
}
