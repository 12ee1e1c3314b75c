/** What the commands about sales reps share: the mapping as it stands, and how it is changed. */
import { openJournal } from "../alerts/journal.js";
import { isoInstant } from "../base/clock.js";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { foldReps, type Rep, type RepEvent } from "../notify/branch-reps.js";
import { REPS_JOURNAL } from "../warehouse/journal.js";
import { withLock } from "../warehouse/lock.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { NO_MAIL, refuseWithStore } from "./store.js";
import { workspaceClock } from "./world.js";

const LONGEST_NAME = 120;
/** Reps of one workspace. */
const MOST_REPS = 10_000;

/** The reps that stand. */
export function standingReps(ws: Workspace): readonly Rep[] {
  return foldReps(
    openJournal<RepEvent>(ws, REPS_JOURNAL)
      .events()
      .map(({ event }) => event),
  );
}

/** Adds what `decide` makes of the standing reps, durably; nothing with `--dry-run`. Waits `waitMs` for a sending under way. */
export async function changeReps(
  context: CommandContext,
  waitMs: number,
  decide: (reps: readonly Rep[]) => readonly RepEvent[],
): Promise<readonly Rep[]> {
  refuseWithStore(await context.workspaceConfig(), "a list of who gets branch reports", NO_MAIL);
  const ws = await context.workspace({ mustExist: true });
  const clock = workspaceClock(await context.workspaceConfig(), context.effects.clock);
  const lock = { waitMs, clock: context.effects.clock, owner: "growthos branches" };
  return withLock(ws, "spool", lock, async () => {
    const journal = openJournal<RepEvent>(ws, REPS_JOURNAL);
    const before = journal.events().map(({ event }) => event);
    const events = decide(foldReps(before));
    const after = foldReps([...before, ...events]);
    if (after.length > MOST_REPS)
      throw badRep(`${after.length} reps are more than ${MOST_REPS}`, "that is the most of one workspace");
    if (!context.flags.dryRun) await journal.append(isoInstant(clock.now()), events);
    return after;
  });
}

/** An e-mail address in lower case, or what is wrong with it. */
export function addressOf(text: string): string | { readonly wrong: string } {
  const address = text.trim().toLowerCase();
  // Not every address of RFC 5321, but none that could become a header or a second recipient.
  return /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(address) && address.length <= 254
    ? address
    : { wrong: `"${text.slice(0, 80)}" is not an e-mail address` };
}

/** A name for the greeting, on one line; null when there is none. */
export function repName(text: string | undefined): string | null | { readonly wrong: string } {
  const name = (text ?? "").replace(/[\s\p{Cc}]+/gu, " ").trim();
  if (name.length > LONGEST_NAME) return { wrong: `a name has at most ${LONGEST_NAME} characters` };
  return name === "" ? null : name;
}

/** The rep that a branch and an address name. Throws `REP_UNKNOWN`, with the nearest address. */
export function repNamed(reps: readonly Rep[], code: string, text: string): Rep {
  const email = text.trim().toLowerCase();
  const wanted = code.trim().toLowerCase();
  const of = reps.filter((rep) => rep.code.toLowerCase() === wanted || rep.branch.toLowerCase() === wanted);
  const found = of.find((rep) => rep.email === email);
  if (found !== undefined) return found;
  const near = nearest(
    email,
    of.map((rep) => rep.email),
  );
  throw new GrowthosError({
    code: "REP_UNKNOWN",
    what: `${text.slice(0, 80)} gets no report of branch ${code.slice(0, 80)}`,
    state: "nothing was changed",
    hint: near === undefined ? "`growthos branches reps` lists who gets which" : `did you mean ${near}?`,
    exit: "usage",
  });
}

/** Refusal of what was given. */
export function badRep(what: string, why: string): GrowthosError {
  return new GrowthosError({
    code: "BAD_REP",
    what,
    why,
    state: "nothing was changed",
    hint: "`growthos branches map --help` shows how a rep is mapped",
    exit: "usage",
  });
}

/** Reps as JSON, snake_case. */
export function repsJson(reps: readonly Rep[]): readonly Readonly<Record<string, unknown>>[] {
  return reps.map(({ code, email, name, isEnabled }) => ({ branch_code: code, email, name, enabled: isEnabled }));
}
