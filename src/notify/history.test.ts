import { afterAll, expect, it } from "vitest";
import { freshWorkspace, removeFolders } from "../testing/workspace.js";
import { appendJournal, beginJournalAfter, OUTBOX_JOURNAL, readJournal } from "../warehouse/journal.js";
import type { Workspace } from "../warehouse/types.js";
import { oldMail } from "./history.js";

afterAll(removeFolders);

const queued = (id: string) => ({ kind: "queued", message: { id, letter: `${id}.eml` } });
const sent = (id: string) => ({ kind: "sent", id });

async function write(ws: Workspace, ...entries: readonly (readonly [string, ...object[]])[]): Promise<void> {
  for (const [day, ...events] of entries)
    await appendJournal(ws, OUTBOX_JOURNAL, {
      at: `${day}T06:00:00Z`,
      events,
      after: readJournal(ws, OUTBOX_JOURNAL).at(-1),
    });
}

it("forgets old mails up to the first that is not over, and goes on", async () => {
  const ws = await freshWorkspace();
  await write(ws, ["2024-01-01", queued("a"), sent("a")], ["2024-01-02", queued("b")], ["2024-01-03", sent("b")]);
  await write(ws, ["2024-01-04", queued("c")], ["2024-01-05", queued("d"), sent("d")], ["2026-01-01", sent("c")]);
  const old = oldMail(readJournal(ws, OUTBOX_JOURNAL), "2025-01-01");
  expect(old).toMatchObject({ last: { seq: 3 }, messages: 2, letters: ["a.eml", "b.eml"] });
  const doomed = beginJournalAfter(ws, OUTBOX_JOURNAL, old.last);
  expect(doomed).toEqual([1, 2, 3].map((seq) => `outbox/00000000000${seq}.json`));
  // As after a crash before they are deleted, and after.
  expect(readJournal(ws, OUTBOX_JOURNAL).map(({ seq }) => seq)).toEqual([4, 5, 6]);
  for (const path of doomed) ws.files.remove(ws.at(...path.split("/")));
  await write(ws, ["2026-01-02", queued("e")]);
  expect(readJournal(ws, OUTBOX_JOURNAL).map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
  expect(oldMail(readJournal(ws, OUTBOX_JOURNAL), "2025-01-01").last).toBeUndefined();
});

it("keeps the newest entry, to which the next is linked", async () => {
  const ws = await freshWorkspace();
  await write(ws, ["2024-01-01", queued("a"), sent("a")]);
  expect(oldMail(readJournal(ws, OUTBOX_JOURNAL), "2025-01-01").last).toBeUndefined();
});
