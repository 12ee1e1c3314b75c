/** One client's session after its sign-in: prepared statements, portals, the state of its transaction. */
import type { ReadColumn, ReadShape, RowStream, SqlReader } from "../../warehouse/sql-reader.js";
import type { PlainValue } from "../../warehouse/sql-values.js";
import { translated } from "./catalog.js";
import { errorFields, PgError } from "./errors.js";
import { type Bound, dataRow, type Message, REPLIES, type TransactionState } from "./messages.js";
import type { Settings } from "./settings.js";
import { type Command, commandOf, replaceInCode, splitStatements } from "./statements.js";
import { kindOfOid, parameterValue, TYPES, textValue } from "./values.js";

/** What a session works with. */
export interface SessionParts {
  readonly reader: SqlReader;
  readonly settings: Settings;
  /** Sends bytes; waits while the client does not take them. */
  send(bytes: Buffer): Promise<void>;
  /** The longest that one statement may take, milliseconds. */
  readonly mostMs: number;
}

/** A session. */
export interface Session {
  /** Answers one message. Throws what ends the connection. */
  answer(message: Message): Promise<void>;
  /** Stops the statement that runs, if one does; safe at any time. */
  cancel(): void;
  close(): Promise<void>;
}

const MOST_STATEMENTS = 200;
const MOST_PORTALS = 32;
/** Of a statement that is kept under a name, characters. */
const MOST_KEPT = 256 * 1024;
/** Rows are gathered to this many bytes before they are sent. */
const BATCH_BYTES = 64 * 1024;

interface Statement {
  readonly command: Command;
  readonly shape: ReadShape;
  /** By position, 0 where the client did not say. */
  readonly types: readonly number[];
}

interface Portal {
  readonly statement: Statement;
  readonly bound: Pick<Bound, "resultFormats">;
  readonly parameters: readonly ReturnType<typeof parameterValue>[];
  readonly stop: AbortController;
  stream: RowStream | null;
  /** Rows that were fetched and not asked for yet. */
  rest: readonly (readonly PlainValue[])[];
  ended: boolean;
  sent: number;
}

const NO_SHAPE: ReadShape = { columns: [], parameters: [] };

interface State {
  transaction: TransactionState;
  /** After a failure everything is left out until the client says where the next exchange begins. */
  skips: boolean;
  running: AbortController | null;
  readonly statements: Map<string, Statement>;
  readonly portals: Map<string, Portal>;
}

type Live = SessionParts & { readonly state: State };

/** Opens a session; the caller closes the reader after it. */
export function openSession(parts: SessionParts): Session {
  const state: State = {
    transaction: "I",
    skips: false,
    running: null,
    statements: new Map(),
    portals: new Map(),
  };
  const live = { ...parts, state };
  return {
    answer: (message) => answer(live, message),
    cancel: () => state.running?.abort(),
    close: async () => {
      state.running?.abort();
      for (const name of [...state.portals.keys()]) await closePortal(live, name);
    },
  };
}

async function answer(live: Live, message: Message): Promise<void> {
  const { state } = live;
  if (message.kind === "sync") {
    state.skips = false;
    if (state.transaction === "I") for (const name of [...state.portals.keys()]) await closePortal(live, name);
    return live.send(REPLIES.ready(state.transaction));
  }
  if (message.kind === "query") return simple(live, message.sql);
  if (state.skips) return;
  try {
    await extended(live, message);
  } catch (thrown) {
    state.skips = true;
    await fail(live, thrown);
  }
}

async function fail(live: Live, thrown: unknown): Promise<void> {
  const { state } = live;
  if (thrown instanceof PgError && thrown.isFatal) throw thrown;
  if (state.transaction === "T") state.transaction = "E";
  await live.send(REPLIES.error(errorFields(thrown)));
}

/** All statements of one text, one after the other; the first failure ends it. */
async function simple(live: Live, text: string): Promise<void> {
  const { state } = live;
  state.skips = false;
  await closePortal(live, "");
  try {
    const statements = splitStatements(text);
    if (statements.length === 0) await live.send(REPLIES.empty());
    for (const sql of statements) {
      const command = commandOf(sql);
      const asked = command.kind === "read" ? { ...command, sql: translated(command.sql) } : command;
      const statement = { command: asked, shape: NO_SHAPE, types: [] };
      const portal = openPortal(statement, [], []);
      try {
        await run(live, portal, { most: 0, isDescribed: true });
      } finally {
        await portal.stream?.close();
      }
    }
  } catch (thrown) {
    await fail(live, thrown);
  }
  await live.send(REPLIES.ready(state.transaction));
}

async function extended(live: Live, message: Message): Promise<void> {
  const { state } = live;
  switch (message.kind) {
    case "parse":
      return parse(live, message);
    case "bind":
      return bind(live, message);
    case "describe":
      return message.what === "statement"
        ? describeStatement(live, statementOf(state, message.name))
        : describePortal(live, portalOf(state, message.name));
    case "execute":
      return run(live, portalOf(state, message.portal), { most: message.most, isDescribed: false });
    case "close":
      if (message.what === "statement") state.statements.delete(message.name);
      else await closePortal(live, message.name);
      return live.send(REPLIES.closeComplete());
    case "call":
      throw new PgError("0A000", "functions are called with SELECT");
    default:
      return;
  }
}

