import { GrowthosError } from "../../base/errors.js";
import type { IntakeConfig, WorkspaceConfig } from "../../config/types.js";
import { type Command, type CommandContext, flagOption, stringOption } from "../command.js";
import { builtPixel, pixelSnippet, receiverAddress, shopifyPixel } from "../pixel-code.js";

export const command: Command = {
  name: "pixel",
  summary: "print what to install in the shop: the pixel's snippet, or the code of a Shopify custom pixel",
  description:
    "The snippet stands in the head of every page; its script comes from `growthos serve --intake`, stores nothing before growthos('consent', true), and is silent for visitors with Do Not Track or Global Privacy Control. " +
    "On Shopify take --shopify instead: Settings > Customer events > Add custom pixel, with the permission Required: Analytics. It alone also runs in the checkout. One of the two, not both.",
  options: [
    { flags: "--shopify", description: "the code of a custom pixel; needs `sandbox: true` under `intake.pixel`" },
    {
      flags: "--receiver <url>",
      description: "where visitors reach the receiver (default: https:// and the first of `intake.hosts`)",
    },
  ],
  examples: ["growthos pixel", "growthos pixel --shopify", "growthos pixel --receiver https://shop.example/growth"],
  async run(context, args) {
    const own = await context.workspaceConfig();
    const { intake, origins } = pixelOf(own);
    const receiver = addressOf(stringOption(args, "receiver"), intake);
    const isShopify = flagOption(args, "shopify");
    for (const warning of warnings(receiver, { isShopify, origins })) context.output.warn(warning);
    const code = isShopify
      ? shopifyPixel(builtPixel(context, "shopify"), { receiver, workspace: own.name })
      : pixelSnippet(receiver);
    note(context, isShopify);
    return {
      exit: "ok",
      json: { workspace: own.name, receiver, kind: isShopify ? "shopify" : "snippet", code },
      text: code,
    };
  },
};

function pixelOf({ name, intake }: WorkspaceConfig): {
  readonly intake: IntakeConfig;
  readonly origins: readonly string[];
} {
  const pixel = intake?.sources.find(({ id }) => id === "pixel");
  if (intake !== undefined && pixel !== undefined) return { intake, origins: pixel.origins };
  throw new GrowthosError({
    code: "PIXEL_NOT_CONFIGURED",
    what: `the workspace "${name}" takes no events of a pixel`,
    hint: 'name the sites that it stands on in growthos.config.ts: intake: { hosts: ["hooks.example.com"], pixel: { origins: ["https://shop.example"] } }',
    exit: "usage",
  });
}

function addressOf(given: string | undefined, intake: IntakeConfig): string {
  if (given === undefined) return receiverAddress(intake);
  if (URL.canParse(given) && /^https?:/.test(given)) return given.replace(/[?#].*$/, "").replace(/\/*$/, "/");
  throw new GrowthosError({
    code: "USAGE",
    what: `--receiver takes an address, not "${given.slice(0, 60)}"`,
    hint: "write it with its scheme: https://hooks.example.com",
    exit: "usage",
  });
}

function warnings(
  receiver: string,
  { isShopify, origins }: { readonly isShopify: boolean; readonly origins: readonly string[] },
): readonly string[] {
  const isSandboxed = origins.includes("null");
  return [
    ...(receiver.startsWith("https:")
      ? []
      : [`${receiver} is reached by this machine alone: name your proxy with TLS in intake.hosts`]),
    ...(isShopify && !isSandboxed ? ["its events will be refused: set intake.pixel.sandbox to true"] : []),
    ...(!isShopify && origins.every((origin) => origin === "null")
      ? ["its events will be refused: name the shop's sites in intake.pixel.origins"]
      : []),
  ];
}

function note({ output }: CommandContext, isShopify: boolean): void {
  output.note(
    isShopify
      ? "paste this under Settings > Customer events > Add custom pixel, permission Required: Analytics; save, then connect"
      : "put this into the head of every page; tell consent with growthos('consent', true)",
  );
}
