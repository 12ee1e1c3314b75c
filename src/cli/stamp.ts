import { addDays } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { AnswerContext } from "../metrics/types.js";
import type { Database } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";

/** The stamp of an answer for the day of `--as-of`; warns when the build is of another day than today. Throws `STALE_BUILD`. */
export async function stampFor(built: AnswerContext, context: CommandContext): Promise<AnswerContext> {
  const stamped = asOfFlag(built, context);
  await tellAge(context, stamped);
  return stamped;
}

/** How old a customer is was counted when the marts were built: an earlier day needs a build of its own. Throws `STALE_BUILD`. */
export function refuseOtherAges({ asOf }: AnswerContext, { flags }: CommandContext): void {
  if (flags.asOf === undefined || flags.asOf >= asOf) return;
  throw new GrowthosError({
    code: "STALE_BUILD",
    what: `customers' ages are those of ${asOf}, the day of the build, and ${flags.asOf} was asked for`,
    hint: `run \`growthos build --as-of ${flags.asOf}\` first`,
    exit: "usage",
  });
}

/** The error of a build of a version that did not know yet what is asked for: `STALE_BUILD`. `cause`: the statement that found it out. */
export function olderBuild(cause?: GrowthosError): GrowthosError {
  // The first line says what is missing; DuckDB goes on with everything that is near to it.
  const why = cause?.parts.why?.split("\n")[0];
  return new GrowthosError({
    code: "STALE_BUILD",
    what: "the current build was made by an older version of growthos",
    ...(why === undefined ? {} : { why }),
    hint: "run `growthos build`",
    exit: "usage",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A build whose statements end with `STALE_BUILD` where they ask for a relation or column that it does not have. */
export function ofThisVersion(database: Database): Database {
  const told = (thrown: unknown): never => {
    throw thrown instanceof GrowthosError && isOfAnotherVersion(thrown) ? olderBuild(thrown) : thrown;
  };
  return {
    ...database,
    run: (sql, params) => database.run(sql, params).catch(told),
    all: (sql, params) => database.all(sql, params).catch(told),
    one: (sql, params) => database.one(sql, params).catch(told),
  };
}

const MISSING = /^(Catalog Error: Table .* not exist|Binder Error: .* (not found in from|not have a column))/i;

/** Statements over a build are the program's own, and held against the contract of the marts: what they miss, the build is too old for. */
function isOfAnotherVersion({ code, parts: { why = "" } }: GrowthosError): boolean {
  return code === "SQL_FAILED" && MISSING.test(why);
}

/** An answer from a build of another day says so: nobody should take an old figure for today's. */
async function tellAge({ flags, output, asOf: dayOfAnswer }: CommandContext, stamped: AnswerContext): Promise<void> {
  const today = flags.asOf ?? (await dayOfAnswer());
  if (today === stamped.asOf) return;
  output.warn(`the figures are as of ${stamped.asOf}, today is ${today}; \`growthos run\` brings them up to date`);
}

/** `--as-of` moves the answer back to an earlier day of the same build; a later day needs a build of its own. */
function asOfFlag(stamped: AnswerContext, { flags }: CommandContext): AnswerContext {
  if (flags.asOf === undefined || flags.asOf === stamped.asOf) return stamped;
  if (flags.asOf < stamped.asOf) return { ...stamped, asOf: flags.asOf, lastCompleteDay: addDays(flags.asOf, -1) };
  throw new GrowthosError({
    code: "STALE_BUILD",
    what: `the build is as of ${stamped.asOf}, the question as of ${flags.asOf}`,
    hint: `run \`growthos build --as-of ${flags.asOf}\` first`,
    exit: "usage",
  });
}
