import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { BIN, row } from "../measure.js";

const SECRET = "bench secret";
const SECONDS = 5;
const CONNECTIONS = [8, 32, 128];
const WANTED = 2_000;

/** Webhooks of 3 KB, signed, each another event, from a load generator on the same machine: how many a second, and how long an answer takes. */
export async function scenario({ folder }) {
  const project = join(folder, "intake");
  mkdirSync(project);
  const config = {
    shop: { name: "Bench", currency: "EUR", timeZone: "UTC" },
    intake: { shopify_webhooks: { shop: "bench.myshopify.com" }, limits: { perSecond: 100_000, perAddress: 100_000 } },
  };
  writeFileSync(join(project, "growthos.config.json"), JSON.stringify(config));
  const server = spawn(process.execPath, [BIN, "serve", "--intake", "--port", "0"], {
    cwd: project,
    env: { ...process.env, TZ: "UTC", NO_COLOR: "1", SHOPIFY_WEBHOOKS_SECRET: SECRET },
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const origin = await originOf(server);
    const rows = [];
    for (const connections of CONNECTIONS) rows.push(await load(origin, connections));
    return rows;
  } finally {
    server.kill("SIGINT");
    await new Promise((resolve) => server.once("exit", resolve));
  }
}

function originOf(server) {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (data) => {
      said += data;
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (origin !== undefined) resolve(origin);
    });
    server.once("exit", (code) => reject(new Error(`growthos serve --intake ended with ${code}\n${said}`)));
  });
}

async function load(origin, connections) {
  const { hostname, port, host } = new URL(origin);
  const times = [];
  const started = performance.now();
  const until = started + SECONDS * 1000;
  let sent = 0;
  const next = () => request(host, `${connections}-${sent++}`);
  await Promise.all(
    Array.from({ length: connections }, () => sender({ hostname, port: Number(port), until, next, times })),
  );
  const perSecond = Math.round((times.length * 1000) / (performance.now() - started));
  times.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((share) => times[Math.ceil(times.length * share) - 1]);
  const what = `intake: ${perSecond} webhooks of 3 KB a second, ${connections} connections, p50 ${p50.toFixed(1)} ms, p99`;
  const ours = { wallMs: p99, cpuMs: 0, peakMb: 0 };
  // A few connections wait for the disk in turn; the target is for as many as make a group worth its sync.
  return row(what, ours, connections < 32 ? {} : { target: `>= ${WANTED}/s`, isMet: perSecond >= WANTED });
}

/** One connection: the next webhook as soon as the last one is answered. Anything but 200 ends the benchmark. */
function sender({ hostname, port, until, next, times }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, hostname);
    let start = 0;
    let answer = "";
    const ask = () => {
      start = performance.now();
      if (start >= until) return socket.end(resolve);
      socket.write(next());
    };
    socket.setNoDelay(true);
    socket.on("connect", ask);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (!answer.endsWith("\r\n\r\n")) return;
      if (!answer.startsWith("HTTP/1.1 200 ")) return reject(new Error(answer));
      answer = "";
      times.push(performance.now() - start);
      ask();
    });
  });
}

const FILLER = "x".repeat(2_950);

function request(host, id) {
  const body = JSON.stringify({ id, updated_at: id, note: FILLER });
  const signature = createHmac("sha256", SECRET).update(body).digest("base64");
  return [
    "POST /hooks/shopify_webhooks HTTP/1.1",
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "X-Shopify-Topic: carts/update",
    "X-Shopify-Shop-Domain: bench.myshopify.com",
    `X-Shopify-Webhook-Id: ${id}`,
    `X-Shopify-Hmac-Sha256: ${signature}`,
    "",
    body,
  ].join("\r\n");
}
