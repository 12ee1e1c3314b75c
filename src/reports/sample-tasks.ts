/** The open tasks of a small shop for tests of pages: one or two of each kind. Imported by tests only. */
import type { TaskPages } from "../transform/task-pages.js";
import type { Task, TaskList } from "../transform/tasks.js";

const NOTHING: Task["counts"] = {
  ...{
    item: null,
    piece: null,
    unpriced_item: null,
    search: null,
    session: null,
    page: null,
    viewed_item: null,
    bounce: null,
  },
};

function task(given: Partial<Task> & Pick<Task, "key" | "type" | "kind">, counts: Partial<Task["counts"]> = {}): Task {
  return {
    ...{
      day: "2026-02-07",
      at: "2026-02-07T15:00:00.000Z",
      ageHours: 38,
      priority: "medium",
      state: "open",
      until: null,
    },
    ...{ assignee: null, person: "u:7", userId: "7", session: "100.1.17", event: "e1", branchId: "N", branch: "North" },
    ...{ company: "Acme Ltd", contact: { name: null, email: null, cellPhone: null, officePhone: null } },
    ...{ contactState: "hidden", value: null, refund: null, currency: null, subject: null, items: null },
    counts: { ...NOTHING, ...counts },
    ...given,
  };
}

function listOf(tasks: readonly Task[], more: Partial<TaskList> = {}): TaskList {
  const count = (of: (task: Task) => string) => {
    const names = [...new Set(tasks.map(of))];
    return Object.fromEntries(names.map((name) => [name, tasks.filter((one) => of(one) === name).length]));
  };
  return {
    tasks,
    total: tasks.length,
    pages: 1,
    facets: {
      ...{ type: count((one) => one.type), kind: count((one) => one.kind), priority: count((one) => one.priority) },
      ...{ state: count((one) => one.state), branch: count((one) => one.branch ?? "none") },
      assignee: count((one) => one.assignee ?? "none"),
    },
    totals: [],
    ...more,
  };
}

const USD = { currency: "USD" };

/** Two purchases, two carts (one of unknown value), two searches, a visitor nobody knows, a page; 240 purchases in all. */
export const SAMPLE_TASKS: TaskPages = {
  lists: {
    purchase: listOf(
      [
        task(
          {
            ...{
              key: "purchase-0a1b2c3d4e5f6071",
              type: "purchase",
              kind: "purchase",
              priority: "high",
              value: 150_000,
            },
            ...{
              refund: 20_000,
              subject: "T-1001",
              items: "3 x Desk lamp, 1 x Poster",
              assignee: "ada@example.com",
              ...USD,
            },
          },
          { item: 2, piece: 4, unpriced_item: 0 },
        ),
        task({
          ...{ key: "purchase-1a1b2c3d4e5f6071", type: "purchase", kind: "purchase", value: 45_000, refund: 0, ...USD },
          ...{ subject: "T-1002", items: "1 x Chair", branch: "South", branchId: "S", company: null },
        }),
      ],
      {
        total: 240,
        pages: 2,
        facets: {
          ...{ type: { purchase: 240 }, kind: { purchase: 240 }, priority: { medium: 150, low: 89, high: 1 } },
          ...{ state: { open: 240 }, branch: { South: 180, North: 60 }, assignee: { none: 239, "ada@example.com": 1 } },
        },
        totals: [{ currency: "USD", tasks: 238, value: 4_812_300 }],
      },
    ),
    cart: listOf(
      [
        task(
          {
            ...{ key: "cart-0a1b2c3d4e5f6071", type: "cart", kind: "cart", priority: "high", value: 64_000, ...USD },
            items: "2 x Chair",
          },
          { item: 1, piece: 2, unpriced_item: 0 },
        ),
        task(
          {
            ...{ key: "cart-1a1b2c3d4e5f6071", type: "cart", kind: "cart", items: "1 x Poster, 2 x Mug", ageHours: 70 },
            ...{
              person: "p:100.2",
              userId: null,
              company: null,
              branch: null,
              branchId: null,
              contactState: "unknown",
            },
          },
          { item: 2, piece: 3, unpriced_item: 1 },
        ),
      ],
      { totals: [{ currency: "USD", tasks: 1, value: 64_000 }] },
    ),
    search: listOf([
      task(
        { key: "search-0a1b2c3d4e5f6071", type: "search", kind: "no_results", subject: "usb lamp", priority: "high" },
        { search: 4 },
      ),
      task(
        { key: "search-1a1b2c3d4e5f6071", type: "search", kind: "no_conversion", subject: "chair, stool, sofa" },
        { search: 3 },
      ),
    ]),
    visit: listOf([
      task(
        {
          ...{ key: "visit-0a1b2c3d4e5f6071", type: "visit", kind: "repeat_visits", person: "p:100.3", userId: null },
          ...{ company: null, branch: null, branchId: null, contactState: "unknown" },
        },
        { session: 3, page: 14, viewed_item: 6 },
      ),
    ]),
    performance: listOf([
      task(
        {
          ...{ key: "performance-0a1b2c3d4e5f6071", type: "performance", kind: "bounce_page", priority: "high" },
          ...{ subject: "https://shop.example/sale", person: null, userId: null, company: null, branch: null },
        },
        { session: 120, bounce: 84 },
      ),
    ]),
  },
  terms: [
    { term: "chair", searches: 41, failed: 0, people: 30 },
    { term: "usb lamp", searches: 9, failed: 9, people: 6 },
  ],
  termDays: 28,
  limits: {
    ...{ cart_quiet_hours: 24, streak_days: 30, visits_over: 1, visit_pages_over: 2, search_terms_over: 2 },
    ...{ bounce_sessions_at_least: 20, bounce_percent_at_least: 50, task_keep_days: 90 },
  },
  hasAny: true,
  hasEvents: true,
  hasContacts: false,
};
