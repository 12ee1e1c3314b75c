import { z } from "zod";
import { type Credentials, given, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyMeta } from "./classify.js";
import { API_VERSION, insightsStream } from "./insights.js";

const options = z.strictObject({
  /** Ad account ids, with or without `act_`. */
  accounts: z.array(z.string().regex(/^(act_)?\d+$/, "an ad account id is digits, with or without act_")).min(1),
  /** Rows per page. */
  pageSize: z.int().min(1).max(500).default(100),
});

/** An access token that was made elsewhere. */
const signIns: readonly SignIn[] = [
  {
    kind: "token",
    title: "access token",
    help: "System-user token with ads_read",
    members: [{ name: "token", label: "Access token" }],
  },
];

/** Meta Marketing API: daily insights per campaign. */
export const metaAds: Connector<z.output<typeof options>, Credentials> = {
  id: "meta_ads",
  title: "Meta Ads",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["graph.facebook.com"],
  // The lowest tier grants 600 calls an hour; the rest is left to other tools of the same app.
  limits: { perHour: 500, concurrent: 2, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null },
  classify: classifyMeta,
  open: ({ accounts, pageSize }, secrets) => ({
    // In a header, because an access_token parameter would end up in logs.
    auth: { kind: "bearer", token: given(secrets, "token") },
    probes: [],
    streams: [insightsStream({ accounts: accounts.map((id) => id.replace(/^act_/, "")), pageSize })],
  }),
};
