/** Payloads from disk: one JSON document, a list, or one per line. */
import { GrowthosError } from "../base/errors.js";
import { sha256 } from "../base/hash.js";
import { parseJson } from "../http/json.js";
import { isObject } from "./adapters/members.js";
import { spoolLine } from "./spool-line.js";
import type { Arrival, Delivery, IntakeSource } from "./types.js";

/** What is said of all of them. */
export interface DocumentsAsked {
  readonly source: IntakeSource;
  readonly topic: string | null;
  /** ISO 8601 UTC. */
  readonly receivedAt: string;
}

/** The deliveries of a text. A line that is no JSON is one as well: it goes to quarantine, where it can be looked at. Throws `INGEST_EMPTY`. */
export function deliveriesOf(text: string, asked: DocumentsAsked): readonly Arrival[] {
  const documents = documentsIn(text);
  if (documents.length === 0)
    throw new GrowthosError({
      code: "INGEST_EMPTY",
      what: "there is no document in what was given",
      state: "nothing was landed",
      hint: "give one JSON document, a list, or one per line",
      exit: "usage",
    });
  return documents.map((document) => {
    const { headers, body } = recorded(document);
    const delivery: Delivery = { ...asked, headers, body: Buffer.from(body), by: "file" };
    return { id: sha256(spoolLine(delivery)).slice(0, 16), delivery };
  });
}

/** A document, and its text as far as it has one of its own. */
interface Document {
  /** Undefined: it is no JSON. */
  readonly value: unknown;
  readonly text: string;
}

function documentsIn(text: string): readonly Document[] {
  const whole = parsed(text);
  const again = (value: unknown) => ({ value, text: JSON.stringify(value) });
  if (whole !== undefined) return Array.isArray(whole) ? whole.map(again) : [{ value: whole, text }];
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [{ value: parsed(line), text: line }]));
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    // Not one document: it is several, or the reader of deliveries says what is wrong with it.
    if (thrown instanceof GrowthosError) return undefined;
    throw thrown;
  }
}

const RECORDED: ReadonlySet<string> = new Set(["headers", "body", "topic"]);

/** `{ headers, body }`, as a request was recorded, or the bare body. */
function recorded({ value, text }: Document): { readonly headers: Delivery["headers"]; readonly body: string } {
  const isRecorded =
    isObject(value) && isObject(value["headers"]) && Object.keys(value).every((name) => RECORDED.has(name));
  if (!isRecorded || !Object.hasOwn(value, "body")) return { headers: {}, body: text };
  const headers = Object.entries(value["headers"] as object).flatMap(([name, header]) =>
    typeof header === "string" ? [[name.toLowerCase(), header.slice(0, 500)] as const] : [],
  );
  return { headers: Object.fromEntries(headers), body: JSON.stringify(value["body"]) };
}
