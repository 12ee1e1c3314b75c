/**
 * The shop's own pixel: what runs in a visitor's browser, and the words of its events, which the server-side twin uses too. Nothing here
 * reaches for the machine: a page is handed in, so the few members of a browser that are used are named below.
 */

/** What a visitor does; the adapter of the intake takes no other. */
export const PIXEL_EVENTS = [
  "page_viewed",
  "product_viewed",
  "product_added_to_cart",
  "checkout_started",
  "checkout_completed",
] as const;
/** One of them. */
export type PixelEventName = (typeof PIXEL_EVENTS)[number];

/** What an event is about. Amounts are decimals in units of the currency, ids as the shop writes them. */
export interface PixelData {
  readonly product_id?: string | number;
  readonly variant_id?: string | number;
  readonly quantity?: string | number;
  readonly price?: string | number;
  /** ISO 4217. */
  readonly currency?: string;
  readonly cart_token?: string;
  readonly checkout_token?: string;
  readonly order_id?: string | number;
  /** Lands as a keyed hash. */
  readonly email?: string;
  /** What the whole checkout costs. */
  readonly value?: string | number;
}

/** Where a visit came from: UTM words, click ids, and the first page with its time (ISO 8601). */
export type Attribution = Readonly<Record<string, string>>;

/** One event as it is sent. */
export interface PixelEvent {
  readonly workspace_id: string;
  readonly visitor_id: string;
  readonly session_id?: string;
  /** The same for the same checkout, whoever tells it: so the browser and the shop's server are counted once. */
  readonly event_id: string;
  readonly event: PixelEventName;
  readonly data?: PixelData;
  readonly attribution?: Attribution | null;
  readonly context?: { readonly url?: string; readonly referrer?: string };
  /** What the visitor said about analytics. */
  readonly consent: { readonly analytics: boolean | "unknown" };
  /** ISO 8601 UTC. */
  readonly ts: string;
}

/** What may be called on a page: `growthos("track", …)`, `growthos("consent", true)`, `growthos("visitor")`. */
export interface Growthos {
  (command: string, given?: unknown, data?: unknown): unknown;
  /** Calls from before the script had come. */
  q?: readonly Parameters<Growthos>[];
  /** The script is here already. */
  on?: true;
}

/** Shopify's Customer Privacy API, as far as it is asked. */
interface ShopifyGlobal {
  readonly customerPrivacy?: { analyticsProcessingAllowed?(): boolean };
  loadFeatures?(features: readonly object[], then: () => void): void;
}

/** The members of `window` that are used. */
export interface PixelWindow {
  growthos?: Growthos;
  readonly Date: DateConstructor;
  readonly Shopify?: ShopifyGlobal;
  readonly crypto: { getRandomValues(words: Uint32Array): Uint32Array };
  readonly document: {
    readonly currentScript: { readonly src: string; getAttribute(name: string): string | null } | null;
    readonly prerendering?: boolean;
    readonly referrer: string;
    addEventListener(name: string, listener: () => void, options?: { readonly once: boolean }): void;
  };
  readonly history: { pushState(...rest: readonly unknown[]): void };
  readonly localStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  readonly location: { readonly href: string };
  readonly navigator: PixelNavigator;
  addEventListener(name: string, listener: (event: { readonly persisted?: boolean }) => void): void;
  fetch(url: string, init: object): Promise<unknown>;
}

/** The members of `navigator` that are used. */
export interface PixelNavigator {
  readonly doNotTrack?: string | null;
  readonly globalPrivacyControl?: boolean;
}
