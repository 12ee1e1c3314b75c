import type { AlertEvent } from "../../alerts/lifecycle.js";
import type { OutboxEvent } from "../../notify/types.js";
import type { Command } from "../command.js";
import { stringOption } from "../command.js";

type Event = AlertEvent | OutboxEvent;

export const command: Command = {
  name: "alerts history",
  summary: "list what became of alerts: begun, over, muted, acknowledged, sent",
  arguments: [{ usage: "[key]", description: "only this alert, or this rule with all of its groups" }],
  options: [{ flags: "--limit <n>", description: "so many of the newest lines", default: "50" }],
  examples: ["growthos alerts history", "growthos alerts history cac_increase --json"],
  async run(context, args) {
    const wanted = args.positionals[0];
    const ws = await context.workspace({ mustExist: true });
    const { openJournal } = await import("../../alerts/journal.js");
    const lines = openJournal<Event>(ws)
      .events()
      .flatMap(({ at, event }) => lineOf(at, event))
      .filter(({ key }) => wanted === undefined || key === wanted || key.startsWith(`${wanted}:`));
    const shown = lines.slice(-Math.max(1, Number(stringOption(args, "limit") ?? "50") || 50)).reverse();
    const columns = [{ title: "at" }, { title: "day" }, { title: "what" }, { title: "alert" }, { title: "detail" }];
    return {
      exit: "ok",
      json: { total: lines.length, events: shown },
      text:
        shown.length === 0
          ? "nothing yet: `growthos alerts` writes the history"
          : context.output.table(
              columns,
              shown.map(({ at, day, what, key, detail }) => [at, day ?? "", what, key, detail]),
            ),
    };
  },
};

interface Line {
  readonly at: string;
  readonly day: string | null;
  readonly what: string;
  readonly key: string;
  readonly detail: string;
}

/** An event as one line; those of the machinery (limits, attempts under way, judged days) have none. */
function lineOf(at: string, event: Event): readonly Line[] {
  const line = (what: string, key: string, more: Partial<Line> = {}) => [
    { at, day: null, what, key, detail: "", ...more },
  ];
  switch (event.kind) {
    case "new":
    case "still":
      return line(event.kind, event.alert.key, {
        day: event.day,
        detail: `${event.alert.severity}: ${event.alert.what}`,
      });
    case "recovered":
      return line("recovered", event.key, { day: event.day });
    case "muted":
      return line("muted", event.key, { detail: `${event.until ?? "until taken back"}: ${event.reason}` });
    case "unmuted":
      return line("unmuted", event.key);
    case "acked":
      return line("acknowledged", event.key, { detail: event.note });
    case "sent":
      return line("sent", event.id);
    case "failed":
      return line("not sent", event.id, { detail: event.why });
    case "given_up":
      return line("given up", event.id, { detail: event.why });
    case "queued":
      return line("queued", event.message.id, { day: event.message.day, detail: event.message.sink });
    default:
      return [];
  }
}
