import { defineConfig } from "vitest/config";
import usual from "../vitest.config.js";

/** The package as people install it: the registry is asked for what it depends on, so `npm test` does without. */
export default defineConfig({
  ...usual,
  test: { ...usual.test, include: ["src/testing/installed/*.test.ts"], exclude: [], testTimeout: 300_000 },
});
