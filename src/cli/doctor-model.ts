/** What `doctor` says about the language model of `growthos ask`: whether it is on, and whether there is a key. Nobody is asked. */
import type { WorkspaceConfig } from "../config/types.js";
import type { Workspace } from "../warehouse/types.js";
import { ANTHROPIC } from "./ask-model.js";
import type { CommandContext } from "./command.js";
import { type Finding, failed } from "./finding.js";
import { findCredentials } from "./vault.js";

/** The finding of a workspace. Without a key questions are answered all the same, by the rules. */
export async function checkModel(
  context: CommandContext,
  { model }: WorkspaceConfig,
  ws: Workspace | null,
): Promise<Finding> {
  const check = "language model";
  if (model === undefined) return { check, status: "ok", message: "off: questions are read by rules alone" };
  try {
    const { missing, from } = await findCredentials(context, ANTHROPIC, ws);
    if (missing.length === 0) {
      const where = from === "stored" ? "stored" : "from the environment or .env";
      return { check, status: "ok", message: `${model.name} reads questions, too; its key is ${where}` };
    }
    const fix = `run \`growthos connect ${ANTHROPIC.id}\`; or set ${missing.join(", ")} in the environment or in .env`;
    return { check, status: "warn", message: `${model.name} is on, and there is no key`, fix };
  } catch (thrown) {
    return failed(check, thrown);
  }
}
