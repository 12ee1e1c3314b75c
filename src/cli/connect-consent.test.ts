import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../base/clock.js";
import { type DoctorProject, doctorProject } from "../testing/doctor-project.js";
import { type Ga4Double, ga4Double } from "../testing/doubles/ga4.js";
import { answerConsent, type Seen, visit } from "../testing/doubles/oauth-browser.js";
import { removeFolders } from "../testing/workspace.js";
import type { Prompt } from "./prompt.js";

// `growthos connect ga4` with a person, a browser and Google's pages.

const open: DoctorProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.close();
});
afterAll(removeFolders);

async function project(clock = systemClock) {
  const ga4 = await ga4Double({ clock });
  const made = doctorProject([ga4]);
  open.push(made);
  // Nothing is set: everything comes from the person.
  rmSync(join(made.cwd, ".env"));
  return { ga4, made };
}

/** Types the client's credentials, and goes through the consent page; `back` may change where the browser is sent. */
function person(ga4: Ga4Double, answer: "grant" | "deny" = "grant", tamper: (back: URL) => void = () => {}) {
  const [heard, seen]: [string[], Seen[]] = [[], []];
  const codes: string[] = [];
  const browse = async () => {
    const address = /https:\S+/.exec(heard.find((line) => line.startsWith("Open this address")) ?? "")?.[0] ?? "";
    const back = await answerConsent(ga4.server.origin, address, answer);
    codes.push(back.searchParams.get("code") ?? "");
    tamper(back);
    seen.push(await visit(back));
  };
  const typed = (question: string): string => {
    if (question.startsWith("Client ID")) return "1-double.apps.googleusercontent.com";
    if (question.startsWith("Client secret")) return "GOCSPX-double";
    return "";
  };
  const prompt: Prompt = {
    say: (line) => void heard.push(line),
    hidden: async (question) => typed(question),
    conversation: async function* () {},
    ask: (question, signal) => {
      heard.push(question);
      if (!question.startsWith("Waiting for the browser")) return Promise.resolve(typed(question));
      void browse();
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  };
  return { prompt, heard, seen, codes };
}

const everything = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");

describe("a sign-in through Google's consent page", () => {
  it("is tested, stored encrypted, and renewed afterwards; no secret of it is seen anywhere", async () => {
    const { ga4, made } = await project();
    const { prompt, heard, seen, codes } = person(ga4);
    const { exit, stdout, stderr } = await made.run(["connect", "ga4", "--verbose"], { prompt });
    expect({ exit, stdout }).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("connected ga4: consent in the browser"),
    });
    expect(seen.map(({ status }) => status)).toEqual([200]);
    const form = new URLSearchParams(ga4.server.arrived.find(({ body }) => body.includes("code_verifier"))?.body);
    const tokens = ga4.server.arrived.flatMap(({ headers }) => headers["authorization"]?.replace("Bearer ", "") ?? []);
    const secrets = [...codes, ...tokens, form.get("code_verifier") ?? "", "GOCSPX-double", "1//double-"];
    const shown = [stdout, stderr, heard.join("\n"), JSON.stringify(seen), everything(made.cwd)].join("\n");
    expect(secrets.filter((secret) => secret.length < 8 || shown.includes(secret))).toEqual([]);
    ga4.breakTokens();
    const again = await made.run(["doctor"]);
    expect(again).toMatchObject({ exit: 0, stdout: expect.stringContaining("main: ga4 report: reports are answered") });
  });

  it.each([
    ["a no", "deny", () => {}, "OAUTH_DENIED"],
    ["another state", "grant", (back: URL) => back.searchParams.set("state", "x"), "OAUTH_STATE"],
    ["another code", "grant", (back: URL) => back.searchParams.set("code", "4/0A-canary"), "OAUTH_EXCHANGE"],
  ] as const)("ends with %s: nothing is stored", async (_what, answer, tamper, code) => {
    const { ga4, made } = await project();
    const { prompt } = person(ga4, answer, tamper);
    const { exit, stdout, stderr } = await made.run(["connect", "ga4"], { prompt });
    expect({ exit, stdout }).toEqual({ exit: 7, stdout: "" });
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toContain("nothing was stored");
    expect(stderr).toContain("hint:");
    expect(stderr).not.toContain("canary");
    expect((await made.run(["connections", "list"])).stdout).toMatch(/ga4 +nowhere/);
  });

  it("C03 is not begun while the clock is two hours wrong", async () => {
    const { ga4, made } = await project({ ...systemClock, now: () => systemClock.now() + 2 * 3_600_000 });
    const { prompt, heard } = person(ga4);
    const { exit, stderr } = await made.run(["connect", "ga4"], { prompt });
    expect(exit).toBe(7);
    expect(stderr).toContain("error[CLOCK_SKEW]: this machine's clock is 2 h behind the vendor's");
    expect(stderr).toContain("set the clock of this machine");
    expect(heard.join("\n")).not.toContain("Open this address");
  });
});
