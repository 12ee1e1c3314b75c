import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import usual from "../vitest.config.js";

/** The browser tests of all pages, which then leave what they saw in `pictures/`: every page in three widths, light and dark. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: ["src/reports/browser.test.ts"],
    testTimeout: 300_000,
    provide: { ...usual.test?.provide, pictures: fileURLToPath(new URL("../../../pictures", import.meta.url)) },
  },
});
