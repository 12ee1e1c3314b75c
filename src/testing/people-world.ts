/** A small shop with people in it, told by every source that names people: what erasing is tested on. Seeded. */
import { hmac256 } from "../base/hash.js";
import type { Rows } from "./landing.js";

/** Somebody of this world, with everything that names them. */
export interface Somebody {
  readonly email: string;
  readonly customer: string;
  readonly user: string;
  readonly visitor: string;
  readonly browser: string;
  readonly orders: readonly string[];
}

/** The people and what is told of them; `load` gives it as it lands. */
export interface PeopleWorld {
  readonly people: readonly Somebody[];
  readonly loads: readonly Rows[];
}

const DAY = 86_400_000;
const FIRST = Date.parse("2025-11-03T09:00:00Z");

/** Numbers from 0 to below `most`, the same for the same seed. */
export function dice(seed: number): (most: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

/** The world of a seed. `pii` decides in which form addresses land. */
export function peopleWorld(
  seed: number,
  { salt, pii }: { readonly salt: string; readonly pii: "hash" | "keep" },
): PeopleWorld {
  const roll = dice(seed);
  const land = (text: string) => (pii === "keep" ? text : hmac256(salt, text.trim().toLowerCase()));
  const people = Array.from({ length: 8 }, (_, index) => somebody(roll, index));
  // Two share a browser; one has told two addresses under one number.
  const [first, second] = people as [Somebody, Somebody];
  people[1] = { ...second, browser: first.browser };
  const orders = people.flatMap((person) =>
    person.orders.map((id) => ({
      id,
      person,
      at: new Date(FIRST + roll(80) * DAY + roll(DAY)).toISOString(),
      cents: 1000 + roll(9000),
    })),
  );
  const told = orders.map((order) => ({ ...order, land }));
  return {
    people,
    loads: [
      { source: "shopify", stream: "orders", records: told.map(shopifyOrder) },
      { source: "shopify", stream: "customers", records: people.map((person) => shopifyCustomer(person, land)) },
      { source: "shopify_webhooks", stream: "events", records: told.map((order) => orderHook(order)) },
      { source: "pixel", stream: "events", records: told.flatMap((order) => visits(order)) },
      {
        source: "ga4_events",
        stream: "page_view",
        supersession: "window",
        days: DAYS,
        records: told.flatMap((order) => browsing(order, "page_view")),
      },
      {
        source: "ga4_events",
        stream: "purchase",
        supersession: "window",
        days: DAYS,
        records: told.flatMap((order) => browsing(order, "purchase")),
      },
      { source: "sftp", stream: "users", supersession: "full", records: people.map((person) => erpUser(person, land)) },
      {
        source: "files",
        stream: "customers",
        records: people.map((person, index) => fileCustomer(person, index, land)),
      },
      { source: "growthos", stream: "list_changes", records: people.map((person) => listChange(person, land)) },
      { source: "payouts", stream: "events", records: [payout(orders)] },
    ],
  };
}

const DAYS = { from: "2025-11-01", to: "2026-02-08" } as NonNullable<Rows["days"]>;

function somebody(roll: (most: number) => number, index: number): Somebody {
  const number = () => String(1_000_000 + roll(8_999_999));
  const digits = number();
  return {
    email: `person${index}.${digits}@example.com`,
    customer: `7${number()}${index}`,
    user: `web-${digits}${index}`,
    visitor: `v-${digits}-${number()}`,
    browser: `${number()}.${number()}`,
    orders: Array.from({ length: 1 + roll(4) }, (_, order) => `59${number()}${index}${order}`),
  };
}

interface Told {
  readonly id: string;
  readonly person: Somebody;
  readonly at: string;
  readonly cents: number;
  readonly land: (text: string) => string;
}

const amount = (cents: number) => ({ shopMoney: { amount: (cents / 100).toFixed(2), currencyCode: "EUR" } });
const gid = (kind: string, id: string) => `gid://shopify/${kind}/${id}`;

function shopifyOrder({ id, person, at, cents, land }: Told) {
  const place = { countryCodeV2: "DE", provinceCode: "BE", city: `Town of ${person.user}` };
  const payload = {
    id: gid("Order", id),
    name: `#${id.slice(-5)}`,
    createdAt: at,
    processedAt: at,
    updatedAt: at,
    test: false,
    currencyCode: "EUR",
    displayFinancialStatus: "PAID",
    email: land(person.email),
    customer: { id: gid("Customer", person.customer) },
    shippingAddress: place,
    customerJourneySummary: {
      ready: true,
      lastVisit: {
        occurredAt: at,
        landingPage: `https://shop.example/?utm_source=mail&email=${person.email.replace("@", "%40")}`,
      },
    },
    totalPriceSet: amount(cents),
    subtotalPriceSet: amount(cents),
    lineItems: {
      nodes: [
        {
          id: gid("LineItem", `1${id}`),
          name: "Cup",
          title: "Cup",
          sku: "CUP",
          quantity: 1,
          originalUnitPriceSet: amount(cents),
          originalTotalSet: amount(cents),
        },
      ],
    },
  };
  return { key: gid("Order", id), payload };
}

function shopifyCustomer(person: Somebody, land: Told["land"]) {
  const payload = {
    id: gid("Customer", person.customer),
    legacyResourceId: person.customer,
    createdAt: "2025-11-01T00:00:00Z",
    tags: [`knows ${person.email}`],
    defaultEmailAddress: { emailAddress: land(person.email) },
    defaultAddress: { countryCodeV2: "DE", provinceCode: "BE", city: `Town of ${person.user}` },
  };
  return { key: gid("Customer", person.customer), payload };
}

function orderHook({ id, person, at, cents, land }: Told) {
  const body = {
    id: Number(id),
    name: `#${id.slice(-5)}`,
    created_at: at,
    updated_at: at,
    currency: "EUR",
    financial_status: "paid",
    email: land(person.email),
    customer: { id: Number(person.customer), email: land(person.email), first_name: land("Max") },
    checkout_token: `token-of-${id}`,
    total_price: (cents / 100).toFixed(2),
    subtotal_price: (cents / 100).toFixed(2),
    line_items: [{ id: 1, title: "Cup", sku: "CUP", quantity: 1, price: (cents / 100).toFixed(2) }],
  };
  return {
    key: `shop|orders/create|e:${id}`,
    slice: at.slice(0, 10),
    payload: { topic: "orders/create", account: "shop", received_at: at, body },
  };
}

function visits({ id, person, at, land }: Told) {
  const event = (name: string, data: object) => ({
    key: `shop|${name}|e:${id}`,
    slice: at.slice(0, 10),
    payload: {
      topic: name,
      account: "shop",
      received_at: at,
      provenance: { origin_type: "pixel" },
      body: {
        visitor_id: person.visitor,
        event_id: `${name}-${id}`,
        event: name,
        ts: at,
        data,
        attribution: { gclid: `Click-${person.user}-xyz` },
      },
    },
  });
  return [
    event("page_viewed", {}),
    event("checkout_completed", { order_id: id, checkout_token: `token-of-${id}`, email: land(person.email) }),
  ];
}

function browsing({ id, person, at, cents }: Told, name: string) {
  const day = at.slice(0, 10);
  const payload = {
    table: "daily",
    event_name: name,
    event_timestamp: `${Date.parse(at)}000`,
    user_pseudo_id: person.browser,
    // Who only looks is not signed in.
    user_prop_webuserid: name === "purchase" ? person.user : null,
    ga_session_id: "1",
    "geo.city": `Town of ${person.user}`,
    param_page_location: `https://shop.example/?u=${person.user}`,
    ...(name === "purchase"
      ? { transaction_id: id, "ecommerce.purchase_revenue": (cents / 100).toFixed(2), param_currency: "EUR", items: [] }
      : {}),
  };
  return [{ key: `${name}-${id}`, slice: day, payload }];
}

function erpUser(person: Somebody, land: Told["land"]) {
  const payload = {
    row: "1",
    user_name: land("Max Muster"),
    company_name: "Muster AG",
    email: land(person.email),
    location_id: "L1",
    is_active: "true",
  };
  return { key: person.user, payload };
}

function listChange(person: Somebody, land: Told["land"]) {
  const rows = [
    { email: land(person.email), user_name: land("Max") },
    { email: land(person.email), user_name: land("Moritz") },
  ];
  const payload = {
    change: "changed",
    key: person.user,
    rows,
    seen_at: "2026-02-01T00:00:00Z",
    source: "sftp",
    stream: "users",
  };
  return { key: `run ${JSON.stringify(payload)}`, payload };
}

function fileCustomer(person: Somebody, index: number, land: Told["land"]) {
  return {
    key: `c${index}`,
    payload: { row: 1, email: land(person.email), phone: land("+49 30 1"), country: "DE", city: "Berlin" },
  };
}

function payout(orders: readonly { readonly id: string; readonly cents: number; readonly at: string }[]) {
  const transactions = orders.map(({ id, cents, at }) => ({
    transaction_id: `t${id}`,
    type: "charge",
    order: `#${id.slice(-5)}`,
    date: at,
    amount: (cents / 100).toFixed(2),
    fee: "0.00",
  }));
  const sum = orders.reduce((total, { cents }) => total + cents, 0);
  const body = {
    ref_id: "po-1",
    status: "paid",
    date: "2026-02-01",
    amount: (sum / 100).toFixed(2),
    currency: "EUR",
    transactions,
  };
  return {
    key: "|shopify_payments|b:1",
    slice: "2026-02-01",
    payload: { topic: "shopify_payments", account: null, received_at: "2026-02-01T13:00:00.000Z", body },
  };
}
