import { expect, it } from "vitest";
import { requireHost } from "./hosts.js";

const to = (host: string) => ({ method: "GET", url: `https://${host}/x` }) as const;
const hosts = ["*.myshopify.com", "storage.googleapis.com"];

it.each(["a.myshopify.com", "storage.googleapis.com"])("lets %s be asked", (host) => {
  expect(() => requireHost(to(host), hosts)).not.toThrow();
});

it.each([
  "myshopify.com",
  "evilmyshopify.com",
  "a.myshopify.com.evil.test",
  "x.storage.googleapis.com",
  "169.254.169.254",
])("refuses %s before a byte leaves", (host) => {
  expect(() => requireHost(to(host), hosts)).toThrow(/was refused: this source talks to \*\.myshopify\.com/);
});
