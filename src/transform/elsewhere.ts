import { join } from "node:path";
import { quoteName } from "../base/ids.js";
import { readParquet } from "../warehouse/read-parquet.js";
import type { Database, Workspace } from "../warehouse/types.js";
import { copyToParquet } from "../warehouse/write-part.js";
import { type EngineColumn, type EngineSession, quoteRelation } from "./engine.js";
import type { Model } from "./types.js";

/** The models of one build that run on an engine. */
export interface Elsewhere {
  /**
   * Makes the relation of an intermediate or mart model. `here` is the statement's own way, for what the engine does not run. A mart is here
   * with its rows afterwards; an intermediate relation as an empty table, until something that runs here reads it.
   */
  create(model: Model, here: () => Promise<void>): Promise<void>;
  /** Sends those of these relations that are not there yet: what a build takes over from the one before it was never made there. */
  complete(relations: readonly string[]): Promise<void>;
  /** Models that ran there, and those that did not, with the reason. */
  readonly ran: { readonly there: readonly string[]; readonly here: Readonly<Record<string, string>> };
}

/** What stands behind one build. */
export interface ElsewhereOptions {
  readonly ws: Workspace;
  readonly db: Database;
  readonly session: EngineSession;
  /** Where files lie on their way; nothing is left in it. */
  readonly folder: string;
}

/** Drives an engine's session along the build's own database. */
export function openElsewhere({ ws, db, session, folder }: ElsewhereOptions): Elsewhere {
  const there = new Set<string>();
  const emptyHere = new Set<string>();
  const grains = new Map<string, readonly string[]>();
  const ran = { there: [] as string[], here: {} as Record<string, string> };
  const isText = ({ type }: EngineColumn): boolean => session.lists === "json" && /\[\]$/.test(type);
  let files = 0;

  const inFile = async (relation: string, action: (path: string) => Promise<void>): Promise<void> => {
    files += 1;
    const path = join(folder, `${files}-${relation.replace(/[^a-z0-9_]/g, "_")}.parquet`);
    ws.files.makeFolder(folder);
    try {
      await action(path);
    } finally {
      ws.files.remove(path);
    }
  };
  const bring = (relation: string): Promise<void> =>
    inFile(relation, async (path) => {
      const columns = await columnsOf(db, relation);
      await ws.files.external("engine", path, () => session.unload({ relation, columns, path }));
      // In the order of its key: engines give rows in any.
      const key = grains.get(relation)?.map(quoteName).join(", ") ?? "all";
      const list = columns.map((column) => cast(column, isText(column)));
      await db.run(
        `insert into ${quoteRelation(relation)} select ${list.join(", ")} from ${readParquet([path])} order by ${key}`,
      );
      emptyHere.delete(relation);
    });
  const send = (relation: string): Promise<void> =>
    inFile(relation, async (path) => {
      const columns = await columnsOf(db, relation);
      const list = columns.map((column) => (isText(column) ? asJson(column) : quoteName(column.name)));
      await copyToParquet(ws, db, { sql: `select ${list.join(", ")} from ${quoteRelation(relation)}` }, path);
      await session.load({ relation, columns, path });
      there.add(relation);
    });
  const refusal = (model: Model): string | null =>
    model.computed === null ? session.refuses(model) : "its figures are computed here";

  return {
    ran,
    create: async (model, here) => {
      const { relation, reads } = model;
      const reason = refusal(model);
      if (reason !== null) {
        for (const name of reads.filter((read) => emptyHere.has(read))) await bring(name);
        ran.here[relation] = reason;
        return here();
      }
      for (const name of reads.filter((read) => !there.has(read))) await send(name);
      // Names and types are those that this machine gives: contracts and everything that reads the build stand on them.
      const kind = model.layer === "marts" ? "table" : "temp table";
      await db.run(`create ${kind} ${quoteName(relation)} as select * from (${model.sql}) limit 0`);
      await session.run(model, await columnsOf(db, relation));
      there.add(relation);
      ran.there.push(relation);
      emptyHere.add(relation);
      if (model.grain.length > 0) grains.set(relation, model.grain);
      if (model.layer === "marts") await bring(relation);
    },
    complete: async (relations) => {
      for (const name of relations.filter((relation) => !there.has(relation))) await send(name);
    },
  };
}

async function columnsOf(db: Database, relation: string): Promise<readonly EngineColumn[]> {
  const rows = await db.all(`select column_name, column_type from (describe ${quoteRelation(relation)})`);
  return rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
}

function cast({ name, type }: EngineColumn, isJson: boolean): string {
  const value = isJson ? `cast(${quoteName(name)} as json)` : quoteName(name);
  return `cast(${value} as ${type}) as ${quoteName(name)}`;
}

function asJson({ name }: EngineColumn): string {
  return `cast(to_json(${quoteName(name)}) as varchar) as ${quoteName(name)}`;
}
