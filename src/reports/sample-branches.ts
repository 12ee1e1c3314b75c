/** The branches of a small shop for tests of pages: two of its list, one that no list names, one at which nothing happened. Imported by tests only. */
import type { BranchPages } from "../transform/branch-pages.js";
import { SAMPLE_TASKS } from "./sample-tasks.js";

const US = { state: "OR", country: "US", isActive: true, isListed: true } as const;
const { cart, search, visit } = SAMPLE_TASKS.lists;

/** Their facts. */
export const SAMPLE_BRANCHES: BranchPages = {
  branches: [
    { id: "1", code: "001", name: "Portland", city: "Portland", ...US },
    { id: "2", code: "002", name: "Seattle", city: "Seattle", ...US, state: "WA" },
    { id: "3", code: "003", name: "Boston", city: "Boston", ...US, state: "MA" },
    { id: "77", code: "77", name: "77", city: null, state: null, country: null, isActive: true, isListed: false },
  ],
  reps: [
    { branch: "1", name: "Ada Ek", email: "ada@larkfield.example", isEnabled: true },
    { branch: "1", name: null, email: "ben@larkfield.example", isEnabled: false },
    { branch: "(none)", name: "Cyd Ray", email: "cyd@larkfield.example", isEnabled: true },
  ],
  tasks: [
    { branch: "1", total: 14, high: 2, types: { cart: 12, search: 2 }, tasks: [...cart.tasks, ...search.tasks] },
    { branch: null, total: 1, high: 0, types: { visit: 1 }, tasks: visit.tasks },
  ],
  kinds: [
    { kind: "add_to_cart", count: 5120, first: "2025-08-13", last: "2026-02-08" },
    { kind: "page_view", count: 184_310, first: "2025-08-13", last: "2026-02-08" },
    { kind: "purchase", count: 3271, first: "2025-08-13", last: "2026-02-08" },
  ],
};
