/** Which requests of customers were answered: those for erasing by an erasing's receipt, those for their data by a note of the export. */
import { join } from "node:path";
import { replaceDurably } from "../layout.js";
import { seal, unseal } from "../sealed.js";
import type { Workspace } from "../types.js";
import { readReceipts } from "./receipt.js";
import { ERASED } from "./tombstones.js";

/** `erased/access-<id>.json` (sealed JSON), beside the receipts, so that backups hold it. Without personal data. */
export interface AccessNote {
  readonly id: string;
  readonly workspace: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Records that were given out, by place. */
  readonly records: Readonly<Record<string, number>>;
  /** Requests that this answers, by the key of their row. */
  readonly answers: readonly string[];
}

const NAME = /^access-[0-9a-z-]+\.json$/;

/** Writes a note durably. */
export function keepAccessNote(ws: Workspace, note: AccessNote): void {
  ws.files.makeFolder(ws.at(ERASED));
  ws.files.sync(ws.root);
  replaceDurably(ws.files, ws.at(ERASED, `${note.id}.json`), seal({ ...note }).text);
}

/** Key of a request's row -> the id of the receipt or note that answers it; a note that somebody changed is left out. */
export function answersOf(ws: Pick<Workspace, "files" | "root">): ReadonlyMap<string, string> {
  const folder = join(ws.root, ERASED);
  const notes = ws.files
    .list(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => (unseal(ws.files.readText(join(folder, name))) ?? []) as AccessNote | []);
  return new Map(
    [...readReceipts(ws), ...notes].flatMap(({ id, answers }) => answers.map((key) => [key, id] as const)),
  );
}
