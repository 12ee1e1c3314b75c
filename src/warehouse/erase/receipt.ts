/** What an erasing leaves behind: that it was done, and nothing of whom. */
import { join } from "node:path";
import { replaceDurably } from "../layout.js";
import { seal, unseal } from "../sealed.js";
import type { Workspace } from "../types.js";
import type { NameKind } from "./names.js";
import { ERASED } from "./tombstones.js";

/** `erased/<id>.json` (sealed JSON), and beside it the same as text. Without personal data. */
export interface Receipt {
  readonly id: string;
  readonly workspace: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The commit that took them out; that of before when no landed row named them. */
  readonly log_version: number;
  /** By how many names of each kind they were looked for. */
  readonly names: Readonly<Partial<Record<NameKind, number>>>;
  readonly looked_through: { readonly parts: number; readonly rows: number; readonly files: number };
  /** Rows from which they were taken out, by `source.stream`. */
  readonly changed: Readonly<Record<string, number>>;
  readonly quarantined_rows: number;
  readonly removed: {
    readonly landed: number;
    readonly builds: number;
    readonly staged: number;
    readonly written: number;
  };
  readonly journals: readonly string[];
  /** Requests of customers that this answers, by the key of their row. */
  readonly answers: readonly string[];
  /** Where they may still be, and what to do there. */
  readonly remains: readonly string[];
}

/** A receipt with the digest by which it can be told that nobody changed it. */
export type SealedReceipt = Receipt & { readonly self: string };

const NAME = /^erase-[0-9a-z-]+\.json$/;

/** All receipts, oldest first; one that somebody changed is left out. */
export function readReceipts(ws: Pick<Workspace, "files" | "root">): readonly SealedReceipt[] {
  const folder = join(ws.root, ERASED);
  return ws.files
    .list(folder)
    .filter((name) => NAME.test(name))
    .flatMap((name) => (unseal(ws.files.readText(join(folder, name))) ?? []) as SealedReceipt | [])
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Writes a receipt durably, as JSON and as text. */
export function keepReceipt(ws: Workspace, receipt: Receipt): SealedReceipt {
  const { text, self } = seal({ ...receipt });
  ws.files.makeFolder(ws.at(ERASED));
  replaceDurably(ws.files, ws.at(ERASED, `${receipt.id}.txt`), `${receiptText({ ...receipt, self })}\n`);
  replaceDurably(ws.files, ws.at(ERASED, `${receipt.id}.json`), text);
  return { ...receipt, self };
}

/** A receipt as people read it. */
export function receiptText(receipt: SealedReceipt): string {
  const { names, looked_through: looked, changed, removed, answers } = receipt;
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ") || "none";
  return [
    `receipt ${receipt.id}: a person was erased from workspace "${receipt.workspace}"`,
    `at                ${receipt.at}`,
    `log version       ${receipt.log_version}`,
    `looked for        ${counted(names as Record<string, number>)}`,
    `looked through    ${looked.rows} rows of ${looked.parts} landed files, ${looked.files} other files`,
    `rows anonymised   ${counted(changed)}`,
    `rejected rows     ${receipt.quarantined_rows} deleted`,
    `deleted           ${removed.landed} landed files, ${removed.builds} files of builds, ${removed.staged} caches, ${removed.written} reports, logs and letters`,
    ...(receipt.journals.length === 0 ? [] : [`rewritten         journals ${receipt.journals.join(", ")}`]),
    ...(answers.length === 0 ? [] : [`answers           ${answers.length} request(s): ${answers.join(", ")}`]),
    `remains           ${receipt.remains.join("\n                  ")}`,
    `digest            ${receipt.self}`,
  ].join("\n");
}
