import { defineConfig } from "growthos";

// The embedded demo shop: four simulated platforms that agree with each other, no network, no account.
// `growthos demo` runs it; `growthos init --demo` copies this file. A single shop needs no `workspaces`: see `growthos init`.
export default defineConfig({
  workspaces: {
    demo: {
      shop: {
        name: "Northpine Goods",
        currency: "USD",
        timeZone: "America/New_York", // in which a day begins and ends
      },
      calendar: {
        weekEndsOn: "sunday",
        fiscalYearEnds: "december",
      },
      sources: {
        demo: { seed: 42, days: 180, asOf: "2026-02-09" },
      },
      costs: {
        categoryMargins: { apparel: 0.55, electronics: 0.3, beauty: 0.65, home: 0.5, food: 0.4 },
        defaultMargin: 0.45,
        shippingShare: 0.08, // 0.08 = 8 % of revenue
        opsShare: 0.05,
        paymentFeeShare: 0.029,
        paymentFeeFixed: 0.3, // per order, in the shop's currency
      },
    },
  },
});