async function parse(live: Live, { name, sql, types }: Extract<Message, { readonly kind: "parse" }>): Promise<void> {
  const { statements } = live.state;
  if (name !== "" && statements.has(name)) throw new PgError("42P05", "a prepared statement of this name exists");
  if (statements.size >= MOST_STATEMENTS)
    throw new PgError("53400", `more than ${MOST_STATEMENTS} prepared statements`);
  if (sql.length > MOST_KEPT) throw new PgError("54000", `a prepared statement is longer than ${MOST_KEPT} characters`);
  const [first = "", ...more] = splitStatements(sql);
  if (more.length > 0) throw new PgError("42601", "a prepared statement holds one command only");
  statements.set(name, { ...(await preparedOf(live, commandOf(first))), types });
  await live.send(REPLIES.parseComplete());
}

async function preparedOf({ reader }: Live, command: Command): Promise<Pick<Statement, "command" | "shape">> {
  if (command.kind !== "read") return { command, shape: shapeOfCommand(command) };
  const sql = translated(command.sql);
  const shape = await reader.describe(sql);
  if (!shape.parameters.includes(null)) return { command: { kind: "read", sql }, shape };
  // Parameters that nothing gives a type are text, as in PostgreSQL; without one nothing is known of the columns either.
  const typed = replaceInCode(sql, (code) =>
    code.replace(/\$(\d{1,4})\b/g, (place, position) =>
      shape.parameters[Number(position) - 1] === null ? `${place}::varchar` : place,
    ),
  );
  return { command: { kind: "read", sql: typed }, shape: await reader.describe(typed) };
}

function shapeOfCommand(command: Command): ReadShape {
  return command.kind === "show" ? { columns: [{ name: command.name, kind: "text" }], parameters: [] } : NO_SHAPE;
}

async function bind(live: Live, bound: Bound): Promise<void> {
  const { state } = live;
  const statement = statementOf(state, bound.statement);
  if (bound.portal !== "" && state.portals.has(bound.portal))
    throw new PgError("42P03", "a portal of this name exists");
  if (state.portals.size >= MOST_PORTALS) throw new PgError("53400", `more than ${MOST_PORTALS} open portals`);
  const { formats, values } = bound;
  if (values.length !== statement.shape.parameters.length)
    throw new PgError(
      "08P01",
      `${statement.shape.parameters.length} parameters are asked for, ${values.length} were bound`,
    );
  const parameters = values.map((value, index) => {
    const oid = statement.types[index] ?? 0;
    const kind = oid === 0 ? (statement.shape.parameters[index] ?? null) : kindOfOid(oid);
    return parameterValue(value, (formats.length === 1 ? formats[0] : formats[index]) ?? 0, kind);
  });
  await closePortal(live, bound.portal);
  state.portals.set(bound.portal, openPortal(statement, parameters, bound.resultFormats));
  await live.send(REPLIES.bindComplete());
}

function openPortal(
  statement: Statement,
  parameters: Portal["parameters"],
  resultFormats: Bound["resultFormats"],
): Portal {
  const stop = new AbortController();
  return { statement, parameters, bound: { resultFormats }, stop, stream: null, rest: [], ended: false, sent: 0 };
}

async function closePortal({ state }: Live, name: string): Promise<void> {
  const portal = state.portals.get(name);
  state.portals.delete(name);
  await portal?.stream?.close();
}

function statementOf({ statements }: State, name: string): Statement {
  const found = statements.get(name);
  if (found === undefined) throw new PgError("26000", "there is no prepared statement of this name");
  return found;
}

function portalOf({ portals }: State, name: string): Portal {
  const found = portals.get(name);
  if (found === undefined) throw new PgError("34000", "there is no portal of this name");
  return found;
}

async function describeStatement(live: Live, { shape, types }: Statement): Promise<void> {
  const oids = shape.parameters.map((kind, index) => types[index] || TYPES[kind ?? "text"].oid);
  await live.send(REPLIES.parameterDescription(oids));
  await live.send(shape.columns.length === 0 ? REPLIES.noData() : REPLIES.rowDescription(shape.columns, []));
}

async function describePortal(live: Live, { statement, bound }: Portal): Promise<void> {
  const { columns } = statement.shape;
  await live.send(columns.length === 0 ? REPLIES.noData() : REPLIES.rowDescription(columns, bound.resultFormats));
}

interface Execution {
  /** 0: all. */
  readonly most: number;
  /** The simple protocol tells the columns before the rows. */
  readonly isDescribed: boolean;
}

