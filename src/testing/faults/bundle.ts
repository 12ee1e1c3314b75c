import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** Bundles a TypeScript entry of this folder (or `../proof/…`) to a file that plain Node can run; it lies in node_modules so that DuckDB is found from there. */
export async function bundleEntry(name: string): Promise<string> {
  const folder = mkdtempSync(join(REPOSITORY, "node_modules", ".growthos-faults-"));
  const outfile = join(folder, `${basename(name)}.mjs`);
  await build({
    entryPoints: [join(REPOSITORY, "src", "testing", "faults", `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // undici is CommonJS inside: bundled into a module it finds no require.
    external: ["@duckdb/node-api", "undici", "ssh2"],
    logLevel: "error",
  });
  return outfile;
}

/** A child process, its output as it comes, and its end. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Starts a bundled entry. Standard error is shown with the lines, marked. */
export function startChild(bundle: string, args: readonly string[]): Child {
  const process = spawn(globalThis.process.execPath, [bundle, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  process.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
  process.stderr.on("data", (chunk: Buffer) => lines.push(`stderr: ${chunk.toString()}`));
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    process.on("close", (code, signal) => resolve({ code, signal }));
  });
  return { process, lines, ended };
}
