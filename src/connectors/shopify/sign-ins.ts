import type { Auth } from "../../http/types.js";
import { type Credentials, given, type SignIn } from "../sign-in.js";
import { hostOf } from "./graphql.js";

/** What the streams need to be allowed; `read_all_orders` because Shopify otherwise shows the last 60 days only. */
export const SCOPES = ["read_orders", "read_all_orders", "read_customers", "read_products", "read_inventory"] as const;

const NEEDS = `Scopes: ${SCOPES.join(", ")}.`;

const CLIENT = [
  { name: "clientId", label: "Client ID", shown: true },
  { name: "clientSecret", label: "Client secret" },
] as const;

/** An app of the shop's own organisation, an app with expiring tokens, and the tokens of apps made in the admin before 2026. */
export const signIns: readonly SignIn[] = [
  {
    kind: "client_credentials",
    title: "app of the Dev Dashboard",
    help: `Dev Dashboard > your app > Settings: client ID and secret. The app must be installed in the shop. ${NEEDS}`,
    members: CLIENT,
  },
  {
    kind: "token",
    title: "access token",
    help: `Admin API access token (shpat_...) of an app made in the admin before 2026. ${NEEDS}`,
    members: [{ name: "token", label: "Access token" }],
  },
  {
    kind: "refresh_token",
    title: "expiring offline token",
    help: `Client ID and secret of the app, and the refresh token that came with its offline token. ${NEEDS}`,
    members: [...CLIENT, { name: "refreshToken", label: "Refresh token" }],
  },
];

const HEADER = "X-Shopify-Access-Token";

/** How requests are signed: the refresh token before the app's own credentials, because it contains them; then the static token. */
export function authOf(shop: string, secrets: Credentials): Auth {
  const { refreshToken, clientSecret, clientId } = secrets;
  if (clientId === undefined || clientSecret === undefined) {
    return { kind: "header", name: HEADER, value: given(secrets, "token") };
  }
  const tokenUrl = `https://${hostOf(shop)}/admin/oauth/access_token`;
  const client = { tokenUrl, clientId: clientId.reveal(), clientSecret };
  return refreshToken === undefined
    ? { kind: "grant", header: HEADER, grant: { kind: "client_credentials", ...client } }
    : { kind: "grant", header: HEADER, grant: { kind: "refresh_token", ...client, refreshToken } };
}
