import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import usual from "../vitest.config.js";

/** Other engines for real. They are installed into the temporary folder when they are not there: half a gigabyte. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: ["src/testing/engines/*.proof.ts"],
    exclude: [],
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    maxWorkers: 1,
    // Outside of the folder of a run, which is deleted with it.
    provide: { ...usual.test?.provide, engines: join(tmpdir(), "growthos-engines") },
  },
});

declare module "vitest" {
  interface ProvidedContext {
    readonly engines: string;
  }
}
