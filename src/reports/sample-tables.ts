/** A page of tables on which everything that the script does with them can be tried. Imported by tests only. */
import { SAMPLE_CONTEXT } from "./sample-facts.js";
import type { BlockOf, ReportModel, TableCell } from "./types.js";

const text = (name: string): TableCell => ({ text: name, sort: name });
const money = (minor: number | null): TableCell =>
  minor === null
    ? { text: "n/a", sort: null, note: "it was not told" }
    : { text: `$${(minor / 100).toFixed(2)}`, sort: minor, exact: (minor / 100).toFixed(2) };

/** Two accounts with campaigns, one of which has two ad sets. */
const CAMPAIGNS: BlockOf<"table"> = {
  kind: "table",
  title: "Campaigns",
  columns: [
    { id: "name", title: "Name", align: "left" },
    { id: "platform", title: "Platform", align: "left", filter: true },
    { id: "spend", title: "Spend", align: "right" },
  ],
  rows: [
    [text("Account A"), text("Meta Ads"), money(30_000)],
    [text("Winter"), text("Meta Ads"), money(9900)],
    [text("Broad"), text("Meta Ads"), money(6000)],
    [text("Narrow"), text("Meta Ads"), money(3900)],
    [text("Always on"), text("Meta Ads"), money(20_100)],
    [text("Account B"), text("Google Ads"), money(100_000)],
    [text("Brand"), text("Google Ads"), money(null)],
    [text("Shopping"), text("Google Ads"), money(100_000)],
  ],
  parents: [null, 0, 1, 1, 0, null, 5, 5],
  totals: [text("Total"), text(""), money(130_000)],
};

/** Names that a spreadsheet would run, and names that would break out of a line. */
const NAMES: BlockOf<"table"> = {
  kind: "table",
  title: "Names / hostile",
  columns: [
    { id: "name", title: "Name", align: "left" },
    { id: "change", title: "Change", align: "right" },
  ],
  rows: [
    [text("=HYPERLINK(1)"), { text: "−5.0%", sort: -0.05 }],
    [text("+1+1"), { text: "+5.0%", sort: 0.05 }],
    [text("@sum, with comma"), { text: "+0.0%", sort: 0 }],
    [text('-2 "quoted"'), { text: "n/a", sort: null }],
  ],
};

/** The model of that page. */
export function tablesModel(): ReportModel {
  return {
    schemaVersion: 1,
    id: "tables",
    title: "Tables",
    subtitle: "To be tried",
    context: SAMPLE_CONTEXT,
    blocks: [CAMPAIGNS, NAMES],
    stamps: [],
  };
}
