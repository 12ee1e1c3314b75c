import { describe, expect, it } from "vitest";
import { Secret } from "../base/secret.js";
import { codeOf } from "../testing/workspace.js";
import { googleAuth, googleSignIns } from "./google-sign-in.js";
import { secretsOf, signInOf } from "./sign-in.js";

const SCOPE = "https://www.googleapis.com/auth/analytics.readonly";
const PEM = "-----BEGIN PRIVATE KEY-----\nQ0FOQVJZ\n-----END PRIVATE KEY-----\n";
const KEY = {
  type: "service_account",
  client_email: "reader@shop.iam.gserviceaccount.com",
  private_key: PEM,
  token_uri: "https://elsewhere.example/token",
};
const secret = (text: string) => new Secret(text);

describe("Google's sign-ins", () => {
  it("turn consent into a refresh token grant, asking for offline access", () => {
    const secrets = {
      clientId: secret("1-a.apps.googleusercontent.com"),
      clientSecret: secret("s"),
      refreshToken: secret("r"),
    };
    expect(googleAuth(secrets, SCOPE)).toMatchObject({
      kind: "grant",
      grant: {
        kind: "refresh_token",
        tokenUrl: "https://oauth2.googleapis.com/token",
        clientId: "1-a.apps.googleusercontent.com",
      },
    });
    const [oauth] = googleSignIns(SCOPE);
    expect(oauth?.oauth?.parameters).toEqual({ access_type: "offline", prompt: "consent" });
    expect(oauth?.oauth?.scopes).toEqual([SCOPE]);
  });

  it("turn a key file into a signed assertion, and never follow the address that is in it", () => {
    const auth = googleAuth({ keyFile: secret(JSON.stringify(KEY)) }, SCOPE, { "developer-token": secret("d") });
    expect(auth).toMatchObject({
      kind: "grant",
      grant: {
        kind: "service_account",
        email: KEY.client_email,
        tokenUrl: "https://oauth2.googleapis.com/token",
        scopes: [SCOPE],
      },
    });
    expect(auth.kind === "grant" && auth.grant.kind === "service_account" && auth.grant.privateKey.reveal()).toBe(PEM);
    expect(JSON.stringify(auth)).not.toContain("Q0FOQVJZ");
    expect(auth.kind === "grant" && Object.keys(auth.extra ?? {})).toEqual(["developer-token"]);
  });

  it("take an access token as it is", () => {
    expect(googleAuth({ token: secret("t") }, SCOPE)).toMatchObject({ kind: "bearer" });
    expect(secretsOf(googleSignIns(SCOPE)).safeParse({ token: secret("t") }).success).toBe(true);
    expect(signInOf(googleSignIns(SCOPE), { token: secret("t") })?.kind).toBe("token");
  });

  it.each([
    ["not JSON", "CANARY-key {", "the key file is not JSON"],
    ["the key of a client", JSON.stringify({ installed: { client_id: "x" } }), '"type" should be "service_account"'],
    ["no address", JSON.stringify({ ...KEY, client_email: 4 }), "no client_email"],
    ["no key", JSON.stringify({ ...KEY, private_key: "CANARY-key" }), "no private_key"],
  ])("refuse a key file that is %s, without quoting it", async (_case, text, problem) => {
    const check = googleSignIns(SCOPE)[1]?.members[0]?.check;
    expect(check?.(text)).toContain(problem);
    expect(check?.(text)).not.toContain("CANARY");
    expect(await codeOf(() => googleAuth({ keyFile: secret(text) }, SCOPE))).toBe("CREDENTIAL_INVALID");
  });

  it("know a client ID by its end", () => {
    const check = googleSignIns(SCOPE)[0]?.members[0]?.check;
    expect(check?.("12-ab.apps.googleusercontent.com")).toBeUndefined();
    expect(check?.("GOCSPX-secret")).toContain(".apps.googleusercontent.com");
  });
});
