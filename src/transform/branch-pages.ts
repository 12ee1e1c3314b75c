/** Reads what the page of branches shows beside their figures (D-65): what they are called, and what is open at each. */
import type { Database } from "../warehouse/types.js";
import { type Branch, type EventKindDays, hasBranches, readBranches, readEventKinds } from "./branches.js";
import { type BranchTasks, readBranchTasks } from "./tasks.js";

/** Who gets the daily report of a branch. */
export interface BranchRep {
  /** Key of the branch. */
  readonly branch: string;
  readonly name: string | null;
  readonly email: string;
  readonly isEnabled: boolean;
}

/** What the page knows of branches. */
export interface BranchPages {
  readonly branches: readonly Branch[];
  readonly reps: readonly BranchRep[];
  /** Those that have open tasks. */
  readonly tasks: readonly BranchTasks[];
  /** Which events there are; empty: none have landed. */
  readonly kinds: readonly EventKindDays[];
}

/** Tasks of each branch and type that the page shows. */
const MOST_TASKS = 3;

/** Null for a build of a version without branches. Asks `tasks_now` of `task-changes.ts`. */
export async function readBranchPages(db: Database, reps: readonly BranchRep[]): Promise<BranchPages | null> {
  if (!(await hasBranches(db))) return null;
  return {
    branches: await readBranches(db),
    reps: reps.map(({ branch, name, email, isEnabled }) => ({ branch, name, email, isEnabled })),
    tasks: await readBranchTasks(db, MOST_TASKS),
    kinds: await readEventKinds(db),
  };
}
