/** Runs the jobs with at most `limit` at a time; results in the order of the jobs. A job that throws ends the rest unstarted. */
export async function mapLimited<T>(jobs: readonly (() => Promise<T>)[], limit: number): Promise<readonly T[]> {
  const results: T[] = [];
  const queue = jobs.entries();
  const worker = async () => {
    for (const [index, job] of queue) results[index] = await job();
  };
  await Promise.all(Array.from({ length: Math.min(limit, jobs.length) }, worker));
  return results;
}
