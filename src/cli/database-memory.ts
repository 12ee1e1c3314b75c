/** Half of the memory there is, within 1 to 8 GB: enough for ten million orders, and room for everything else. Results do not depend on it. */
export function databaseMemoryMb(available: number): number {
  return Math.min(8192, Math.max(1024, Math.floor(available / 2)));
}
