import { z } from "zod";
import type { HttpResponse, Verdict } from "../../http/types.js";
import { type Credentials, secretsOf } from "../sign-in.js";
import type { Connector } from "../types.js";
import { notWhole } from "./parse.js";
import { ECB_HOST, ratesProbe, ratesStream } from "./rates.js";

const options = z
  .strictObject({
    /** An address with rates in one of the ECB's formats; default: the ECB's own API. */
    url: z
      .string()
      .refine(isPlainHttps, {
        error: "expected an https address without a user name, such as https://www.ecb.europa.eu/…",
      })
      .optional(),
    /** A file in one of the ECB's formats, relative to the config; nothing is then asked over the network. */
    file: z.string().min(1).optional(),
    /** Only these currencies; default: all that are published. */
    currencies: z
      .array(z.string().regex(/^[A-Z]{3}$/, 'expected ISO 4217 codes in capitals, such as "USD"'))
      .min(1)
      .max(100)
      .optional(),
  })
  .refine(({ url, file }) => url === undefined || file === undefined, {
    error: "give either url or file, not both",
  });

/** Options of `fx` after parsing. */
export type FxOptions = z.output<typeof options>;

/** Daily euro reference rates of the European Central Bank: what it takes to report several currencies in one (D-20). No account. */
export const fx: Connector<FxOptions, Credentials> = {
  id: "fx",
  title: "Exchange rates (ECB)",
  options,
  signIns: [],
  secrets: secretsOf([]),
  hosts: [ECB_HOST, "www.ecb.europa.eu"],
  // A public service without a published limit: one question at a time, and a year of rates is 3 MB.
  limits: { perSecond: 2, concurrent: 1, tries: 4, maxBodyBytes: 64 * 1024 * 1024 },
  apiVersion: { name: "sdmx-2.1", sunset: null },
  classify: classifyEcb,
  open: ({ url, file, currencies }) => ({
    auth: { kind: "none" },
    ...(url === undefined ? {} : { hosts: [new URL(url).hostname] }),
    probes: file === undefined ? [ratesProbe({ url, currencies })] : [],
    streams: file === undefined ? [ratesStream({ url, currencies })] : [],
  }),
};

/** The ECB says "no results" with status 404, and proxies say anything with status 200. */
function classifyEcb({ status, body }: HttpResponse): Verdict | undefined {
  if (status === 404 && /No results found/i.test(body.slice(0, 2_000)))
    return { next: "skip", reason: "there are no exchange rates for these days and currencies" };
  const damage = status === 200 ? notWhole(body) : undefined;
  return damage === undefined ? undefined : { next: "retry", reason: `the answer is ${damage}` };
}

function isPlainHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" && url.username === "" && url.password === "";
}
