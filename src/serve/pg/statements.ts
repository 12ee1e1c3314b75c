/** What a client's text says before the engine sees it: where one statement ends, and what is meant for the session. */
import { PgError } from "./errors.js";

/** A stretch of SQL text. */
interface Piece {
  readonly kind: "code" | "quoted" | "comment";
  readonly text: string;
}

/** What a statement is for. */
export type Command =
  | { readonly kind: "empty" }
  | { readonly kind: "begin" | "commit" | "rollback" }
  /** Answered with its name and nothing else: there is nothing that it could change. */
  | { readonly kind: "nothing"; readonly tag: string }
  | { readonly kind: "set"; readonly name: string; readonly value: string | null; readonly tag: "SET" | "RESET" }
  | { readonly kind: "show"; readonly name: string }
  | { readonly kind: "deallocate"; readonly name: string | null; readonly tag: string }
  | { readonly kind: "read"; readonly sql: string };

/** The statements of a text; what is only blanks and comments is none. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let current = "";
  let isEmpty = true;
  const end = () => {
    if (!isEmpty) statements.push(current.trim());
    current = "";
    isEmpty = true;
  };
  for (const { kind, text } of piecesOf(sql)) {
    if (kind !== "code") {
      current += text;
      isEmpty &&= kind === "comment";
      continue;
    }
    const [first = "", ...rest] = text.split(";");
    current += first;
    isEmpty &&= first.trim() === "";
    for (const next of rest) {
      end();
      current = next;
      isEmpty = next.trim() === "";
    }
  }
  end();
  return statements;
}

/** Replaces in what is neither quoted nor a comment. */
export function replaceInCode(sql: string, replace: (code: string) => string): string {
  return piecesOf(sql)
    .map(({ kind, text }) => (kind === "code" ? replace(text) : text))
    .join("");
}

/** A statement on one line, without comments; quoted text stays as it is. */
export function plainText(sql: string): string {
  let plain = "";
  for (const { kind, text } of piecesOf(sql)) {
    const next = kind === "comment" ? " " : kind === "code" ? text.replace(/\s+/g, " ") : text;
    plain += plain.endsWith(" ") && kind !== "quoted" ? next.trimStart() : next;
  }
  return plain.trim();
}

/** In linear time: whoever is connected may send a megabyte of quotes. */
function piecesOf(sql: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let at = 0;
  const take = (kind: "quoted" | "comment", start: number, end: number) => {
    if (start > from) pieces.push({ kind: "code", text: sql.slice(from, start) });
    pieces.push({ kind, text: sql.slice(start, end) });
    from = end;
    at = end;
  };
  while (at < sql.length) {
    const found = nextMark(sql, at);
    if (found < 0) break;
    const sign = sql[found];
    if (sql.startsWith("--", found)) take("comment", found, orEnd(sql, sql.indexOf("\n", found)));
    else if (sql.startsWith("/*", found)) take("comment", found, endOfComment(sql, found));
    else if (sign === '"') take("quoted", found, endOfQuote(sql, found, false));
    else if (sign === "'")
      take("quoted", found, endOfQuote(sql, found, /(^|[^\w$])e$/i.test(sql.slice(Math.max(0, found - 2), found))));
    else if (sign === "$") {
      const tag = /^\$(?:[a-z_]\w*)?\$/i.exec(sql.slice(found, found + 64))?.[0];
      const isTag = tag !== undefined && !/[\w$]/.test(sql[found - 1] ?? "");
      if (isTag) take("quoted", found, orEnd(sql, sql.indexOf(tag, found + tag.length), tag.length));
      else at = found + 1;
    } else at = found + 1;
  }
  if (from < sql.length) pieces.push({ kind: "code", text: sql.slice(from) });
  return pieces;
}

