import { GrowthosError } from "../../base/errors.js";
import type { PixelHealth } from "../../transform/pixel-health.js";
import type { Command } from "../command.js";

export const command: Command = {
  name: "pixel health",
  summary: "judge how well the pixel works, from the events before the current build's cut-off",
  description:
    "50 points for being there, up to 25 for events in 24 hours, 15 for a completed checkout, up to 10 for a late last event, 10 less for every issue; from 70 on it is active. Only complete days are judged.",
  options: [],
  examples: ["growthos pixel health", "growthos pixel health --json"],
  async run(context) {
    const { pixelSentence, readPixelHealth } = await import("../../transform/pixel-health.js");
    const { database } = await context.openBuild();
    try {
      const health = await readPixelHealth(database);
      if (health === null) throw tooOld();
      return {
        exit: "ok",
        json: pixelJson(health),
        text: textOf(health, { sentence: pixelSentence(health), table: context.output.table }),
      };
    } finally {
      await database.close();
    }
  },
};

function tooOld(): GrowthosError {
  return new GrowthosError({
    code: "PIXEL_NOT_JUDGED",
    what: "the current build does not judge the pixel",
    why: "it was made by an earlier version",
    hint: "run `growthos build`",
    exit: "usage",
  });
}

type Table = (columns: readonly { readonly title: string; readonly align?: "right" }[], rows: string[][]) => string;

function textOf(
  health: PixelHealth,
  { sentence, table }: { readonly sentence: string; readonly table: Table },
): string {
  const { state, parts, issues, counts } = health;
  const points = parts.map(({ what, points: many }) => [what, many > 0 ? `+${many}` : `${many}`]);
  return [
    `pixel: ${sentence}`,
    ...(state === "not_installed" ? ["`growthos pixel` prints what to install"] : []),
    ...(points.length === 0 ? [] : [table([{ title: "part" }, { title: "points", align: "right" }], points)]),
    ...issues.flatMap(({ id, what, advice }) => [`${id}: ${what}`, `  ${advice}`]),
    `judged at ${counts.cutOff}, the end of the last complete day`,
  ].join("\n");
}

/** As JSON, in the names of the mart where it has them. */
function pixelJson({ state, score, parts, issues, counts }: PixelHealth) {
  return {
    ...{
      state,
      score,
      parts,
      issues,
      cut_off_at: counts.cutOff,
      event_count: counts.events,
      later_event_count: counts.later,
    },
    ...{
      recent_event_count: counts.recent,
      recent_checkout_count: counts.recentCheckouts,
      last_event_at: counts.lastAt,
    },
    ...{
      week_event_count: counts.weekEvents,
      week_order_count: counts.weekOrders,
      week_checkout_count: counts.weekCheckouts,
    },
  };
}
