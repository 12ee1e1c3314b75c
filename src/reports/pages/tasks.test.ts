import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../render-markdown.js";
import { sampleFacts } from "../sample-facts.js";
import { SAMPLE_TASKS } from "../sample-tasks.js";
import type { Facts } from "../types.js";
import { taskPages } from "./tasks.js";

const textOf = (id: string, tasks: Facts["tasks"]) => {
  const page = taskPages.find((one) => one.id === id);
  if (page === undefined) throw new Error(`no page ${id}`);
  return renderMarkdown(page.build(sampleFacts({ mostPoints: 3, tasks })));
};
const { lists } = SAMPLE_TASKS;
const NONE = { tasks: [], total: 0, pages: 0, facets: lists.cart.facets, totals: [] };

describe("pages of tasks", () => {
  it("are written for shops with events only", () => {
    expect(taskPages.map(({ needs }) => needs)).toEqual(Array(5).fill("ga4_events"));
  });

  it("says so when there is nothing, and what to connect", () => {
    expect(textOf("tasks-carts", { ...SAMPLE_TASKS, lists: { ...lists, cart: NONE } })).toContain("No cart is open.");
    const empty = textOf("tasks-carts", { ...SAMPLE_TASKS, hasAny: false, hasEvents: false });
    expect(empty).toContain("There is no task yet.");
    expect(empty).toContain("growthos connect ga4\\_events");
    expect(textOf("tasks-carts", null)).toContain("build the workspace again");
  });

  it("tell the whole set, not what the table holds", () => {
    const text = textOf("tasks-purchases", SAMPLE_TASKS);
    expect(text).toContain("240 purchases are open, 1 of high priority; worth $48,123.00 in 238 tasks.");
    expect(text).toContain("240 purchases, the 2 most urgent of them");
  });

  it("show contact data only where the shop keeps them", () => {
    const contact = { name: "Ann Lee", email: "ann@acme.example", cellPhone: null, officePhone: "+1 555" };
    const cart = { ...lists.cart, tasks: lists.cart.tasks.map((task) => ({ ...task, contact })) };
    const kept = { ...SAMPLE_TASKS, lists: { ...lists, cart } };
    expect(textOf("tasks-carts", kept)).not.toContain("Ann");
    expect(textOf("tasks-carts", kept)).toContain("No contact data are shown");
    const shown = textOf("tasks-carts", { ...kept, hasContacts: true });
    expect(shown).toMatch(/Ann Lee, .*1 555, ann.*acme/);
    expect(shown).toContain("because this shop keeps them");
  });
});