const MARK = /['"$]|--|\/\*/g;

function nextMark(sql: string, at: number): number {
  MARK.lastIndex = at;
  return MARK.exec(sql)?.index ?? -1;
}

function orEnd(sql: string, found: number, more = 0): number {
  return found < 0 ? sql.length : found + more;
}

function endOfQuote(sql: string, start: number, hasEscapes: boolean): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at += 1) {
    if (hasEscapes && sql[at] === "\\") at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

/** They nest, in PostgreSQL as in DuckDB. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    if (sql.startsWith("/*", at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith("*/", at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}

/** Longer ones are questions in any case. */
const MOST_COMMAND = 1_000;

/** What a statement is for. Throws `PgError` for what this server has no way to do. */
export function commandOf(sql: string): Command {
  const text = sql.length > MOST_COMMAND ? "" : plainText(sql).replace(/\s*;$/, "");
  if (text === "" && sql.length <= MOST_COMMAND) return { kind: "empty" };
  return transaction(text) ?? session(text) ?? refusal(text) ?? { kind: "read", sql };
}

/** Every statement sees one immutable build: a transaction changes nothing but what the client is told of its state. */
function transaction(text: string): Command | null {
  if (/^(begin|start transaction)\b/i.test(text)) return { kind: "begin" };
  if (/^(commit|end)( work| transaction)?$/i.test(text)) return { kind: "commit" };
  if (/^(rollback|abort)( work| transaction)?$/i.test(text)) return { kind: "rollback" };
  if (/^rollback( work| transaction)? to /i.test(text)) return { kind: "nothing", tag: "ROLLBACK" };
  if (/^savepoint /i.test(text)) return { kind: "nothing", tag: "SAVEPOINT" };
  if (/^release /i.test(text)) return { kind: "nothing", tag: "RELEASE" };
  return null;
}

function session(text: string): Command | null {
  if (/^set (session characteristics as transaction|transaction|constraints) /i.test(text))
    return { kind: "nothing", tag: "SET" };
  const [, zone] = /^set (?:session |local )?time zone (?:to )?(.+)$/i.exec(text) ?? [];
  if (zone !== undefined) return { kind: "set", name: "timezone", value: unquoted(zone), tag: "SET" };
  const [, names] = /^set names (.+)$/i.exec(text) ?? [];
  if (names !== undefined) return { kind: "set", name: "client_encoding", value: unquoted(names), tag: "SET" };
  const [, name, value] = /^set (?:session |local )?([a-z_][\w.]*) ?(?:=| to ) ?(.+)$/i.exec(text) ?? [];
  if (name !== undefined && value !== undefined)
    return { kind: "set", name: name.toLowerCase(), value: unquoted(value), tag: "SET" };
  const [, reset] = /^reset (\w+)$/i.exec(text) ?? [];
  if (reset !== undefined) return { kind: "set", name: reset.toLowerCase(), value: null, tag: "RESET" };
  if (/^show transaction isolation level$/i.test(text)) return { kind: "show", name: "transaction_isolation" };
  if (/^show time zone$/i.test(text)) return { kind: "show", name: "timezone" };
  const [, shown] = /^show (?!tables$|databases$|schemas$)([a-z_][\w.]*)$/i.exec(text) ?? [];
  if (shown !== undefined) return { kind: "show", name: shown.toLowerCase() };
  if (/^discard (plans|sequences|temp|temporary)$/i.test(text)) return { kind: "nothing", tag: "DISCARD" };
  if (/^discard all$/i.test(text)) return { kind: "deallocate", name: null, tag: "DISCARD ALL" };
  const [, gone] = /^deallocate (?:prepare )?("(?:[^"]|"")+"|\w+)$/i.exec(text) ?? [];
  if (gone !== undefined) {
    const isAll = gone.toLowerCase() === "all";
    return { kind: "deallocate", name: isAll ? null : unquoted(gone), tag: isAll ? "DEALLOCATE ALL" : "DEALLOCATE" };
  }
  return /^unlisten /i.test(text) ? { kind: "nothing", tag: "UNLISTEN" } : null;
}

/** What DuckDB would refuse for a reason that helps nobody. */
function refusal(text: string): null {
  const [, word = ""] = /^(declare|fetch|move|listen|notify|lock|copy|prepare|execute)\b/i.exec(text) ?? [];
  if (word === "") return null;
  throw new PgError("0A000", `${word.toUpperCase()} is not answered here`, {
    hint: "ask with a SELECT; a client fetches in portions through the extended protocol",
  });
}

function unquoted(value: string): string {
  const text = value.trim();
  const [, single, double] = /^(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)")$/.exec(text) ?? [];
  return (single?.replaceAll("''", "'") ?? double?.replaceAll('""', '"') ?? text).slice(0, 200);
}
