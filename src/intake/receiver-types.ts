import type { Clock } from "../base/clock.js";
import type { Log } from "../base/log.js";
import type { Secret } from "../base/secret.js";
import type { Rate } from "./rate.js";
import type { PixelScript } from "./script.js";
import type { SignatureScheme } from "./signatures.js";
import type { Spool } from "./spool.js";
import type { Adapter, IntakeSource } from "./types.js";

/** One source that may push. */
export interface Endpoint {
  readonly adapter: Adapter;
  /** The account that the config names; a delivery that says another is refused. */
  readonly account: string | null;
  readonly scheme: SignatureScheme;
  /** The present one and, during a rotation, the one before; none only for a pixel without a server-side twin. */
  readonly secrets: readonly Secret[];
  /** Of a pixel: the sites that it stands on, as `https://shop.example`, or `null` for sandboxes; empty: it may not be sent by browsers. */
  readonly origins: readonly string[];
}

/** How the receiver is started. */
export interface ReceiverOptions {
  readonly endpoints: ReadonlyMap<IntakeSource, Endpoint>;
  readonly spool: Spool;
  /** `/pixel.js`; null or absent: it is not handed out. */
  readonly script?: PixelScript | null;
  readonly host: string;
  /** 0: one that the system chooses. */
  readonly port: number;
  /** Names under which it is reached, beside `127.0.0.1` and `localhost`: those of a proxy or tunnel before it. */
  readonly hosts: readonly string[];
  /** Who asks stands in the last `X-Forwarded-For`, because a proxy of one's own wrote it. */
  readonly behindProxy: boolean;
  readonly limits: IntakeLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the receiver: what was begun is answered, for 5 seconds at most. */
  readonly signal: AbortSignal;
  /** Milliseconds, for tests: default 5 s for headers, 10 s for a whole request. */
  readonly timeouts?: { readonly headers: number; readonly request: number };
}

/** How much is taken. */
export interface IntakeLimits {
  /** Signed requests a second, of all and of one address. */
  readonly perSecond: number;
  readonly perAddress: number;
  /** Pixel events a second, of all and of one address, and in a day of UTC. */
  readonly pixelPerSecond: number;
  readonly pixelPerAddress: number;
  readonly pixelPerDay: number;
}

/** What handling a request needs. */
export interface Receives extends ReceiverOptions {
  readonly rates: Readonly<Record<"all" | "address" | "pixelAll" | "pixelAddress", Rate>>;
  readonly pixelDay: { day: string; taken: number };
  readonly ownHosts: readonly string[];
}
