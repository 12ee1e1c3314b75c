import type { CheckResult } from "../transform/types.js";
import type { Output } from "./command.js";

/** Failed checks in full, and the tally as people know it from dbt: `PASS=12 WARN=1 ERROR=0`. */
export function checksText({ output }: { readonly output: Output }, checks: readonly CheckResult[]): string {
  const failed = checks.filter((check) => !check.passed);
  const lines = failed.map(({ id, severity, message }) => {
    const label = severity === "critical" ? output.paint("bad", "ERROR") : output.paint("warn", "WARN ");
    return `${label}  ${id}: ${message}`;
  });
  const errors = failed.filter((check) => check.severity === "critical").length;
  return [
    ...lines,
    `checks: PASS=${checks.length - failed.length} WARN=${failed.length - errors} ERROR=${errors}`,
  ].join("\n");
}

/** Checks as `--json` prints them. */
export function checksJson(checks: readonly CheckResult[]): readonly Readonly<Record<string, unknown>>[] {
  return checks.map(({ id, severity, passed, message, offendingRows }) => ({
    id,
    severity,
    passed,
    message,
    offending_rows: offendingRows,
  }));
}
