import { isObject, listAt, valueAt } from "../shape.js";
import type { Probe } from "../types.js";
import { urlOf } from "./report.js";
import { REPORTS } from "./reports.js";

/** Which names the property has for this account, and one small report: what `doctor` and `connections test` ask. */
export function probesOf(property: string): readonly Probe[] {
  return [metadataProbe(property), reportProbe(property)];
}

function metadataProbe(property: string): Probe {
  return {
    name: "fields",
    request: { method: "GET", url: urlOf(property, "/metadata"), label: "metadata" },
    read: (body) => {
      const dimensions = namesOf(listAt(body, "dimensions"));
      const metrics = namesOf(listAt(body, "metrics"));
      const unknown = [
        ...asked("dimensions").filter((name) => !dimensions.has(name)),
        ...asked("metrics").filter((name) => !metrics.has(name)),
      ];
      if (unknown.length > 0) {
        return {
          ok: false,
          message: `the property does not know ${unknown.join(", ")}`,
          fix: "Google has renamed or removed them: look for a newer growthos",
        };
      }
      const blocked = blockedOf(listAt(body, "metrics"));
      if (blocked.length > 0) {
        return {
          ok: false,
          message: `${blocked.join(", ")}: withheld from this account, every value would come as 0`,
          fix: 'remove "No Cost Metrics" and "No Revenue Metrics" from the account: Google Analytics > Admin > Property access management',
        };
      }
      return { ok: true, message: `all ${asked("dimensions").length + asked("metrics").length} fields are there` };
    },
  };
}

/** Names that may be used; deprecated ones are served for a while. */
function namesOf(list: readonly unknown[]): ReadonlySet<string> {
  return new Set(
    list.flatMap((one) => {
      const old = valueAt(one, "deprecatedApiNames");
      return [valueAt(one, "apiName"), ...(Array.isArray(old) ? old : [])].filter((name) => typeof name === "string");
    }),
  );
}

/** Metrics that the streams need and the account may not see. */
function blockedOf(list: readonly unknown[]): readonly string[] {
  const needed = new Set(asked("metrics"));
  return list.filter(isObject).flatMap((metric) => {
    const [name, reasons] = [metric["apiName"], metric["blockedReasons"]];
    const isBlocked = Array.isArray(reasons) && reasons.length > 0;
    return isBlocked && typeof name === "string" && needed.has(name) ? [name] : [];
  });
}

function asked(what: "dimensions" | "metrics"): readonly string[] {
  return [...new Set(REPORTS.flatMap((report) => report[what]))];
}

function reportProbe(property: string): Probe {
  return {
    name: "report",
    request: {
      method: "POST",
      url: urlOf(property, ":runReport"),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        dateRanges: [{ startDate: "yesterday", endDate: "yesterday" }],
        metrics: [{ name: "sessions" }],
        limit: "1",
        returnPropertyQuota: true,
      }),
      label: "report",
    },
    read: (body) => {
      const zone = valueAt(body, "metadata.timeZone");
      const currency = valueAt(body, "metadata.currencyCode");
      const left = (name: string) => Number(valueAt(body, `propertyQuota.${name}.remaining`) ?? 0);
      return {
        ok: true,
        ...(typeof currency === "string" ? { facts: { currency } } : {}),
        message: `reports are answered; days end in ${typeof zone === "string" ? zone : "an unnamed time zone"}; tokens left: ${left("tokensPerDay")} today, ${left("tokensPerProjectPerHour")} this hour`,
      };
    },
  };
}
