import { addDays, daysOf, type ISODate, isISODate } from "../base/dates.js";
import type { HttpResponse } from "../http/types.js";
import { jsonResponse, type Responder } from "./respond.js";
import type { World } from "./types.js";

/** Invented currencies' worth: title, units for one euro around which the rate sways, digits published. */
const CURRENCIES: Readonly<Record<string, readonly [title: string, level: number, decimals: number]>> = {
  GBP: ["UK pound sterling", 0.86, 5],
  JPY: ["Japanese yen", 182, 2],
  USD: ["US dollar", 1.17, 4],
};

/** Columns of `format=csvdata`, as the ECB prints them. */
const COLUMNS =
  "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_CONF,OBS_PRE_BREAK,OBS_COM,TIME_FORMAT,BREAKS,COLLECTION,COMPILING_ORG,DISS_ORG,DOM_SER_IDS,PUBL_ECB,PUBL_MU,PUBL_PUBLIC,UNIT_INDEX_BASE,COMPILATION,COVERAGE,DECIMALS,NAT_TITLE,SOURCE_AGENCY,SOURCE_PUB,TITLE,TITLE_COMPL,UNIT,UNIT_MULT";

const SERIES = /^\/service\/data\/EXR\/D\.([A-Z+]*)\.EUR\.SP00\.A$/;

/** Answers `GET /service/data/EXR/D.<currencies>.EUR.SP00.A` in CSV: working days up to the world's last one. */
export function fxResponder(world: World): Responder {
  return (request) => {
    const url = new URL(request.url);
    const [, wanted] = SERIES.exec(url.pathname) ?? [];
    if (wanted === undefined || url.searchParams.get("format") !== "csvdata")
      return notFound(url.pathname, "Not Found");
    const [from, to] = period(url, world);
    const codes = Object.keys(CURRENCIES).filter((code) => wanted === "" || wanted.split("+").includes(code));
    const last = Number(url.searchParams.get("lastNObservations") ?? Number.POSITIVE_INFINITY);
    const days = daysOf({ from, to }).filter(isWorkingDay);
    const shown = days.slice(-Math.min(last, days.length));
    const rows = shown.length === 0 ? [] : codes.flatMap((code) => shown.map((day) => row(code, day)));
    if (rows.length === 0) return notFound(url.pathname, "No results found.");
    return { status: 200, headers: { "content-type": "text/csv" }, body: `${[COLUMNS, ...rows].join("\n")}\n` };
  };
}

function period(url: URL, world: World): readonly [ISODate, ISODate] {
  const [from, to] = [url.searchParams.get("startPeriod") ?? "", url.searchParams.get("endPeriod") ?? ""];
  const end = isISODate(to) && to < world.to ? to : world.to;
  return [isISODate(from) ? from : addDays(end, -LEAD_DAYS), end];
}

/** Without a start, the demo looks back this far. */
const LEAD_DAYS = 10;

function isWorkingDay(day: ISODate): boolean {
  return ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}

function row(code: string, day: ISODate): string {
  const [title, level, decimals] = CURRENCIES[code] ?? ["", 1, 4];
  const sway = 1 + 0.01 * Math.sin(Date.parse(day) / 86_400_000 / 9 + level);
  const rate = (level * sway).toFixed(decimals);
  const name = `${title}/Euro`;
  return `EXR.D.${code}.EUR.SP00.A,D,${code},EUR,SP00,A,${day},${rate},A,F,,,P1D,,A,,,,,,,,,,${decimals},,4F0,,${name} ECB reference exchange rate,"ECB reference exchange rate, ${name}, 2.15 pm (C.E.T.)",${code},0`;
}

function notFound(path: string, detail: string): HttpResponse {
  return jsonResponse(404, { type: path, title: "Not Found", status: 404, detail, instance: path });
}
