import { messageOf } from "../../base/errors.js";
import { parseJson } from "../../http/json.js";
import type { HttpResponse, Verdict } from "../../http/types.js";
import { isObject, type JsonObject, valueAt } from "../shape.js";
import { regainSeconds } from "./usage.js";

/** A row of the vendor's error table: which codes (and subcodes, when only some), and what follows. First match wins. */
interface Row {
  readonly matches: (code: number, subcode: number) => boolean;
  readonly verdict: (told: Told) => Verdict;
}

interface Told {
  readonly reason: string;
  readonly response: HttpResponse;
}

const oneOf =
  (...codes: readonly number[]) =>
  (code: number) =>
    codes.includes(code);
const pair = (code: number, subcodes: readonly number[]) => (asked: number, subcode: number) =>
  asked === code && subcodes.includes(subcode);

const refused =
  (hint: string) =>
  ({ reason }: Told): Verdict => ({ next: "abort", code: "API_REFUSED", reason, hint });
const shrink = ({ reason }: Told): Verdict => ({ next: "shrink", reason });
const retry = ({ reason }: Told): Verdict => ({ next: "retry", reason });

const NEW_TOKEN =
  "the token has expired or was withdrawn: make a new system-user token with ads_read in Business settings, " +
  "then run `growthos connect meta_ads`, or set META_ADS_TOKEN to it";
const GRANT = "give the system user ads_read, and assign the ad account to it in Business settings";

/** The API's error documentation (graph-api error handling; insights error codes) and what others met. */
const TABLE: readonly Row[] = [
  {
    matches: oneOf(102, 190),
    verdict: ({ reason }) => ({ next: "abort", code: "API_AUTH", reason, hint: NEW_TOKEN }),
  },
  { matches: pair(100, [1504018, 1487534]), verdict: shrink },
  { matches: pair(2, [1504038]), verdict: shrink },
  {
    matches: pair(2, [1504041, 1504042]),
    verdict: refused("a breakdown or a custom metric is not allowed: look for a newer growthos"),
  },
  {
    matches: (code) => [4, 17, 32, 613].includes(code) || (code >= 80_000 && code <= 80_014),
    verdict: ({ reason, response }) => ({ next: "wait", seconds: regainSeconds(response), reason }),
  },
  {
    matches: (code) => [3, 10, 294].includes(code) || (code >= 200 && code <= 299),
    verdict: ({ reason }) => ({ next: "abort", code: "API_AUTH", reason, hint: GRANT }),
  },
  {
    matches: oneOf(3018),
    verdict: refused("Meta keeps 37 months: set `since` of meta_ads in growthos.config.ts to a later day"),
  },
  {
    matches: oneOf(2635),
    verdict: refused("this API version has been retired: update growthos"),
  },
  {
    matches: pair(100, [33]),
    verdict: refused(`check the id of the ad account; ${GRANT}`),
  },
  { matches: oneOf(-2, 1, 2, 99, 104, 960), verdict: retry },
];

/** `Please reduce the amount of data you're asking for`: comes with code 1 and status 500, and must not just be repeated. */
const TOO_MUCH = /reduce the amount of data/i;

/** A report that came to nothing: it is started again, then for fewer days. */
const DEAD_REPORT: ReadonlySet<unknown> = new Set(["Job Failed", "Job Skipped"]);

/**
 * Meta's error envelope, whatever the status: `{"error": {code, error_subcode, is_transient, …}}`, usually with HTTP 400.
 * A report that failed is told with status 200. Undefined when the body says nothing about an error.
 */
export function classifyMeta(response: HttpResponse): Verdict | undefined {
  const { body } = response;
  if (body.includes('"async_status"')) return ofReport(parsed(body), response);
  if (!body.includes('"error"')) return undefined;
  const error = valueAt(parsed(body), "error");
  return isObject(error) ? byCode(error, response) : undefined;
}

function byCode(error: JsonObject, response: HttpResponse): Verdict {
  const [code, subcode, message] = [Number(error["code"]), Number(error["error_subcode"]), String(error["message"])];
  const told = { reason: reasonOf(error["code"], error["error_subcode"], message), response };
  if (TOO_MUCH.test(message)) return shrink(told);
  const row = TABLE.find(({ matches }) => matches(code, subcode));
  if (row !== undefined) return row.verdict(told);
  if (error["is_transient"] === true) return retry(told);
  return { next: "abort", code: "API_REFUSED", reason: told.reason };
}

/** A dead report is asked for again, unless its own error is one that asking cannot mend (the members come from v25 on). */
function ofReport(body: unknown, response: HttpResponse): Verdict | undefined {
  const status = valueAt(body, "async_status");
  if (!DEAD_REPORT.has(status)) return undefined;
  const message = String(valueAt(body, "error_message") ?? valueAt(body, "error_user_msg") ?? "no reason was given");
  const reason = `${String(status)}, ${reasonOf(valueAt(body, "error_code"), valueAt(body, "error_subcode"), message)}`;
  const code = Number(valueAt(body, "error_code") ?? 0);
  const verdict = TABLE.find(({ matches }) => matches(code, Number(valueAt(body, "error_subcode"))))?.verdict({
    reason,
    response,
  });
  return verdict?.next === "abort" ? verdict : { next: "shrink", reason };
}

function reasonOf(code: unknown, subcode: unknown, message: string): string {
  return `code ${String(code)}${subcode === undefined ? "" : `/${String(subcode)}`}: ${message.slice(0, 300)}`;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    return messageOf(thrown);
  }
}
