import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attributionOf, cleanUrl, dataOf, eventIdOf } from "../pixel/event.js";
import { landContext, rawEvents, SECRETS, send, startReceiver } from "../testing/intake-bench.js";
import { ROOT } from "../testing/source.js";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { pixel } from "./adapters/pixel.js";
import { rollSpool } from "./roll.js";
import { type PixelRequest, pixelRequest } from "./twin.js";

afterAll(removeFolders);

const BOUGHT: Omit<PixelRequest, "receiver"> = {
  workspace: "shop",
  secret: SECRETS.present.reveal(),
  event: "checkout_completed",
  visitor_id: "mx_1-2-3-4",
  data: { order_id: "gid://shopify/Order/1001", value: 39.8, currency: "EUR", email: "a@b.example" },
};
const bodyOf = (more: Partial<PixelRequest> = {}) =>
  JSON.parse(pixelRequest({ ...BOUGHT, receiver: "https://hooks.example.com", ...more })[1].body);
const accepted = (body: unknown) => {
  const delivery = { source: "pixel", topic: null, receivedAt: "", headers: {}, by: "public" } as const;
  return "events" in pixel.read(delivery, body);
};

describe("the pixel's twin", () => {
  it("is taken by the receiver, and with the browser's event of the same order it is one", async () => {
    const ws = await freshWorkspace();
    const { origin, end } = await startReceiver(ws);
    const browser = { ...bodyOf(), visitor_id: "mx_browser" };
    const fromShop = { origin: "https://shop.example", "content-type": "text/plain" };
    expect((await send(origin, { path: "/px", headers: fromShop, body: JSON.stringify(browser) })).status).toBe(204);
    const answers = [BOUGHT, { ...BOUGHT, data: { order_id: 1001 } }, { ...BOUGHT, data: { order_id: 1002 } }].map(
      (event) => fetch(...pixelRequest({ receiver: `${origin}/`, ...event })),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    const [url, init] = pixelRequest({ ...BOUGHT, receiver: origin, secret: "another" });
    expect((await fetch(url, init)).status).toBe(401);
    expect((await fetch(...pixelRequest({ ...BOUGHT, receiver: origin, workspace: "other" }))).status).toBe(200);
    await end();
    const landed = await rollSpool(landContext(ws, { accounts: { pixel: "shop" } }), new AbortController().signal);
    // Another workspace's event waits in quarantine.
    expect(landed).toEqual({ rows: 2, repeats: 2, rejected: 1 });
    const events = (await rawEvents(ws, "pixel")).map(({ event_id, provenance, body }) => [
      event_id,
      provenance.origin_type,
      (body as { visitor_id: string }).visitor_id,
    ]);
    expect(events).toEqual([
      ["checkout_completed:1001", "pixel", "mx_browser"],
      ["checkout_completed:1002", "webhook", "mx_1-2-3-4"],
    ]);
  });

  it("signs as the config says, and refuses what would be lost", () => {
    const signature = { header: "X-Signed", prefix: "sha256=", timed: true } as const;
    const [, { headers }] = pixelRequest({ ...BOUGHT, receiver: "https://hooks.example.com/growth", signature });
    expect(headers["X-Signed"]).toMatch(/^t=\d{10},v1=sha256=[0-9a-f]{64}$/);
    expect(pixelRequest({ ...BOUGHT, receiver: "https://x.example/growth" })[0]).toBe(
      "https://x.example/growth/hooks/pixel",
    );
    for (const wrong of [
      { secret: "" },
      { visitor_id: "" },
      { event: "bought" as "page_viewed" },
      { data: { value: "1,5" } },
      { at: "yesterday" },
      { data: { junk: 1 } as object },
    ])
      expect(() => bodyOf(wrong), JSON.stringify(wrong)).toThrow(/PIXEL_EVENT|cannot be told/);
  });

  it("says nothing that the receiver does not know", () => {
    const data = {
      ...{ product_id: 1, variant_id: "v", quantity: 2, price: "1.5", currency: "EUR", cart_token: "c" },
      ...{ checkout_token: "k", order_id: "1", email: "a@b.example", value: 1e15 - 1 },
    };
    const link = `https://shop.example/?${"utm_source utm_medium utm_campaign utm_content utm_term utm_id fbclid gclid wbraid gbraid ttclid gtclid msclkid"
      .split(" ")
      .map((name) => `${name}=${"x".repeat(300)}`)
      .join("&")}`;
    const full = bodyOf({ data, url: link, referrer: "https://www.google.com/?q=a", session_id: "s" });
    expect([Object.keys(full.data).length, Object.keys(full.attribution).length]).toEqual([10, 13]);
    expect(full.context.referrer).toBe("https://www.google.com/");
    expect(accepted(full)).toBe(true);
    expect(accepted({ ...full, junk: 1 })).toBe(false);
  });
});

describe("what is kept of an event", () => {
  it.each([
    [{ value: 20.000000000000004 }, { value: "20" }],
    [{ value: 1e21, price: Number.NaN, quantity: "2.5" }, { quantity: "2.5" }],
    [{ order_id: "", email: "x".repeat(201), cart_token: "x".repeat(200) }, { cart_token: "x".repeat(200) }],
    [{ currency: "EURO", product_id: { id: 1 }, variant_id: null }, {}],
    [null, {}],
    ["text", {}],
  ])("of %j is %j", (given, kept) => {
    expect(dataOf(given)).toEqual(kept);
  });

  it("of a link is what channel rules and campaigns are found by, never what may be about a person", () => {
    const rules = readFileSync(join(ROOT, "sql/seeds/channel_rules.csv"), "utf8")
      .split("\n")
      .map((line) => line.split(","))
      .flatMap(([, kind, value]) => (kind === "click_id" && value !== undefined ? [value] : []));
    expect(rules.length).toBeGreaterThan(10);
    for (const name of [...rules, "utm_source", "gad_campaignid"])
      expect(cleanUrl(`https://shop.example/a?${name}=1`)).toBe(`https://shop.example/a?${name}=1`);
    for (const name of ["email", "token", "q", "refresh_token", "xutm_source", "key"])
      expect(cleanUrl(`https://shop.example/a?${name}=1#${name}`)).toBe("https://shop.example/a");
    expect(cleanUrl("")).toBe("");
    expect(cleanUrl(`https://shop.example/${"x".repeat(2_000)}`)).toHaveLength(1_000);
  });

  it.each([
    ["https://shop.example/?utm_source=a", "", true],
    ["https://shop.example/", "https://www.google.com/", true],
    ["https://shop.example/", "https://shop.example/before", false],
    ["https://shop.example/?q=a", "", false],
  ])("%s from %j says where it came from: %j", (href, referrer, says) => {
    expect(attributionOf(href, referrer, "2026-02-09T06:00:00Z") !== null).toBe(says);
  });

  it.each([
    [
      "checkout_completed",
      { order_id: "gid://shopify/Order/1001?key=a", checkout_token: "k" },
      "checkout_completed:1001",
    ],
    ["checkout_completed", { checkout_token: "k" }, "checkout_completed:k"],
    ["checkout_started", { order_id: "1", checkout_token: "k" }, "checkout_started:k"],
    ["checkout_started", {}, null],
    ["product_viewed", { product_id: "1", order_id: "1" }, null],
  ] as const)("names a %s of %j %j", (event, data, id) => {
    expect(eventIdOf(event, data)).toBe(id);
  });
});
