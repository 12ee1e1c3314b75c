import { GrowthosError } from "../../base/errors.js";
import type { Quarantined } from "../../intake/quarantined.js";
import type { Workspace } from "../../warehouse/types.js";
import type { Command } from "../command.js";
import { quarantinedJson } from "./intake-list.js";

export const command: Command = {
  name: "intake show",
  summary: "print a delivery in quarantine: why it is there, its headers and its body as it came",
  description: "The body is printed as it was received, personal data included.",
  arguments: [{ usage: "<id>", description: "an id of `growthos intake list`" }],
  options: [],
  examples: ["growthos intake show 3f2a9c0d1b5e7a64"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const found = await quarantinedBy(ws, args.positionals[0] ?? "");
    const { delivery } = found;
    const body = delivery === null ? null : Buffer.from(delivery.body).toString("utf8");
    const headers = delivery?.headers ?? {};
    const lines = [
      `${found.source}: ${found.reason} (${found.why})`,
      ...(found.isReplayed ? ["a replay has landed it since"] : []),
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      "",
      body ?? "the line in the spool was damaged on the disk",
    ];
    return { exit: "ok", json: { ...quarantinedJson(found), headers, body }, text: lines.join("\n") };
  },
};

/** A delivery in quarantine by its id. Throws `DELIVERY_UNKNOWN`. */
export async function quarantinedBy(ws: Workspace, id: string): Promise<Quarantined> {
  const [{ quarantined }, { readState }] = await Promise.all([
    import("../../intake/quarantined.js"),
    import("../../warehouse/log.js"),
  ]);
  for (const one of quarantined(ws, readState(ws))) if (one.id === id) return one;
  throw new GrowthosError({
    code: "DELIVERY_UNKNOWN",
    what: `no delivery "${id.slice(0, 40)}" is in quarantine`,
    hint: "`growthos intake list --all` has the ids",
    exit: "usage",
  });
}
