import { type Quarantined, quarantined } from "../intake/quarantined.js";
import { readState } from "../warehouse/log.js";
import type { Workspace } from "../warehouse/types.js";

/** Deliveries in quarantine that no replay has landed, oldest first. */
export function waitingDeliveries(ws: Workspace): readonly Quarantined[] {
  return [...quarantined(ws, readState(ws))].filter(({ isReplayed }) => !isReplayed);
}
