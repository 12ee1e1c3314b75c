import { isoInstant } from "../../base/clock.js";
import { readSecrets } from "../../config/sources.js";
import { readRecord, recordMeta, storedSources, type Vault } from "../../vault/records.js";
import type { Workspace } from "../../warehouse/types.js";
import type { Command, CommandContext } from "../command.js";
import { connectables } from "../connection.js";
import { openVault, recordsOf, workspaceIfThere } from "../vault.js";

export const command: Command = {
  name: "connections list",
  summary: "show where the credentials of each source come from",
  description:
    "Shows each source that signs in, and where its credentials come from. Prints no credential and asks no vendor.",
  options: [],
  examples: ["growthos connections list"],
  async run(context) {
    const ws = await workspaceIfThere(context);
    const rows = await connectionsOf(context, ws);
    const columns = ["source", "from", "sign-in", "connected", "key"].map((title) => ({ title }));
    const table = rows.map((row) => [row.source, row.from, row.method ?? "-", row.connectedAt ?? "-", row.key ?? "-"]);
    const open = rows.filter(({ from }) => from === "nowhere").map(({ source }) => `growthos connect ${source}`);
    return {
      exit: "ok",
      json: { workspace: (await context.workspaceConfig()).name, connections: rows },
      text: [
        rows.length === 0 ? "no source of the config signs in anywhere" : context.output.table(columns, table),
        ...(open.length === 0 ? [] : ["", `next: ${open.join(", ")}`]),
      ].join("\n"),
    };
  },
};

/** Where the credentials of a source come from; never what they are. */
export interface ConnectionRow {
  readonly source: string;
  readonly from: "environment" | "stored" | "both" | "nowhere" | "not in the config";
  readonly method: string | null;
  /** Instant, ISO 8601 UTC. */
  readonly connectedAt: string | null;
  /** Id of the key that opens the record. */
  readonly key: string | null;
  /** Instant at which the stored token ends, ISO 8601 UTC; null: it does not, or nothing is known. */
  readonly tokenExpiresAt: string | null;
}

/** Every source that signs in, and what is stored beside them. Opens the vault when there are records. */
export async function connectionsOf(context: CommandContext, ws: Workspace | null): Promise<readonly ConnectionRow[]> {
  const env = await context.env();
  const stored = ws === null ? [] : storedSources(recordsOf(ws));
  const vault = ws === null || stored.length === 0 ? null : await openVault(context, ws);
  const configured = (await connectables(context)).map(({ source, connector }) => {
    const names = Object.keys(readSecrets(connector, env, { readFile: () => "" }).secrets);
    const isStored = stored.includes(source.id);
    const from = names.length > 0 ? (isStored ? "both" : "environment") : isStored ? "stored" : "nowhere";
    return { source: source.id, from, ...storedPart(ws, vault, source.id) } as const;
  });
  const foreign = stored.filter((id) => !configured.some(({ source }) => source === id));
  const rest = foreign.map(
    (source) => ({ source, from: "not in the config", ...storedPart(ws, vault, source) }) as const,
  );
  return [...configured, ...rest];
}

function storedPart(ws: Workspace | null, vault: Vault | null, source: string): Omit<ConnectionRow, "source" | "from"> {
  const meta = ws === null ? null : recordMeta(recordsOf(ws), source);
  if (meta === null) return { method: null, connectedAt: null, key: null, tokenExpiresAt: null };
  const record = vault === null ? null : readRecord(vault, source);
  const expiresAt = record?.token?.expiresAt ?? null;
  return {
    method: record?.method ?? "? (its key is missing)",
    connectedAt: record?.connectedAt ?? null,
    key: meta.keyId,
    tokenExpiresAt: expiresAt === null ? null : isoInstant(expiresAt),
  };
}
