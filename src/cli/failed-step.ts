/** Tells people that a step of `growthos run` failed: the run ends there. */
import type { AlertEvent } from "../alerts/lifecycle.js";
import { isoInstant } from "../base/clock.js";
import { addDays } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";
import type { OutboxEvent } from "../notify/types.js";
import type { CommandContext } from "./command.js";
import { workspaceClock } from "./world.js";

/** Nobody needs to be told of these: somebody stopped the run, or another one is at work. */
const SILENT = new Set(["interrupted", "locked"]);

/** Keeps and sends the failure as an alert. A failure to tell is a warning: the step's own error is the run's answer. */
export async function tellFailure(context: CommandContext, name: string, thrown: unknown): Promise<void> {
  const { flags, output } = context;
  if (!(thrown instanceof GrowthosError) || SILENT.has(thrown.parts.exit) || flags.asOf !== undefined) return;
  try {
    await keepFailure(context, name, thrown);
  } catch (untold) {
    if (!(untold instanceof GrowthosError)) throw untold;
    output.warn(`nobody was told that ${name} failed: ${untold.message}`);
  }
}

async function keepFailure(context: CommandContext, name: string, error: GrowthosError): Promise<void> {
  const [own, ws] = [await context.workspaceConfig(), await context.workspace({ mustExist: true })];
  const [
    { openJournal, historyOf },
    failures,
    { deliver, messagesFor },
    { openSinks },
    { withLock },
    { currentBuild },
  ] = await Promise.all([
    import("../alerts/journal.js"),
    import("../alerts/failed-step.js"),
    import("../notify/outbox.js"),
    import("./alert-sinks.js"),
    import("../warehouse/lock.js"),
    import("../warehouse/publish.js"),
  ]);
  if (own.alerts?.off.includes(failures.FAILED_STEP) === true) return;
  const clock = workspaceClock(own, context.effects.clock);
  const sinks = await openSinks(context, ws, { config: own.alerts, transport: context.effects.transport });
  const day = addDays(await context.asOf(), -1);
  await withLock(ws, "spool", { waitMs: 0, clock: context.effects.clock, owner: "growthos run" }, async () => {
    const journal = openJournal<AlertEvent | OutboxEvent>(ws);
    const history = historyOf(journal as Parameters<typeof historyOf>[0]);
    const { name: shop, currency } = own.shop;
    const readable = currentBuild(ws)?.asOf ?? null;
    const alert = failures.alertOfFailure({ name, error, day, currency, readable });
    const { events, tellings } = failures.stepOfFailure(history, alert, day);
    const messages = messagesFor(sinks, { workspace: ws.id, shop, day, tellings });
    await journal.append(isoInstant(clock.now()), [
      ...events,
      ...messages.map((message): OutboxEvent => ({ kind: "queued", message })),
    ]);
    const lost = (await deliver(journal, sinks, clock)).filter(({ outcome }) => outcome !== "sent");
    for (const { message, why } of lost)
      context.output.warn(`a message to ${message.sink} was not delivered: ${why ?? ""}; it stays in the outbox`);
  });
}
