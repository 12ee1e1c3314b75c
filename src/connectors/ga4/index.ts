import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { googleAuth, googleSignIns } from "../google-sign-in.js";
import { type Credentials, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyGa4, usageGa4 } from "./answers.js";
import { probesOf } from "./probes.js";
import { API_VERSION, HOST, reportStream } from "./report.js";
import { REPORTS } from "./reports.js";

const SCOPE = "https://www.googleapis.com/auth/analytics.readonly";

const options = z.strictObject({
  /** Property id, digits only. */
  property: z.string().regex(/^\d+$/, "the property id is the number shown in the property settings"),
  /** Rows per page. */
  pageSize: z.int().min(1).max(250_000).default(10_000),
});

const signIns = googleSignIns(SCOPE);

/** Google Analytics 4 Data API: sessions, users, landing pages, items, transactions and their sources per day. */
export const ga4: Connector<z.output<typeof options>, Credentials> = {
  id: "ga4",
  title: "Google Analytics 4",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: [HOST, "oauth2.googleapis.com"],
  // Ten requests at a time for the whole property, of which others use some; ten server errors an hour, so two retries at most.
  limits: { perSecond: 5, concurrent: 4, tries: 3, maxBodyBytes: 256 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null, checkedOn: isoDate("2026-11-20") },
  classify: classifyGa4,
  usage: usageGa4,
  open: ({ property, pageSize }, secrets) => ({
    auth: googleAuth(secrets, SCOPE),
    probes: probesOf(property),
    streams: REPORTS.map((report) => reportStream(report, { property, pageSize })),
  }),
};
