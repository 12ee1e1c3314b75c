import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pixelSnippet, shopifyPixel } from "../cli/pixel-code.js";
import { pixelScript } from "../intake/script.js";
import { deliveryOf } from "../intake/spool-line.js";
import { send, startReceiver } from "../testing/intake-bench.js";
import { launch } from "../testing/report-browser.js";
import { ROOT } from "../testing/source.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import type { PixelEvent } from "./types.js";

// What is delivered, in a real browser, against the real receiver on loopback.

const built = (name: string) => readFileSync(join(ROOT, "dist", "pixel", `${name}.js`), "utf8");

let browser: Browser;
let shop: Server;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let site = "";
/** What is in the shop's page beside the snippet. */
let head = "";
let snippet = "";
let told: PixelEvent[] = [];

beforeAll(async () => {
  shop = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html", "referrer-policy": "no-referrer" });
    response.end(`<!doctype html><title>Shop</title><link rel="icon" href="data:,">${head}<h1>Shop</h1>`);
  });
  await new Promise<void>((resolve) => shop.listen(0, "127.0.0.1", resolve));
  site = `http://localhost:${(shop.address() as { readonly port: number }).port}`;
  receiver = await startReceiver(await freshWorkspace(), {
    origins: [site, "null"],
    script: pixelScript(built("browser"), "shop"),
    spool: {
      accept: async (line) => {
        const delivery = deliveryOf(line.subarray(0, -1))?.delivery;
        told.push(JSON.parse(Buffer.from(delivery?.body ?? []).toString("utf8")));
      },
      seal: async () => undefined,
      close: async () => undefined,
    },
  });
  snippet = pixelSnippet(`${receiver.origin}/`);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await receiver?.end();
  shop?.close();
  removeFolders();
});
beforeEach(() => {
  told = [];
  head = snippet;
});

/** A visitor with a browser of their own; everything that the page complains about is kept. */
async function visitor(options: BrowserContextOptions = {}, before?: string) {
  const context = await browser.newContext(options);
  if (before !== undefined) await context.addInitScript(before);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return { context, page, complaints, asked, go: (path: string) => page.goto(`${site}${path}`) };
}

