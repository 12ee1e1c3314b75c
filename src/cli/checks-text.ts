import type { Exit } from "../base/errors.js";
import type { CheckResult } from "../transform/types.js";
import type { Output } from "./command.js";

/** How the checks went, as an exit code: a broken promise before a check that has to be repaired. */
export function checksExit(checks: readonly CheckResult[]): Exit {
  if (checks.some((check) => check.status === "failed" && check.severity !== "warning")) return "badData";
  return checks.some((check) => check.broken === true) ? "usage" : "ok";
}

/**
 * Failed checks in full, those that cannot be run, how many had nothing to look at, and the tally as people know it from dbt:
 * `PASS=12 WARN=1 ERROR=0 SKIP=3`. With `all` every check is a line.
 */
export function checksText(
  { output }: { readonly output: Output },
  checks: readonly CheckResult[],
  { all = false }: { readonly all?: boolean } = {},
): string {
  const shown = all ? checks : checks.filter((check) => check.status === "failed" || check.broken === true);
  const failed = checks.filter((check) => check.status === "failed");
  const broken = checks.filter((check) => check.broken === true).length;
  const skipped = checks.filter((check) => check.status === "unknown").length - broken;
  const errors = failed.filter((check) => check.severity !== "warning").length;
  const passed = checks.length - failed.length - skipped - broken;
  return [
    ...shown.map((check) => checkLine(output, check)),
    ...(all || skipped === 0 ? [] : [output.paint("dim", `${skippedText(skipped)} (\`growthos check --all\`)`)]),
    `checks: PASS=${passed} WARN=${failed.length - errors} ERROR=${errors} SKIP=${skipped}${broken === 0 ? "" : ` BROKEN=${broken}`}`,
  ].join("\n");
}

function skippedText(count: number): string {
  return `${count === 1 ? "1 check" : `${count} checks`} could not tell: there is nothing to look at`;
}

function checkLine(output: Output, { id, severity, status, broken, message }: CheckResult): string {
  if (broken === true) return `${output.paint("bad", "BROKEN")} ${id}: ${message}`;
  if (status === "passed") return `${output.paint("good", "PASS")}   ${id}: ${message}`;
  if (status === "unknown") return `${output.paint("dim", "SKIP")}   ${id}: ${message}`;
  const label = severity === "warning" ? output.paint("warn", "WARN") : output.paint("bad", "ERROR");
  return `${label}${severity === "warning" ? "   " : "  "}${id}: ${message}`;
}

/** Checks as `--json` prints them. */
export function checksJson(checks: readonly CheckResult[]): readonly Readonly<Record<string, unknown>>[] {
  return checks.map(({ id, alias, severity, status, passed, broken, message, offendingRows }) => ({
    id,
    ...(alias === undefined ? {} : { alias }),
    severity,
    status,
    passed,
    ...(broken === true ? { broken } : {}),
    message,
    offending_rows: offendingRows,
  }));
}
