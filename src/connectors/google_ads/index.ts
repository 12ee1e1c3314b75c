import { z } from "zod";
import { isoDate } from "../../base/dates.js";
import { googleAuth, googleSignIns } from "../google-sign-in.js";
import { type Credentials, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { classifyGoogleAds } from "./classify.js";
import { probesOf } from "./probes.js";
import { REPORTS } from "./reports.js";
import { API_VERSION, streamOf } from "./search.js";

const SCOPE = "https://www.googleapis.com/auth/adwords";
const CUSTOMER_ID = /^\d{3}-?\d{3}-?\d{4}$/;
const customerId = z.string().regex(CUSTOMER_ID, "a customer id has ten digits, e.g. 123-456-7890");

const options = z
  .strictObject({
    /** Client accounts (not managers), with or without dashes; left out: every enabled one below `loginCustomer`. */
    customers: z.array(customerId).min(1).optional(),
    /** The manager account, when access runs through one. */
    loginCustomer: customerId.optional(),
  })
  .refine(({ customers, loginCustomer }) => customers !== undefined || loginCustomer !== undefined, {
    error: "needs customers (the accounts), or loginCustomer (a manager: every client account below it)",
  });

/** Since 2026-09-09 Google needs no developer token; one that is given is still sent. */
const signIns: readonly SignIn[] = googleSignIns(SCOPE).map((signIn) => ({
  ...signIn,
  members: [...signIn.members, { name: "developerToken", label: "Developer token (no longer needed)", optional: true }],
}));

/** Google Ads API: accounts, campaigns, ad groups, ads, keywords, clicks; days and hours per campaign, Performance Max included. */
export const googleAds: Connector<z.output<typeof options>, Credentials> = {
  id: "google_ads",
  title: "Google Ads",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["googleads.googleapis.com", "oauth2.googleapis.com"],
  // The lowest access level to real accounts (Explorer) grants 2,880 operations in any 24 hours; one stream is one operation.
  // 95 % of it: the rest is for `doctor` and for what other programs ask.
  limits: { perSecond: 5, perDay: 2_736, concurrent: 2, tries: 6, maxBodyBytes: 256 * 1024 * 1024 },
  // Google serves a major version for about 12 months and names the day months before; v25 came out on 2026-07-22, and its
  // predecessors lived 51 weeks at least.
  apiVersion: {
    name: API_VERSION,
    sunset: isoDate("2027-07-14"),
    isEstimate: true,
    checkedOn: isoDate("2026-11-20"),
    others: [
      { name: "v22", sunset: isoDate("2026-10-07") },
      { name: "v21", sunset: isoDate("2026-08-05") },
      { name: "v20", sunset: isoDate("2026-06-10") },
    ],
  },
  classify: classifyGoogleAds,
  open: ({ customers = [], loginCustomer }, secrets) => {
    const { developerToken } = secrets;
    const accounts = { customers: customers.map(digits), login: loginCustomer && digits(loginCustomer) };
    return {
      auth: googleAuth(secrets, SCOPE, developerToken && { "developer-token": developerToken }),
      streams: REPORTS.map((report) => streamOf(report, accounts)),
      probes: probesOf(accounts),
    };
  },
};

function digits(id: string): string {
  return id.replaceAll("-", "");
}
