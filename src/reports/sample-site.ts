/** What report tests share: the theme of the repository, and pages of the sample shop as text. Imported by tests only. */
import { fileURLToPath } from "node:url";
import { diskFiles } from "../warehouse/disk.js";
import { indexModel } from "./pages/contents.js";
import { PAGES } from "./pages/index.js";
import { type HtmlRenderer, htmlRenderer } from "./render-html.js";
import { readTheme } from "./site.js";
import type { Facts, ReportModel } from "./types.js";

/** The repository's own templates. */
export const TEMPLATES = fileURLToPath(new URL("../../templates", import.meta.url));

/** The navigation of a whole site, without the pages that only some shops have. */
export const NAVIGATION = [
  ...PAGES.filter(({ needs }) => needs === undefined).map(({ id, title }) => ({ page: id, title })),
  { page: "index", title: "All reports" },
];

/** A renderer with the repository's theme. */
export function sampleRenderer(): HtmlRenderer {
  return htmlRenderer(readTheme(diskFiles, TEMPLATES));
}

/** All pages and the index. */
export function sampleModels(facts: Facts): readonly ReportModel[] {
  const models = PAGES.map((page) => page.build(facts));
  const listed = models.filter(({ id }) => NAVIGATION.some(({ page }) => page === id));
  return [...models, indexModel(facts, NAVIGATION.slice(0, -1), listed)];
}
