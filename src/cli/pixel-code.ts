/** The pixel's code as it was built, and what people paste where. */
import { join } from "node:path";
import { GrowthosError } from "../base/errors.js";
import type { IntakeConfig } from "../config/types.js";
import type { CommandContext } from "./command.js";

/** The script of the receiver, or the code of Shopify's custom pixel, as `npm run build` left them. Throws `NOT_BUILT`. */
export function builtPixel({ packageFolder, effects }: CommandContext, which: "browser" | "shopify"): string {
  const path = join(packageFolder, "dist", "pixel", `${which}.js`);
  if (effects.files.stat(path) !== undefined) return effects.files.readText(path);
  throw new GrowthosError({
    code: "NOT_BUILT",
    what: "the pixel's script is not built",
    hint: "run `npm ci` (or `npm run build`) in the folder of growthos",
    exit: "usage",
  });
}

/** Where browsers reach the receiver: the first name of `intake.hosts` with TLS, else this machine. Ends in a slash. */
export function receiverAddress({ hosts, host, port }: IntakeConfig): string {
  return hosts[0] === undefined ? `http://${host}:${port}/` : `https://${hosts[0]}/`;
}

/** What stands in the head of every page. */
export function pixelSnippet(receiver: string): string {
  return [
    "<script>window.growthos=window.growthos||function(){(growthos.q=growthos.q||[]).push(arguments)}</script>",
    `<script async src="${new URL("pixel.js", receiver).href}"></script>`,
  ].join("\n");
}

/** The code of a custom pixel, for Settings > Customer events. */
export function shopifyPixel(built: string, { receiver, workspace }: { receiver: string; workspace: string }): string {
  return built
    .replaceAll("GROWTHOS_WORKSPACE", JSON.stringify(workspace))
    .replaceAll("GROWTHOS_ENDPOINT", JSON.stringify(new URL("px", receiver).href))
    .trimEnd();
}
