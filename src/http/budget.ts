import type { Clock } from "../base/clock.js";
import type { Usage } from "./types.js";

/** Keeps a client under quotas that only the vendor's answers tell. */
export interface Budget {
  /** Waits until a request with this label fits into what is left. */
  wait(label: string, signal?: AbortSignal): Promise<void>;
  /** Takes note of what an answer said. */
  note(label: string, usage: readonly Usage[]): void;
}

/**
 * Pauses between two looks at a sliding hourly quota that is nearly used up, the fullest first. Each look is a call as well:
 * with the smallest quota known (600 an hour, 1 % = 6 calls) the pauses leave fewer calls than there is room.
 */
const NEARLY_FULL = [
  { percent: 99, seconds: 600 },
  { percent: 96, seconds: 60 },
] as const;

interface Bucket {
  /** Points at `at`, ms of `clock.elapsed()`. */
  readonly available: number;
  readonly at: number;
  readonly maximum: number;
  readonly restorePerSecond: number;
}

interface Gate {
  /** Nothing goes out before this moment of `clock.elapsed()`. */
  readonly until: number;
}

interface Memory {
  readonly buckets: Map<string, Bucket>;
  /** Points that a label asked for last time, by bucket. */
  readonly prices: Map<string, number>;
  readonly gates: Map<string, Gate>;
}

/** A budget on the injected clock; without a word from the vendor nothing ever waits. */
export function createBudget(clock: Clock): Budget {
  const memory: Memory = { buckets: new Map(), prices: new Map(), gates: new Map() };
  return {
    wait: async (label, signal) => {
      const now = clock.elapsed();
      const until = Math.max(
        now,
        ...gatesOf(memory),
        ...[...memory.buckets].map(([name]) => full(memory, name, label)),
      );
      for (const [name, bucket] of memory.buckets)
        memory.buckets.set(name, spent(memory, { name, bucket, label, at: until }));
      if (until > now) await clock.sleep(until - now, signal);
    },
    note: (label, usage) => {
      for (const one of usage) noted(memory, label, one, clock.elapsed());
    },
  };
}

function gatesOf({ gates }: Memory): readonly number[] {
  return [...gates.values()].map(({ until }) => until);
}

/** The moment at which a bucket holds what the label will ask for. */
function full(memory: Memory, name: string, label: string): number {
  const bucket = memory.buckets.get(name);
  const price = memory.prices.get(`${name} ${label}`);
  if (bucket === undefined || price === undefined || bucket.restorePerSecond <= 0) return 0;
  const missing = Math.min(price, bucket.maximum) - bucket.available;
  return missing <= 0 ? bucket.at : bucket.at + (missing / bucket.restorePerSecond) * 1000;
}

/** The bucket after the label's points were taken: several requests may be under way before an answer corrects it. */
function spent(memory: Memory, take: { name: string; bucket: Bucket; label: string; at: number }): Bucket {
  const { name, bucket, label, at } = take;
  const restored = (Math.max(0, at - bucket.at) / 1000) * bucket.restorePerSecond;
  const available = Math.min(bucket.maximum, bucket.available + restored);
  return {
    ...bucket,
    available: available - (memory.prices.get(`${name} ${label}`) ?? 0),
    at: Math.max(at, bucket.at),
  };
}

function noted(memory: Memory, label: string, usage: Usage, now: number): void {
  const { name } = usage;
  if (usage.kind === "bucket") {
    const { available, maximum, restorePerSecond, requested } = usage;
    memory.buckets.set(name, { available, maximum, restorePerSecond, at: now });
    memory.prices.set(`${name} ${label}`, requested);
    return;
  }
  memory.gates.set(name, { until: now + 1000 * (usage.kind === "percent" ? regain(usage) : renewal(usage)) });
}

function regain({ percent, regainSeconds }: Extract<Usage, { kind: "percent" }>): number {
  if (regainSeconds > 0) return regainSeconds;
  return NEARLY_FULL.find((step) => percent >= step.percent)?.seconds ?? 0;
}

function renewal({ remaining, taken, renewsWithinSeconds }: Extract<Usage, { kind: "remaining" }>): number {
  return remaining < taken ? renewsWithinSeconds : 0;
}
