import { resolve } from "node:path";
import { type Command, flagOption } from "../command.js";
import { megabytes, plural } from "../format.js";

export const command: Command = {
  name: "backup",
  summary: "copy the workspace as of one commit, verified",
  description:
    "Copies the log, the landed files that it names, and the quarantine. Builds and reports are left out: they are made again from these. Needs no lock and disturbs no run.",
  arguments: [{ usage: "<folder>", description: "a folder that is not there yet" }],
  options: [
    {
      flags: "--with-salt",
      description: "include the key of the personal-data hashes (keep such a backup as safe as the data)",
    },
  ],
  examples: ["growthos backup /mnt/backup/shop-2026-02-09"],
  async run(context, args) {
    const ws = await context.workspace({ mustExist: true });
    const { backup } = await import("../../warehouse/backup.js");
    const destination = resolve(context.effects.cwd, args.positionals[0] ?? "");
    const manifest = backup(ws, { destination, includeSalt: flagOption(args, "withSalt") });
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      exit: "ok",
      json: { workspace: ws.name, destination, version: manifest.version, files: manifest.files.length, bytes },
      text: `${plural(manifest.files.length, "file")} (${megabytes(bytes)}) of commit ${manifest.version} copied to ${destination}`,
    };
  },
};
