/** A text or number inside a JSON document, and where it stands; `*` is an element of a list. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: string | number;
}

/**
 * The document with some of its texts and numbers replaced; everything else stays byte for byte, so that no number is rounded and no
 * member moves. `edit` gives the new value, null to take it away, or undefined to leave it. `text` must be JSON: what is none is given back.
 */
export function editLeaves(text: string, edit: (leaf: Leaf) => string | number | null | undefined): string {
  const path: string[] = [];
  const pieces: string[] = [];
  let copied = 0;
  const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|true|false|null/g;
  // Of each open bracket: the name that stands for it, and whether names come next.
  const open: { readonly isList: boolean; expectsName: boolean }[] = [];
  const leaf = (found: RegExpExecArray): void => {
    const [raw] = found;
    const next = edit({ path, value: raw.startsWith('"') ? (JSON.parse(raw) as string) : Number(raw) });
    if (next === undefined) return;
    pieces.push(text.slice(copied, found.index), JSON.stringify(next));
    copied = found.index + raw.length;
  };
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [raw] = found;
    const inner = open.at(-1);
    if (raw === "{" || raw === "[") {
      open.push({ isList: raw === "[", expectsName: raw === "{" });
      path.push(raw === "[" ? "*" : "");
    } else if (raw === "}" || raw === "]") {
      open.pop();
      path.pop();
    } else if (raw === ",") {
      if (inner !== undefined && !inner.isList) inner.expectsName = true;
    } else if (inner?.expectsName === true) {
      path[path.length - 1] = JSON.parse(raw) as string;
      inner.expectsName = false;
    } else if (raw.startsWith('"') || /^[-\d]/.test(raw)) leaf(found);
  }
  pieces.push(text.slice(copied));
  return pieces.join("");
}
