import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { buildClientSchema, type GraphQLSchema, type IntrospectionQuery } from "graphql";

const FILE = new URL("../../../../shared/schemas/shopify/admin_2026-10.json.gz", import.meta.url);

/** True when the vendor's schema is beside the repository; without it there is no double. */
export const hasShopifySchema = existsSync(FILE);
if (!hasShopifySchema) console.info("skipped: Shopify's schema is not beside the repository");

/** The vendor's own schema, and the scopes of which one must be granted, by `Type` and `Type.field`. */
export interface ShopifySchema {
  readonly schema: GraphQLSchema;
  readonly access: ReadonlyMap<string, readonly string[]>;
}

interface Restricted {
  readonly name: string;
  readonly requiredAccess?: string | null;
  readonly fields?: readonly Restricted[] | null;
}

let loaded: ShopifySchema | undefined;

/** Reads the schema, once. */
export function shopifySchema(): ShopifySchema {
  loaded ??= read();
  return loaded;
}

function read(): ShopifySchema {
  const { data } = JSON.parse(gunzipSync(readFileSync(FILE)).toString("utf8")) as { readonly data: IntrospectionQuery };
  const access = new Map<string, readonly string[]>();
  const note = (name: string, text: string | null | undefined) => {
    const scopes = [...(text ?? "").matchAll(/`(read_[a-z_]+|write_[a-z_]+)` access scope/g)].map((match) => match[1]);
    if (scopes.length > 0)
      access.set(
        name,
        scopes.filter((scope) => scope !== undefined),
      );
  };
  for (const type of data.__schema.types as readonly unknown[] as readonly Restricted[]) {
    note(type.name, type.requiredAccess);
    for (const field of type.fields ?? []) note(`${type.name}.${field.name}`, field.requiredAccess);
  }
  return { schema: buildClientSchema(data, { assumeValid: true }), access };
}
