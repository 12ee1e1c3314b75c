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
  if (ws !== null && intake.sources.some(({ id }) => id === "pixel")) findings.push(await pixelFinding(ws));
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

/** What the current build says of the pixel; it judges complete days only. */
async function pixelFinding(ws: Workspace): Promise<Finding> {
  const check = "pixel";
  const [{ currentBuild }, { openDatabase }, { pixelSentence, readPixelHealth }] = await Promise.all([
    import("../warehouse/publish.js"),
    import("../warehouse/duckdb.js"),
    import("../transform/pixel-health.js"),
  ]);
  try {
    const build = currentBuild(ws);
    if (build === null) return { check, status: "ok", message: "not judged yet: nothing was built" };
    const db = await openDatabase({ path: build.path, readOnly: true, memoryLimitMb: 64 });
    const health = await readPixelHealth(db).finally(() => db.close());
    if (health === null) return { check, status: "ok", message: "not judged by this build: run `growthos build`" };
    const message = [pixelSentence(health), ...health.issues.map(({ what }) => what)].join("; ");
    if (health.state === "active" || health.state === "too_young") return { check, status: "ok", message };
    const fix =
      health.state === "not_installed"
        ? "install what `growthos pixel` prints, and let `growthos serve --intake` run"
        : "look at it with `growthos pixel health`";
    return { check, status: "warn", message, fix };
  } catch (thrown) {
    return failed(check, thrown);
  }
}
