/** True for a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

const MAX_ID = 200;

/** An id as a text; null for anything that can be none (empty, too long, an object). */
export function idOf(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MAX_ID ? text : null;
}

/** The member at a dotted path; undefined when there is none. */
export function memberAt(body: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined), body);
}

/** The first of these members that is an id. */
export function firstId(body: unknown, paths: readonly string[]): string | null {
  for (const path of paths) {
    const id = idOf(memberAt(body, path));
    if (id !== null) return id;
  }
  return null;
}
