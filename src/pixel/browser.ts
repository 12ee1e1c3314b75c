/**
 * `/pixel.js`: what stands on every page of the shop. It sends what the visitor does to where it came from, and nothing else.
 * Without consent nothing is stored: the ids are of this page alone. Whoever asks not to be tracked (Do Not Track, Global Privacy Control)
 * is not: nothing is sent, and what was stored is deleted. It never throws into the page and never tries twice.
 */
import { attributionOf, cleanUrl, dataOf, eventIdOf } from "./event.js";
import { type Attribution, type Growthos, PIXEL_EVENTS, type PixelEventName, type PixelWindow } from "./types.js";

/** The receiver writes the workspace here. */
declare const GROWTHOS_WORKSPACE: string;

/** Who somebody is; `b` and `t` are when the visitor was seen first and last, in ms. Short names: they are delivered. */
interface Visitor {
  readonly v: string;
  s: string;
  readonly b: number;
  t: number;
  a: Attribution | null;
}

const KEY = "growthos";
const SESSION_MS = 1_800_000;
/** 13 months: how long France's supervisory authority lets an identifier for audience measurement live. */
const VISITOR_MS = 34_214_400_000;
const MOST_ID = 200;

const page = globalThis as unknown as PixelWindow;
const { document, navigator, history, growthos: before } = page;
const now = () => new page.Date();
const newId = () => page.crypto.getRandomValues(new Uint32Array(4)).join("-");
const newVisitor = (): Visitor => ({ v: `mx_${newId()}`, s: newId(), b: +now(), t: +now(), a: null });

let endpoint = "";
let needsConsent = false;
let consent: boolean | "unknown" = "unknown";
let isTold = false;
let shown = "";
let me: Visitor;

/** The shop's page goes first, whatever is missing here. Storage may be forbidden: then reading its very name throws. */
function attempt<T>(what: () => T): T | null {
  try {
    return what();
  } catch {
    return null;
  }
}

const isRefused = () => navigator.doNotTrack === "1" || navigator.globalPrivacyControl;
const keep = () => attempt(() => page.localStorage.setItem(KEY, JSON.stringify(me)));
const forget = () => attempt(() => page.localStorage.removeItem(KEY));

function recall(): void {
  const known = attempt(() => JSON.parse(page.localStorage.getItem(KEY) ?? "") as Visitor | null);
  if (known && /^mx_[\d-]{7,50}$/.test(known.v) && +now() - known.b < VISITOR_MS) me = { ...known, a: me.a ?? known.a };
}

function track(event: PixelEventName, given?: { readonly event_id?: unknown }): void {
  if (isRefused() || !PIXEL_EVENTS.includes(event) || (needsConsent && consent !== true)) return;
  if (+now() - me.t > SESSION_MS) me.s = newId();
  me.t = +now();
  const data = dataOf(given);
  if (consent === true) keep();
  else delete data["email"];
  const body = JSON.stringify({
    workspace_id: GROWTHOS_WORKSPACE,
    visitor_id: me.v,
    session_id: me.s,
    event_id: `${given?.event_id ?? eventIdOf(event, data) ?? newId()}`.slice(0, MOST_ID),
    event,
    data,
    attribution: me.a,
    context: { url: cleanUrl(page.location.href), referrer: cleanUrl(document.referrer) },
    consent: { analytics: consent },
    ts: now(),
  });
  // Text needs no preflight. Unlike a beacon this tells the shop's origin whatever its referrer policy, and no cookie.
  page.fetch(endpoint, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => null);
}

function viewed(): void {
  const [url = ""] = page.location.href.split("#");
  if (url === shown) return;
  // Within one document the site before it stays the same, and has been told.
  me.a = attributionOf(url, shown ? "" : document.referrer, now().toISOString()) ?? me.a;
  shown = url;
  track("page_viewed");
}

function agree(given: boolean): void {
  if (given === consent || isRefused()) return;
  // What is told after a withdrawal has nothing in common with what was told before.
  if (consent === true) me = newVisitor();
  consent = given;
  if (!given) forget();
  else {
    recall();
    keep();
    // Nothing has been told yet where consent is needed for it.
    if (needsConsent) {
      shown = "";
      viewed();
    }
  }
}

const call: Growthos = (command, given, data) =>
  attempt(() => {
    if (command === "track") track(given as PixelEventName, data as object | undefined);
    if (command === "visitor" && consent === true && !isRefused()) return { visitor_id: me.v, session_id: me.s };
    if (command !== "consent") return null;
    isTold = true;
    return agree(given === true);
  });

function askShopify(): void {
  attempt(() => {
    const said = page.Shopify?.customerPrivacy?.analyticsProcessingAllowed?.();
    if (!isTold && said !== undefined) agree(said);
  });
}

function begin(): void {
  const view = () => attempt(viewed);
  const waiting = before?.q ?? [];
  if (isRefused()) forget();
  askShopify();
  attempt(() => page.Shopify?.loadFeatures?.([{ name: "consent-tracking-api", version: "0.1" }], askShopify));
  document.addEventListener("visitorConsentCollected", askShopify);
  // What was said before this script had come counts for the first page already.
  for (const one of waiting) if (one[0] === "consent") call(...one);
  view();
  for (const one of waiting) if (one[0] !== "consent") call(...one);
  const push = history.pushState;
  history.pushState = (...rest) => {
    push.apply(history, rest as unknown[]);
    view();
  };
  page.addEventListener("popstate", view);
  page.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) shown = "";
    view();
  });
}

attempt(() => {
  const script = document.currentScript;
  if (script === null || before?.on) return;
  endpoint = new URL("px", script.src).href;
  needsConsent = script.getAttribute("data-consent") === "required";
  me = newVisitor();
  call.on = true;
  page.growthos = call;
  // A page that is drawn ahead has not been seen yet.
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
});
