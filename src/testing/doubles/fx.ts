import type { Clock } from "../../base/clock.js";
import { addDays, daysOf, type ISODate, isISODate } from "../../base/dates.js";
import { type Answer, type Arrived, type Double, startServer } from "./server.js";

/** The ECB's data portal on loopback: working days only, CSV as published, status 404 for an empty window. */
export interface FxDouble extends Double {
  /** Publishes another rate for a day and currency; null takes it away. */
  publish(day: ISODate, currency: string, rate: string | null): void;
}

const HEADER = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE,UNIT_MULT";
const LEVELS: Readonly<Record<string, number>> = { GBP: 0.87, JPY: 185, USD: 1.18 };

/** Starts the double with rates for the working days of a range. */
export async function fxDouble({
  from,
  to,
  clock,
}: {
  readonly from: ISODate;
  readonly to: ISODate;
  readonly clock?: Pick<Clock, "now">;
}): Promise<FxDouble> {
  const rates = new Map<string, string>();
  const working = daysOf({ from: addDays(from, -10), to }).filter((day) => ![0, 6].includes(new Date(day).getUTCDay()));
  for (const [currency, level] of Object.entries(LEVELS))
    for (const [index, day] of working.entries())
      rates.set(`${currency} ${day}`, (level * (1 + (index % 5) / 1000)).toFixed(4));
  const server = await startServer((request) => respond(request, rates), clock);
  return {
    source: "fx",
    options: {},
    secrets: {},
    routes: { "data-api.ecb.europa.eu": server.origin },
    server,
    publish: (day, currency, rate) => {
      if (rate === null) rates.delete(`${currency} ${day}`);
      else rates.set(`${currency} ${day}`, rate);
    },
    close: () => server.close(),
  };
}

function respond({ method, url, headers }: Arrived, rates: ReadonlyMap<string, string>): Answer {
  const wanted = /^\/service\/data\/EXR\/D\.([A-Z]{3}(?:\+[A-Z]{3})*)?\.EUR\.SP00\.A$/.exec(url.pathname);
  if (method !== "GET" || wanted === null) return notFound(url.pathname, "Not Found");
  const known = ["startPeriod", "endPeriod", "format", "lastNObservations"];
  const [from, to] = [url.searchParams.get("startPeriod"), url.searchParams.get("endPeriod")];
  const strange = [...url.searchParams.keys()].some((name) => !known.includes(name));
  if (strange || [from, to].some((day) => day !== null && !isISODate(day)) || headers["authorization"] !== undefined)
    return { status: 400, text: "Bad Request" };
  const rows = [...rates].sort().flatMap(([key, rate]) => {
    const [currency = "", day = ""] = key.split(" ");
    const isWanted = wanted[1]?.split("+").includes(currency) ?? true;
    if (!isWanted || (from !== null && day < from) || (to !== null && day > to)) return [];
    return [`EXR.D.${currency}.EUR.SP00.A,D,${currency},EUR,SP00,A,${day},${rate},A,"Rate, ${currency}/Euro",0`];
  });
  if (rows.length === 0) return notFound(url.pathname, "No results found.");
  return { headers: { "content-type": "text/csv" }, text: `${[HEADER, ...rows].join("\n")}\n` };
}

function notFound(path: string, detail: string): Answer {
  return { status: 404, json: { type: path, title: "Not Found", status: 404, detail, instance: path } };
}
