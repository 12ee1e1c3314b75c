import { dayInZone } from "../../base/dates.js";
import type { HttpResponse, Usage, Verdict } from "../../http/types.js";
import { classifyGoogle } from "../google.js";

const HOUR = 3600;
/** Google's quota day ends at midnight there. */
const QUOTA_ZONE = "America/Los_Angeles";

/** The quotas of a property that are counted in a window, by the names that answers use. */
const QUOTAS = [
  { name: "tokensPerDay", window: "day" },
  { name: "tokensPerHour", window: "hour" },
  { name: "tokensPerProjectPerHour", window: "hour" },
  { name: "serverErrorsPerProjectPerHour", window: "hour" },
  { name: "potentiallyThresholdedRequestsPerHour", window: "hour" },
] as const;

/** The quota that a refused request ran into, by words of the message: there is no code and no Retry-After. */
const EXHAUSTED: readonly { readonly words: RegExp; readonly verdict: (reason: string) => Verdict }[] = [
  { words: /concurrent/i, verdict: (reason) => ({ next: "wait", seconds: 5, reason }) },
  {
    words: /per day|daily|24 hours/i,
    verdict: (reason) => ({
      next: "abort",
      code: "API_REFUSED",
      reason,
      hint: "the property's tokens of today are used up and come back at midnight Pacific time; what was read so far is kept, so run the same command again then",
    }),
  },
  // Looked at again and again until the hour is over.
  { words: /./s, verdict: (reason) => ({ next: "wait", seconds: 300, reason }) },
];

/** What a refused permission needs, by words of the message. */
const DENIED: readonly { readonly words: RegExp; readonly hint: string }[] = [
  {
    words: /has not been used|is disabled/i,
    hint: "enable the Google Analytics Data API in the Cloud project of the OAuth client or service account, wait a few minutes, and try again",
  },
  {
    words: /scope/i,
    hint: "sign in again and allow the scope analytics.readonly",
  },
  {
    words: /./s,
    hint: "add the service account's e-mail address (or the account that signed in) as Viewer: Google Analytics > Admin > Property access management; and see that the property id is the right one",
  },
];

/** The Data API's refusals; what is not particular to it is read as at every Google API. */
export function classifyGa4(response: HttpResponse): Verdict | undefined {
  const verdict = classifyGoogle(response);
  if (verdict === undefined || !("reason" in verdict)) return verdict;
  const { reason } = verdict;
  if (response.status === 429) return EXHAUSTED.find(({ words }) => words.test(reason))?.verdict(reason);
  // With these reasons Google names the service as well, and the hint has its project or its scope.
  const isNamed = /"(SERVICE_DISABLED|ACCESS_TOKEN_SCOPE_INSUFFICIENT)"/.test(response.body);
  if (response.status !== 403 || verdict.next !== "abort" || isNamed) return verdict;
  const hint = DENIED.find(({ words }) => words.test(reason))?.hint;
  return hint === undefined ? verdict : { ...verdict, hint };
}

/** Requests that may be on their way when an answer is read; each of them takes its tokens too. */
const IN_FLIGHT = 4;

/**
 * `propertyQuota` of an answer, by the API's own names. It stands behind the rows, so it is looked for from the end: a page of rows
 * is not parsed twice. A member that is 0 is left out by the API. One exhausted quota stops every request of the property.
 */
export function usageGa4(response: HttpResponse): readonly Usage[] {
  const start = response.body.lastIndexOf('"propertyQuota"');
  if (start < 0) return [];
  const text = response.body.slice(start);
  return QUOTAS.flatMap(({ name, window }): readonly Usage[] => {
    const status = new RegExp(`"${name}"\\s*:\\s*\\{([^}]*)\\}`).exec(text)?.[1];
    if (status === undefined) return [];
    const isTokens = name.startsWith("tokens");
    return [
      {
        kind: "remaining",
        name,
        remaining: member(status, "remaining"),
        taken: Math.max(1, member(status, "consumed")) * (isTokens ? IN_FLIGHT : 1),
        renewsWithinSeconds: window === "hour" ? HOUR : untilMidnight(response.headers["date"]),
      },
    ];
  });
}

function member(text: string, name: string): number {
  return Number(new RegExp(`"${name}"\\s*:\\s*(\\d+)`).exec(text)?.[1] ?? 0);
}

/** Seconds until the quota day ends, by the vendor's own clock; a whole day when it does not tell the time. */
function untilMidnight(date: string | undefined): number {
  const now = Date.parse(date ?? "");
  if (Number.isNaN(now)) return 24 * HOUR;
  const today = dayInZone(now, QUOTA_ZONE);
  // The first whole hour that belongs to another day: midnight there is always one in UTC.
  const next = Math.floor(now / 1000 / HOUR) + 1;
  const hours = Array.from({ length: 25 }, (_, index) => next + index);
  const midnight = hours.find((hour) => dayInZone(hour * HOUR * 1000, QUOTA_ZONE) !== today) ?? next + 24;
  return Math.ceil(midnight * HOUR - now / 1000);
}
