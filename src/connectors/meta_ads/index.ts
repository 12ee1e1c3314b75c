import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { hmac256 } from "../../base/hash.js";
import { Secret } from "../../base/secret.js";
import type { Auth } from "../../http/types.js";
import { type Credentials, given, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyMeta } from "./classify.js";
import { API_VERSION, GRAPH_HOST } from "./graph.js";
import { AD_LEVEL, CAMPAIGN_LEVEL, insightsStream } from "./insights.js";
import { accountsStream, objectStreams } from "./objects.js";
import { metaProbes } from "./probes.js";
import { metaUsage } from "./usage.js";

const options = z.strictObject({
  /** Ad account ids, with or without `act_`. */
  accounts: z.array(z.string().regex(/^(act_)?\d+$/, "an ad account id is digits, with or without act_")).min(1),
  /** Rows per page. */
  pageSize: z.int().min(1).max(500).default(100),
});

const signIns: readonly SignIn[] = [
  {
    kind: "token",
    title: "system-user access token",
    help:
      "Business settings -> Users -> System users: assign the ad accounts, then generate a token for your app with ads_read. " +
      "Such a token can be made to never expire. The app secret is needed only when the app requires proof for its calls.",
    members: [
      { name: "token", label: "Access token", check: tokenProblem },
      { name: "appSecret", label: "App secret", optional: true, check: appSecretProblem },
    ],
  },
];

function tokenProblem(text: string): string | undefined {
  return /\s/.test(text) ? "a token has no blanks: copy it as one line" : undefined;
}

function appSecretProblem(text: string): string | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? undefined : "an app secret is 32 hexadecimal digits (App settings -> Basic)";
}

/** Meta Marketing API: accounts, campaigns, ad sets, ads, and their daily insights. */
export const metaAds: Connector<z.output<typeof options>, Credentials> = {
  id: "meta_ads",
  title: "Meta Ads",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: [GRAPH_HOST],
  // How much an hour grants depends on the app's tier and the number of active ads: the answers tell (`usage`). This is for bursts only.
  limits: { perSecond: 5, concurrent: 4, tries: 6, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: {
    name: API_VERSION,
    sunset: null,
    checkedOn: isoDate("2026-11-20"),
    // The Graph API's changelog; Marketing API versions may end earlier.
    others: [
      { name: "v25.0", sunset: isoDate("2028-07-29") },
      { name: "v24.0", sunset: isoDate("2028-02-18") },
      { name: "v23.0", sunset: isoDate("2027-10-08") },
      { name: "v22.0", sunset: isoDate("2027-05-20") },
    ],
  },
  classify: classifyMeta,
  usage: metaUsage,
  open: ({ accounts, pageSize }, secrets) => {
    const ids = [...new Set(accounts.map((id) => id.replace(/^act_/, "")))];
    const from = { accounts: ids, pageSize };
    return {
      auth: authOf(secrets),
      probes: metaProbes(ids),
      streams: [
        insightsStream(CAMPAIGN_LEVEL, from),
        accountsStream(from),
        ...objectStreams(from),
        insightsStream(AD_LEVEL, from),
      ],
    };
  },
};

/**
 * The token in a header, because an access_token parameter would end up in logs. With an app secret comes a proof that we know it:
 * HMAC-SHA256 of the token, which Meta takes as a parameter only.
 */
function authOf(secrets: Credentials): Auth {
  const token = given(secrets, "token");
  const { appSecret } = secrets;
  if (appSecret === undefined) return { kind: "bearer", token };
  const proof = new Secret(hmac256(appSecret.reveal(), token.reveal()));
  return { kind: "bearer", token, query: { appsecret_proof: proof } };
}
