/**
 * A report as PDF, printed by a browser that is installed: over its debugging pipe (DevTools protocol), so that neither a port is opened
 * nor a package needed. Headings become bookmarks.
 */
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { GrowthosError } from "../base/errors.js";
import type { Files } from "../base/files.js";
import type { Effects } from "./command.js";

/** Programs that can print, by the system that they are found on; on Linux by name along the path. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((folder) => [
    `%${folder}%\\Google\\Chrome\\Application\\chrome.exe`,
    `%${folder}%\\Microsoft\\Edge\\Application\\msedge.exe`,
  ]),
};
const NAMES = ["google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "microsoft-edge"];
const FLAGS = [
  "--headless",
  "--remote-debugging-pipe",
  "--no-first-run",
  "--disable-gpu",
  "--disable-extensions",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-zygote",
];
/** A report is printed in seconds; a browser that says nothing for so long has not started. */
const PATIENCE_MS = 60_000;

/** The browser to print with: the one that `GROWTHOS_BROWSER` names, else one in the usual places. Throws `BROWSER_MISSING`. */
export function findBrowser({ env, files, machine }: Pick<Effects, "env" | "files" | "machine">): string {
  const named = env["GROWTHOS_BROWSER"];
  const isThere = (path: string) => ["file", "link"].includes(files.stat(path)?.kind ?? "");
  const found = (named === undefined || named === "" ? placesOf(env, machine.platform) : [named]).find(isThere);
  if (found !== undefined) return found;
  throw new GrowthosError({
    code: "BROWSER_MISSING",
    what: "no browser was found that could print a PDF",
    why: named
      ? `GROWTHOS_BROWSER is ${named}, and there is no such file`
      : "Chrome, Chromium and Edge were looked for",
    state: "the other formats were written",
    hint: "install one of them, set GROWTHOS_BROWSER to its program, or print the HTML page from any browser",
    exit: "usage",
  });
}

function placesOf(env: Effects["env"], platform: string): readonly string[] {
  const known = PLACES[platform];
  if (known === undefined)
    return (env["PATH"] ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return known.map((place) => place.replace(/%([^%]+)%/g, (_, name: string) => env[name] ?? ""));
}

/** How a page is printed. */
export interface PrintOptions {
  readonly browser: string;
  readonly env: Effects["env"];
  readonly files: Files;
  /** An empty folder that the browser may fill; removed at the end. */
  readonly profile: string;
  /** A browser refuses to put root into its sandbox. */
  readonly isRoot: boolean;
}

/** Prints a page from disk. Throws `PRINT_FAILED`. */
export async function printPdf(
  html: string,
  { browser, env, files, profile, isRoot }: PrintOptions,
): Promise<Uint8Array> {
  files.makeFolder(profile);
  const child = spawn(browser, [...FLAGS, ...(isRoot ? ["--no-sandbox"] : []), `--user-data-dir=${profile}`], {
    env: { ...env },
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(printFailed(cause.message)));
    child.once("exit", (code) => reject(printFailed(`the browser ended with ${code}`)));
    AbortSignal.timeout(PATIENCE_MS).addEventListener("abort", () =>
      reject(printFailed("it took longer than a minute")),
    );
  });
  // Whoever is first is heard; the browser's end after the print is none.
  failed.catch(() => child.kill("SIGKILL"));
  try {
    const [, , , input, output] = child.stdio as unknown as readonly [null, null, null, Writable, Readable];
    return await Promise.race([printed(pathToFileURL(html).href, pipeTo(input, output)), failed]);
  } finally {
    child.kill("SIGKILL");
    await ended;
    files.remove(profile);
  }
}

interface Pipe {
  ask(method: string, params: object, sessionId?: string): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves with the next event of a name. */
  next(event: string): Promise<void>;
}

async function printed(url: string, pipe: Pipe): Promise<Uint8Array> {
  const { targetId } = await pipe.ask("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await pipe.ask("Target.attachToTarget", { targetId, flatten: true });
  const session = String(sessionId);
  await pipe.ask("Page.enable", {}, session);
  const loaded = pipe.next("Page.loadEventFired");
  const { errorText } = await pipe.ask("Page.navigate", { url }, session);
  if (typeof errorText === "string") throw printFailed(errorText);
  await loaded;
  const paper = {
    preferCSSPageSize: true,
    printBackground: true,
    generateTaggedPDF: true,
    generateDocumentOutline: true,
  };
  const { data } = await pipe.ask("Page.printToPDF", paper, session);
  return Buffer.from(String(data), "base64");
}

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** Messages are JSON with a zero byte behind each. */
function pipeTo(input: Writable, output: Readable): Pipe {
  const asked = new Map<
    number,
    { readonly resolve: (result: Told["result"] & object) => void; readonly reject: (why: Error) => void }
  >();
  const awaited = new Map<string, () => void>();
  let pieces: Buffer[] = [];
  const hear = (text: string) => {
    const told = JSON.parse(text) as Told;
    if (told.method !== undefined) awaited.get(told.method)?.();
    const waiting = asked.get(told.id ?? -1);
    if (told.error !== undefined) waiting?.reject(printFailed(told.error.message));
    else waiting?.resolve(told.result ?? {});
  };
  output.on("data", (data: Buffer) => {
    let rest = data;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      hear(Buffer.concat([...pieces, rest.subarray(0, end)]).toString("utf8"));
      pieces = [];
      rest = rest.subarray(end + 1);
    }
    pieces.push(rest);
  });
  // A browser that goes away is told by its exit.
  for (const stream of [input, output]) stream.on("error", () => stream.destroy());
  let id = 0;
  return {
    ask: (method, params, sessionId) =>
      new Promise((resolve, reject) => {
        id += 1;
        asked.set(id, { resolve, reject });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      }),
    next: (event) => new Promise((resolve) => awaited.set(event, resolve)),
  };
}

function printFailed(why: string): GrowthosError {
  return new GrowthosError({
    code: "PRINT_FAILED",
    what: "the browser did not print the report",
    why,
    state: "the other formats were written",
    hint: "set GROWTHOS_BROWSER to another Chrome, Chromium or Edge, or print the HTML page by hand",
    exit: "io",
  });
}
