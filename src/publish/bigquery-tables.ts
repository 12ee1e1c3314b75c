/** The tables of a BigQuery dataset: which are there and whose they are, the label that says so, and what goes away again. */
import { messageOf } from "../base/errors.js";
import type { Log } from "../base/log.js";
import { isObject, valueAt } from "../connectors/shape.js";
import type { Client } from "../http/client.js";

/** Says that a table is ours: what has no such label is left alone. */
export const MARK = { written_by: "growthos_publish" } as const;

const API = "https://bigquery.googleapis.com/bigquery/v2";
/** Tables of a page; a dataset with more pages than so many is none to publish into. */
const PAGE = 1000;
const MOST_PAGES = 100;
/** Tables of a publish that died are somebody else's present ones until they are so old. */
const DEAD_AFTER_MS = 24 * 3_600_000;
/** Tidying up may take so long when the rest has failed or was interrupted, ms. */
const TIDY_MS = 20_000;

/** A table that waits to be put in its place; `attempt` (12 hex digits) tells those of one publish from those of another. */
export function waitingName(table: string, attempt: string): string {
  return `${table}__growthos_${attempt}`;
}

/** A table that is there. */
export interface Found {
  readonly name: string;
  readonly isOurs: boolean;
  /** True for one that a publish left, which must have died since. */
  readonly isDead: boolean;
}

/** The tables of one dataset. */
export interface Tables {
  list(signal: AbortSignal): Promise<ReadonlyMap<string, Found>>;
  /** Labels a table as ours; its other labels stay. */
  mark(name: string, signal: AbortSignal): Promise<void>;
  /** What fails here is taken by a later publish, and must not hide how this one ends. */
  tidy(names: { readonly mark: readonly string[]; readonly remove: readonly string[] }): Promise<void>;
}

interface Place {
  readonly project: string;
  readonly dataset: string;
}

/** `now`: the present instant, ms. All but `tidy` throw what the client throws. */
export function bigQueryTables(
  client: Client,
  { project, dataset }: Place,
  more: { now: () => number; log: Log },
): Tables {
  const base = `${API}/projects/${encodeURIComponent(project)}/datasets/${encodeURIComponent(dataset)}/tables`;
  const mark = async (name: string, signal: AbortSignal) => {
    const body = JSON.stringify({ labels: MARK });
    const headers = { "content-type": "application/json; charset=UTF-8" };
    const url = `${base}/${encodeURIComponent(name)}`;
    (await client.ask({ method: "PATCH", url, headers, body, label: "mark" }, signal)).log(0);
  };
  const remove = async (name: string, signal: AbortSignal) => {
    const url = `${base}/${encodeURIComponent(name)}`;
    (await client.ask({ method: "DELETE", url, label: "remove", expect: "text" }, signal)).log(0);
  };
  return {
    mark,
    list: async (signal) => {
      const found = new Map<string, Found>();
      let token = "";
      for (let page = 0; page < MOST_PAGES; page++) {
        const url = `${base}?maxResults=${PAGE}${token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`}`;
        const answer = await client.ask({ method: "GET", url, label: "list_tables" }, signal);
        const rows = valueAt(answer.body, "tables");
        const tables = (Array.isArray(rows) ? rows : []).map((one) => foundOf(one, more.now()));
        answer.log(tables.length);
        for (const one of tables) found.set(one.name, one);
        token = String(valueAt(answer.body, "nextPageToken") ?? "");
        if (token === "") break;
      }
      return found;
    },
    tidy: async (names) => {
      // With a signal of its own: the other may be why this one ends.
      const signal = AbortSignal.timeout(TIDY_MS);
      const quietly = async (action: () => Promise<void>) => {
        try {
          await action();
        } catch (thrown) {
          // What is gone, or never came to be, is as it should be.
          if (!/notFound/.test(messageOf(thrown))) more.log.warn("publish.left", { why: messageOf(thrown) });
        }
      };
      for (const name of names.mark) await quietly(() => mark(name, signal));
      for (const name of names.remove) await quietly(() => remove(name, signal));
    },
  };
}

function foundOf(table: unknown, now: number): Found {
  const name = String(valueAt(table, "tableReference.tableId") ?? "");
  const labels = valueAt(table, "labels");
  const isOurs = valueAt(table, "type") === "TABLE" && isObject(labels) && labels["written_by"] === MARK.written_by;
  const age = now - Number(valueAt(table, "creationTime"));
  return { name, isOurs, isDead: isOurs && /__growthos_[0-9a-f]{12}$/.test(name) && age >= DEAD_AFTER_MS };
}
