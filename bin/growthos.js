#!/usr/bin/env node
// Time zones are data here, never the machine's: pinned before anything formats a date.
process.env.TZ = "UTC";

const { fileURLToPath } = await import("node:url");
const packageFolder = fileURLToPath(new URL("..", import.meta.url));

const { main } = await import("../dist/main.js").catch((cause) => {
  if (cause?.code !== "ERR_MODULE_NOT_FOUND") throw cause;
  process.stderr.write(
    "error[NOT_BUILT]: growthos is not built\nhint: run `npm ci` (or `npm run build`) in its folder\n",
  );
  process.exit(2);
});

await main({ packageFolder, argv: process.argv.slice(2) });
