/**
 * The public entry `growthos/pixel`: the pixel's twin on the shop's own server. It tells what a browser might not, in the same words, signed
 * with the secret of the intake; the same checkout is one event, whoever tells it first. It builds the request and leaves the sending to
 * the shop, whose `fetch` takes what `pixelRequest` returns.
 */
import { isoInstant, systemClock } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { systemRandom } from "../base/ids.js";
import { Secret } from "../base/secret.js";
import { attributionOf, cleanUrl, dataOf, eventIdOf } from "../pixel/event.js";
import { PIXEL_EVENTS, type PixelData, type PixelEvent, type PixelEventName } from "../pixel/types.js";
import { signatureOf } from "./signatures.js";

export type { PixelData, PixelEventName };

/** What the server knows of an event, and whom it tells it to. */
export interface PixelRequest {
  /** Where the receiver is reached: `https://hooks.example.com`. */
  readonly receiver: string;
  /** Name of the workspace, as in the config. */
  readonly workspace: string;
  /** `PIXEL_SECRET` of the receiver. */
  readonly secret: string;
  readonly event: PixelEventName;
  /** What `growthos("visitor")` said in the browser: an event of nobody would hide the visits that led to it. */
  readonly visitor_id: string;
  readonly session_id?: string;
  readonly data?: PixelData;
  /** The page, and the one before it: where the visit came from, where they say so. */
  readonly url?: string;
  readonly referrer?: string;
  /** When it happened, ISO 8601; default: now. */
  readonly at?: string;
  /** Default: made of the order or the checkout, as the browser's is; else one of its own. */
  readonly event_id?: string;
  /** As `intake.pixel.signature` of the config says, where it says something. */
  readonly signature?: {
    readonly header?: string;
    readonly algorithm?: "sha1" | "sha256" | "sha512";
    readonly encoding?: "hex" | "base64";
    readonly prefix?: string;
    /** The receiver checks the time of signing (`toleranceSeconds`). */
    readonly timed?: boolean;
  };
}

const MOST_ID = 200;

/** The two arguments of `fetch`. */
export type FetchArguments = readonly [
  url: string,
  init: {
    readonly method: "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
];

/** The signed request of an event. Throws `PIXEL_EVENT` for what the receiver would not take. */
export function pixelRequest(asked: PixelRequest): FetchArguments {
  const now = systemClock.now();
  const text = JSON.stringify(eventOf(asked, isoInstant(now)));
  const { header = "x-signature", timed = false, ...rest } = asked.signature ?? {};
  const usual = { algorithm: "sha256", encoding: "hex", prefix: "" } as const;
  const scheme = { ...usual, ...rest, header, toleranceSeconds: timed ? 1 : null };
  if (asked.secret === "") throw unfit("there is no secret", "set PIXEL_SECRET, the same as the receiver's");
  const signed = signatureOf(scheme, new Secret(asked.secret), Buffer.from(text), now);
  const headers = { "content-type": "application/json", [header]: signed };
  const url = new URL("hooks/pixel", asked.receiver.replace(/\/*$/, "/")).href;
  return [url, { method: "POST", headers, body: text }];
}

function eventOf(asked: PixelRequest, now: string): PixelEvent {
  const { workspace, event, visitor_id, session_id, url = "", referrer = "", at = now } = asked;
  const data = dataOf(asked.data);
  const lost = Object.entries(asked.data ?? {}).find(([name, value]) => value !== undefined && !(name in data));
  if (!PIXEL_EVENTS.includes(event)) throw unfit(`there is no event "${event}"`, `one of ${PIXEL_EVENTS.join(", ")}`);
  if (!visitor_id || visitor_id.length > MOST_ID)
    throw unfit("it has no visitor", 'pass on what growthos("visitor") said');
  if (lost !== undefined)
    throw unfit(
      `data.${lost[0]} is not what it should be`,
      "ids and tokens are texts, amounts decimals, currency ISO 4217",
    );
  if (Number.isNaN(Date.parse(at))) throw unfit("`at` is no instant", "write it as 2026-02-09T06:00:00Z");
  return {
    workspace_id: workspace,
    visitor_id,
    ...(session_id === undefined ? {} : { session_id }),
    event_id: asked.event_id ?? eventIdOf(event, data) ?? systemRandom.hex(16),
    event,
    data,
    attribution: attributionOf(url, referrer, at),
    ...(url === "" ? {} : { context: { url: cleanUrl(url), referrer: cleanUrl(referrer) } }),
    // A server can know a visitor only after they agreed.
    consent: { analytics: true },
    ts: at,
  };
}

function unfit(why: string, hint: string): GrowthosError {
  return new GrowthosError({ code: "PIXEL_EVENT", what: "the event cannot be told", why, hint, exit: "usage" });
}
