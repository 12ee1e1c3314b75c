/** Clients whose people, notes and credentials all bear a word that stands nowhere else, and a look for it in everything on disk. Imported by tests only. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Transport } from "../http/types.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Row } from "../warehouse/types.js";

/** The word of a client: personal data and credentials of `acme` hold `zqacme`, whatever kind they are of. */
export function canaryOf(client: string): string {
  return `zq${client}`;
}

/** Days of the data; commands are given this `--as-of`. */
export const AS_OF = "2026-02-09";

/** A project of an agency with these clients; each has files, a shop that refuses, and a token of its own. */
export function seedProject(folder: string, clients: Readonly<Record<string, "hash" | "keep">>): void {
  writeFileSync(join(folder, "growthos.config.json"), JSON.stringify({ workspacesFolder: "clients" }));
  mkdirSync(join(folder, "clients"));
  for (const [client, pii] of Object.entries(clients)) {
    const word = canaryOf(client);
    const config = {
      shop: { name: `Shop ${client}`, currency: "USD", timeZone: "UTC" },
      pii,
      sources: {
        shopify: { shop: `${client}-shop`, since: "2026-02-01" },
        files: {
          imports: [
            { path: `inbox/${client}/people.csv`, as: "customers", columns: { customer_id: "No" } },
            { path: `inbox/${client}/events.csv`, as: "events" },
            { path: `inbox/${client}/users.csv`, as: "users" },
            { path: `inbox/${client}/locations.csv`, as: "locations" },
          ],
        },
        ga4_events: { folder: `inbox/${client}/export` },
      },
      // One way out that refuses in words about its customers, and one at which nobody answers: what is told waits in the outbox.
      alerts: {
        webhook: { url: "https://hooks.example/alerts", least: "info" },
        email: {
          ...{ host: "127.0.0.1", port: 1, security: "none", least: "info" },
          ...{ from: "Alerts <alerts@shop.example>", to: ["owner@shop.example"] },
        },
      },
      publish: { bigquery: { project: "canary-shop-1", dataset: "growthos" } },
      intake: {
        shopify_webhooks: { shop: `${client}-shop.myshopify.com` },
        pixel: { origins: ["https://shop.example"] },
      },
    };
    writeFileSync(join(folder, `clients/${client}.json`), JSON.stringify(config));
    writeFileSync(
      join(folder, `.env.${client}`),
      `SHOPIFY_TOKEN=shpat_${word}_token\nWEBHOOK_SECRET=${word}-signs-alerts\nBIGQUERY_KEY_FILE=inbox/${client}/key.json\n`,
    );
    mkdirSync(join(folder, "inbox", client, "export"), { recursive: true });
    writeFileSync(join(folder, "inbox", client, "key.json"), keyFileOf(word));
    for (const [name, text] of Object.entries(filesOf(word))) writeFileSync(join(folder, "inbox", client, name), text);
  }
}

function keyFileOf(word: string): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  return JSON.stringify({
    type: "service_account",
    client_email: `${word}@x.iam.gserviceaccount.com`,
    private_key: key,
  });
}

function filesOf(word: string): Readonly<Record<string, string>> {
  const orders = [1, 2, 3, 4].map((no) =>
    [
      `#${1000 + no},${word}.${no}@canary.example,paid,USD,20.00,5.00,0.00,25.00,0.00,2026-02-0${no} 10:00:00 +0000,1,Mug,20.00,M`,
      `Ann ${word},1 ${word} Street,${word} Ltd,+1 555 ${word},Bob ${word},2 ${word} Road,ring ${word},who: ${word},${word} again`,
    ].join(","),
  );
  const header =
    "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Company,Billing Phone,Shipping Name,Shipping Street,Notes,Note Attributes,Employee";
  return {
    "orders_export.csv": `${header}\n${orders.join("\n")}\n`,
    "people.csv": [
      "No,email,phone,address,First Name,Birthday note,Referrer page",
      `7,${word}.7@canary.example,+49 ${word},3 ${word} Alley,Cy ${word},born ${word},https://x.example/?e=${word}%40canary.example`,
      "",
    ].join("\n"),
    "export/events_20260204.json": exportedEvent(word),
    "users.csv": `user_id,user_name,company_name,email,cell_phone,branch_id\n7,Flo ${word},Cup Ltd,${word}.u@canary.example,+1 ${word},B1\n`,
    "locations.csv": "location_id,location_name\nB1,North\n",
    "events.csv": [
      "event_at,event_name,event_id,email,session_id,page_location",
      `2026-02-03 10:00:00,page_view,e1,${word}.8@canary.example,s1,https://x.example/?mail=${word}.8@canary.example`,
      `not a day,page_view,e2,${word}.9@canary.example,s1,https://x.example/`,
      "",
    ].join("\n"),
  };
}

