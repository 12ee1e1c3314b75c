import type { Files } from "../../base/files.js";
import { absolutePath, replaceDurably } from "../../warehouse/layout.js";
import { commit } from "../../warehouse/log.js";
import { buildPath } from "../../warehouse/publish.js";
import { readParquet } from "../../warehouse/read-parquet.js";
import type { Workspace } from "../../warehouse/types.js";
import type { FaultMode } from "./faulty-files.js";
import { draft, goodProtocol, landRound, type Protocol } from "./warehouse-scenario.js";

// Protocols with one mistake each. The harness must find every one of them: a mutant that survives is a hole in the harness.

/** A mistake and the kind of fault that brings it to light. */
export interface FileMutant {
  readonly mutate: (files: Files) => Files;
  readonly mode: FaultMode;
  /** It shows in build and publish; default: in the commits. */
  readonly publish?: boolean;
}

/** Mistakes in how files are used: each wraps the files that the program sees. */
export const FILE_MUTANTS: Readonly<Record<string, FileMutant>> = {
  "no fsync at all": { mode: "power-cut", mutate: (files) => ({ ...files, sync: () => {} }) },
  "no fsync of files": { mode: "power-cut", mutate: (files) => onlySync(files, "folder") },
  "no fsync of folders": { mode: "power-cut", mutate: (files) => onlySync(files, "file") },
  "fsync of files only after the rename": { mode: "power-cut", mutate: syncAfterRename },
  "remove, then write, instead of rename": {
    mode: "before",
    publish: true,
    mutate: (files) => replaceBy(files, true),
  },
  "overwrite in place": { mode: "torn", mutate: (files) => replaceBy(files, false) },
  "errors of fsync are swallowed": { mode: "eio", mutate: swallowSyncErrors },
  "no fsync of the log's folder": { mode: "power-cut", mutate: (files) => notSyncing(files, /\/log$/) },
  "no fsync of an entry of the log": { mode: "power-cut", mutate: (files) => notSyncing(files, /\/log\/[^/]+$/) },
  "no fsync of the folders of landed files": {
    mode: "power-cut",
    mutate: (files) => notSyncing(files, /\/landing(\/|$)/),
  },
  "no fsync of Parquet": { mode: "power-cut", mutate: (files) => notSyncing(files, /\.parquet$/) },
  "no fsync of a build": { mode: "power-cut", publish: true, mutate: (files) => notSyncing(files, /\.duckdb$/) },
  "no fsync of the folder of builds": {
    mode: "power-cut",
    publish: true,
    mutate: (files) => notSyncing(files, /\/warehouse$/),
  },
  "errors of writing are swallowed": { mode: "eio", mutate: swallowWriteErrors },
  "copy into place instead of link": {
    mode: "torn",
    mutate: (files) => ({ ...files, link: (existing, target) => files.copy(existing, target) }),
  },
};

function onlySync(files: Files, kind: "file" | "folder"): Files {
  return { ...files, sync: (path) => files.stat(path)?.kind === kind && files.sync(path) };
}

function notSyncing(files: Files, places: RegExp): Files {
  return { ...files, sync: (path) => !places.test(path) && files.sync(path) };
}

function swallowWriteErrors(files: Files): Files {
  const write = (path: string, data: string | Uint8Array) => {
    try {
      files.write(path, data);
    } catch {
      // The mistake.
    }
  };
  return { ...files, write };
}

function replaceBy(files: Files, removeFirst: boolean): Files {
  const rename = (from: string, to: string) => {
    if (files.stat(to)?.kind !== "file") return files.rename(from, to);
    if (removeFirst) files.remove(to);
    files.write(to, files.read(from));
    files.sync(to);
    files.remove(from);
  };
  return { ...files, rename };
}

function swallowSyncErrors(files: Files): Files {
  const sync = (path: string) => {
    try {
      files.sync(path);
    } catch {
      // The mistake.
    }
  };
  return { ...files, sync };
}

function syncAfterRename(files: Files): Files {
  const waiting: string[] = [];
  return {
    ...files,
    sync: (path) => {
      if (files.stat(path)?.kind === "folder") files.sync(path);
      else waiting.push(path);
    },
    rename: (from, to) => {
      files.rename(from, to);
      for (const path of waiting.splice(0)) {
        const moved = path.startsWith(from) ? to + path.slice(from.length) : path;
        if (files.stat(moved) !== undefined) files.sync(moved);
      }
    },
  };
}

const cursorPath = (ws: Workspace): string => ws.at("runs", "cursor.json");
const cursorBeside = (ws: Workspace): number =>
  ws.files.stat(cursorPath(ws)) === undefined ? 0 : Number(ws.files.readText(cursorPath(ws)));
const readFolder: Protocol["readRows"] = async (ws, db) => {
  const loads = ws.files.list(ws.at("landing", "shopify", "orders"));
  const paths = loads.map((load) => ws.at("landing", "shopify", "orders", load, "part-0000.parquet"));
  return paths.length === 0 ? [] : db.all(`select _key, payload from ${readParquet(paths)} order by all`);
};

/** Commits that were put off, of the process that has this workspace open. */
const waiting = new WeakMap<Workspace, () => Promise<void>>();

/** Mistakes in the order of the steps. */
export const PROTOCOL_MUTANTS: Readonly<Record<string, Protocol>> = {
  "cursor in its own file, written before the data": {
    ...goodProtocol,
    doneRounds: cursorBeside,
    commitRound: async (ws, db, round) => {
      const part = await landRound(ws, db, round);
      replaceDurably(ws.files, cursorPath(ws), String(round));
      commit(ws, { ...draft(round), added: [part] });
    },
  },
  "cursor in its own file, written after the data": {
    ...goodProtocol,
    doneRounds: cursorBeside,
    commitRound: async (ws, db, round) => {
      const part = await landRound(ws, db, round);
      commit(ws, { ...draft(round), added: [part] });
      replaceDurably(ws.files, cursorPath(ws), String(round));
    },
  },
  "what is done is counted in the folder": {
    ...goodProtocol,
    doneRounds: (ws) => ws.files.list(ws.at("landing", "shopify", "orders")).length,
  },
  "a round is committed with the next one": {
    ...goodProtocol,
    commitRound: async (ws, db, round) => {
      const late = waiting.get(ws);
      waiting.set(ws, () => goodProtocol.commitRound(ws, db, round));
      await late?.();
      if (round === 2) await waiting.get(ws)?.();
    },
  },
  "readers list the folder instead of the log": { ...goodProtocol, readRows: readFolder },
  "committed before it is landed": {
    ...goodProtocol,
    commitRound: async (ws, db, round) => {
      const part = await landRound(ws, db, round);
      const landed = absolutePath(ws, part.path);
      ws.files.rename(landed, `${landed}.late`);
      const blind = {
        ...ws,
        files: { ...ws.files, stat: (path: string) => ws.files.stat(path === landed ? `${landed}.late` : path) },
      };
      commit(blind, { ...draft(round), added: [part], cursors: { "shopify.orders": { round } } });
      ws.files.rename(`${landed}.late`, landed);
    },
  },
};

/** Publishes under one fixed name: a database takes the place of an older one beside whose name a `.wal` may stand. */
export const FIXED_NAME: Protocol = {
  ...goodProtocol,
  publishBuild: (ws, build) => {
    ws.files.sync(build.path);
    ws.files.rename(build.path, buildPath(ws, "live"));
    ws.files.sync(ws.at("warehouse"));
  },
  currentBuild: (ws) => {
    const path = buildPath(ws, "live");
    return ws.files.stat(path) === undefined ? null : { path };
  },
};
