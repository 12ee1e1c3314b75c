import type { Clock } from "../base/clock.js";
import type { ISODate } from "../base/dates.js";
import type { Random } from "../base/ids.js";
import type { Stream } from "../connectors/types.js";
import type { Database, Workspace } from "../warehouse/types.js";
import type { Fetched } from "./fetch-slice.js";
import type { Contract } from "./shape.js";
import type { PiiPolicy, SyncTask } from "./types.js";

/** A slice that was read whole, ready to be committed. */
export interface LandRequest {
  readonly ws: Workspace;
  readonly db: Database;
  readonly task: SyncTask;
  readonly stream: Stream;
  readonly fetched: Fetched;
  readonly ndjson: string;
  readonly loadId: string;
  readonly asOf: ISODate;
  readonly since: ISODate | null;
  readonly timeZone: string;
  readonly stamp: {
    readonly runId: string;
    readonly apiVersion: string;
    readonly toolVersion: string;
    readonly configHash: string;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly pii: PiiPolicy;
  readonly contract: Contract;
}