async function run(live: Live, portal: Portal, execution: Execution): Promise<void> {
  const { state } = live;
  const { command } = portal.statement;
  if (state.transaction === "E" && !["rollback", "commit"].includes(command.kind))
    throw new PgError("25P02", "the transaction has failed; end it with ROLLBACK");
  if (command.kind !== "read") return runCommand(live, command, execution);
  const limit = live.settings.statementMs();
  const ms = Math.min(live.mostMs, limit === 0 ? live.mostMs : limit);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    portal.stop.abort();
  }, ms);
  state.running = portal.stop;
  try {
    await runQuery(live, portal, { ...execution, sql: command.sql });
  } catch (thrown) {
    await portal.stream?.close();
    throw isLate ? new PgError("57014", `the statement took longer than ${ms / 1000} s and was stopped`) : thrown;
  } finally {
    clearTimeout(timer);
    state.running = null;
  }
}

async function runQuery(live: Live, portal: Portal, { most, isDescribed, sql }: Execution & { readonly sql: string }) {
  const { statement, bound, parameters, stop } = portal;
  if (portal.ended) return live.send(REPLIES.complete("SELECT 0"));
  portal.stream ??= await live.reader.stream(sql, parameters, stop.signal);
  const columns = isDescribed ? portal.stream.columns : statement.shape.columns;
  const cells = conversion(columns, portal.stream.columns);
  if (isDescribed) await live.send(REPLIES.rowDescription(columns, bound.resultFormats));
  let left = most === 0 ? Number.POSITIVE_INFINITY : most;
  while (left > 0) {
    const rows = portal.rest.length > 0 ? portal.rest : await portal.stream.next();
    if (rows === null) {
      portal.ended = true;
      await portal.stream.close();
      return live.send(REPLIES.complete(/^\s*explain\b/i.test(sql) ? "EXPLAIN" : `SELECT ${portal.sent}`));
    }
    const now = rows.slice(0, left);
    portal.rest = rows.slice(now.length);
    left -= now.length;
    portal.sent += now.length;
    await sendRows(live, portal, { rows: now, columns, cells });
  }
  await live.send(REPLIES.suspended());
}

interface Rows {
  readonly rows: readonly (readonly PlainValue[])[];
  readonly columns: readonly ReadColumn[];
  readonly cells: (row: readonly PlainValue[]) => readonly PlainValue[];
}

async function sendRows(live: Live, { bound, stop }: Portal, { rows, columns, cells }: Rows): Promise<void> {
  let batch: Buffer[] = [];
  let bytes = 0;
  for (const row of rows) {
    const encoded = dataRow(cells(row), columns, bound.resultFormats);
    batch.push(encoded);
    bytes += encoded.length;
    if (bytes < BATCH_BYTES) continue;
    await live.send(Buffer.concat(batch));
    batch = [];
    bytes = 0;
    if (stop.signal.aborted) throw new PgError("57014", "the statement was stopped");
  }
  if (batch.length > 0) await live.send(Buffer.concat(batch));
}

/** A parameter may make a column another one than was described; text can stand for all. */
function conversion(
  told: readonly ReadColumn[],
  real: readonly ReadColumn[],
): (row: readonly PlainValue[]) => readonly PlainValue[] {
  const differ = real.flatMap(({ kind }, index) => (kind === told[index]?.kind ? [] : [index]));
  if (differ.length === 0) return (row) => row;
  if (real.length !== told.length || differ.some((index) => told[index]?.kind !== "text"))
    throw new PgError("0A000", "the types of the result are others than were described", {
      hint: "give the parameters their types: $1::bigint",
    });
  return (row) =>
    row.map((value, index) =>
      value === null || !differ.includes(index) ? value : textValue(real[index]?.kind ?? "text", value),
    );
}

async function runCommand(live: Live, command: Exclude<Command, { kind: "read" }>, { isDescribed }: Execution) {
  const { state, settings } = live;
  switch (command.kind) {
    case "empty":
      return live.send(REPLIES.empty());
    case "begin":
      state.transaction = "T";
      return live.send(REPLIES.complete("BEGIN"));
    case "commit":
    case "rollback": {
      const isKept = command.kind === "commit" && state.transaction !== "E";
      state.transaction = "I";
      return live.send(REPLIES.complete(isKept ? "COMMIT" : "ROLLBACK"));
    }
    case "set": {
      const warning = settings.set(command);
      if (warning !== null) await live.send(REPLIES.notice(warning));
      return live.send(REPLIES.complete(command.tag));
    }
    case "show": {
      const { columns } = shapeOfCommand(command);
      const row = dataRow([settings.get(command.name)], columns, []);
      if (isDescribed) await live.send(REPLIES.rowDescription(columns, []));
      return live.send(Buffer.concat([row, REPLIES.complete("SHOW")]));
    }
    case "deallocate":
      if (command.name === null) state.statements.clear();
      else if (!state.statements.delete(command.name))
        throw new PgError("26000", "there is no such prepared statement");
      return live.send(REPLIES.complete(command.tag));
    default:
      return live.send(REPLIES.complete(command.tag));
  }
}
