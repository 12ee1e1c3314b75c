import type { Field, FileShape, ValueKind } from "./types.js";

type Extra = Partial<Pick<Field, "column" | "value">>;

function field(name: string, kind: ValueKind, headers: readonly string[], extra: Extra = {}): Field {
  return { name, kind, headers, ...extra };
}

/**
 * GA4 "Download CSV": a comment block (`# Start date: YYYYMMDD`), a header, rows; several such sections may follow each other.
 * Only rows that belong to one day can be booked; `week`, `month` and `nth_week` make a file too coarse.
 */
export const GA4: FileShape = {
  stream: "ga4",
  title: "GA4 report",
  signature: ["sessions"],
  fields: [
    field("date", "day", ["Date", "Datum", "Fecha", "Tarih"]),
    field("nth_day", "count", ["Nth day", "N-ter Tag", "Nième jour", "Enésimo día", "N. gün"]),
    field("nth_week", "count", ["Nth week"]),
    field("week", "text", ["Week", "Woche", "Semaine", "Semana", "Hafta", "ISO week of ISO year"]),
    field("month", "text", ["Month", "Nth month", "Year month", "Monat", "Mois", "Mes", "Ay"]),
    field("date_range", "text", ["Date range", "Zeitraum", "Plage de dates", "Periodo", "Tarih aralığı"]),
    field("channel_group", "text", [
      "Session primary channel group (Default Channel Group)",
      "Session primary channel group (Default channel group)",
      "Session default channel group",
      "Session default channel grouping",
      "Default channel group",
      "Sitzung – primäre Channelgruppe (Standard-Channelgruppe)",
      "Standard-Channelgruppe der Sitzung",
      "Groupe de canaux principal de la session (groupe de canaux par défaut)",
      "Grupo de canales principal de la sesión (grupo de canales predeterminado)",
      "Oturum birincil kanal grubu (Varsayılan Kanal Grubu)",
    ]),
    field("source_medium", "text", [
      "Session source / medium",
      "Sitzung – Quelle/Medium",
      "Source / Support de la session",
      "Fuente/medio de la sesión",
      "Oturum kaynağı/ortamı",
    ]),
    field("session_source", "text", ["Session source", "Sitzung – Quelle", "Source de la session"]),
    field("session_medium", "text", ["Session medium", "Sitzung – Medium", "Support de la session"]),
    field("session_campaign", "text", ["Session campaign", "Sitzung – Kampagne", "Campagne de la session"]),
    field("sessions", "count", ["Sessions", "Sitzungen", "Sesiones", "Oturumlar"], { column: "required" }),
    field("engaged_sessions", "count", [
      "Engaged sessions",
      "Sitzungen mit Interaktionen",
      "Sessions avec engagement",
      "Sesiones con interacción",
      "Etkileşimli oturumlar",
      "Etkileşimde bulunulan oturumlar",
    ]),
    field("product_views", "count", ["Items viewed", "Item views", "Item view events", "View item"]),
    field("add_to_carts", "count", ["Add to carts", "In den Einkaufswagen", "Ajouts au panier", "Añadidos al carrito"]),
    field("checkouts", "count", ["Checkouts", "Begin checkouts", "Kaufvorgänge"]),
    field("purchases", "number", [
      "Ecommerce purchases",
      "Purchases",
      "Transactions",
      "E-Commerce-Käufe",
      "Achats e-commerce",
      "Compras de comercio electrónico",
    ]),
    field("revenue", "amount", [
      "Total revenue",
      "Purchase revenue",
      "Gesamtumsatz",
      "Revenu total",
      "Ingresos totales",
      "Toplam gelir",
    ]),
    field("currency", "currency", ["Currency", "Währung", "Devise"]),
  ],
  key: ["traffic_date"],
  wholeKey: false,
  oncePerKey: [],
  exclude: [
    { field: "*dimensions", empty: true },
    { field: "*any", startsWith: ["grand total"] },
  ],
  dayField: "traffic_date",
};
