import { type Command, flagOption, type Tone } from "../command.js";
import { diagnose } from "../doctor.js";
import type { Finding } from "../finding.js";

export const command: Command = {
  name: "doctor",
  summary: "check machine, config, workspace and every connection, each with a fix",
  description: [
    "Looks at this machine (Node, disk, volume, clock), the project (config, what git tracks, who may read .env), the workspace, and each",
    "source: where its credentials come from, whether the vendor takes them and grants what is needed, and how long its API is served.",
    "Changes nothing, except that a token may be renewed, and that a probe is put into a configured store and removed again.",
  ].join(" "),
  options: [{ flags: "--offline", description: "ask no vendor" }],
  examples: ["growthos doctor", "growthos doctor --offline", "growthos doctor --json"],
  async run(context, args) {
    const isOffline = flagOption(args, "offline");
    const findings = await diagnose(context, { nodeVersion: process.versions.node, isOffline });
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
