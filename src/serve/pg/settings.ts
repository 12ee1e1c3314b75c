/** The settings of a session: what clients ask for and set while they connect, all of it without effect on figures. */
import { PgError } from "./errors.js";
import type { Command } from "./statements.js";

/** One session's settings. */
export interface Settings {
  get(name: string): string;
  /** Returns what the client should be warned of. Throws `PgError` 42704 for what this server has not. */
  set(command: Extract<Command, { readonly kind: "set" }>): string | null;
  /** Milliseconds; 0: the server's own limit. */
  statementMs(): number;
}

/** Told to every client after it signed in. */
export const REPORTED = [
  "server_version",
  "server_encoding",
  "client_encoding",
  "application_name",
  "default_transaction_read_only",
  "in_hot_standby",
  "is_superuser",
  "session_authorization",
  "DateStyle",
  "IntervalStyle",
  "TimeZone",
  "integer_datetimes",
  "standard_conforming_strings",
] as const;

const DEFAULTS: Readonly<Record<string, string>> = {
  server_encoding: "UTF8",
  client_encoding: "UTF8",
  application_name: "",
  datestyle: "ISO, MDY",
  intervalstyle: "postgres",
  timezone: "UTC",
  integer_datetimes: "on",
  standard_conforming_strings: "on",
  default_transaction_read_only: "on",
  transaction_read_only: "on",
  in_hot_standby: "off",
  is_superuser: "off",
  transaction_isolation: "repeatable read",
  default_transaction_isolation: "repeatable read",
  default_transaction_deferrable: "off",
  transaction_deferrable: "off",
  search_path: "main",
  statement_timeout: "0",
  lock_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  extra_float_digits: "1",
  client_min_messages: "notice",
  bytea_output: "hex",
  row_security: "on",
  max_identifier_length: "63",
  lc_collate: "C",
  lc_ctype: "C",
  lc_messages: "C",
  lc_monetary: "C",
  datcollate: "C",
  jit: "off",
  synchronize_seqscans: "on",
  enable_seqscan: "on",
  geqo: "on",
  ssl: "off",
};

/** Told, not to be changed. */
const FIXED = new Set(["server_version", "server_version_num", "server_encoding", "is_superuser", "integer_datetimes"]);
/** Whatever is asked for, answers stay as they are. */
const KEPT: Readonly<Record<string, RegExp>> = {
  timezone: /^(utc|etc\/utc|gmt|0|\+00(:00)?|default)$/i,
  client_encoding: /^(utf-?8|unicode|default|auto)$/i,
  datestyle: /^(iso\b.*|default)$/i,
  standard_conforming_strings: /^(on|true|default)$/i,
  bytea_output: /^(hex|default)$/i,
};

/** PostgreSQL 15 is what is spoken; what answers is DuckDB. */
export function openSettings(given: ReadonlyMap<string, string>, version: string): Settings {
  const start: Record<string, string> = {
    ...DEFAULTS,
    server_version: `15.0 (growthos ${version})`,
    server_version_num: "150000",
    session_authorization: given.get("user") ?? "",
    application_name: (given.get("application_name") ?? "").slice(0, 64),
  };
  const values = new Map(Object.entries(start));
  return {
    get: (name) => {
      const value = values.get(name.toLowerCase());
      if (value === undefined) throw unknown(name);
      return value;
    },
    set: ({ name, value }) => {
      if (value === null && name === "all") {
        for (const [each, first] of Object.entries(start)) values.set(each, first);
        return null;
      }
      if (!values.has(name) || FIXED.has(name)) throw unknown(name);
      const kept = KEPT[name];
      if (kept !== undefined) {
        if (value === null || kept.test(value)) return null;
        return `${name} stays ${values.get(name)}: it is the same for all who ask`;
      }
      const isDefault = value === null || /^default$/i.test(value);
      if (name === "statement_timeout" && !isDefault) milliseconds(value);
      values.set(name, isDefault ? (start[name] ?? "") : value);
      return null;
    },
    statementMs: () => milliseconds(values.get("statement_timeout") ?? "0"),
  };
}

function unknown(name: string): PgError {
  return new PgError("42704", `the setting "${name.slice(0, 60)}" is not known here, or cannot be changed`, {
    hint: "this server only reads; its limits are set where it was started",
  });
}

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

function milliseconds(text: string): number {
  const [, digits, unit = ""] = /^(\d{1,9}) ?(ms|s|min|h)?$/.exec(text) ?? [];
  if (digits === undefined) throw new PgError("22023", `"${text.slice(0, 40)}" is no duration`);
  return Number(digits) * (UNITS[unit] ?? 1);
}
