/** What `growthos init` writes. */

/** A config for a shop of one's own; every line that is commented out is an option with its default. */
export const OWN_CONFIG = `import { defineConfig } from "growthos";

export default defineConfig({
  shop: {
    name: "My shop",
    currency: "USD",
    timeZone: "America/New_York", // in which a day begins and ends
  },
  calendar: {
    weekEndsOn: "sunday",
    fiscalYearEnds: "december",
  },
  sources: {
    // Exports that you drop into ./inbox: Shopify, Meta Ads, Google Ads and GA4 files are recognised by their headers.
    files: {},
    // shopify: { shop: "my-shop", since: "2025-01-01" },
    // meta_ads: { accounts: ["act_1234567890"] },
    // google_ads: { customers: ["123-456-7890"] },
    // ga4: { property: "123456789" },
    // ga4_events: { project: "my-shop-123456", dataset: "analytics_123456789", location: "EU" },
    // sftp: { host: "files.example.com", user: "growthos", drops: [{ folder: "/out" }] },
  },
  // Who may push to \`growthos serve --intake\`, which listens on this machine: put a proxy or tunnel with TLS before it.
  // intake: { hosts: ["hooks.example.com"], shopify_webhooks: { shop: "my-shop.myshopify.com" }, payouts: {}, pixel: { origins: ["https://my-shop.com"] } },
  costs: {
    categoryMargins: {}, // e.g. { apparel: 0.55 }; used for products without a unit cost
    defaultMargin: 0.45,
    shippingShare: 0.08, // 0.08 = 8 % of revenue
    opsShare: 0.05,
    paymentFeeShare: 0.029,
    paymentFeeFixed: 0.3, // per order, in the shop's currency
  },
  targets: {
    // net_revenue: { week: 25000 },
  },
});
`;

/** A config for many shops, each in a file of its own. */
export const AGENCY_CONFIG = `import { defineConfig } from "growthos";

export default defineConfig({
  // One <name>.json per client; \`growthos workspaces add <name>\` writes it. Credentials of one client alone: .env.<name>, or
  // \`growthos connect <source> --workspace <name>\`.
  workspacesFolder: "clients",
});
`;

/** The variables that sources read, by way of signing in; the values belong into \`.env\`, which is never committed. */
export function envExample(groups: readonly VariableGroup[]): string {
  return [
    "# For CI and for those who keep credentials themselves; `growthos connect <source>` asks for them and stores them encrypted.",
    "# Copy to .env and fill in what you use, one way of signing in per source. A variable that is set already is never overridden.",
    ...groups.flatMap(({ title, variables }) => ["", `# ${title}`, ...variables.map((name) => `${name}=`)]),
    "",
  ].join("\n");
}

/** The variables of one way of signing in. */
export interface VariableGroup {
  readonly title: string;
  readonly variables: readonly string[];
}

/** Lines that keep data and secrets out of a repository. */
export const GITIGNORE_LINES = [
  "/workspaces/",
  "/agency/",
  ".env",
  ".env.*",
  "!.env.example",
  "node_modules/",
  "growthos-*.log",
] as const;

/** The text of .gitignore with the lines that were missing added at its end. */
export function withGitignore(text: string): string {
  const present = new Set(text.split("\n").map((line) => line.trim()));
  const missing = GITIGNORE_LINES.filter((line) => !present.has(line));
  if (missing.length === 0) return text;
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${before}${missing.join("\n")}\n`;
}
