/** Where `growthos demo` puts its workspace, and how a command that is typed in the same folder afterwards finds it. */
import { join } from "node:path";
import type { Files } from "../base/files.js";
import type { Config } from "../config/types.js";

/** Name of the demo's workspace. */
export const DEMO_WORKSPACE = "demo";
/** The file that tells it from a shop of that name. */
export const DEMO_MARK = "MADE-BY-GROWTHOS-DEMO";

/** The package's own config as that of a demo in this folder. */
export function demoConfig({ workspaces }: Config, cwd: string): Config {
  return { projectRoot: cwd, workspaces: workspaces.map((workspace) => ({ ...workspace, name: DEMO_WORKSPACE })) };
}

/** True when a demo was made in this folder. */
export function isDemoFolder(files: Files, cwd: string): boolean {
  return files.stat(join(cwd, "workspaces", DEMO_WORKSPACE, DEMO_MARK)) !== undefined;
}