/** Waits for this many events, and a little longer for those that should not come. */
async function events(count: number): Promise<readonly PixelEvent[]> {
  for (let waited = 0; told.length < count && waited < 5_000; waited += 20) await pause(20);
  await pause(120);
  return told;
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const stored = (page: Page) =>
  page.evaluate("({ cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage } })");
const NOTHING = { cookie: "", local: {}, session: {} };
const call = (page: Page, ...given: readonly unknown[]) =>
  page.evaluate(`growthos(...${JSON.stringify(given)})`) as Promise<{ readonly visitor_id: string } | null>;
const AD = "/?utm_source=facebook&utm_medium=paid&utm_campaign=Sale%20%26%20more&fbclid=Fb1&email=a%40b.example#top";

describe("/pixel.js", () => {
  it("is below 2 kB as it is delivered, is kept for an hour, and is asked for again by its tag", async () => {
    const ask = (headers: Readonly<Record<string, string>>, method = "GET") =>
      send(receiver.origin, { path: "/pixel.js", method, headers });
    const packed = await ask({ "accept-encoding": "gzip, br" });
    expect(packed.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "content-encoding": "gzip",
      "cache-control": expect.stringContaining("max-age=3600"),
      "x-content-type-options": "nosniff",
    });
    expect(Number(packed.headers["content-length"])).toBeLessThan(2_000);
    const plain = await ask({ "accept-encoding": "gzip;q=0" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body).toContain('workspace_id:"shop"');
    const tag = String(plain.headers["etag"]);
    expect((await ask({ "if-none-match": `"x", W/${tag}` })).status).toBe(304);
    expect((await ask({}, "HEAD")).status).toBe(200);
    expect((await ask({}, "POST")).status).toBe(405);
    expect((await ask({ host: "evil.example" })).status).toBe(421);
  });
});

describe("without a word about consent", () => {
  it("tells all five events with ids of this page alone, and stores nothing", async () => {
    const answered = receiver.counts.get(204) ?? 0;
    const { page, complaints, asked, context, go } = await visitor();
    await go(AD);
    await call(page, "track", "product_viewed", { product_id: 11, variant_id: "v", price: 0.1 + 0.2, currency: "EUR" });
    await call(page, "track", "product_added_to_cart", {
      product_id: "11",
      quantity: 2,
      email: "a@b.example",
      junk: {},
    });
    await call(page, "track", "checkout_started", { checkout_token: "chk1", value: "1,5", currency: "euro" });
    await call(page, "track", "checkout_completed", { order_id: "gid://shopify/Order/1001", value: 19.9 });
    await call(page, "track", "planet_viewed", {});
    const [first, product, cart, started, completed, ...more] = await events(5);
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      workspace_id: "shop",
      event: "page_viewed",
      attribution: {
        utm_source: "facebook",
        utm_medium: "paid",
        utm_campaign: "Sale & more",
        fbclid: "Fb1",
        landing_page: `${site}/?utm_source=facebook&utm_medium=paid&utm_campaign=Sale+%26+more&fbclid=Fb1`,
      },
      // The address of somebody who came by a mailing is nobody's business.
      context: { url: `${site}/?utm_source=facebook&utm_medium=paid&utm_campaign=Sale+%26+more&fbclid=Fb1` },
      consent: { analytics: "unknown" },
    });
    expect(product?.data).toEqual({ product_id: "11", variant_id: "v", price: "0.3", currency: "EUR" });
    expect(cart?.data).toEqual({ product_id: "11", quantity: "2" });
    expect([started?.event_id, started?.data]).toEqual(["checkout_started:chk1", { checkout_token: "chk1" }]);
    expect([completed?.event_id, completed?.attribution?.["fbclid"]]).toEqual(["checkout_completed:1001", "Fb1"]);
    expect(new Set(told.map(({ visitor_id: id }) => id)).size).toBe(1);
    expect(await call(page, "visitor")).toBeNull();
    expect(await stored(page)).toEqual(NOTHING);
    await go("/second");
    const next = (await events(6))[5];
    expect(next?.visitor_id).not.toBe(first?.visitor_id);
    expect(next?.attribution).toBeNull();
    expect([await stored(page), await context.cookies(), complaints]).toEqual([NOTHING, [], []]);
    // Neither a question before (CORS), which is answered 204 too, nor a second attempt.
    expect(asked.filter((line) => line.endsWith("/px"))).toEqual(Array(6).fill("POST /px"));
    expect((receiver.counts.get(204) ?? 0) - answered).toBe(6);
    await context.close();
  });

  it("waits where the snippet says that consent is required, and then tells the page", async () => {
    head = snippet.replace("<script async", '<script async data-consent="required"');
    const { page, context, go } = await visitor();
    await go(AD);
    await call(page, "track", "product_viewed", { product_id: "1" });
    expect(await events(0)).toEqual([]);
    await call(page, "consent", true);
    expect(await events(1)).toMatchObject([
      { event: "page_viewed", attribution: { fbclid: "Fb1" }, consent: { analytics: true } },
    ]);
    await call(page, "consent", false);
    await call(page, "track", "product_viewed", { product_id: "1" });
    expect(await events(1)).toHaveLength(1);
    await context.close();
  });
});

