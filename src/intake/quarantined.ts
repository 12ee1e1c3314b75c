/** Deliveries that could not be read, as they lie in the quarantine files that commits name. */
import { quarantineOf } from "../warehouse/quarantine.js";
import type { WarehouseState, Workspace } from "../warehouse/types.js";
import { linesOf } from "./spool-line.js";
import {
  type Arrival,
  type Delivery,
  EVENTS,
  INTAKE_SOURCES,
  type IntakeSource,
  type RejectionReason,
} from "./types.js";

/** One of them. */
export interface Quarantined {
  /** 16 hex digits. */
  readonly id: string;
  readonly source: IntakeSource;
  readonly reason: RejectionReason;
  readonly why: string;
  /** ISO 8601 UTC; null when the line itself is damaged. */
  readonly receivedAt: string | null;
  readonly delivery: Delivery | null;
  /** A replay has landed it. */
  readonly isReplayed: boolean;
}

/** A rejected delivery as one line, the body as it came, in base64. */
export function rejectionLine(
  { id, delivery, line }: Arrival,
  { reason, why }: { readonly reason: RejectionReason; readonly why: string },
): string {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const kept = delivery === null ? null : { ...delivery, body: base64(delivery.body) };
  return JSON.stringify({ id, reason, why, delivery: kept, line: line === undefined ? null : base64(line) });
}

/** Everything in quarantine, oldest first. */
export function* quarantined(ws: Workspace, state: WarehouseState): Generator<Quarantined> {
  const parts = state.parts.filter(({ stream, source }) => stream === EVENTS && isOurs(source));
  const replayed = new Set(parts.flatMap(({ origin }) => String(origin["replayed"] ?? "").split(",")));
  for (const part of parts) {
    const file = quarantineOf(ws, part);
    if (file === null) continue;
    for (const { bytes } of linesOf(ws.files.chunks(file.path))) {
      const kept = JSON.parse(Buffer.from(bytes).toString("utf8")) as KeptLine;
      const { id, reason, why } = kept;
      const delivery =
        kept.delivery === null ? null : { ...kept.delivery, body: Buffer.from(kept.delivery.body, "base64") };
      const source = part.source as IntakeSource;
      const receivedAt = delivery?.receivedAt ?? null;
      yield { id, source, reason, why, receivedAt, delivery, isReplayed: replayed.has(id) };
    }
  }
}

interface KeptLine {
  readonly id: string;
  readonly reason: RejectionReason;
  readonly why: string;
  readonly delivery: (Omit<Delivery, "body"> & { readonly body: string }) | null;
}

function isOurs(source: string): boolean {
  return (INTAKE_SOURCES as readonly string[]).includes(source);
}
