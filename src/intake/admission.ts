/** What is decided about a request before its body is read: address, host, method, types, sizes and rates. */
import type { IncomingMessage } from "node:http";
import { isoInstant } from "../base/clock.js";
import type { Endpoint, Receives } from "./receiver-types.js";
import { type Answer, type PixelScript, scriptAnswer } from "./script.js";
import { INTAKE_SOURCES, type IntakeSource } from "./types.js";

/** A request whose body is read next, or the status for which it is refused. */
export type Admitted =
  | {
      readonly endpoint: Endpoint;
      readonly source: IntakeSource;
      readonly topic: string | null;
      /** Sent by a browser: without a signature, from a site that the config names. */
      readonly isPublic: boolean;
      readonly headers: Readonly<Record<string, string>>;
    }
  | Answer;

const MOST_URL = 512;
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]*\+)?json(?:\s*;.*)?$/i;
/** A browser asks no permission for this one. */
const TEXT_TYPE = /^text\/plain(?:\s*;.*)?$/i;

/** Decides about a request by its head alone. */
export function admit(request: IncomingMessage, receives: Receives): Admitted {
  const { headers, method } = request;
  if (!receives.ownHosts.includes((headers.host ?? "").toLowerCase())) return { status: 421 };
  if (receives.script && request.url?.split("?")[0] === "/pixel.js")
    return handedOut(request, receives.script, receives);
  const found = routeOf(request.url ?? "", receives);
  if (found === null) return { status: 404 };
  const cors = found.isPublic ? corsOf(headers.origin, found.endpoint) : {};
  if (method === "OPTIONS" && found.isPublic && "access-control-allow-origin" in cors)
    return { status: 204, headers: { ...cors, "access-control-allow-headers": "content-type" } };
  if (method !== "POST") return { status: 405, headers: { allow: "POST" } };
  // Servers send no Origin: what has one is a page in a browser, which has no business here.
  if (found.isPublic ? !("access-control-allow-origin" in cors) : headers.origin !== undefined) return { status: 401 };
  const status = refusedBy(request, found);
  if (status !== null) return { status, headers: cors };
  return isWithinRates(request, found, receives)
    ? { ...found, headers: cors }
    : { status: 429, headers: { ...cors, "retry-after": "1" } };
}

/** Within the rates of pixel events, which are many more; it is no event of the day. */
function handedOut(request: IncomingMessage, script: PixelScript, receives: Receives): Admitted {
  const who = addressOf(request, receives);
  const { rates } = receives;
  if (!rates.pixelAddress.take(who) || !rates.pixelAll.take(""))
    return { status: 429, headers: { "retry-after": "1" } };
  return scriptAnswer(request, script);
}

interface Route {
  readonly endpoint: Endpoint;
  readonly source: IntakeSource;
  readonly topic: string | null;
  readonly isPublic: boolean;
}

/** `/hooks/<source>`, `/hooks/<source>/<topic>`, `/px`. Nothing is decoded or resolved: an address is one of these or none. */
function routeOf(url: string, { endpoints }: Receives): Route | null {
  if (url.length > MOST_URL) return null;
  const [path = ""] = url.split("?");
  const pixel = endpoints.get("pixel");
  if (path === "/px")
    return pixel === undefined ? null : { endpoint: pixel, source: "pixel", topic: null, isPublic: true };
  const [, name, topic = null] =
    /^\/hooks\/([a-z_]+)(?:\/([a-z0-9][a-z0-9._-]{0,99}(?:\/[a-z0-9._-]{1,60})?))?$/.exec(path) ?? [];
  const source = INTAKE_SOURCES.find((one) => one === name);
  const endpoint = source === undefined ? undefined : endpoints.get(source);
  if (source === undefined || endpoint === undefined || endpoint.secrets.length === 0) return null;
  return { endpoint, source, topic, isPublic: false };
}

function corsOf(origin: string | undefined, { origins }: Endpoint): Readonly<Record<string, string>> {
  return origin !== undefined && origins.includes(origin)
    ? { "access-control-allow-origin": origin, vary: "Origin" }
    : {};
}

function refusedBy({ headers }: IncomingMessage, { endpoint, isPublic }: Route): number | null {
  const type = headers["content-type"] ?? "";
  if (!JSON_TYPE.test(type) && !(isPublic && TEXT_TYPE.test(type))) return 415;
  // The signature is over the bytes as they are sent: what is packed would have to be unpacked by somebody who does not know yet who asks.
  if ((headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") return 415;
  return Number(headers["content-length"] ?? 0) > endpoint.adapter.maxBytes ? 413 : null;
}

function isWithinRates(request: IncomingMessage, { isPublic }: Route, receives: Receives): boolean {
  const who = addressOf(request, receives);
  const { rates } = receives;
  if (!isPublic) return rates.address.take(who) && rates.all.take("");
  return rates.pixelAddress.take(who) && rates.pixelAll.take("") && isWithinDay(receives);
}

/** What anybody may send is bounded by the day, so that the disk is. */
function isWithinDay({ pixelDay, limits, clock }: Receives): boolean {
  const day = isoInstant(clock.now()).slice(0, 10);
  if (pixelDay.day !== day) Object.assign(pixelDay, { day, taken: 0 });
  pixelDay.taken += 1;
  return pixelDay.taken <= limits.pixelPerDay;
}

function addressOf({ headers, socket }: IncomingMessage, { behindProxy }: Receives): string {
  const forwarded = headers["x-forwarded-for"];
  const last = typeof forwarded === "string" ? forwarded.split(",").at(-1)?.trim() : undefined;
  return (behindProxy ? last : undefined) ?? socket.remoteAddress ?? "";
}
