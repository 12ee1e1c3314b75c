import { z } from "zod";
import { GrowthosError } from "../base/errors.js";
import { nearest } from "../base/ids.js";

/** One thing wrong with a config: where, and what. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** A zod failure as problems in people's words: unknown keys name the nearest valid one. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, prefix: readonly string[]): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.map(String)];
    if (issue.code === "unrecognized_keys") {
      const valid = keysAt(schema, issue.path);
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, valid) }));
    }
    if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
      return [{ path, message: `missing; expected ${issue.expected}` }];
    }
    return [{ path, message: lowerFirst(issue.message) }];
  });
}

/** What to say about a key that is not known, given the ones that are. */
export function unknownKey(key: string, valid: readonly string[]): string {
  const near = nearest(key, valid);
  if (near !== undefined) return `unknown key; did you mean "${near}"?`;
  return valid.length === 0 ? "unknown key" : `unknown key; valid keys: ${valid.join(", ")}`;
}

/** One error for all problems, each with path and line. `source` is the text of the config file. */
export function configError(problems: readonly Problem[], file: string, source: string): GrowthosError {
  const lines = problems.map((problem) => {
    const line = lineOf(source, problem.path);
    const place = line === null ? file : `${file}:${line}`;
    return `${place}  ${problem.path.join(".") || "(the whole file)"}: ${problem.message}`;
  });
  return new GrowthosError({
    code: "CONFIG_INVALID",
    what: `${file} has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}`,
    why: lines.join("\n"),
    state: "nothing was read or written",
    hint: "correct the file; `growthos doctor` checks it again",
    exit: "usage",
  });
}

/**
 * The line of a path in a config's text, found by looking for its keys one after the other; null when even the first is not there
 * (a computed key). Exact for object literals, which is what a config is.
 */
export function lineOf(source: string, path: readonly string[]): number | null {
  let offset = -1;
  for (const key of path) {
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = new RegExp(`(?<![\\w$])["']?${escaped}["']?\\s*:`, "g");
    found.lastIndex = Math.max(0, offset);
    const match = found.exec(source);
    if (match === null) break;
    offset = match.index + match[0].length;
  }
  return offset < 0 ? null : source.slice(0, offset).split("\n").length;
}

/** The valid keys of a schema at a path, for the "did you mean"; empty where any key goes. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) at = unwrap(at.shape[String(key)]);
    else if (at instanceof z.ZodRecord) at = unwrap(at.valueType);
    else if (at instanceof z.ZodArray) at = unwrap(at.element);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.def.innerType);
  }
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in);
  return schema;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
