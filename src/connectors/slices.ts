import type { DateRange } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { Slice } from "./types.js";

/** The days of a slice; throws `BAD_SLICE` (our bug) for a slice of another kind. */
export function daysOfSlice(slice: Slice, stream: string): DateRange {
  if (slice.kind === "days") return slice.days;
  throw new GrowthosError({
    code: "BAD_SLICE",
    what: `${stream} cannot read a slice of kind ${slice.kind}`,
    exit: "bug",
  });
}
