import { describe, expect, it } from "vitest";
import { classifyStatus, retryAfterSeconds } from "./classify.js";

const now = Date.parse("2026-02-09T06:00:00Z");
const response = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: "" });

describe("classifyStatus", () => {
  it.each([
    [200, "accept"],
    [204, "accept"],
    [302, "abort"],
    [400, "abort"],
    [401, "abort"],
    [403, "abort"],
    [404, "abort"],
    [408, "retry"],
    [410, "abort"],
    [429, "wait"],
    [500, "retry"],
    [501, "abort"],
    [502, "retry"],
    [503, "retry"],
    [504, "retry"],
    [700, "abort"],
  ])("HTTP %i -> %s", (status, next) => {
    expect(classifyStatus(response(status), now).next).toBe(next);
  });

  it("tells credentials from other refusals", () => {
    expect(classifyStatus(response(401), now)).toMatchObject({ code: "API_AUTH" });
    expect(classifyStatus(response(403), now)).toMatchObject({ code: "API_AUTH" });
    expect(classifyStatus(response(404), now)).toMatchObject({ code: "API_REFUSED" });
  });

  it("waits as long as a 429 or a 503 asks for", () => {
    expect(classifyStatus(response(429, { "retry-after": "7" }), now)).toMatchObject({ next: "wait", seconds: 7 });
    expect(classifyStatus(response(503, { "retry-after": "9" }), now)).toMatchObject({ next: "wait", seconds: 9 });
    expect(classifyStatus(response(500, { "retry-after": "9" }), now).next).toBe("retry");
  });
});

describe("retryAfterSeconds", () => {
  it("reads seconds and HTTP dates, cuts the absurd, ignores the unreadable", () => {
    expect(retryAfterSeconds("12", now)).toBe(12);
    expect(retryAfterSeconds("Mon, 09 Feb 2026 06:00:30 GMT", now)).toBe(30);
    expect(retryAfterSeconds("Mon, 09 Feb 2026 05:00:00 GMT", now)).toBe(0);
    expect(retryAfterSeconds("1000000000", now)).toBe(1_000_000_000);
    expect(retryAfterSeconds("soon", now)).toBeUndefined();
    expect(retryAfterSeconds(undefined, now)).toBeUndefined();
  });
});
