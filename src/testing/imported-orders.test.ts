/** Files to staging by the real SQL, with sums worked out by hand. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { isoDate } from "../base/dates.js";
import { systemRandom } from "../base/ids.js";
import { silentLog } from "../base/log.js";
import { runBuild } from "../transform/build.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { imports, project } from "./imports.js";
import { removeFolders } from "./workspace.js";

afterAll(removeFolders);

async function build(ws: Workspace): Promise<Database> {
  const costs = {
    categoryMargins: {},
    defaultMargin: 0.5,
    shippingShare: 0,
    opsShare: 0,
    paymentFeeShare: 0,
    paymentFeeFixed: 0,
  };
  const settings = {
    asOf: isoDate("2026-02-09"),
    timeZone: "Europe/Berlin",
    currency: "EUR",
    weekEndsOn: 7,
    fiscalYearEndMonth: 12,
    costs,
    sources: ["files"],
  };
  const sqlFolder = join(new URL("../..", import.meta.url).pathname, "sql");
  const clock = fixedClock(Date.parse("2026-02-09T12:00:00Z"));
  const { build: published } = await runBuild({ ws, settings, sqlFolder, clock, random: systemRandom, log: silentLog });
  return openDatabase({ path: published.path, readOnly: true });
}

const HEADER =
  "Name,Email,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Cancelled at,Id,Shipping Country";

describe("the ladder of an imported Shopify order", () => {
  it("tells goods, discount, tax, shipping and refund apart", async () => {
    const { ws, put, sync } = await project();
    const at = "2026-01-05 10:00:00 +0100";
    put(
      "inbox/orders.csv",
      [
        HEADER,
        // Tax on top: 2 x 20 + 10 = 50 less 5; 20 % of 45 + 4 = 9.80.
        `#1,a@x.com,paid,EUR,45.00,4.00,9.80,58.80,5.00,${at},2,Cup,20.00,CUP,0.00,,101,DE`,
        `#1,a@x.com,,,,,,,,${at},1,Tea,10.00,TEA,,,,`,
        // Tax inside: 25 of 125 is tax, so 100 holds 20 and shipping 25 holds 5.
        `#2,b@x.com,paid,EUR,100.00,25.00,25.00,125.00,0.00,${at},1,Pot,100.00,POT,0.00,,102,SE`,
        // A discount of 6 that was on shipping: the line's price says that goods had none.
        `#3,c@x.com,paid,EUR,30.00,0.00,0.00,30.00,6.00,${at},1,Mug,30.00,MUG,0.00,,103,DE`,
        // Half of 72 back: half of the tax of 12, no shipping, so 30 for goods.
        `#4,d@x.com,partially_refunded,EUR,50.00,10.00,12.00,72.00,0.00,${at},1,Jar,50.00,JAR,36.00,,104,DE`,
        // Everything back on cancellation: 5 tax, 5 shipping, 20 goods.
        `#5,e@x.com,refunded,EUR,20.00,5.00,5.00,30.00,0.00,${at},1,Tin,20.00,TIN,30.00,2026-01-06 00:30:00 +0100,105,DE`,
        "",
      ].join("\n"),
    );
    await sync();
    const db = await build(ws);
    const orders = await db.all(
      "select order_id, gross_cents, discount_cents, tax_cents, shipping_cents, total_cents, is_cancelled, country from stg_orders order by order_id",
    );
    expect(orders.map((row) => Object.values(row))).toEqual([
      ["shopify:101", 5000, 500, 980, 400, 5880, false, "DE"],
      ["shopify:102", 8000, 0, 2500, 2000, 12500, false, "SE"],
      ["shopify:103", 3000, 0, 0, 0, 3000, false, "DE"],
      ["shopify:104", 5000, 0, 1200, 1000, 7200, false, "DE"],
      ["shopify:105", 2000, 0, 500, 500, 3000, true, "DE"],
    ]);
    const lines = await db.all(
      "select order_line_id, sku, quantity, gross_cents, discount_cents from stg_order_lines order by 1 limit 3",
    );
    expect(lines.map((row) => Object.values(row))).toEqual([
      ["shopify:101:1", "CUP", 2, 4000, 400],
      ["shopify:101:2", "TEA", 1, 1000, 100],
      ["shopify:102:1", "POT", 1, 8000, 0],
    ]);
    const refunds = await db.all(
      "select order_id, refund_cents, tax_cents, shipping_cents, total_cents, strftime(timezone('Europe/Berlin', refunded_at), '%Y-%m-%d') as day from stg_refunds order by 1",
    );
    expect(refunds.map((row) => Object.values(row))).toEqual([
      ["shopify:104", 3000, 600, 0, 3600, "2026-01-05"],
      ["shopify:105", 2000, 500, 500, 3000, "2026-01-06"],
    ]);
    await db.close();
  });

  it("joins products and customers of their own exports", async () => {
    const { ws, put, sync } = await project();
    put(
      "inbox/orders.csv",
      `${HEADER}\n#1,A@x.com,paid,EUR,20.00,0,0,20.00,0,2026-01-05 10:00:00 +0100,2,Cup - Red,10.00,CUP-R,0,,101,DE\n`,
    );
    put(
      "inbox/products.csv",
      "Handle,Title,Vendor,Type,Option1 Value,Variant SKU,Variant Price,Cost per item,Image Src\ncup,Cup,Acme,Mugs,Red,CUP-R,10.00,4.00,a.png\ncup,,,,Blue,CUP-B,11.00,4.50,\ncup,,,,,,,,b.png\n",
    );
    put(
      "inbox/customers.csv",
      "Customer ID,First Name,Last Name,Email,Total Spent,Total Orders,Default Address Country Code\n'77,Ana,L,a@X.com,20.00,1,DE\n",
    );
    await sync();
    const db = await build(ws);
    expect(
      await db.all(
        "select product_key, sku, title, variant_title, category, price_cents, unit_cost_cents from stg_products order by 1",
      ),
    ).toEqual([
      {
        product_key: "shopify:handle:cup:1",
        sku: "CUP-R",
        title: "Cup",
        variant_title: "Red",
        category: "Mugs",
        price_cents: 1000,
        unit_cost_cents: 400,
      },
      {
        product_key: "shopify:handle:cup:2",
        sku: "CUP-B",
        title: "Cup",
        variant_title: "Blue",
        category: "Mugs",
        price_cents: 1100,
        unit_cost_cents: 450,
      },
    ]);
    expect(await db.one("select product_key, cogs_cents, cogs_basis from fact_order_lines")).toEqual({
      product_key: "shopify:handle:cup:1",
      cogs_cents: 800,
      cogs_basis: "unit_cost",
    });
    const people = await db.one(
      "select count(*) as people from stg_customers as c inner join stg_orders as o on o.email_hash = c.email_hash",
    );
    expect(people["people"]).toBe(1);
    await db.close();
  });
});

describe("the ladder of a declared order", () => {
  it("takes what the file gives: totals, a subtotal before or after the discount, or lines", async () => {
    const { ws, put, sync } = await project();
    put(
      "f/orders.csv",
      [
        "order_id,ordered_at,currency,subtotal,discount,tax,shipping,total,refunded,refunded_at,payment_status",
        "1,2026-01-05 23:30:00,EUR,,,,,12.00,,,paid",
        // 50 before and 45 after a discount of 5; the total tells which of them is the subtotal.
        "2,2026-01-05,EUR,50.00,5.00,9.00,4.00,58.00,29.00,2026-01-09,partially refunded",
        "3,2026-01-05,EUR,45.00,5.00,9.00,4.00,58.00,,,pending",
        "4,2026-01-05,JPY,,,,,,,,paid",
        "",
      ].join("\n"),
    );
    put(
      "f/lines.csv",
      "order_id,line_id,quantity,unit_price,line_discount,currency\n4,a,2,500,100,JPY\n4,b,1,300,,JPY\n9,c,1,1,,JPY\n",
    );
    const { failures } = await sync(
      imports({ path: "f/orders.csv", as: "orders" }, { path: "f/lines.csv", as: "order_lines" }),
    );
    expect(failures).toEqual([]);
    const db = await build(ws);
    const orders = await db.all(
      "select order_id, gross_cents, discount_cents, total_cents, financial_status, strftime(processed_at, '%d. %H:%M') as utc from stg_orders order by 1",
    );
    expect(orders.map((row) => Object.values(row))).toEqual([
      ["files:1", 1200, 0, 1200, "paid", "05. 22:30"],
      ["files:2", 5000, 500, 5800, "partially_refunded", "04. 23:00"],
      ["files:3", 5000, 500, 5800, "pending", "04. 23:00"],
      ["files:4", 1300, 100, 1200, "paid", "04. 23:00"],
    ]);
    const lines = await db.all(
      "select order_line_id, gross_cents, discount_cents, currency from stg_order_lines order by 1",
    );
    expect(lines.map((row) => Object.values(row))).toEqual([
      ["files:4:a", 1000, 100, "JPY"],
      ["files:4:b", 300, 0, "JPY"],
    ]);
    // 29 of 58 back: 4.50 of the tax of 9.
    const refund = await db.one("select refund_cents, tax_cents, shipping_cents, total_cents from stg_refunds");
    expect(Object.values(refund)).toEqual([2450, 450, 0, 2900]);
    await db.close();
  });
});