describe("with consent", () => {
  it("knows the visitor and the first page again on the next one, and forgets both when it is withdrawn", async () => {
    const { page, complaints, context, go } = await visitor();
    head = `${snippet}<script>growthos("consent", true)</script>`;
    await go(AD);
    const [landing] = await events(1);
    expect(landing).toMatchObject({ consent: { analytics: true } });
    await go("/thanks");
    await call(page, "track", "checkout_completed", { order_id: 1001, email: "a@b.example" });
    const [, second, bought] = await events(3);
    expect([second?.visitor_id, second?.session_id]).toEqual([landing?.visitor_id, landing?.session_id]);
    expect(bought).toMatchObject({ attribution: landing?.attribution, data: { email: "a@b.example" } });
    expect(await call(page, "visitor")).toEqual({
      visitor_id: landing?.visitor_id,
      session_id: landing?.session_id,
    });
    expect(await stored(page)).toMatchObject({ cookie: "", local: { growthos: expect.any(String) }, session: {} });
    await call(page, "consent", false);
    expect(await stored(page)).toEqual(NOTHING);
    head = `${snippet}<script>growthos("consent", false)</script>`;
    await call(page, "track", "product_viewed", { product_id: "1" });
    await go("/again");
    const [, , , after, again] = await events(5);
    expect(after).toMatchObject({ attribution: null, consent: { analytics: false } });
    expect(new Set([landing?.visitor_id, after?.visitor_id, again?.visitor_id]).size).toBe(3);
    expect([await stored(page), complaints]).toEqual([NOTHING, []]);
    await context.close();
  });

  it("begins a new session after half an hour, a new visitor after 13 months, and trusts no damaged memory", async () => {
    const { page, context, go } = await visitor();
    head = `${snippet}<script>growthos("consent", true)</script>`;
    const hours = (age: number, session: number, id = "mx_1-2-3-4") =>
      page.evaluate(`localStorage.setItem("growthos", JSON.stringify({ v: "${id}", s: "s1", a: null,
        b: Date.now() - ${age} * 3600e3, t: Date.now() - ${session} * 3600e3 }))`);
    await go("/");
    await hours(1, 0.4);
    await go("/");
    await hours(1, 0.6);
    await go("/");
    await hours(24 * 396, 0.1);
    await go("/");
    await hours(1, 0.1, "<img src=x>");
    await go("/");
    await page.evaluate("localStorage.setItem('growthos', '{')");
    await go("/");
    const [, same, later, old, odd, broken] = await events(6);
    expect([same?.visitor_id, same?.session_id]).toEqual(["mx_1-2-3-4", "s1"]);
    expect([later?.visitor_id, later?.session_id === "s1"]).toEqual(["mx_1-2-3-4", false]);
    for (const one of [old, odd, broken]) expect(one?.visitor_id).toMatch(/^mx_\d+-\d+-\d+-\d+$/);
    expect(new Set([same, old, odd, broken].map((one) => one?.visitor_id)).size).toBe(4);
    await context.close();
  });

  it("believes Shopify's Customer Privacy API, now and when it changes, until the shop itself says something", async () => {
    const api = `let allowed = false; window.Shopify = { customerPrivacy: { analyticsProcessingAllowed: () => allowed } };
      window.answer = (given) => { allowed = given; document.dispatchEvent(new Event("visitorConsentCollected")); };`;
    const { page, context, go } = await visitor({}, api);
    await go("/");
    expect(await events(1)).toMatchObject([{ consent: { analytics: false } }]);
    await page.evaluate("answer(true)");
    expect(await call(page, "visitor")).not.toBeNull();
    await page.evaluate("answer(false)");
    expect([await call(page, "visitor"), await stored(page)]).toEqual([null, NOTHING]);
    await call(page, "consent", true);
    await page.evaluate("answer(false)");
    expect(await call(page, "visitor")).not.toBeNull();
    await context.close();
  });
});

describe.each([
  ["Do Not Track", "Object.defineProperty(Navigator.prototype, 'doNotTrack', { get: () => '1' })"],
  ["Global Privacy Control", "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"],
])("somebody who has set %s", (_, setting) => {
  it("is not told about, whatever the shop says, and what was stored is deleted", async () => {
    const { page, complaints, context, go } = await visitor();
    head = `${snippet}<script>growthos("consent", true)</script>`;
    await go(AD);
    await events(1);
    await context.addInitScript(setting);
    await go("/second");
    await call(page, "consent", true);
    await call(page, "track", "checkout_completed", { order_id: "1" });
    expect([await events(1), await call(page, "visitor")]).toMatchObject([{ length: 1 }, null]);
    expect([await stored(page), complaints]).toEqual([NOTHING, []]);
    await context.close();
  });
});

