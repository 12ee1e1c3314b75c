/** Whose change it was: the change of a sum, or of a ratio of sums, divided among groups without a rest. */

/** A sum before and after. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

/** A group's, or the whole's, sums: of a plain sum `under` is null. */
export interface Part {
  readonly over: Pair;
  readonly under: Pair | null;
}

/** Sums of groups may differ from the total by so much of it before they count as not adding up (fractions of a unit). */
const ROUNDING = 1e-6;

/**
 * Each group's part of the change of the whole, in the order of the groups; the parts sum to 1. Null when nothing changed, when a
 * denominator is 0, or when the groups do not add up to the whole.
 *
 * Of a sum a group's part is its own change. Of a ratio R = N / D it is how much more of N it has than its D deserves at the old
 * ratio R0, after against before: (n1 - R0 d1) / D1 - (n0 - R0 d0) / D0. Summed over the groups that is R1 - R0, exactly, and a group
 * that spends the same and brings less of D shows as well as one that spends more.
 */
export function partsOfChange(groups: readonly Part[], total: Part): readonly number[] | null {
  if (!addsUp(groups, total)) return null;
  const change = total.under === null ? total.over.after - total.over.before : ratioChange(total.over, total.under);
  if (change === null || change === 0) return null;
  return groups.map((group) => changeOfGroup(group, total) / change);
}

function changeOfGroup({ over, under }: Part, total: Part): number {
  if (under === null || total.under === null) return over.after - over.before;
  const old = total.over.before / total.under.before;
  return (over.after - old * under.after) / total.under.after - (over.before - old * under.before) / total.under.before;
}

function ratioChange(over: Pair, under: Pair): number | null {
  return under.before === 0 || under.after === 0 ? null : over.after / under.after - over.before / under.before;
}

function addsUp(groups: readonly Part[], total: Part): boolean {
  const sums = (pick: (part: Part) => number) => groups.reduce((sum, group) => sum + pick(group), 0);
  const picks: readonly ((part: Part) => number)[] = [
    (part) => part.over.before,
    (part) => part.over.after,
    (part) => part.under?.before ?? 0,
    (part) => part.under?.after ?? 0,
  ];
  return picks.every((pick) => Math.abs(sums(pick) - pick(total)) <= ROUNDING * Math.max(1, Math.abs(pick(total))));
}
