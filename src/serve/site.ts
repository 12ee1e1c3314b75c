/** Written reports, rendered from their JSON with the templates as they are at that moment. */
import { join } from "node:path";
import { isISODate } from "../base/dates.js";
import type { Files } from "../base/files.js";
import { type FrozenReport, htmlRenderer } from "../reports/render-html.js";
import { readFrozen } from "../reports/schema.js";
import { readTheme, renderPage } from "../reports/site.js";
import type { Workspace } from "../warehouse/types.js";
import type { Site } from "./server.js";

/** Loads the page again when the server says that it changed; only pages that are served have it. */
const LIVE = `
new EventSource("/events").addEventListener("change", () => location.reload());
`;

/** The pages of a workspace, and what they are made with. */
export function reportSite(ws: Workspace, templates: string): Site {
  const { files } = ws;
  return {
    page: async (name, format, asOf) => {
      const report = readReport(ws, name, asOf);
      if (report === null) return null;
      const theme = format === "html" ? readTheme(files, templates) : null;
      const html =
        theme === null ? null : htmlRenderer({ ...theme, script: `${theme.script}${LIVE}` }, { isServed: true });
      const [file] = await renderPage(report, [format], html);
      return file === undefined ? null : String(file.text);
    },
    version: () => [newest(ws), ...timesOf(files, templates), ...timesOfReports(ws)].join("|"),
  };
}

/** A report that was written, of an as-of day or of the newest; null when there is none. Throws `REPORT_INVALID`. */
export function readReport(ws: Workspace, page: string, asOf: string | null): FrozenReport | null {
  const day = asOf ?? newest(ws);
  if (!isISODate(day) || !/^[a-z0-9][a-z0-9-]{0,59}$/.test(page)) return null;
  const path = ws.at("out", day, `${page}.json`);
  return ws.files.stat(path)?.kind === "file" ? readFrozen(ws.files.readText(path), `${page}.json`) : null;
}

function newest({ files, at }: Workspace): string {
  const latest = at("out", "latest");
  return files.stat(latest)?.kind === "file" ? files.readText(latest).trim() : "";
}

/** The newest reports may be written anew for the same day. */
function timesOfReports(ws: Workspace): readonly string[] {
  const day = newest(ws);
  return isISODate(day) && ws.files.stat(ws.at("out", day)) !== undefined ? timesOf(ws.files, ws.at("out", day)) : [];
}

/** When each file of a folder was changed last. */
function timesOf(files: Files, folder: string): readonly string[] {
  return files.list(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = files.stat(path);
    return stat?.kind === "folder" ? timesOf(files, path) : [`${name}:${stat?.modifiedMs}:${stat?.bytes}`];
  });
}
