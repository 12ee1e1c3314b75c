import { z } from "zod";
import { classifyGoogle } from "../google.js";
import { type Credentials, given, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { API_VERSION, trafficDaysStream } from "./traffic-days.js";

const options = z.strictObject({
  /** Property id, digits only. */
  property: z.string().regex(/^\d+$/, "the property id is the number shown in the property settings"),
  /** Rows per page. */
  pageSize: z.int().min(1).max(250_000).default(10_000),
});

/** An access token that was made elsewhere. */
const signIns: readonly SignIn[] = [
  {
    kind: "token",
    title: "access token",
    help: "OAuth access token with the scope analytics.readonly",
    members: [{ name: "token", label: "Access token" }],
  },
];

/** Google Analytics 4 Data API: sessions and the commerce funnel per day and source. */
export const ga4: Connector<z.output<typeof options>, Credentials> = {
  id: "ga4",
  title: "Google Analytics 4",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["analyticsdata.googleapis.com"],
  // Ten requests at a time, ten server errors an hour: hence few tries.
  limits: { perSecond: 5, concurrent: 4, tries: 3, maxBodyBytes: 256 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null },
  classify: classifyGoogle,
  open: ({ property, pageSize }, secrets) => ({
    auth: { kind: "bearer", token: given(secrets, "token") },
    probes: [],
    streams: [trafficDaysStream({ property, pageSize })],
  }),
};
