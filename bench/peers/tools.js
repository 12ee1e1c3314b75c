// The other tools, each in a virtual environment of its own: installed once, kept between runs.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** The newest releases that can be had from the package index alone; DuckDB is the one that growthos uses. */
const PACKAGES = {
  dlt: ["dlt[duckdb,parquet]==1.31.0", "duckdb==1.5.6"],
  // dbt-core 1.12 fetches a parser from elsewhere when it is installed.
  dbt: ["dbt-core==1.11.16", "dbt-duckdb==1.10.1", "duckdb==1.5.6"],
  sqlmesh: ["sqlmesh==0.236.4", "duckdb==1.5.6"],
};

/** Tools that fetch a binary when they are first started, which a machine without free access to the net cannot. */
export const LEFT_OUT = {
  bruin: "its package fetches a binary from outside of the index",
  ingestr: "its package fetches a binary from outside of the index",
};

/** `{ name, bin(command), versions }` of each tool that could be installed; what could not is told and left out. */
export function installTools(folder, wanted = Object.keys(PACKAGES)) {
  mkdirSync(folder, { recursive: true });
  return wanted.flatMap((name) => {
    const place = join(folder, name);
    const bin = (command) => join(place, "bin", command);
    if (!existsSync(bin("pip"))) execFileSync("python3", ["-m", "venv", place], { stdio: "inherit" });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES[name]];
    const { status, stderr } = spawnSync(bin("python"), pip, { encoding: "utf8" });
    if (status === 0) return [{ name, bin, packages: PACKAGES[name] }];
    console.error(`${name}: left out, it cannot be installed: ${stderr.trim().split("\n").at(-1)}`);
    return [];
  });
}
