import { z } from "zod";
import { Secret } from "../../base/secret.js";
import { classifyGoogle } from "../google.js";
import type { Connector } from "../types.js";
import { API_VERSION, trafficDaysStream } from "./traffic-days.js";

const options = z.strictObject({
  /** Property id, digits only. */
  property: z.string().regex(/^\d+$/, "the property id is the number shown in the property settings"),
  /** Rows per page. */
  pageSize: z.int().min(1).max(250_000).default(10_000),
});

/** `token`: OAuth access token with the scope analytics.readonly. */
const secrets = z.strictObject({ token: z.instanceof(Secret) });

/** Google Analytics 4 Data API: sessions and the commerce funnel per day and source. */
export const ga4: Connector<z.output<typeof options>, z.output<typeof secrets>> = {
  id: "ga4",
  title: "Google Analytics 4",
  options,
  secrets,
  // Ten requests at a time, ten server errors an hour: hence few tries.
  limits: { perSecond: 5, concurrent: 4, tries: 3, maxBodyBytes: 256 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null },
  classify: classifyGoogle,
  open: ({ property, pageSize }, { token }) => ({
    auth: { kind: "bearer", token },
    streams: [trafficDaysStream({ property, pageSize })],
  }),
};
