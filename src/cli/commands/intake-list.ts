import type { Quarantined } from "../../intake/quarantined.js";
import type { Command } from "../command.js";
import { plural } from "../format.js";
import { spoolText } from "../intake.js";

export const command: Command = {
  name: "intake list",
  summary: "list pushed deliveries that could not be read and wait in quarantine",
  description:
    "Nothing that was accepted is dropped: what is no JSON, has an unknown topic, another shape or another shop stays here until `growthos intake replay` can land it. The spool's state comes last.",
  options: [{ flags: "--all", description: "also those that a replay has landed" }],
  examples: ["growthos intake list", "growthos intake list --all --json"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const [{ quarantined }, { readState }] = await Promise.all([
      import("../../intake/quarantined.js"),
      import("../../warehouse/log.js"),
    ]);
    const found = [...quarantined(ws, readState(ws))].filter(
      ({ isReplayed }) => args.options["all"] === true || !isReplayed,
    );
    const columns = ["id", "source", "received", "reason", "why"].map((title) => ({ title }));
    const rows = found.map(({ id, source, receivedAt, reason, why, isReplayed }) => [
      id,
      source,
      receivedAt ?? "",
      isReplayed ? `${reason} (landed since)` : reason,
      why.slice(0, 100),
    ]);
    const spool = await spoolText(ws);
    const head = found.length === 0 ? "nothing waits in quarantine" : context.output.table(columns, rows);
    const told =
      found.length === 0
        ? []
        : [`${plural(found.length, "delivery").replace("deliverys", "deliveries")} in quarantine`];
    return {
      exit: "ok",
      json: { quarantined: found.map(quarantinedJson), spool },
      text: [head, ...told, spool].join("\n"),
    };
  },
};

/** One of them, without its body. */
export function quarantinedJson({ id, source, reason, why, receivedAt, delivery, isReplayed }: Quarantined) {
  return {
    id,
    source,
    topic: delivery?.topic ?? null,
    reason,
    why,
    received_at: receivedAt,
    bytes: delivery?.body.length ?? null,
    replayed: isReplayed,
  };
}
