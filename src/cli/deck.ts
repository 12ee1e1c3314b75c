/** What a weekly review needs beside the figures: layout, owners, targets, events, comments on disk, recorded limits. */
import { historyOf, openJournal } from "../alerts/journal.js";
import { DEFAULT_SETTINGS, WATCHED } from "../alerts/settings.js";
import { GrowthosError } from "../base/errors.js";
import type { Catalog } from "../metrics/catalog/index.js";
import { calendarOf } from "../metrics/fiscal.js";
import type { AnswerContext } from "../metrics/types.js";
import { windowFor } from "../metrics/windows.js";
import { readCommentary } from "../reports/deck/commentary.js";
import { sectionsOf } from "../reports/deck/layout.js";
import type { DeckEvent, DeckFacts } from "../reports/deck/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";

/** The deck of the workspace for the newest complete week of an answer. Comments lie in `commentary/`, of several shops each in its own folder. */
export async function readDeck(context: CommandContext, stamped: AnswerContext, catalog: Catalog): Promise<DeckFacts> {
  const [config, own, ws] = [await context.config(), await context.workspaceConfig(), await context.workspace()];
  const calendar = stamped.calendar ?? calendarOf(stamped.weekEndsOn ?? 7);
  const settings = own.alerts ?? { ...DEFAULT_SETTINGS, watch: null };
  const isWatching = !settings.off.includes("signal");
  return {
    sections: sectionsOf(own.deck?.sections),
    owners: own.deck?.owners ?? {},
    targets: own.targets,
    // The schema has looked at every day.
    events: (own.deck?.events ?? []) as readonly DeckEvent[],
    watch: isWatching ? (settings.watch ?? WATCHED) : [],
    limits: settings.limits,
    dividers: settings.dividers,
    frozen: recordedLimits(ws),
    commentary: readCommentary({
      files: context.effects.files,
      projectRoot: config.projectRoot,
      folder: config.workspaces.length > 1 || config.clients !== undefined ? `commentary/${own.name}` : "commentary",
      week: windowFor("last week", stamped.lastCompleteDay, calendar),
      calendar,
      metrics: catalog.metrics.map(({ id }) => id),
    }),
  };
}

/** Limits that the alerts have recorded; none where their history is damaged, which `readOperations` has told by then. */
function recordedLimits(ws: Workspace): DeckFacts["frozen"] {
  try {
    return historyOf(openJournal(ws)).frozen;
  } catch (thrown) {
    if (thrown instanceof GrowthosError) return [];
    throw thrown;
  }
}
