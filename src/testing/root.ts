import { fileURLToPath } from "node:url";

/** The repository's root folder, with a slash at its end. Apart from the configuration of vitest, which test files need not load. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
