import { afterAll, afterEach, describe, expect, it } from "vitest";
import { isoDate } from "../base/dates.js";
import type { JsonObject } from "../connectors/shape.js";
import { demoTransport } from "../demo/transport.js";
import { type DoctorProject, doctorProject } from "../testing/doctor-project.js";
import { createOauth, tooNarrow } from "../testing/doubles/oauth.js";
import { type Answer, type Arrived, type Double, startServer } from "../testing/doubles/server.js";
import { removeFolders } from "../testing/workspace.js";

// What `growthos doctor` says of Google Ads: the demo's account, behind an authorization server.

const SCOPE = "https://www.googleapis.com/auth/adwords";
const open: DoctorProject[] = [];
afterEach(async () => {
  for (const project of open.splice(0)) await project.close();
});
afterAll(removeFolders);

/** `refuse` answers in the place of the account. */
async function findingsOf(
  options: JsonObject,
  refuse: (request: Arrived) => Answer | undefined = () => undefined,
): Promise<Readonly<Record<string, string>>> {
  const oauth = createOauth({ scopes: [SCOPE] });
  const demo = demoTransport({ seed: 7, days: 30, asOf: isoDate("2026-02-09") });
  const server = await startServer(async (request) => {
    const granted = oauth.respond(request);
    if (granted !== undefined) return granted;
    if (oauth.judge(request, SCOPE) !== "good") return tooNarrow("googleads.googleapis.com");
    const refused = refuse(request);
    if (refused !== undefined) return refused;
    const { pathname } = request.url;
    const url = `https://googleads.googleapis.com${pathname}`;
    const { status, body } = await demo.send({ method: request.method as "GET" | "POST", url, body: request.body });
    return { status, text: body };
  });
  const routes = { "googleads.googleapis.com": server.origin, "oauth2.googleapis.com": server.origin };
  const { oauth: secrets } = oauth.secrets;
  const double: Double = { source: "google_ads", options, secrets, routes, server, close: () => server.close() };
  const project = doctorProject([double], { sources: { fx: { file: "rates.csv" } } });
  open.push(project);
  const found = await project.findings();
  return Object.fromEntries(Object.entries(found).filter(([check]) => check.startsWith("main: google_ads")));
}

/** A refusal as the API prints it. */
function refusal(status: number, kind: string, name: string): Answer {
  const failure = { "@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure" };
  const details = [{ ...failure, errors: [{ errorCode: { [kind]: name }, message: name }], requestId: "req-1" }];
  const error = { code: status, message: "The caller does not have permission", status: "PERMISSION_DENIED", details };
  return { status, json: { error } };
}

const isSearch = ({ url }: Arrived) => url.pathname.endsWith(":searchStream");

describe("Google Ads", () => {
  it("is seen, can be read, and says in which currency", async () => {
    expect(await findingsOf({ customers: ["424-242-4242"] })).toEqual({
      "main: google_ads credentials": "ok: from the environment or .env",
      "main: google_ads version": "ok: v25, served until 2027-07-14",
      "main: google_ads access": expect.stringMatching(/^ok: the sign-in sees \d{10}/),
      "main: google_ads account 4242424242": expect.stringMatching(/^ok: .*4242424242\) in USD can be read$/),
    });
  });

  it.each([
    [
      "authorizationError",
      "USER_PERMISSION_DENIED",
      403,
      /-> if access runs through a manager account, set loginCustomer/,
    ],
    ["authenticationError", "CUSTOMER_NOT_FOUND", 401, /-> check the ids in customers and loginCustomer/],
    [
      "authorizationError",
      "CUSTOMER_NOT_ENABLED",
      403,
      /^fail: account 4242424242 is cancelled or not enabled -> remove it/,
    ],
    [
      "authorizationError",
      "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION",
      403,
      /-> the Cloud project may read test accounts only/,
    ],
  ])("%s.%s is answered with what to do", async (kind, name, status, fix) => {
    const refuse = (request: Arrived) => (isSearch(request) ? refusal(status, kind, name) : undefined);
    const found = await findingsOf({ customers: ["4242424242"] }, refuse);
    expect(found["main: google_ads account 4242424242"]).toMatch(/^fail: /);
    expect(found["main: google_ads account 4242424242"]).toMatch(fix);
  });

  it("A15 names the scope of a token that is good for something else", async () => {
    const found = await findingsOf({ customers: ["4242424242"] }, () => tooNarrow("googleads.googleapis.com"));
    expect(found["main: google_ads access"]).toMatch(
      /the token lacks the scope https:\/\/www.googleapis.com\/auth\/adwords -> .*`growthos connect google_ads`/,
    );
  });

  it("is not seen at all by a sign-in without accounts", async () => {
    const refuse = (request: Arrived) => (isSearch(request) ? undefined : { json: {} });
    const found = await findingsOf({ customers: ["4242424242"] }, refuse);
    expect(found["main: google_ads access"]).toMatch(
      /^fail: .*sees no Google Ads account -> invite its e-mail address/,
    );
  });
});
