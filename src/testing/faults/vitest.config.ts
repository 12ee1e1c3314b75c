import { defineConfig } from "vitest/config";
import usual from "../vitest.config.js";

/** The whole sweep: every mutating call in every mode. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    include: [
      "src/testing/faults/{pipeline,network,connection,data,api,erase}-faults.test.ts",
      "src/testing/faults/{kills,restarts,upkeep,intake-kills,store}.test.ts",
      "src/sync/sftp.test.ts",
      "src/intake/{roll,fuzz}.test.ts",
    ],
    provide: { ...usual.test?.provide, faultStride: 1 },
  },
});
