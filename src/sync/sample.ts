import type { RecordFile } from "../connectors/types.js";
import { parseJson } from "../http/json.js";

type JsonRecord = Readonly<Record<string, unknown>>;

/** The records at the start of a received file, put together from its first whole lines as they will be when it lands. */
export function sampleOf(head: Uint8Array, file: RecordFile): readonly JsonRecord[] {
  const text = Buffer.from(head).toString("utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1) || text;
  const lines = whole.split("\n").filter((line) => line.trim() !== "");
  const records = lines.map((line) => parseJson(line) as JsonRecord);
  const roots = records.filter((record) => record[file.parentMember] === undefined);
  const children = grouped(records, file);
  return roots.map((root) => ({
    ...without(root, []),
    ...lists([...foldedIn(root, file), ...(children.get(String(root[file.keyMember])) ?? [])], file),
  }));
}

/** The children that are in the line of their root. */
function foldedIn(root: JsonRecord, file: RecordFile): readonly JsonRecord[] {
  return Object.values(file.children).flatMap((member) => {
    const { nodes = [] } = (root[member] ?? {}) as { readonly nodes?: readonly JsonRecord[] };
    return nodes;
  });
}

function grouped(records: readonly JsonRecord[], file: RecordFile): ReadonlyMap<string, readonly JsonRecord[]> {
  const byParent = new Map<string, JsonRecord[]>();
  for (const record of records) {
    const parent = record[file.parentMember];
    if (parent === undefined) continue;
    byParent.set(String(parent), [...(byParent.get(String(parent)) ?? []), record]);
  }
  return byParent;
}

function lists(children: readonly JsonRecord[], file: RecordFile): JsonRecord {
  return Object.fromEntries(
    Object.entries(file.children).map(([type, member]) => [
      member,
      {
        nodes: children
          .filter((child) => child["__typename"] === type)
          .map((child) => without(child, [file.parentMember])),
      },
    ]),
  );
}

/** Members that tell about the file, not about the object. */
function without(record: JsonRecord, names: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== "__typename" && !names.includes(name)));
}