/** One row of GA4's export by a shop that puts its people into user properties, parameters, items and the user's id. */
function exportedEvent(word: string): string {
  const property = (key: string, text: string) => ({ key, value: { string_value: text } });
  const email = `${word}.g@canary.example`;
  return `${JSON.stringify({
    event_date: "20260204",
    event_timestamp: Date.parse("2026-02-04T10:00:00Z") * 1000,
    event_name: "page_view",
    user_id: email,
    user_pseudo_id: "11.22",
    event_params: [
      { key: "ga_session_id", value: { int_value: 1 } },
      property("page_location", `https://x.example/?mail=${email.replace("@", "%40")}`),
      property("page_title", `Welcome ${email}`),
      property("page_referrer", `https://y.example/${email}`),
      property("search_term", email),
    ],
    user_properties: [property("WebUserId", "7"), property("email", email), property("full_name", `Flo ${word}`)],
    items: [{ item_id: "m", item_name: `Mug for ${email}`, price: 4, quantity: 1 }],
  })}\n`;
}

/** Webhook bodies: an order with a person in every place, and one that cannot be read. */
export function webhooksOf(client: string): string {
  const word = canaryOf(client);
  const person = {
    first_name: `Di ${word}`,
    last_name: word,
    phone: `+1 ${word}`,
    address1: `4 ${word} Way`,
    zip: word,
  };
  const order = {
    id: 5001,
    name: "#5001",
    created_at: "2026-02-05T10:00:00Z",
    processed_at: "2026-02-05T10:00:00Z",
    updated_at: "2026-02-05T10:00:00Z",
    currency: "USD",
    financial_status: "paid",
    total_price: "30.00",
    email: `${word}.w@canary.example`,
    note: `gift from ${word}`,
    note_attributes: [{ name: "for", value: word }],
    browser_ip: `${word}`,
    order_status_url: `https://x.example/${word}`,
    landing_site: `/?e=${word}.w%40canary.example`,
    customer: { id: 9, email: `${word}.w@canary.example`, ...person },
    billing_address: { name: `Di ${word}`, ...person },
    line_items: [{ id: 1, title: "Mug", quantity: 1, price: "30.00" }],
  };
  return `${JSON.stringify(order)}\n{"id": 5002, "email": "${word}.x@canary.example", "id": 3}\n`;
}

/** A vendor that repeats what it was told and talks of its customers while it refuses; BigQuery does so after it has given out a token. */
export function talkativeVendor(client: string): Transport {
  const word = canaryOf(client);
  const said = `customer ${word}@canary.example of ${word} Ltd is unknown`;
  const google = (url: string) => {
    const token = { access_token: `ya29.${word}`, expires_in: 3600 };
    // Names cannot be told from other words; an address can.
    const quoted = `could not read ${word}@canary.example and ${word}%40canary.example`;
    const errors = [{ reason: "invalidQuery", message: quoted }];
    const isToken = url.includes("/token");
    return {
      status: isToken ? 200 : 400,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(isToken ? token : { error: { code: 400, message: quoted, errors } }),
      url,
    };
  };
  return {
    send: async ({ url, headers }) =>
      /googleapis\.com/.test(url)
        ? google(url)
        : {
            status: 400,
            headers: { "content-type": "application/json", "x-request-id": "r-1" },
            body: JSON.stringify({
              errors: [{ message: said, extensions: { sent: headers } }],
              error: said,
              note: said,
            }),
            url: "https://shop.example/",
          },
  } as Transport;
}

/** Places in which the word stands: every file as it is, Parquet decoded, every column of every table of a build. Paths below `folder`. */
export async function placesOf(word: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const text = await textIn(join(folder, path));
    if (text.toLowerCase().includes(word)) found.push(path);
  }
  return found;
}

async function textIn(path: string): Promise<string> {
  if (path.endsWith(".parquet")) return decoded({ sql: "select * from read_parquet($1)", params: [path] });
  if (/warehouse\/[^/]+\.duckdb$/.test(path)) return tablesIn(path);
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

async function decoded({ sql, params }: { readonly sql: string; readonly params: readonly string[] }): Promise<string> {
  const db = await openDatabase({ memoryLimitMb: 256, threads: 1 });
  try {
    return JSON.stringify(await db.all(sql, params));
  } finally {
    await db.close();
  }
}

async function tablesIn(path: string): Promise<string> {
  const db = await openDatabase({ path, readOnly: true, memoryLimitMb: 256, threads: 1 });
  try {
    const tables = await db.all("select table_schema as s, table_name as t from information_schema.tables");
    const rows: Row[] = [];
    for (const { s, t } of tables) rows.push(...(await db.all(`select * from "${String(s)}"."${String(t)}"`)));
    return JSON.stringify(rows);
  } finally {
    await db.close();
  }
}
