/** Durations and ages in words. */

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`; a dash for what is not told. */
export function durationText(ms: number | null): string {
  if (ms === null) return "—";
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The time from one instant to another in its largest whole unit: `3 days`, `1 hour`; null when it is not told, or negative. */
export function spanText(from: string | null, to: string | null): string | null {
  if (from === null || to === null) return null;
  const ms = Date.parse(to) - Date.parse(from);
  if (Number.isNaN(ms) || ms < 0) return null;
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ["second", 1000];
  const count = Math.floor(ms / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `2026-02-09 06:00`, UTC. */
export function instantText(instant: string | null): string {
  return instant === null ? "—" : instant.slice(0, 16).replace("T", " ");
}
