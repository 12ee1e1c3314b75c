import { defineConfig } from "vitest/config";
import usual from "../../vitest.config.js";

/** PostgreSQL for real; its programs are installed on demand, so that `npm test` needs none. */
export default defineConfig({
  ...usual,
  test: { ...usual.test, include: ["src/testing/engines/postgres/*.test.ts"], exclude: [] },
});
