import { z } from "zod";
import { classifyGoogle } from "../google.js";
import { type Credentials, given, type SignIn, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { API_VERSION, campaignDaysStream } from "./campaign-days.js";

const CUSTOMER_ID = /^\d{3}-?\d{3}-?\d{4}$/;
const customerId = z.string().regex(CUSTOMER_ID, "a customer id has ten digits, e.g. 123-456-7890");

const options = z.strictObject({
  /** Client accounts (not managers), with or without dashes. */
  customers: z.array(customerId).min(1),
  /** The manager account, when access runs through one. */
  loginCustomer: customerId.optional(),
});

/** An access token that was made elsewhere. */
const signIns: readonly SignIn[] = [
  {
    kind: "token",
    title: "access token",
    help: "OAuth access token with the scope adwords",
    members: [{ name: "token", label: "Access token" }],
  },
];

/** Google Ads API: daily metrics per campaign, Performance Max included. */
export const googleAds: Connector<z.output<typeof options>, Credentials> = {
  id: "google_ads",
  title: "Google Ads",
  options,
  signIns,
  secrets: secretsOf(signIns),
  hosts: ["googleads.googleapis.com"],
  // The lowest access level grants 2,880 operations a day; one stream is one operation.
  limits: { perSecond: 5, perDay: 2_500, concurrent: 2, tries: 6, maxBodyBytes: 256 * 1024 * 1024 },
  apiVersion: { name: API_VERSION, sunset: null },
  classify: classifyGoogle,
  open: ({ customers, loginCustomer }, secrets) => ({
    auth: { kind: "bearer", token: given(secrets, "token") },
    probes: [],
    streams: [campaignDaysStream({ customers: customers.map(digits), login: loginCustomer && digits(loginCustomer) })],
  }),
};

function digits(id: string): string {
  return id.replaceAll("-", "");
}
