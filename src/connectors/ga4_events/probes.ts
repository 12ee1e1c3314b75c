import { listAt, textAt, valueAt } from "../shape.js";
import type { Probe } from "../types.js";
import { BASE_URL, type Place } from "./events.js";
import { tableOf } from "./tables.js";

/** Tables looked at for the newest day; a year has about a thousand. */
const TABLES_LOOKED_AT = 1000;

/** Is the dataset there and where the options say, may jobs be made, and are there tables of events? */
export function probesOf(place: Place): readonly Probe[] {
  const [owner = "", dataset = ""] = splitName(place);
  const url = `${BASE_URL}/projects/${encodeURIComponent(owner)}/datasets/${encodeURIComponent(dataset)}`;
  return [
    { name: "dataset", request: { method: "GET", url, label: "dataset" }, read: (body) => readDataset(body, place) },
    { name: "jobs", request: dryRun(place), read: () => ({ ok: true, message: `may run jobs in ${place.project}` }) },
    {
      name: "tables",
      request: { method: "GET", url: `${url}/tables?maxResults=${TABLES_LOOKED_AT}`, label: "tables" },
      read: (body) => readTables(body, place),
    },
  ];
}

/** A project may hold a colon and dots (`example.com:shop`); a dataset holds neither. */
function splitName({ dataset }: Place): readonly [string, string] {
  const at = dataset.lastIndexOf(".");
  return [dataset.slice(0, at), dataset.slice(at + 1)];
}

function dryRun(place: Place): Probe["request"] {
  return {
    method: "POST",
    url: `${BASE_URL}/projects/${encodeURIComponent(place.project)}/queries`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "select 1", useLegacySql: false, location: place.location, dryRun: true }),
    label: "dry run",
  };
}

function readDataset(body: unknown, { dataset, location }: Place): ReturnType<Probe["read"]> {
  const found = textAt(body, "location");
  if (found.toLowerCase() === location.toLowerCase()) return { ok: true, message: `${dataset} is in ${found}` };
  const message = `${dataset} is in ${found}, and the options say ${location}`;
  return { ok: false, message, fix: `set sources.ga4_events.location to "${found}"` };
}

function readTables(body: unknown, { dataset }: Place): ReturnType<Probe["read"]> {
  const tables = valueAt(body, "tables") === undefined ? [] : listAt(body, "tables");
  const days = tables
    .map((_, index) => tableOf(textAt(body, `tables.${index}.tableReference.tableId`)))
    .flatMap((table) => (table === undefined ? [] : [table.day]))
    .sort();
  const newest = days.at(-1);
  if (newest !== undefined) return { ok: true, message: `${dataset} has tables of events up to ${newest}` };
  return {
    ok: false,
    message: `${dataset} has no table of events`,
    fix: "link the property to BigQuery (Admin > BigQuery links); the first table comes within a day",
  };
}
