import type { Problem } from "./problems.js";

/** Environment variables as a value. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Levels of a config. A TypeScript file can hold an object that holds itself. */
const MAX_DEPTH = 64;
const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels, or holds itself`;

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Fills `${NAME}` and `${NAME:-default}` in every text of a value. As in a shell, the default stands in for a variable that is
 * unset or empty; without a default either is a problem, and so is a value with control characters, or one that is too deep.
 */
export function interpolate(value: unknown, env: Env, path: readonly string[], problems: Problem[]): unknown {
  if (typeof value === "string") return fill(value, env, path, problems);
  if (path.length > MAX_DEPTH && !isTooDeep(problems)) problems.push({ path: path.slice(0, 4), message: TOO_DEEP });
  // What holds itself twice would be walked for ever.
  if (isTooDeep(problems)) return null;
  if (Array.isArray(value))
    return value.map((item, index) => interpolate(item, env, [...path, String(index)], problems));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, interpolate(member, env, [...path, key], problems)]),
    );
  }
  return value;
}

/** True when a value was given up as too deep: then it must not be walked by anybody else either. */
export function isTooDeep(problems: readonly Problem[]): boolean {
  return problems.some(({ message }) => message === TOO_DEEP);
}

function fill(text: string, env: Env, path: readonly string[], problems: Problem[]): string {
  return text.replace(REFERENCE, (whole, name: string, fallback: string | undefined) => {
    const found = env[name] || fallback;
    if (found === undefined || found === "") {
      const state = env[name] === undefined ? "not set" : "empty";
      problems.push({
        path,
        message: `environment variable ${name} is ${state}; set it, or write \${${name}:-default}`,
      });
      return whole;
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(found)) {
      problems.push({ path, message: `environment variable ${name} holds a line break or another control character` });
    }
    return found;
  });
}
