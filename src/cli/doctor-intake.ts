/** What `doctor` says about pushed data: secrets, where the receiver listens, and what waits. */
import type { WorkspaceConfig } from "../config/types.js";
import type { Workspace } from "../warehouse/types.js";
import type { CommandContext } from "./command.js";
import { type Finding, failed } from "./finding.js";
import { intakeParties, spoolText } from "./intake.js";
import { waitingDeliveries } from "./intake-waiting.js";
import { findCredentials } from "./vault.js";

/** Findings about the `intake` key; none without it. */
export async function checkIntake(
  context: CommandContext,
  own: WorkspaceConfig,
  ws: Workspace | null,
): Promise<readonly Finding[]> {
  const { intake } = own;
  if (intake === undefined) return [];
  const findings: Finding[] = [];
  for (const party of intakeParties(intake)) findings.push(await secretFinding(context, party, ws));
  const isOpen = !["127.0.0.1", "localhost", "::1"].includes(intake.host);
  const address = `listens on ${intake.host}:${intake.port} with \`growthos serve --intake\``;
  const fix = "senders need TLS: let a proxy or tunnel on this machine take it, and listen on 127.0.0.1";
  findings.push({ check: "intake", status: isOpen ? "warn" : "ok", message: address, ...(isOpen ? { fix } : {}) });
  if (ws !== null) findings.push(await waitingFinding(ws));
  return findings.map((finding) => ({ ...finding, check: `${own.name}: ${finding.check}` }));
}

async function secretFinding(
  context: CommandContext,
  party: ReturnType<typeof intakeParties>[number],
  ws: Workspace | null,
): Promise<Finding> {
  const check = `${party.id} secret`;
  try {
    const { missing, from } = await findCredentials(context, party, ws);
    if (missing.length === 0)
      return { check, status: "ok", message: from === "stored" ? "stored" : "from the environment or .env" };
    const isOptional = party.id === "pixel";
    const message = isOptional
      ? "none: only browsers may send events"
      : `nothing is stored, and ${missing.join(", ")} is not set`;
    if (isOptional) return { check, status: "ok", message };
    return {
      check,
      status: "fail",
      message,
      fix: `run \`growthos connect ${party.id}\`; or set it in the environment or in .env`,
    };
  } catch (thrown) {
    return failed(check, thrown);
  }
}

async function waitingFinding(ws: Workspace): Promise<Finding> {
  const check = "intake quarantine";
  try {
    const waiting = waitingDeliveries(ws).length;
    const spool = await spoolText(ws);
    if (waiting === 0) return { check, status: "ok", message: `nothing waits in quarantine; ${spool}` };
    const message = `${waiting} pushed deliveries could not be read; ${spool}`;
    return {
      check,
      status: "warn",
      message,
      fix: "look at them with `growthos intake list`, then `growthos intake replay`",
    };
  } catch (thrown) {
    return failed(check, thrown);
  }
}
