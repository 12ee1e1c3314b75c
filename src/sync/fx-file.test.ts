import { afterAll, expect, it } from "vitest";
import { fixedClock } from "../base/clock.js";
import { systemRandom } from "../base/ids.js";
import { partOf, payloads } from "../testing/imports.js";
import { codeOf, freshFolder, freshWorkspace, removeFolders } from "../testing/workspace.js";
import { readState } from "../warehouse/log.js";
import { fxFileSource } from "./fx-file.js";

afterAll(removeFolders);

it("lands a file once, lands it again when it changed, and names the line that is wrong", async () => {
  const projectRoot = freshFolder();
  const ws = await freshWorkspace(projectRoot);
  const clock = fixedClock(Date.parse("2026-02-09T06:00:00Z"));
  const stamps = { timeoutMinutes: 5, random: systemRandom, toolVersion: "t", configHash: "c" };
  const source = fxFileSource({ ws, projectRoot, file: "rates.csv", currencies: ["USD"], clock, ...stamps });
  const land = () => source.land({ runId: "r", signal: new AbortController().signal });
  const put = (text: string) => ws.files.write(`${projectRoot}/rates.csv`, text);
  expect(await codeOf(land)).toBe("FX_FILE_MISSING");
  put("Date,USD,JPY,\n2026-02-06,1.1794,185.27,\n2026-02-05,N/A,184.91,\n2026-02-04,1.18,184,\n");
  expect(await land()).toEqual({ rows: 2, warnings: [] });
  expect(await payloads(ws, "rates")).toContainEqual({
    date: "2026-02-06",
    base: "EUR",
    currency: "USD",
    rate: "1.1794",
  });
  expect(partOf(ws, "rates").days).toEqual({ from: "2026-02-04", to: "2026-02-06" });
  expect((await land()).rows).toBe(0);
  put("Date,USD,\n2026-02-06,0,\n");
  await expect(land()).rejects.toMatchObject({ code: "FX_FILE", parts: { why: expect.stringContaining("line 2") } });
  expect(readState(ws).parts).toHaveLength(1);
});
