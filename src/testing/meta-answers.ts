import { type JsonObject, valueAt } from "../connectors/shape.js";
import { parseJson } from "../http/json.js";
import type { HttpRequest } from "../http/types.js";

/** Meta with the rows that it is given: nodes, edges, insights at once or as a report whose number says what it is about. */
export function metaAnswer(request: HttpRequest, rows: readonly JsonObject[], page: number): unknown {
  const url = new URL(request.url);
  const [, node = "", edge = ""] = url.pathname.slice(1).split("/");
  const range = parseJson(url.searchParams.get("time_range") ?? "null");
  const [since, until] = [String(valueAt(range, "since")), String(valueAt(range, "until"))];
  if (request.method === "POST") return { report_run_id: [node.slice(4), since, until].join("_") };
  const [account = "", from = since, to = until] = node.replace(/^act_/, "").split("_");
  if (edge === "" && node.startsWith("act_")) return rows.find((row) => row["account_id"] === account);
  if (edge === "") return { async_status: "Job Completed", async_percent_completion: 100 };
  const found = rows.filter((row) => {
    const day = String(row["date_start"] ?? from);
    return row["account_id"] === account && (edge !== "insights" || (day >= from && day <= to));
  });
  const start = Number(url.searchParams.get("after") ?? 0);
  const size = Math.min(page, Number(url.searchParams.get("limit")));
  const more = start + size < found.length;
  const cursors = { before: String(start), after: String(start + size) };
  return {
    data: found.slice(start, start + size),
    paging: { cursors, ...(more ? { next: "https://x.invalid/" } : {}) },
  };
}

/** The rows of a recorded answer: a list, one account, or nothing (the states of a report). */
export function metaRows(body: unknown): readonly JsonObject[] {
  const data = valueAt(body, "data");
  if (Array.isArray(data)) return data as readonly JsonObject[];
  return valueAt(body, "currency") === undefined ? [] : [body as JsonObject];
}
