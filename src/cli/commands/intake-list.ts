import type { Quarantined } from "../../intake/quarantined.js";
import type { PrivacyRequest } from "../../transform/privacy-requests.js";
import type { Command, CommandContext } from "../command.js";
import { plural } from "../format.js";
import { spoolText } from "../intake.js";

export const command: Command = {
  name: "intake list",
  summary: "list pushed deliveries that could not be read and wait in quarantine",
  description:
    "Nothing that was accepted is dropped: what is no JSON, has an unknown topic, another shape or another shop stays here until `growthos intake replay` can land it. Requests of customers that Shopify passes on (data_request, redact) are listed as well: somebody has to answer each within 30 days. The spool's state comes last.",
  options: [{ flags: "--all", description: "also those that a replay has landed" }],
  examples: ["growthos intake list", "growthos intake list --all --json"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const [{ quarantined }, { readState }, { readPrivacyRequests }] = await Promise.all([
      import("../../intake/quarantined.js"),
      import("../../warehouse/log.js"),
      import("../../transform/privacy-requests.js"),
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
    const requests = await readPrivacyRequests(ws);
    const spool = await spoolText(ws);
    const head = found.length === 0 ? "nothing waits in quarantine" : context.output.table(columns, rows);
    const told =
      found.length === 0
        ? []
        : [`${plural(found.length, "delivery").replace("deliverys", "deliveries")} in quarantine`];
    return {
      exit: "ok",
      json: { quarantined: found.map(quarantinedJson), requests: requests.map(requestJson), spool },
      text: [head, ...told, ...requestLines(context, requests), spool].join("\n"),
    };
  },
};

function requestLines({ output }: CommandContext, requests: readonly PrivacyRequest[]): readonly string[] {
  if (requests.length === 0) return [];
  const columns = ["id", "request", "received", "answer by", "shop", "customer", "orders"].map((title) => ({ title }));
  const rows = requests.map(({ id, topic, receivedAt, dueAt, answeredBy, shop, customer, orders }) => [
    id,
    topic,
    receivedAt,
    answeredBy === null ? dueAt.slice(0, 10) : "answered",
    shop ?? "—",
    answeredBy !== null ? answeredBy : (customer ?? (topic === "shop/redact" ? "all" : "not named")),
    orders.slice(0, 5).join(", ") + (orders.length > 5 ? `, ${orders.length - 5} more` : ""),
  ]);
  const open = requests.filter(({ answeredBy }) => answeredBy === null).length;
  const count =
    open === 0
      ? "every request of a customer is answered"
      : `${plural(open, "request")} of customers for their data, which somebody has to answer: data_request with \`growthos person export --request <id>\`, redact with \`growthos forget --request <id>\``;
  return ["", output.table(columns, rows), count, ""];
}

function requestJson({ receivedAt, dueAt, answeredBy, ...request }: PrivacyRequest) {
  return { ...request, received_at: receivedAt, due_at: dueAt, answered_by: answeredBy };
}

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
