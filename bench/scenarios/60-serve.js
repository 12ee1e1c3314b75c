import { spawn } from "node:child_process";
import { join } from "node:path";
import { BIN, growthos, row } from "../measure.js";

const ASKED = 40;

/** Every endpoint of the JSON API on the demo, forty times each: the 95th percentile of its answers. */
export async function scenario({ folder }) {
  const project = join(folder, "serve");
  await growthos(["init", project, "--demo", "--quiet"]);
  await growthos(["run", "--quiet"], { cwd: project });
  const server = spawn(process.execPath, [BIN, "serve", "--port", "0"], {
    cwd: project,
    env: { ...process.env, TZ: "UTC", NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const origin = await originOf(server);
    const { routes } = await (await fetch(`${origin}/api/`)).json();
    const rows = [];
    for (const { path } of [...routes, { path: "/wbr.html" }]) rows.push(await endpoint(origin, path));
    return rows;
  } finally {
    server.kill("SIGINT");
  }
}

/** The address stands in what the server says when it listens. */
function originOf(server) {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (data) => {
      said += data;
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (origin !== undefined) resolve(origin);
    });
    server.once("exit", (code) => reject(new Error(`growthos serve ended with ${code}\n${said}`)));
  });
}

async function endpoint(origin, path) {
  const times = [];
  for (let asked = 0; asked <= ASKED; asked++) {
    const start = performance.now();
    const response = await fetch(`${origin}${path}`);
    await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    // The first one opens the build and loads what it needs.
    if (asked > 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const wallMs = times[Math.ceil(times.length * 0.95) - 1];
  return row(`serve: p95 of ${path}`, { wallMs, cpuMs: 0, peakMb: 0 }, { target: "<= 500 ms", isMet: wallMs <= 500 });
}
