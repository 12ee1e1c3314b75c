import { existsSync, readFileSync } from "node:fs";
import type { Answer } from "./server.js";

// What the vendor's own files say about fields and parameters. They are not part of this repository: without them the double knows
// no strangers, and says so.

const folder = new URL("../../../../shared/schemas/meta/", import.meta.url);

/** True when the vendor's files are beside the repository. */
export const hasMetaSpec = existsSync(folder);
if (!hasMetaSpec) console.info("skipped: Meta's specifications are not beside the repository, fields are not checked");

interface Api {
  readonly method: string;
  readonly endpoint?: string;
  readonly params: readonly { readonly name: string }[];
}

interface Fields {
  readonly fields: readonly string[];
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, folder), "utf8")) as T;
const names = hasMetaSpec ? read<Readonly<Record<string, Fields>>>("fields_v26.json") : {};
const apis = hasMetaSpec ? read<{ readonly apis: readonly Api[] }>("codegen-specs/AdAccount.json").apis : [];

/** Parameters that every call may have. */
const GENERAL = ["access_token", "appsecret_proof", "fields", "limit", "after", "before", "filtering"];

/** The error for parameters that the edge of an ad account does not have; null when all are known. */
export function strangeParameter(method: string, edge: string, query: URLSearchParams): Answer | null {
  const api = apis.find((one) => one.method === method && one.endpoint === edge);
  if (api === undefined) return null;
  const known = new Set([...GENERAL, ...api.params.map(({ name }) => name)]);
  const stranger = [...query.keys()].find((name) => !known.has(name));
  return stranger === undefined ? null : metaError(100, `(#100) Unknown parameter: ${stranger}`);
}

/** The error for fields that an object does not have; nested selections are looked up in the nested object. */
export function strangeField(object: string, fields: readonly string[]): Answer | null {
  const known = names[object]?.fields;
  if (known === undefined) return null;
  for (const field of fields) {
    const [name = "", nested] = /^(\w+)(?:\{(.*)\})?$/s.exec(field)?.slice(1) ?? [field];
    if (!known.includes(name)) return metaError(100, `(#100) ${name} is not valid for fields param`);
    const inner = nested === undefined ? null : strangeField(NESTED[name] ?? "", splitFields(nested));
    if (inner !== null) return inner;
  }
  return null;
}

const NESTED: Readonly<Record<string, string>> = { creative: "ad-creative" };

/** The values of an enum of an object, e.g. `campaign` and `EffectiveStatus`; undefined without the vendor's files. */
export function valuesOf(object: string, name: string): readonly string[] | undefined {
  return names[object]?.enums[name];
}

/** A list of fields as it is written in a query; commas inside braces do not separate. */
export function splitFields(text: string): readonly string[] {
  return text === "" ? [] : text.split(/,(?![^{]*\})/).map((field) => field.trim());
}

/** Meta's error envelope. */
export function metaError(
  code: number,
  message: string,
  more: { readonly status?: number; readonly subcode?: number; readonly transient?: boolean } = {},
): Answer {
  const { status = 400, subcode, transient = false } = more;
  const error = {
    message,
    type: "OAuthException",
    code,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    is_transient: transient,
    fbtrace_id: "AbCdEfGhIjK",
  };
  return { status, json: { error } };
}
