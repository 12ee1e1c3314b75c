import { metaError } from "./meta-spec.js";
import type { MetaWorld } from "./meta-world.js";
import type { Answer } from "./server.js";

/** How much an app may ask for: the tier that every app begins with, and the one it can be raised to. */
export type MetaTier = "limited" | "full";
/** The business use cases that are counted apart. */
export type MetaUse = "ads_insights" | "ads_management";

/** The vendor's own book of calls. */
export interface MetaQuota {
  tier: MetaTier;
  /** Mistakes of the caller so far: each takes a thousandth of a call from the hourly quota of insights. */
  mistakes: number;
  /** Calls that an account may make in an hour. */
  limit(account: string, use: MetaUse): number;
  /** The most calls that any sliding hour has held, and how often more were asked for. */
  readonly peak: Readonly<Record<string, number>>;
  refused: number;
  /** Counts a call; the refusal when the hour is used up. */
  take(account: string, use: MetaUse): Answer | null;
  headers(account: string, use: MetaUse): Readonly<Record<string, string>>;
}

const HOUR_MS = 3_600_000;
const BASE = {
  limited: { ads_insights: 600, ads_management: 300 },
  full: { ads_insights: 190_000, ads_management: 100_000 },
} as const;
const PER_AD = { ads_insights: 400, ads_management: 40 } as const;
const CODES = { ads_insights: 80_000, ads_management: 80_004 } as const;

/** Counts calls in a sliding hour of the given clock, by the published formula: base + per active ad − mistakes / 1000. */
export function metaQuota(world: MetaWorld, now: () => number): MetaQuota {
  const calls = new Map<string, number[]>();
  const peak: Record<string, number> = {};
  const recent = (name: string) => {
    const list = (calls.get(name) ?? []).filter((at) => at > now() - HOUR_MS);
    calls.set(name, list);
    return list;
  };
  const limit = (account: string, use: MetaUse) => {
    const active = world.objects.filter(
      (one) => one.kind === "ads" && one.account === account && one.effectiveStatus === "ACTIVE",
    ).length;
    return BASE[quota.tier][use] + PER_AD[use] * active - (use === "ads_insights" ? quota.mistakes / 1000 : 0);
  };
  const regain = (account: string, use: MetaUse) => {
    const list = recent(`${account}/${use}`);
    const [oldest = now()] = list;
    return list.length < limit(account, use) ? 0 : Math.ceil((oldest + HOUR_MS - now()) / 60_000);
  };
  const entry = (account: string, use: MetaUse) => {
    const percent = Math.floor((100 * recent(`${account}/${use}`).length) / limit(account, use));
    return {
      type: use,
      call_count: percent,
      total_cputime: Math.floor(percent / 3),
      total_time: Math.floor(percent / 2),
      estimated_time_to_regain_access: regain(account, use),
      ads_api_access_tier: quota.tier === "limited" ? "development_access" : "standard_access",
    };
  };
  const quota: MetaQuota = {
    tier: "limited",
    mistakes: 0,
    refused: 0,
    limit,
    peak,
    take: (account, use) => {
      const name = `${account}/${use}`;
      const list = recent(name);
      if (list.length + 1 > limit(account, use)) {
        quota.refused += 1;
        return metaError(CODES[use], `(#${CODES[use]}) There have been too many calls to this ad-account.`);
      }
      list.push(now());
      peak[name] = Math.max(peak[name] ?? 0, list.length);
      return null;
    },
    headers: (account, use) => {
      const other: MetaUse = use === "ads_insights" ? "ads_management" : "ads_insights";
      const full = entry(account, use);
      return {
        // The entry that matters stands neither in the first account nor in the first place.
        "x-business-use-case-usage": JSON.stringify({
          "999": [{ ...full, call_count: 0, estimated_time_to_regain_access: 0 }],
          [account]: [entry(account, other), full],
        }),
        "x-fb-ads-insights-throttle": JSON.stringify({
          app_id_util_pct: 0,
          acc_id_util_pct: full.type === "ads_insights" ? full.call_count : 0,
          ads_api_access_tier: full.ads_api_access_tier,
        }),
        "x-app-usage": JSON.stringify({ call_count: 0, total_cputime: 0, total_time: 0 }),
        "x-ad-account-usage": JSON.stringify({ acc_id_util_pct: 0 }),
      };
    },
  };
  return quota;
}
