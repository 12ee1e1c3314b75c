import { messageOf } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpResponse, Usage } from "../../http/types.js";
import { isObject, type JsonObject, valueAt } from "../shape.js";

/** Shares of a quota that count, in percent; the fullest of them decides. */
const SHARES = ["call_count", "total_cputime", "total_time", "acc_id_util_pct", "app_id_util_pct"];

/** Wait after a refusal that does not say for how long. Seconds. */
const DEFAULT_REGAIN_SECONDS = 300;

/**
 * What Meta's four usage headers say, every entry of every account and use case: a share of a sliding hour, and the minutes
 * until calls are taken again once it is used up. Headers that cannot be read say nothing.
 */
export function metaUsage(response: HttpResponse): readonly Usage[] {
  return [...businessUseCases(response), ...plainHeaders(response)];
}

/** Seconds until calls are taken again: the longest of all entries, five minutes when no entry says. */
export function regainSeconds(response: HttpResponse): number {
  const seconds = businessUseCases(response).map((usage) => usage.regainSeconds);
  return Math.max(0, ...seconds) || DEFAULT_REGAIN_SECONDS;
}

type Percent = Extract<Usage, { kind: "percent" }>;

function businessUseCases({ headers }: HttpResponse): readonly Percent[] {
  return Object.entries(headerJson(headers["x-business-use-case-usage"])).flatMap(([owner, entries]) =>
    (Array.isArray(entries) ? entries : []).map((entry) => ({
      kind: "percent" as const,
      name: `${owner}/${String(valueAt(entry, "type") ?? "calls")}`,
      percent: fullest(entry),
      regainSeconds: 60 * numberAt(entry, "estimated_time_to_regain_access"),
    })),
  );
}

const PLAIN = ["x-app-usage", "x-ad-account-usage", "x-fb-ads-insights-throttle"];

function plainHeaders({ headers }: HttpResponse): readonly Percent[] {
  return PLAIN.filter((name) => headers[name] !== undefined).map((name) => ({
    kind: "percent",
    name,
    percent: fullest(headerJson(headers[name])),
    regainSeconds: 0,
  }));
}

function fullest(entry: unknown): number {
  return Math.max(...SHARES.map((name) => numberAt(entry, name)));
}

function numberAt(entry: unknown, name: string): number {
  const number = Number(valueAt(entry, name) ?? 0);
  return Number.isFinite(number) && number > 0 ? number : 0;
}

function headerJson(text: string | undefined): JsonObject {
  try {
    const value = parseJson(text ?? "{}");
    return isObject(value) ? value : {};
  } catch (thrown) {
    return { unreadable: messageOf(thrown) };
  }
}
