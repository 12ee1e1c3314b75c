import { BaseSequencer, type TestSequencer, type TestSequencerConstructor, type Vitest } from "vitest/node";

/** The files that take longest, longest first. Begun last, one of them alone would keep one core busy and the others idle. */
const LONG = [
  "src/testing/pipeline.test.ts",
  "src/testing/fault-rows.test.ts",
  "src/reports/browser.test.ts",
  "src/transform/build.test.ts",
  "src/connectors/shopify/walks.test.ts",
  "src/testing/real-data.test.ts",
  "src/testing/ga4-export.test.ts",
  "src/testing/faults/restarts.test.ts",
  "src/connectors/shopify/pitfalls.test.ts",
  "src/testing/hostile.test.ts",
  "src/testing/doubles/google_ads.test.ts",
  "src/testing/faults/every-fault.test.ts",
  "src/testing/faults/processes.test.ts",
  "src/connectors/conformance.test.ts",
  "src/testing/faults/pipeline-faults.test.ts",
  "src/testing/faults/connection-faults.test.ts",
  "src/testing/faults/kills.test.ts",
  "src/demo/transport.test.ts",
  "src/metrics/properties.test.ts",
  "src/cli/commands/run.test.ts",
  "src/reports/browser-script.test.ts",
  "src/reports/render.test.ts",
  "src/testing/house-rules.test.ts",
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
