/** What BigQuery would say to a request before it looks at any data: the vendor's own discovery document. */
import { existsSync, readFileSync } from "node:fs";
import { isObject, type JsonObject, valueAt } from "../../connectors/shape.js";

const schemas = new URL("../../../../shared/schemas/", import.meta.url);
/** Without the vendor's schemas the double takes every member. */
export const hasBigquerySchemas = existsSync(schemas);

const read = (path: string): unknown =>
  hasBigquerySchemas ? JSON.parse(readFileSync(new URL(path, schemas), "utf8")) : {};
const discovery = read("google-discovery/bigquery.v2.json");

/** Columns at the top of the newest tables of GA4's export. */
export const EXPORT_COLUMNS: readonly string[] | undefined = hasBigquerySchemas
  ? (read("ga4/ga4_bigquery_events_schema.derived.json") as readonly { readonly name: string }[]).map(
      ({ name }) => name,
    )
  : undefined;

/** A method of the API, as `jobs.query`. */
export type Method = ReadMethod | "jobs.insert" | "jobs.get" | "tables.patch" | "tables.delete";

/** Those that reading an export asks. */
export type ReadMethod = "jobs.query" | "jobs.getQueryResults" | "datasets.get" | "tables.list" | "tables.get";

/** What is wrong with the query string of a call; undefined: nothing. */
export function strangeParameter(method: Method, url: URL): string | undefined {
  if (!hasBigquerySchemas) return undefined;
  const [resource = "", name = ""] = method.split(".");
  const own = valueAt(discovery, `resources.${resource}.methods.${name}.parameters`);
  const shared = valueAt(discovery, "parameters");
  // Names hold dots, so they are looked up by hand.
  const known = { ...(isObject(shared) ? shared : {}), ...(isObject(own) ? own : {}) };
  for (const [key, value] of url.searchParams) {
    const schema = known[key];
    if (!isObject(schema)) return `Invalid JSON payload received. Unknown name "${key}": Cannot bind query parameter.`;
    if (schema["type"] === "integer" && !/^\d+$/.test(value)) return `Invalid value at '${key}'`;
    if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return `Invalid value at '${key}'`;
  }
  return undefined;
}

type Schema = JsonObject;

/** The first member of a body that the discovery document does not have, or that is of another kind; undefined: all is well. */
export function strangeMember(
  value: unknown,
  schema: Schema = { $ref: "QueryRequest" },
  path = "",
): string | undefined {
  if (!hasBigquerySchemas) return undefined;
  const ref = schema["$ref"];
  if (typeof ref === "string")
    return strangeMember(value, (valueAt(discovery, `schemas.${ref}`) ?? {}) as Schema, path);
  const wrong = `Invalid value at '${path}'`;
  if (schema["type"] === "array") {
    if (!Array.isArray(value)) return wrong;
    return value.map((one) => strangeMember(one, schema["items"] as Schema, path)).find((found) => found !== undefined);
  }
  if (schema["type"] === "object") return isObject(value) ? strangerAmong(value, schema, path) : wrong;
  if (schema["format"] === "int64") return /^-?\d+$/.test(String(value)) ? undefined : wrong;
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return wrong;
  return typeof value === (schema["type"] === "integer" ? "number" : schema["type"]) ? undefined : wrong;
}

function strangerAmong(value: JsonObject, schema: Schema, path: string): string | undefined {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  for (const [name, member] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    const known = properties[name] ?? (schema["additionalProperties"] as Schema | undefined);
    const found = known === undefined ? `Unknown name "${at}": Cannot find field.` : strangeMember(member, known, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
