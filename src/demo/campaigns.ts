import type { AdCampaign, Entrance } from "./types.js";

/** The ad accounts, as both platforms report them. */
export const META_ACCOUNT = { id: "1180339845", name: "Northpine Goods" } as const;
export const GOOGLE_ACCOUNT = { id: "7413820956", name: "Northpine Goods" } as const;

/** Landings per click: the rest leave before the page has loaded. */
export const LANDING_RATE = { meta_ads: 0.88, google_ads: 0.94 } as const;

/** How much more each platform claims than it caused: view-through, and click windows that overlap other channels. */
export const OVERCLAIM = { meta_ads: 1.35, google_ads: 1.15 } as const;

/** Share of web purchases that GA4 sees; the others refused consent or blocked the tag. */
export const TRACKED_SHARE = 0.96;

/** Spend per day and cost per click in cents, clicks per impression. */
type Figures = Pick<AdCampaign, "spendCents" | "clickCents" | "clickRate">;

function onMeta(id: string, name: string, figures: Figures): AdCampaign {
  return { platform: "meta_ads", id: `1202158${id}`, name, objective: "OUTCOME_SALES", ...figures };
}

function onGoogle(id: string, name: string, objective: string, figures: Figures): AdCampaign {
  return { platform: "google_ads", id: `2098${id}`, name, objective, ...figures };
}

/** The campaign that is overspent in November. */
export const PROSPECTING = onMeta("4410010421", "PROS_TOF_Broad", {
  spendCents: 104_00,
  clickCents: 102,
  clickRate: 0.011,
});

export const META_CAMPAIGNS: readonly AdCampaign[] = [
  PROSPECTING,
  onMeta("4410020421", "RET_BOF_DPA", { spendCents: 51_00, clickCents: 84, clickRate: 0.026 }),
  onMeta("4410030421", "PROS_MOF_Lookalike", { spendCents: 80_00, clickCents: 98, clickRate: 0.013 }),
  onMeta("4410040421", "BRAND_Awareness", { spendCents: 28_00, clickCents: 71, clickRate: 0.009 }),
];

export const GOOGLE_CAMPAIGNS: readonly AdCampaign[] = [
  onGoogle("5512301", "Brand_Search", "SEARCH", { spendCents: 33_00, clickCents: 62, clickRate: 0.085 }),
  onGoogle("5512302", "NonBrand_Generic", "SEARCH", { spendCents: 66_00, clickCents: 148, clickRate: 0.031 }),
  onGoogle("5512303", "Shopping_Smart", "SHOPPING", { spendCents: 58_00, clickCents: 94, clickRate: 0.019 }),
  onGoogle("5512304", "PMax_AllProducts", "PERFORMANCE_MAX", { spendCents: 46_00, clickCents: 103, clickRate: 0.022 }),
];

/** New-visitor conversion and share of returning orders, by campaign name. */
const PAID: Readonly<Record<string, readonly [converts: number, returningShare: number]>> = {
  PROS_TOF_Broad: [0.0172, 0],
  RET_BOF_DPA: [0.0252, 0.06],
  PROS_MOF_Lookalike: [0.0195, 0],
  BRAND_Awareness: [0.0075, 0],
  Brand_Search: [0.0325, 0.08],
  NonBrand_Generic: [0.0204, 0],
  Shopping_Smart: [0.0197, 0.02],
  PMax_AllProducts: [0.0178, 0.01],
};

function paid(ad: AdCampaign): Entrance {
  const [converts, returningShare] = PAID[ad.name] ?? [0, 0];
  const meta = ad.platform === "meta_ads";
  const source = meta ? (ad.name === "BRAND_Awareness" ? "instagram" : "facebook") : "google";
  return {
    id: `${ad.platform}/${ad.name}`,
    channel: meta ? "meta" : "google",
    group: meta ? "Paid Social" : "Paid Search",
    source,
    medium: "cpc",
    campaign: ad.name,
    ad,
    newSessions: 0,
    converts,
    returningShare,
  };
}

type Unpaid = Omit<Entrance, "ad">;

const UNPAID: readonly Unpaid[] = [
  organic("google", [98, 0.0184, 0.15]),
  organic("bing", [15, 0.0174, 0.03]),
  email("Welcome_Series", [26, 0.021, 0.04]),
  email("Abandoned_Cart", [9, 0.034, 0.07]),
  email("Weekly_Newsletter", [0, 0, 0.17]),
  email("VIP_Offer", [0, 0, 0.06]),
  {
    id: "direct",
    channel: "direct",
    group: "Direct",
    source: "(direct)",
    medium: "(none)",
    campaign: null,
    newSessions: 63,
    converts: 0.0178,
    returningShare: 0.27,
  },
  affiliate("affiliate_hub", [31, 0.017, 0.02]),
  affiliate("thegiftlist.example", [22, 0.016, 0.02]),
];

type Numbers = readonly [newSessions: number, converts: number, returningShare: number];

function organic(source: string, [newSessions, converts, returningShare]: Numbers): Unpaid {
  const names = { id: `organic/${source}`, source, medium: "organic", campaign: null } as const;
  return { ...names, channel: "organic", group: "Organic Search", newSessions, converts, returningShare };
}

function email(campaign: string, [newSessions, converts, returningShare]: Numbers): Unpaid {
  const names = { id: `email/${campaign}`, source: "klaviyo", medium: "email", campaign } as const;
  return { ...names, channel: "email", group: "Email", newSessions, converts, returningShare };
}

function affiliate(source: string, [newSessions, converts, returningShare]: Numbers): Unpaid {
  const names = { id: `affiliate/${source}`, source, medium: "referral", campaign: null } as const;
  return { ...names, channel: "affiliate", group: "Referral", newSessions, converts, returningShare };
}

/** Every way into the shop; the shares of returning orders add up to 1. */
export const ENTRANCES: readonly Entrance[] = [
  ...META_CAMPAIGNS.map(paid),
  ...GOOGLE_CAMPAIGNS.map(paid),
  ...UNPAID.map((entrance) => ({ ...entrance, ad: null })),
];
