import { defineConfig } from "vitest/config";
import usual from "../vitest.config.js";

/** The whole sweep: every mutating call in every mode. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: ["src/testing/faults/{pipeline,network}-faults.test.ts"],
    provide: { faultStride: 1 },
  },
});
