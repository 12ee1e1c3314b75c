import { GrowthosError } from "../../base/errors.js";
import { nearest } from "../../base/ids.js";
import type { ReportPage } from "../types.js";
import { alerts } from "./alerts.js";
import { attribution } from "./attribution.js";
import { branches } from "./branches.js";
import { campaigns } from "./campaigns.js";
import { channels } from "./channels.js";
import { cohorts } from "./cohorts.js";
import { connections } from "./connections.js";
import { daily } from "./daily.js";
import { dataHealth } from "./data-health.js";
import { executive } from "./executive.js";
import { funnel } from "./funnel.js";
import { jobs } from "./jobs.js";
import { ledger } from "./ledger.js";
import { lineage } from "./lineage.js";
import { metrics } from "./metrics.js";
import { pnl } from "./pnl.js";
import { products } from "./products.js";
import { taskPages } from "./tasks.js";
import { unitEconomics } from "./unit-economics.js";
import { wbr } from "./wbr.js";

/** THE list of pages, in the order of the navigation. */
export const PAGES: readonly ReportPage[] = [
  dataHealth,
  wbr,
  executive,
  daily,
  channels,
  campaigns,
  attribution,
  funnel,
  products,
  cohorts,
  unitEconomics,
  pnl,
  ledger,
  branches,
  ...taskPages,
  alerts,
  connections,
  jobs,
  metrics,
  lineage,
];

/** The page of an id. Throws `PAGE_UNKNOWN`. */
export function pageById(id: string): ReportPage {
  const page = PAGES.find((candidate) => candidate.id === id);
  if (page !== undefined) return page;
  const names = PAGES.map((candidate) => candidate.id);
  const near = nearest(id, names);
  throw new GrowthosError({
    code: "PAGE_UNKNOWN",
    what: `there is no report page "${id.slice(0, 80)}"`,
    why: `the pages are ${names.join(", ")}`,
    hint: near === undefined ? "choose one of them" : `did you mean ${near}?`,
    exit: "usage",
  });
}
