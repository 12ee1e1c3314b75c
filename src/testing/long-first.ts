import { BaseSequencer, type TestSequencer, type TestSequencerConstructor, type Vitest } from "vitest/node";

/** The files that take longest, longest first. Begun last, one of them alone would keep one core busy and the others idle. */
const LONG = [
  "src/testing/fault-rows.test.ts",
  "src/testing/pipeline.test.ts",
  "src/connectors/shopify/walks.test.ts",
  "src/connectors/shopify/pitfalls.test.ts",
  "src/testing/real-data.test.ts",
  "src/testing/faults/network-faults.test.ts",
  "src/testing/faults/pipeline-faults.test.ts",
  "src/transform/build.test.ts",
  "src/connectors/conformance.test.ts",
  "src/testing/faults/upkeep.test.ts",
  "src/testing/faults/processes.test.ts",
  "src/testing/faults/restarts.test.ts",
  "src/warehouse/verify.test.ts",
  "src/testing/ga4-export.test.ts",
  "src/testing/intraday-hours.test.ts",
  "src/testing/doubles/google_ads.test.ts",
  "src/reports/browser.test.ts",
];

/** Place of a file: in the list, or behind all of it. */
function placeOf(path: string): number {
  const place = LONG.findIndex((name) => path.endsWith(`/${name}`));
  return place < 0 ? LONG.length : place;
}

function longFirst(context: Vitest): TestSequencer {
  const usual = new BaseSequencer(context);
  return {
    shard: (files) => usual.shard(files),
    // A new checkout remembers no durations and would begin with the largest files.
    sort: async (files) => [...(await usual.sort(files))].sort((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId)),
  };
}

/** For vitest's `sequence`: called with `new`, a function that returns an object gives that object. */
export const LongFirst = longFirst as unknown as TestSequencerConstructor;
