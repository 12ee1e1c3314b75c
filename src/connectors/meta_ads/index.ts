import { z } from "zod";
import { Secret } from "../../base/secret.js";
import type { Connector } from "../types.js";
import { classifyMeta } from "./classify.js";
import { API_VERSION, insightsStream } from "./insights.js";

const options = z.strictObject({
  /** Ad account ids, with or without `act_`. */
  accounts: z.array(z.string().regex(/^(act_)?\d+$/, "an ad account id is digits, with or without act_")).min(1),
  /** Rows per page. */
  pageSize: z.int().min(1).max(500).default(100),
});

/** `token`: system-user access token with ads_read. */
const secrets = z.strictObject({ token: z.instanceof(Secret) });

/** Meta Marketing API: daily insights per campaign. */
export const metaAds: Connector<z.output<typeof options>, z.output<typeof secrets>> = {
  id: "meta_ads",
  title: "Meta Ads",
  options,
  secrets,
  // The lowest tier grants 600 calls an hour; the rest is left to other tools of the same app.
  limits: { perHour: 500, concurrent: 2, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null },
  classify: classifyMeta,
  open: ({ accounts, pageSize }, { token }) => ({
    // In a header, because an access_token parameter would end up in logs.
    auth: { kind: "bearer", token },
    streams: [insightsStream({ accounts: accounts.map((id) => id.replace(/^act_/, "")), pageSize })],
  }),
};
