/** Failures in PostgreSQL's words: clients act upon the five signs of SQLSTATE. */
import { GrowthosError, messageOf } from "../../base/errors.js";

/** A failure of the protocol or of a statement that never reached the engine. */
export class PgError extends Error {
  /** As PostgreSQL's appendix A lists them. */
  readonly sqlState: string;
  readonly hint: string | undefined;
  /** The connection is of no use after it. */
  readonly isFatal: boolean;

  constructor(sqlState: string, message: string, more: { readonly hint?: string; readonly isFatal?: boolean } = {}) {
    super(message);
    this.name = "PgError";
    this.sqlState = sqlState;
    this.hint = more.hint;
    this.isFatal = more.isFatal === true;
  }
}

/** A breach of the protocol: where the next message begins is not known any more. */
export function protocolError(message: string): PgError {
  return new PgError("08P01", message, { isFatal: true });
}

/** What an error message tells. */
export interface ErrorFields {
  readonly severity: "ERROR" | "FATAL";
  readonly sqlState: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** By the first words of what DuckDB says. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/^Parser Error/i, "42601"],
  [/^Catalog Error: (Table|View) /i, "42P01"],
  [/^Catalog Error: .*Function/i, "42883"],
  [/^Catalog Error/i, "42704"],
  [/^Binder Error/i, "42703"],
  [/^Conversion Error/i, "22P02"],
  [/^(Out of Range|Overflow) Error/i, "22003"],
  [/^Invalid Input Error/i, "22023"],
  [/^Permission Error/i, "42501"],
  [/^Not implemented/i, "0A000"],
];

const BY_CODE: Readonly<Record<string, string>> = {
  INTERRUPTED: "57014",
  OUT_OF_MEMORY: "53200",
  STATEMENT_REFUSED: "25006",
  DATABASE_IO: "58030",
  NO_BUILD: "57P03",
};

/** Anything that was thrown, as a client is told it. DuckDB's drawing of the place goes into the detail. */
export function errorFields(thrown: unknown): ErrorFields {
  if (thrown instanceof PgError) {
    const { message, sqlState, hint, isFatal } = thrown;
    return { severity: isFatal ? "FATAL" : "ERROR", sqlState, message, ...(hint === undefined ? {} : { hint }) };
  }
  if (!(thrown instanceof GrowthosError)) {
    return { severity: "ERROR", sqlState: "XX000", message: messageOf(thrown).slice(0, 500) };
  }
  const { what, why, hint } = thrown.parts;
  const isSaid = thrown.code === "SQL_FAILED" && why !== undefined;
  const [first = what, ...rest] = (isSaid ? why : why === undefined ? what : `${what}: ${why}`).trim().split("\n");
  const detail = rest.join("\n").trim();
  return {
    severity: "ERROR",
    sqlState: BY_CODE[thrown.code] ?? BY_MESSAGE.find(([pattern]) => pattern.test(first))?.[1] ?? "XX000",
    message: first,
    ...(detail === "" ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  };
}
