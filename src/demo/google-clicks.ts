import { type GoogleFields, googleEntities } from "./google-account.js";
import { localDay } from "./shop-time.js";
import { visitsOf } from "./shopify-order.js";
import type { World } from "./types.js";

/**
 * The clicks that Google's click view tells: those that led to an order. The true list has every click; the others would be found by
 * nobody. Performance Max tells its campaign alone.
 */
export function googleClicks(world: World, customer: string): readonly GoogleFields[] {
  const [account] = googleEntities("customer", customer) ?? [];
  const ads = googleEntities("ad_group_ad", customer) ?? [];
  return world.orders.flatMap(visitsOf).flatMap(({ entrance, at, landingPage }) => {
    const gclid = new URL(landingPage).searchParams.get("gclid");
    if (gclid === null || entrance.ad === null) return [];
    const ad = ads.find(({ campaign }) => campaign?.id === entrance.ad?.id)?.fields ?? {};
    const group = ad["ad_group.id"];
    const place =
      group === undefined
        ? undefined
        : `customers/${customer}/adGroupAds/${String(group)}~${String(ad["ad_group_ad.ad.id"])}`;
    return [
      {
        ...account?.fields,
        "campaign.id": entrance.ad.id,
        "ad_group.id": group,
        "click_view.gclid": gclid,
        "click_view.ad_group_ad": place,
        "segments.date": localDay(at),
        "metrics.clicks": "1",
      },
    ];
  });
}
