import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { googleAuth, googleSignIns } from "../google-sign-in.js";
import { type Credentials, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyBigQuery } from "./classify.js";
import { EVENT_KINDS } from "./columns.js";
import { API_VERSION, eventsStream, type Place } from "./events.js";
import { probesOf } from "./probes.js";

/** Statements are jobs, and jobs need this one: there is no narrower scope that may make them. */
const SCOPE = "https://www.googleapis.com/auth/bigquery";

const PROJECT = "(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]";

const options = z
  .strictObject({
    /** Cloud project that pays for the statements. */
    project: z
      .string()
      .regex(new RegExp(`^${PROJECT}$`), "a project id such as my-shop-123456")
      .optional(),
    /** `analytics_<property id>`; `other-project.analytics_…` when it is not in `project`. */
    dataset: z
      .string()
      .regex(new RegExp(`^(?:${PROJECT}\\.)?[A-Za-z0-9_]{1,1024}$`), "a dataset such as analytics_123456789")
      .optional(),
    /** A folder with the exported tables as Parquet or JSON lines, relative to the config; nothing is asked over the network then. */
    folder: z.string().min(1).optional(),
    /** Of the dataset, as BigQuery shows it: `US`, `EU`, `europe-west3` … */
    location: z
      .string()
      .regex(/^[A-Za-z0-9-]{2,40}$/, "a location such as US, EU or europe-west3")
      .default("US"),
    /** Most bytes that one statement may be charged for; default 10 GiB. */
    maximumBytesBilled: z
      .int()
      .min(10 * 1024 * 1024)
      .default(10 * 1024 * 1024 * 1024),
    /** Rows per page; the server ends a page at 10 MB too. */
    pageSize: z.int().min(1).max(100_000).default(20_000),
  })
  .refine(({ project, dataset, folder }) => (folder === undefined ? project && dataset : !project && !dataset), {
    error: "give project and dataset, or folder",
  });

/** Options after parsing. */
export type Ga4EventsOptions = z.output<typeof options>;

const signIns = googleSignIns(SCOPE);

/** The events that GA4 exports to BigQuery, one row each: six kinds and the rest of the funnel. */
export const ga4Events: Connector<Ga4EventsOptions, Credentials> = {
  id: "ga4_events",
  title: "GA4 events (BigQuery export)",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["bigquery.googleapis.com", "oauth2.googleapis.com"],
  // 100 requests a second and user; the streams go in parallel. A page is 10 MB and somewhat more as JSON.
  limits: { perSecond: 95, concurrent: 7, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null, checkedOn: isoDate("2026-11-20") },
  classify: classifyBigQuery,
  open: (parsed, secrets) => {
    // From a folder it is an import: there is nothing to ask.
    if (parsed.folder !== undefined) return { auth: { kind: "none" }, probes: [], streams: [] };
    const place = placeOf(parsed);
    return {
      auth: googleAuth(secrets, SCOPE),
      probes: probesOf(place),
      streams: EVENT_KINDS.map((kind) => eventsStream(place, kind)),
    };
  },
};

function placeOf({ project = "", dataset = "", location, maximumBytesBilled, pageSize }: Ga4EventsOptions): Place {
  const name = dataset.includes(".") ? dataset : `${project}.${dataset}`;
  return { project, dataset: name as Place["dataset"], location, maximumBytesBilled, pageSize };
}
