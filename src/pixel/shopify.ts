/**
 * Shopify's custom pixel: it alone also runs in the checkout, and tells all five events. Shopify runs it in a sandbox, where a visitor is
 * Shopify's own id, and nothing is stored. Events: https://shopify.dev/docs/api/web-pixels-api/standard-events
 */
import { attributionOf, cleanUrl, dataOf, eventIdOf } from "./event.js";
import { PIXEL_EVENTS, type PixelEventName, type PixelNavigator } from "./types.js";

/** What is written here when it is printed. */
declare const GROWTHOS_WORKSPACE: string;
declare const GROWTHOS_ENDPOINT: string;

interface Money {
  readonly amount?: number;
  readonly currencyCode?: string;
}
interface Variant {
  readonly id?: string;
  readonly product?: { readonly id?: string };
  readonly price?: Money;
}
interface Privacy {
  readonly analyticsProcessingAllowed?: boolean;
}
interface CustomerEvent {
  readonly id: string;
  readonly clientId: string | null;
  readonly timestamp: string;
  readonly context: { readonly document: { readonly location: { readonly href: string }; readonly referrer: string } };
  readonly data: {
    readonly productVariant?: Variant;
    readonly cartLine?: { readonly merchandise?: Variant; readonly quantity?: number } | null;
    readonly checkout?: {
      readonly token?: string;
      readonly email?: string | null;
      readonly currencyCode?: string;
      readonly totalPrice?: Money;
      readonly order?: { readonly id?: string } | null;
    };
  };
}
interface Sandbox {
  readonly analytics: { subscribe(name: string, listener: (event: CustomerEvent) => void): void };
  readonly init: { readonly customerPrivacy?: Privacy };
  readonly api: {
    readonly customerPrivacy?: {
      subscribe(name: string, listener: (event: { readonly customerPrivacy?: Privacy }) => void): void;
    };
  };
  readonly navigator: PixelNavigator;
  fetch(url: string, init: object): Promise<unknown>;
}

/** What Shopify hands to the code of a custom pixel. */
declare const analytics: Sandbox["analytics"];
declare const init: Sandbox["init"];
declare const api: Sandbox["api"];

const { navigator, fetch } = globalThis as unknown as Sandbox;
let privacy = init.customerPrivacy;

function about({ data: { productVariant, cartLine, checkout } }: CustomerEvent): Record<string, string> {
  const variant = productVariant ?? cartLine?.merchandise;
  return dataOf({
    product_id: variant?.product?.id,
    variant_id: variant?.id,
    quantity: cartLine?.quantity,
    price: variant?.price?.amount,
    currency: checkout?.currencyCode ?? variant?.price?.currencyCode,
    checkout_token: checkout?.token,
    order_id: checkout?.order?.id,
    email: checkout?.email,
    value: checkout?.totalPrice?.amount,
  });
}

function tell(name: PixelEventName, event: CustomerEvent): void {
  const isAllowed = privacy?.analyticsProcessingAllowed === true;
  if (!isAllowed || !event.clientId || navigator.doNotTrack === "1" || navigator.globalPrivacyControl) return;
  const { location, referrer } = event.context.document;
  const data = about(event);
  const body = JSON.stringify({
    workspace_id: GROWTHOS_WORKSPACE,
    visitor_id: `mx_${event.clientId}`,
    event_id: eventIdOf(name, data) ?? event.id,
    event: name,
    data,
    attribution: attributionOf(location.href, referrer, event.timestamp),
    context: { url: cleanUrl(location.href), referrer: cleanUrl(referrer) },
    consent: { analytics: true },
    ts: event.timestamp,
  });
  fetch(GROWTHOS_ENDPOINT, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => null);
}

for (const name of PIXEL_EVENTS) analytics.subscribe(name, (event) => tell(name, event));
api.customerPrivacy?.subscribe("visitorConsentCollected", ({ customerPrivacy }) => {
  privacy = customerPrivacy;
});
