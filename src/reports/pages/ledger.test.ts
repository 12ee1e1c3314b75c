import { describe, expect, it } from "vitest";
import type { MetricId, MetricValue } from "../../metrics/types.js";
import { sampleFacts } from "../sample-facts.js";
import { SAMPLE_LEDGER } from "../sample-ledger.js";
import type { Block, BlockOf, Facts } from "../types.js";
import { ledger } from "./ledger.js";

const of = <K extends Block["kind"]>(facts: Facts, kind: K): readonly BlockOf<K>[] =>
  ledger.build(facts).blocks.filter((block): block is BlockOf<K> => block.kind === kind);
const said = (facts: Facts) => of(facts, "prose").flatMap(({ paragraphs }) => paragraphs);
const titles = (facts: Facts) => of(facts, "table").map(({ title }) => title);

function tableNamed(facts: Facts, title: RegExp): BlockOf<"table"> {
  const found = of(facts, "table").find((block) => title.test(block.title));
  if (found === undefined) throw new Error(`no table ${title.source}`);
  return found;
}
const texts = (table: BlockOf<"table">) => table.rows.map((row) => row.map(({ text }) => text));

describe("the page of the ledger", () => {
  const facts = sampleFacts({ mostPoints: 4 });

  it("says what came, what waits since when, and how far payouts are explained", () => {
    expect(said(facts)[0]).toMatch(
      /^Payouts brought \$[\d,.]+ to the bank in the 28 days 12 Jan – 8 Feb 2026 \(.* against the 28 before\); 2 entries still wait, the oldest since 5 Feb 2026\.$/,
    );
    expect(said(facts)).toContain("1 of 2 payouts holds something that no entry explains.");
    const nothing = sampleFacts({ ledger: { ...SAMPLE_LEDGER, waiting: [], pendingEntries: 0 } });
    expect(said(nothing)[0]).toMatch(/; nothing waits\.$/);
    expect(said(nothing)).toContain("Nothing waits: payouts hold every entry.");
  });

  it("puts each kind beside its states, in its own currency; what there is none of is no zero", () => {
    expect(texts(tableNamed(facts, /^Entries by kind/))).toEqual([
      ["Sale", "TRY", "—", "₺27.00", "—", "—"],
      ["Fee", "TRY", "—", "−₺2.00", "—", "—"],
      ["Sale", "USD", "$91.00", "$270.00", "$50.00", "$40.00"],
      ["Refund", "USD", "—", "−$40.00", "—", "—"],
      ["Fee", "USD", "—", "−$10.50", "—", "—"],
    ]);
  });

  it("shows what payouts hold, and the rest that nothing explains in red", () => {
    const table = tableNamed(facts, /^What payouts hold/);
    expect(texts(table)).toEqual([
      ["4 Feb 2026", "Shopify p2", "$310.00", "$360.00", "−$40.00", "−$10.50", "—", "—", "$0.50"],
      ["2 Feb 2026", "Shopier l1 *", "₺25.00", "₺27.00", "—", "−₺2.00", "—", "—", "—"],
    ]);
    expect(table.rows.map((row) => row.at(-1)?.tone)).toEqual(["bad", undefined]);
    expect(table.note).toContain("* names no transaction");
    const [first] = SAMPLE_LEDGER.payouts;
    const long = first === undefined ? [] : [{ ...first, id: "shopify:po_1OaB2cXyz0123456789" }];
    const [cell] =
      tableNamed(sampleFacts({ ledger: { ...SAMPLE_LEDGER, payouts: long } }), /^What payouts/).rows[0]?.slice(1) ?? [];
    expect(cell).toMatchObject({ text: "Shopify …z0123456789", exact: "shopify:po_1OaB2cXyz0123456789" });
    const many = sampleFacts({ ledger: { ...SAMPLE_LEDGER, counted: { all: 30, unexplained: 0 } } });
    expect(tableNamed(many, /^What payouts hold/).note).toContain(
      "28 older payouts not shown: growthos ledger --payouts 30.",
    );
  });

  it("lists the catalogue by what sold, with what is missing", () => {
    expect(texts(tableNamed(facts, /^Catalogue/)).map((row) => row.slice(0, 6))).toEqual([
      ["Linen shirt", "P1", "$59.00", "$26.00", "$33.00", "known"],
      ["Enamel mug", "P2", "$22.00", "$7.00", "$15.00", "known"],
      ["Poster", "P3", "$18.00", "—", "—", "missing"],
      ["Tote bag", "P4", "$25.00", "$9.00", "$16.00", "known"],
    ]);
    expect(
      texts(tableNamed(facts, /^Catalogue/))
        .at(-1)
        ?.slice(6),
    ).toEqual(["—", "—", "—"]);
    expect(said(facts)).toContain("1 of 4 products has no unit cost: enter it in the shop, as cost per item.");
  });

  it("says what it would need where no payout was told, and shows no zeros", () => {
    const none = { ...SAMPLE_LEDGER, balance: [], payouts: [], waiting: [], moves: [] };
    const untold = sampleFacts({ ledger: { ...none, pendingEntries: 0, counted: { all: 0, unexplained: 0 } } });
    expect(said(untold)[0]).toBe("No payout was told yet: nobody can say what is at the bank.");
    expect(of(untold, "findings")[0]?.items.map(({ title }) => title)).toEqual([
      "Payouts of the payment provider",
      "Disputes",
    ]);
    expect(of(untold, "chart")).toEqual([]);
    expect(titles(untold).map((title) => title.split(/[;,]/)[0])).toEqual([
      "Catalogue with costs",
      "How the figures are made",
    ]);
    expect(said(sampleFacts({ ledger: null }))[0]).toBe("Nothing was read: build the workspace again.");
  });

  it("tells why it cannot say what came, beside what it can", () => {
    const mixed: MetricValue = {
      status: "unknown",
      because: "currency_mixed",
      detail: "1 row is in another currency",
    };
    const unknown = sampleFacts({ override: (id: MetricId) => (id === "cleared_net_revenue" ? mixed : undefined) });
    expect(said(unknown)[0]).toMatch(/^What payouts brought .* is unknown: 1 row is in another currency; 2 entries/);
    expect(of(unknown, "chart")).toEqual([]);
    expect(titles(unknown)).toContain("What payouts hold");
  });
});
