import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.js";

const options = {
  env: {},
  sources: [],
  metrics: ["orders", "net_revenue", "blended_cac"].map((id) => ({ id, isMoney: id !== "orders" })),
  alertRules: { overMetrics: ["cac_increase"], aboutData: ["stale_data"] },
};
const parse = (alerts: unknown) =>
  parseConfig({ shop: { name: "Acme", currency: "USD", timeZone: "UTC" }, alerts }, options);
const problems = (alerts: unknown) =>
  parse(alerts).problems.map(({ path, message }) => `${path.slice(1).join(".")}: ${message}`);

const rule = {
  id: "mine",
  title: "Mine",
  levels: { warning: { metric: "orders", under: 10 } },
  advice: "Look.",
};

const MAIL = { host: "smtp.example.com", from: "Alerts <alerts@example.com>", to: ["ada@example.com"] };

describe("the alerts of a config", () => {
  it("are as shipped when nothing is said", () => {
    expect(parse(undefined).workspaces[0]?.alerts).toBeUndefined();
    expect(parse({}).workspaces[0]?.alerts).toEqual({
      off: [],
      thresholds: {},
      rules: [],
      watch: null,
      limits: "mean",
      dividers: [],
      staleAfterDays: 2,
      slack: null,
      webhook: null,
      email: null,
    });
  });

  it("fill in a rule's defaults, also deep inside", () => {
    const levels = {
      warning: { any: [{ not: { metric: "orders", by: "relative", over: 0.1 } }, { metric: "net_revenue", under: 5 }] },
    };
    expect(parse({ rules: [{ ...rule, levels }] }).workspaces[0]?.alerts?.rules).toEqual([
      {
        id: "mine",
        title: "Mine",
        scope: "shop",
        look: { days: 7, against: "previous" },
        about: "orders",
        levels: {
          warning: {
            any: [
              { not: { metric: "orders", by: "relative", over: 0.1 } },
              { metric: "net_revenue", by: "level", under: 5 },
            ],
          },
        },
        repeat: "once",
        advice: "Look.",
      },
    ]);
  });

  it("filter by what a rule's figures are of, the category of costs too", () => {
    const filters = [{ field: "cost_category", operator: "=", value: "rent" }];
    const own = { ...rule, levels: { warning: { metric: "entered_costs", over: 10 } }, filters };
    expect(parse({ rules: [own] }).workspaces[0]?.alerts?.rules).toMatchObject([{ filters }]);
    const wrong = [{ field: "cost", operator: "=", value: "rent" }];
    expect(problems({ rules: [{ ...own, filters: wrong }] })[0]).toContain("rules.0.filters.0.field");
  });

  it("send from warning on", () => {
    const { slack, webhook } =
      parse({ slack: {}, webhook: { url: "https://example.com/hook", least: "info" } }).workspaces[0]?.alerts ?? {};
    expect(slack).toEqual({ least: "warning" });
    expect(webhook).toEqual({ url: "https://example.com/hook", least: "info" });
  });

  it("send mail encrypted, through the port of that", () => {
    const emailOf = (own: object) => parse({ email: { ...MAIL, ...own } }).workspaces[0]?.alerts?.email;
    expect(emailOf({ to: ["ada@example.com", "bob@example.com", "ada@example.com"] })).toEqual({
      host: "smtp.example.com",
      port: 587,
      security: "starttls",
      user: null,
      from: "Alerts <alerts@example.com>",
      to: ["ada@example.com", "bob@example.com"],
      least: "warning",
    });
    expect(emailOf({ security: "tls" })?.port).toBe(465);
    expect(emailOf({ security: "none", port: 1025 })?.port).toBe(1025);
    expect(emailOf({ host: "localhost", security: "none", user: "ada" })?.user).toBe("ada");
  });

  it.each([
    [{ of: [] }, 'of: unknown key; did you mean "off"?'],
    [{ off: ["cac_increse"] }, 'off.0: unknown key; did you mean "cac_increase"?'],
    [{ thresholds: { stale_data: { warning: 3 } } }, "thresholds.stale_data: unknown key; valid keys: cac_increase"],
    [{ watch: ["ordrs"] }, 'watch.0: unknown key; did you mean "orders"?'],
    [{ dividers: [{ day: "5 May", reason: "x" }] }, "dividers.0.day: expected a date YYYY-MM-DD"],
    [
      { dividers: [{ day: "2026-01-05", reason: "x", metrics: ["ordrs"] }] },
      'dividers.0.metrics: unknown key; did you mean "orders"?',
    ],
    [{ rules: [{ ...rule, id: "cac_increase" }] }, "rules.0.id: there is a rule cac_increase already"],
    [{ rules: [{ ...rule, levels: {} }] }, "rules.0.levels: needs at least one level"],
    [{ rules: [{ ...rule, lasting: { times: 3, of: 2 } }] }, "rules.0.lasting: `times` cannot be more than `of`"],
    [
      { rules: [{ ...rule, levels: { info: { metric: "ordrs", over: 1 } } }] },
      'rules.0.levels: unknown key; did you mean "orders"?',
    ],
    [
      { email: { ...MAIL, security: "none", user: "ada" } },
      'email.security: with security "none" the password would cross the network in the clear; use "starttls" or "tls"',
    ],
    [
      { email: { ...MAIL, from: "ada@example.com\r\nBcc: x@example.com" } },
      "email.from: expected an e-mail address, or `Name <address>`",
    ],
    [{ email: { ...MAIL, to: ["Ada <ada@example.com>"] } }, "email.to.0: expected an e-mail address"],
    [{ email: { ...MAIL, to: [] } }, "email.to: too small: expected array to have >=1 items"],
    [{ email: { ...MAIL, host: "smtp://smtp.example.com" } }, "email.host: expected the name of a mail server"],
    [{ webhook: { url: "http://example.com" } }, "webhook.url: expected an https address"],
  ])("%j is told", (alerts, message) => {
    expect(problems(alerts)).toEqual([message]);
  });

  it("two rules of one name are told", () => {
    expect(problems({ rules: [rule, rule] })).toHaveLength(2);
  });

  it("a limit without a limit is told", () => {
    expect(problems({ rules: [{ ...rule, levels: { warning: { metric: "orders" } } }] })).not.toEqual([]);
  });
});
