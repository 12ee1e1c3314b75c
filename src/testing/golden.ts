import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/**
 * Compares a text with `fixtures/golden/<name>`. A golden that is missing is written, and the test passes: look at it and commit it.
 * Under CI nothing is written and a missing golden fails. To accept a change, delete the file and run the test again.
 */
export function expectGolden(name: string, text: string): void {
  const path = fileURLToPath(new URL(`../../fixtures/golden/${name}`, import.meta.url));
  if (!existsSync(path)) {
    if (process.env["CI"]) throw new Error(`the golden ${name} is missing, and CI writes none`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(text, `differs from fixtures/golden/${name}; delete it to accept the change`).toBe(readFileSync(path, "utf8"));
}
