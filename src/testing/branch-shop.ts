/** A shop with three branches and three days of events of GA4's export, as files: what commands about branches are tried on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Told {
  readonly at: string;
  readonly event: string;
  readonly visitor: string;
  readonly branch?: string;
  readonly term?: string;
  readonly transaction?: string;
  readonly revenue?: number;
  readonly price?: number;
}

/**
 * North (001) sold twice on the 8th, 80.00 in all, an axe among it, and once on the 7th, 10.00; South (002) had a visit, a cart of 24.00 and two searches on
 * the 8th, one in vain, and a cart of 18.00 on the 7th at 14:03, which is abandoned on the 8th at 14:03; East (003) has no event at all. One visitor of the 8th told no branch.
 */
const EVENTS: readonly Told[] = [
  { at: "2026-02-06T10:00:00Z", event: "page_view", visitor: "n1", branch: "1" },
  { at: "2026-02-07T10:00:00Z", event: "page_view", visitor: "n1", branch: "1" },
  { at: "2026-02-07T10:10:00Z", event: "purchase", visitor: "n1", branch: "1", transaction: "T0", revenue: 10 },
  { at: "2026-02-07T14:03:00Z", event: "add_to_cart", visitor: "s2", branch: "2", price: 18 },
  { at: "2026-02-08T09:00:00Z", event: "page_view", visitor: "n1", branch: "1" },
  {
    at: "2026-02-08T09:05:00Z",
    event: "purchase",
    visitor: "n1",
    branch: "1",
    transaction: "T1",
    revenue: 50,
    price: 50,
  },
  {
    at: "2026-02-08T09:05:01Z",
    event: "purchase",
    visitor: "n1",
    branch: "1",
    transaction: "T1",
    revenue: 50,
    price: 50,
  },
  { at: "2026-02-08T13:00:00Z", event: "page_view", visitor: "n2", branch: "1" },
  { at: "2026-02-08T13:05:00Z", event: "purchase", visitor: "n2", branch: "1", transaction: "T2", revenue: 30 },
  { at: "2026-02-08T14:00:00Z", event: "page_view", visitor: "s1", branch: "2" },
  { at: "2026-02-08T14:01:00Z", event: "view_search_results", visitor: "s1", branch: "2", term: "rope" },
  { at: "2026-02-08T14:02:00Z", event: "no_search_results", visitor: "s1", branch: "2", term: "=<b>net</b>" },
  { at: "2026-02-08T14:03:00Z", event: "add_to_cart", visitor: "s1", branch: "2", price: 24 },
  { at: "2026-02-08T20:00:00Z", event: "page_view", visitor: "x1" },
];

/** Writes the shop's project into a folder; `more` are further members of the config. It is as of 2026-02-09. */
export function writeBranchShop(folder: string, more: object = {}): void {
  mkdirSync(join(folder, "export"), { recursive: true });
  for (const day of new Set(EVENTS.map(({ at }) => at.slice(0, 10)))) {
    const lines = EVENTS.filter(({ at }) => at.startsWith(day)).map(
      (event, index) => `${JSON.stringify(exported(event, index))}\n`,
    );
    writeFileSync(join(folder, "export", `events_${day.replaceAll("-", "")}.json`), lines.join(""));
  }
  mkdirSync(join(folder, "inbox"), { recursive: true });
  const list = ["id,code,name,city", "1,001,North,Oslo", "2,002,South,Rome", "3,003,East,Riga"];
  writeFileSync(join(folder, "inbox/locations.csv"), `${list.join("\n")}\n`);
  const columns = { location_id: "id", location_code: "code", location_name: "name", city: "city" };
  const config = {
    shop: { name: "Tiny", currency: "USD", timeZone: "UTC" },
    sources: {
      ga4_events: { folder: "export" },
      files: { imports: [{ path: "inbox/locations.csv", as: "locations", columns }] },
    },
    reports: { pages: ["branches"] },
    ...more,
  };
  writeFileSync(join(folder, "growthos.config.ts"), `export default ${JSON.stringify(config)};\n`);
}

function exported({ at, event, visitor, branch, term, transaction, revenue, price }: Told, index: number) {
  const text = (key: string, value: string) => ({ key, value: { string_value: value } });
  const session = { key: "ga_session_id", value: { int_value: String(Date.parse(at.slice(0, 10)) / 1000) } };
  const page = text("page_location", `https://shop.example/${event}`);
  const search = term === undefined ? [] : [text("search_term", term), text("no_search_results_term", term)];
  return {
    event_date: at.slice(0, 10).replaceAll("-", ""),
    event_timestamp: String(Date.parse(at) * 1000),
    event_name: event,
    event_params: [session, page, ...search, text("currency", "USD")],
    event_bundle_sequence_id: String(index),
    user_pseudo_id: visitor,
    user_properties: branch === undefined ? [] : [text("default_branch_id", branch)],
    device: { category: "desktop", operating_system: "Linux" },
    geo: { country: "Norway", city: "Oslo" },
    ...(transaction === undefined ? {} : { ecommerce: { transaction_id: transaction, purchase_revenue: revenue } }),
    items: price === undefined ? [] : [{ item_id: "A", item_name: "Axe", price, quantity: "1" }],
  };
}
