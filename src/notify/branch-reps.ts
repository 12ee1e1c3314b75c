/** Who gets the daily report of which branch: a fold of what people said, in a journal of its own (D-65). */

/** A sales rep of a branch. */
export interface Rep {
  /** Key of the branch, and the code that people know it by. */
  readonly branch: string;
  readonly code: string;
  /** In lower case: nobody gets two for writing it in two ways. */
  readonly email: string;
  /** For the greeting. */
  readonly name: string | null;
  readonly isEnabled: boolean;
}

/** What somebody said about a rep. */
export type RepEvent =
  | { readonly kind: "mapped"; readonly rep: Rep }
  | { readonly kind: "unmapped"; readonly branch: string; readonly email: string };

/** The reps that stand, by branch code, then e-mail. */
export function foldReps(events: readonly { readonly kind: string }[]): readonly Rep[] {
  const reps = new Map<string, Rep>();
  for (const event of events as readonly RepEvent[]) {
    if (event.kind === "mapped") reps.set(keyOf(event.rep), event.rep);
    if (event.kind === "unmapped") reps.delete(keyOf(event));
  }
  return [...reps.values()].sort((a, b) => (`${a.code} ${a.email}` < `${b.code} ${b.email}` ? -1 : 1));
}

function keyOf({ branch, email }: { readonly branch: string; readonly email: string }): string {
  return JSON.stringify([branch, email]);
}
