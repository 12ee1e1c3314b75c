/**
 * Errors are data: a permanent code, what happened, why, what to do, and in which state things were left.
 * Whatever is not a GrowthosError is our own bug and ends with exit code 1.
 */

/** What the process exits with; the table in README is generated from this object. */
export const EXIT = {
  ok: { code: 0, meaning: "fine" },
  bug: { code: 1, meaning: "our bug" },
  usage: { code: 2, meaning: "usage or configuration" },
  source: { code: 3, meaning: "a source failed (the others are committed)" },
  badData: { code: 4, meaning: "an error-check failed or bad data (the old marts are kept)" },
  alert: { code: 5, meaning: "an alert at or above --fail-on" },
  locked: { code: 6, meaning: "locked by another run" },
  auth: { code: 7, meaning: "authentication or permission" },
  damaged: { code: 8, meaning: "damaged data (names the file and the remedy)" },
  io: { code: 9, meaning: "disk or I/O" },
  interrupted: { code: 130, meaning: "interrupted" },
} as const;

/** The name of an exit status. */
export type Exit = keyof typeof EXIT;

/** The parts of an error message, in the order in which they are printed. */
export interface ErrorParts {
  /** Permanent and searchable, upper snake case, e.g. `API_AUTH`. */
  readonly code: string;
  /** What happened, one sentence without a full stop. */
  readonly what: string;
  /** Why, and where: file, line, column, value, stream, day. */
  readonly why?: string;
  /** In which state things were left. */
  readonly state?: string;
  /** What to do; printed last. */
  readonly hint?: string;
  readonly exit: Exit;
  readonly cause?: unknown;
}

/** A failure that the user can understand and act upon. */
export class GrowthosError extends Error {
  readonly code: string;
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    super(parts.why === undefined ? parts.what : `${parts.what}: ${parts.why}`, { cause: parts.cause });
    this.name = "GrowthosError";
    this.code = parts.code;
    this.parts = parts;
  }

  get exitCode(): number {
    return EXIT[this.parts.exit].code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC` …), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
