import { type ISODate, isISODate } from "../base/dates.js";
import { GrowthosError } from "../base/errors.js";

/** A JSON object of a vendor. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reading an answer: each function takes the whole value and a dotted path into it (`data.orders.nodes.0.id`),
 * and throws `API_SHAPE` naming that path when what is there is missing or of another kind.
 */
export function objectAt(root: unknown, path: string): JsonObject {
  const value = valueAt(root, path);
  if (!isObject(value)) throw shapeError(path, "an object", value);
  return value;
}

/** A list at the path. */
export function listAt(root: unknown, path: string): readonly unknown[] {
  const value = valueAt(root, path);
  if (!Array.isArray(value)) throw shapeError(path, "a list", value);
  return value;
}

/** A non-empty text at the path; a number is taken as its digits (ids arrive as either). */
export function textAt(root: unknown, path: string): string {
  const value = valueAt(root, path);
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text === "") throw shapeError(path, "a text", value);
  return text;
}

/** A civil day `YYYY-MM-DD` at the path. */
export function dayAt(root: unknown, path: string): ISODate {
  const text = textAt(root, path);
  if (!isISODate(text)) throw shapeError(path, "a day YYYY-MM-DD", text);
  return text;
}

/** A yes or no at the path. */
export function flagAt(root: unknown, path: string): boolean {
  const value = valueAt(root, path);
  if (typeof value !== "boolean") throw shapeError(path, "true or false", value);
  return value;
}

/** Whatever is at the path; undefined when any step of it is missing. */
export function valueAt(root: unknown, path: string): unknown {
  return path === "" ? root : path.split(".").reduce<unknown>(step, root);
}

function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** True for a JSON object (not a list, not null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error for an answer that has something else at the path than was wanted. */
export function shapeError(path: string, wanted: string, found: unknown): GrowthosError {
  const kind = found === undefined ? "it is missing" : `found ${JSON.stringify(found)?.slice(0, 60)}`;
  return new GrowthosError({
    code: "API_SHAPE",
    what: `the answer has no ${path === "" ? "usable content" : path}`,
    why: `expected ${wanted}, ${kind}`,
    hint: "the API may have changed: look for a newer growthos; nothing of this slice was written",
    exit: "source",
  });
}
