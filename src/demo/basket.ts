import { spread, weighted } from "./chance.js";
import type { Line, Product, Stream, Variant } from "./types.js";

/** One, two, three or four lines per order. */
const LINE_COUNTS = [0.48, 0.32, 0.14, 0.06] as const;

/**
 * What people put into baskets. Products are spread evenly over the price list and variants taken in turn, line after
 * line through the window, so that the mean order value of a week moves little by chance.
 */
export interface Basket {
  readonly products: readonly Product[];
  /** Numbers the lines of all orders. */
  readonly nextLine: () => number;
  /** The variants of a product in turn. */
  readonly nextVariant: (product: Product) => Variant;
}

/** The basket of a new window. */
export function newBasket(products: readonly Product[]): Basket {
  let lines = 0;
  const sold = new Map<number, number>();
  return {
    products,
    nextLine: () => lines++,
    nextVariant: (product) => {
      const before = sold.get(product.id) ?? 0;
      sold.set(product.id, before + 1);
      return product.variants[before % product.variants.length] as Variant;
    },
  };
}

/** Who fills the basket. */
export interface Shopper {
  readonly sequence: number;
  readonly stream: Stream;
  /** Discount on everything. */
  readonly percent: number;
  readonly taxBps: number;
}

/** The lines of one order: different products, money in cents, tax on the discounted amount. */
export function fillBasket(basket: Basket, { sequence, stream, percent, taxBps }: Shopper): readonly Line[] {
  const count = 1 + weighted(spread(sequence, "lines"), [0, 1, 2, 3], (index) => LINE_COUNTS[index] ?? 0);
  const chosen = new Map<Product, number>();
  for (let place = 0; place < count; place++) {
    const number = basket.nextLine();
    let product = weighted(spread(number, "product"), basket.products, (item) => item.weight);
    while (chosen.has(product)) product = weighted(stream(), basket.products, (item) => item.weight);
    chosen.set(product, number);
  }
  return [...chosen].map(([product, number], index) => {
    const variant = basket.nextVariant(product);
    const luck = spread(number, "quantity");
    const quantity = luck < 0.88 ? 1 : luck < 0.98 ? 2 : 3;
    const gross = variant.priceCents * quantity;
    const discountCents = Math.round((gross * percent) / 100);
    return {
      id: 14_800_000_000_000 + (sequence + 1) * 10 + index,
      product,
      variant,
      quantity,
      unitCents: variant.priceCents,
      discountCents,
      taxCents: Math.round(((gross - discountCents) * taxBps) / 10_000),
    };
  });
}
