import type { Command, Tone } from "../command.js";
import { diagnose, type Finding } from "../doctor.js";

export const command: Command = {
  name: "doctor",
  summary: "check Node, config, credentials, disk, clock and workspace, each with a fix",
  options: [],
  examples: ["growthos doctor", "growthos doctor --json"],
  async run(context) {
    const findings = await diagnose(context, process.versions.node);
    const failed = findings.filter((finding) => finding.status === "fail").length;
    const warned = findings.filter((finding) => finding.status === "warn").length;
    const tones: Readonly<Record<string, Tone>> = { ok: "good", warn: "warn", fail: "bad" };
    const line = ({ status, check, message, fix }: Finding) =>
      [
        `${context.output.paint(tones[status] ?? "dim", status.padEnd(4))}  ${check}: ${message.split("\n").join("\n        ")}`,
        ...(fix === undefined ? [] : [`      ${context.output.paint("hint", "fix:")} ${fix}`]),
      ].join("\n");
    return {
      exit: failed > 0 ? "usage" : "ok",
      json: { version: context.version, findings, failed, warned },
      text: [...findings.map(line), "", `${findings.length} checks, ${failed} failed, ${warned} to look at`].join("\n"),
    };
  },
};