describe("the shop's page", () => {
  it("is told about when it draws another one by itself, goes back, or is left at once", async () => {
    const { page, context, go } = await visitor();
    await go("/#a");
    await events(1);
    await page.evaluate("history.pushState({}, '', '/two'); history.pushState({}, '', '/two#part')");
    await events(2);
    await page.evaluate("history.go(-2)");
    await events(3);
    // The request must outlive the page that made it.
    await page.evaluate("growthos('track', 'checkout_started', { checkout_token: 'c' }); location.href = '/three'");
    const paths = (await events(5)).map(({ event, context: at }) => `${event} ${at?.url?.slice(site.length)}`);
    expect(paths.slice(0, 3)).toEqual(["page_viewed /", "page_viewed /two", "page_viewed /"]);
    expect(paths.slice(3).sort()).toEqual(["checkout_started /", "page_viewed /three"]);
    await context.close();
  });

  it("never hears of a failure: no storage, a receiver that is gone, a bad call, the script twice", async () => {
    const forbidden = "Object.defineProperty(window, 'localStorage', { get: () => { throw new Error('no'); } })";
    const { page, complaints, context, go } = await visitor({}, forbidden);
    head = `${snippet}${snippet}<script>growthos("consent", true); growthos(); growthos("track")</script>`;
    await go("/");
    await call(page, "track", null, null);
    await call(page, "nothing");
    await call(page, "track", "product_viewed", "text");
    expect((await events(2)).map(({ event }) => event)).toEqual(["page_viewed", "product_viewed"]);
    expect(complaints).toEqual([]);
    await page.route("**/px", (route) => route.abort());
    await call(page, "track", "product_viewed", {});
    await events(2);
    expect(complaints.filter((text) => !text.includes("net::ERR_FAILED"))).toEqual([]);
    await context.close();
  });
});

describe("Shopify's custom pixel", () => {
  const sandboxed = (given: object) => `<script>addEventListener("message", () => undefined)</script>
    <iframe sandbox="allow-scripts allow-forms" srcdoc="${`<script>
      const subscribed = {}; const analytics = { subscribe: (name, listener) => { subscribed[name] = listener; } };
      const api = { customerPrivacy: { subscribe: (name, listener) => { subscribed[name] = listener; } } };
      const init = { customerPrivacy: { analyticsProcessingAllowed: false } };
      ${shopifyPixel(built("shopify"), { receiver: `${receiver.origin}/`, workspace: "shop" })}
      const page = ${JSON.stringify(given)};
      const happen = (name, data) => subscribed[name]({ id: "sh-" + name, clientId: "c1", timestamp: "2026-02-09T06:00:00.000Z",
        context: { document: page }, data });
      happen("page_viewed", {});
      subscribed.visitorConsentCollected({ customerPrivacy: { analyticsProcessingAllowed: true } });
      const variant = { id: "22", product: { id: "11" }, price: { amount: 19.9, currencyCode: "EUR" } };
      const checkout = { token: "chk1", currencyCode: "EUR", totalPrice: { amount: 39.8 }, email: "a@b.example" };
      happen("page_viewed", {});
      happen("product_viewed", { productVariant: variant });
      happen("product_added_to_cart", { cartLine: { merchandise: variant, quantity: 2 } });
      happen("checkout_started", { checkout });
      happen("checkout_completed", { checkout: { ...checkout, order: { id: "gid://shopify/Order/1001" } } });
    </script>`
      .replaceAll("&", "&amp;")
      .replaceAll('"', "&quot;")}"></iframe>`;

  it("tells all five from a sandbox without an origin, once the visitor has agreed", async () => {
    head = sandboxed({ location: { href: `${site}${AD}` }, referrer: "https://l.facebook.com/x?y=z" });
    const { complaints, context, go } = await visitor();
    await go("/");
    // They leave at once over several connections, and may arrive in any order.
    const arrived = new Map((await events(5)).map((event) => [event.event_id, event]));
    const ids = ["sh-page_viewed", "sh-product_viewed", "sh-product_added_to_cart"];
    ids.push("checkout_started:chk1", "checkout_completed:1001");
    expect([[...arrived.keys()].toSorted(), complaints]).toEqual([ids.toSorted(), []]);
    const [page, product, cart, started, completed] = ids.map((id) => arrived.get(id));
    expect(page).toMatchObject({
      visitor_id: "mx_c1",
      attribution: { utm_source: "facebook", fbclid: "Fb1", landed_at: "2026-02-09T06:00:00.000Z" },
      context: { referrer: "https://l.facebook.com/x" },
      consent: { analytics: true },
    });
    const variant = { product_id: "11", variant_id: "22", price: "19.9", currency: "EUR" };
    expect(product?.data).toEqual(variant);
    expect(cart?.data).toEqual({ ...variant, quantity: "2" });
    const checkout = { checkout_token: "chk1", currency: "EUR", value: "39.8", email: "a@b.example" };
    expect(started?.data).toEqual(checkout);
    expect(completed?.data?.order_id).toBe("gid://shopify/Order/1001");
    await context.close();
  });
});
