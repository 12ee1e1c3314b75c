import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.js";

const OPTIONS = {
  env: {},
  sources: [],
  metrics: [
    { id: "net_revenue", isMoney: true },
    { id: "orders", isMoney: false },
  ],
  deck: { sections: ["exceptions", "finance"], blocks: ["exceptions", "channels"] },
};

function parsed(deck: unknown) {
  const shop = { shop: { name: "A", currency: "USD", timeZone: "UTC" }, deck };
  const { workspaces, problems } = parseConfig(shop, OPTIONS);
  return { deck: workspaces[0]?.deck, problems: problems.map(({ path, message }) => `${path.join(".")}: ${message}`) };
}

describe("the deck of a config", () => {
  it("is taken as it is written", () => {
    const written = {
      sections: [
        "exceptions",
        {
          title: "Traffic",
          blocks: [
            "channels",
            { six_twelve: "orders" },
            { xmr: "orders" },
            { weeks: ["net_revenue"] },
            { months: ["orders"] },
          ],
        },
      ],
      owners: { orders: "Dana" },
      events: [{ day: "2026-02-03", text: "Prices raised", metrics: ["net_revenue"] }],
    };
    expect(parsed(written)).toEqual({ deck: written, problems: [] });
    expect(parsed({})).toEqual({ deck: { owners: {}, events: [] }, problems: [] });
  });

  it("names what it does not know, with the nearest that it does", () => {
    const { problems } = parsed({
      sections: ["exceptons", { title: "Mine", blocks: ["chanels", { six_twelve: "order" }] }],
      owners: { net_revenu: "Dana" },
      events: [{ day: "2026-02-03", text: "x", metrics: ["orderz"] }],
    });
    expect(problems).toEqual([
      'deck.sections.0: "exceptons": unknown key; did you mean "exceptions"?',
      'deck.sections.1.blocks.0: "chanels": unknown key; did you mean "channels"?',
      'deck.sections.1.blocks.1: "order": unknown key; did you mean "orders"?',
      'deck.owners.net_revenu: "net_revenu": unknown key; did you mean "net_revenue"?',
      'deck.events.0.metrics: "orderz": unknown key; did you mean "orders"?',
    ]);
  });

  it("refuses other shapes in words", () => {
    expect(parsed({ sections: [{ title: "A", blocks: [{ chart: "orders" }] }] }).problems).toHaveLength(1);
    expect(parsed({ events: [{ day: "3 Feb", text: "x" }] }).problems).toEqual([
      "deck.events.0.day: expected a date YYYY-MM-DD",
    ]);
    expect(parsed({ owner: {} }).problems).toEqual(['deck.owner: unknown key; did you mean "owners"?']);
  });
});
