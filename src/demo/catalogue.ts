import type { Product, Variant } from "./types.js";

type Category = Product["category"];

/** Product, price in dollars, how often it sells, variants, and unit cost in dollars (null: never entered). */
type Row = readonly [
  title: string,
  dollars: number,
  weight: number,
  variants: readonly string[],
  costDollars: number | null,
];

const SIZES = ["S", "M", "L", "XL"];

/** Twenty-five products, five in each category; three have no unit cost, so that the category margin must help. */
const CATALOGUE: Readonly<Record<Category, readonly Row[]>> = {
  apparel: [
    ["Organic Cotton Tee", 35, 9, SIZES, 15.2],
    ["Slim Chinos", 68, 4, SIZES, 31.4],
    ["Merino Sweater", 95, 3, ["S", "M", "L"], 44.8],
    ["Fleece Hoodie", 75, 4, SIZES, 33.1],
    ["Linen Shirt", 58, 4, ["S", "M", "L"], null],
  ],
  beauty: [
    ["Vitamin C Serum", 48, 7, ["30 ml", "50 ml"], 15.9],
    ["Night Repair Cream", 55, 5, ["Default Title"], 19.6],
    ["Mineral Sunscreen SPF 50", 32, 5, ["Default Title"], 11.8],
    ["Lengthening Mascara", 28, 5, ["Black", "Brown"], 9.1],
    ["Calendula Lip Balm", 18, 7, ["Default Title"], 6.2],
  ],
  home: [
    ["Acacia Cutting Board", 42, 4, ["Default Title"], 20.5],
    ["Pour-Over Coffee Set", 65, 5, ["Default Title"], 33.7],
    ["Soy Candle", 34, 6, ["Cedar", "Fig", "Unscented"], 16.3],
    ["Chunky Knit Throw", 78, 3, ["Oat", "Slate"], null],
    ["Herb Garden Kit", 45, 4, ["Default Title"], 22.9],
  ],
  electronics: [
    ["Wireless Earbuds", 89, 5, ["Black", "White"], 61.8],
    ["USB-C Hub", 45, 4, ["Default Title"], 31.2],
    ["Power Bank 20,000 mAh", 38, 4, ["Default Title"], 26.9],
    ["LED Desk Lamp", 52, 3, ["Black", "White"], 36.7],
    ["Mechanical Keyboard", 110, 2, ["Brown switches", "Red switches"], 78.4],
  ],
  food: [
    ["Single-Origin Coffee", 22, 12, ["250 g", "1 kg"], 9.1],
    ["Ceremonial Matcha", 35, 7, ["30 g", "100 g"], 13.6],
    ["Almond Nut Butter", 16, 9, ["Default Title"], 6.3],
    ["Dark Chocolate Truffles", 28, 6, ["Default Title"], null],
    ["Maple Granola", 14, 9, ["Default Title"], 5.4],
  ],
};

const VENDORS: Readonly<Record<Category, string>> = {
  apparel: "Fieldmade",
  beauty: "Calyx Botanics",
  home: "Hearth & Grain",
  electronics: "Voltline",
  food: "North Pantry",
};

/** A bigger pack costs more: by how much the variant's title multiplies price and cost. */
const PACKS: Readonly<Record<string, number>> = { "50 ml": 1.5, "1 kg": 3.5, "100 g": 2.8 };

/** The demo shop's products, cheapest first. */
export function catalogue(): readonly Product[] {
  const rows = (Object.keys(CATALOGUE) as Category[]).flatMap((category) =>
    CATALOGUE[category].map((row) => ({ category, row })),
  );
  return rows
    .map(({ category, row }, index) => product(category, row, index + 1))
    .sort((a, b) => lowestPrice(a) - lowestPrice(b) || a.id - b.id);
}

function lowestPrice(item: Product): number {
  return Math.min(...item.variants.map((variant) => variant.priceCents));
}

function product(category: Category, row: Row, ordinal: number): Product {
  const [title, dollars, weight, names, cost] = row;
  const handle = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const code = `${category.slice(0, 2)}${String(ordinal).padStart(2, "0")}`.toUpperCase();
  const variants = names.map((name, position): Variant => {
    const pack = PACKS[name] ?? 1;
    const number = ordinal * 10 + position;
    return {
      id: 44_100_000_000_000 + number,
      inventoryItemId: 46_200_000_000_000 + number,
      sku: names.length === 1 ? code : `${code}-${position + 1}`,
      title: name,
      priceCents: Math.round(dollars * pack) * 100,
      costCents: cost === null ? null : Math.round(cost * pack * 100),
    };
  });
  return { id: 8_100_000_000_000 + ordinal, handle, title, category, vendor: VENDORS[category], weight, variants };
}
