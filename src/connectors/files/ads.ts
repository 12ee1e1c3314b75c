import type { Field, FileShape, ValueKind } from "./types.js";

type Extra = Partial<Pick<Field, "column" | "value">>;

/** Header words in the order English, German, French, Spanish, Turkish (then older spellings). */
function field(name: string, kind: ValueKind, headers: readonly string[], extra: Extra = {}): Field {
  return { name, kind, headers, ...extra };
}

/**
 * Meta Ads Manager, "Export table data". Headers are translated and bear the account's currency in brackets, which is taken off
 * before the comparison. A summary row with empty names stands first or last; with a breakdown by day there may be "All" rows.
 */
export const META_ADS: FileShape = {
  stream: "meta_ads",
  title: "Meta Ads Manager export",
  signature: ["campaign_name", "spend"],
  fields: [
    field("day", "day", ["Day", "Tag", "Jour", "Día", "Gün"]),
    field("starts", "day", [
      "Reporting starts",
      "Berichtsstart",
      "Beginn des Berichts",
      "Début des rapports",
      "Début du rapport",
      "Inicio del informe",
      "Rapor Başlangıcı",
    ]),
    field("ends", "day", [
      "Reporting ends",
      "Berichtsende",
      "Ende des Berichts",
      "Fin des rapports",
      "Fin du rapport",
      "Fin del informe",
      "Rapor Sonu",
    ]),
    field(
      "campaign_name",
      "text",
      [
        "Campaign name",
        "Kampagnenname",
        "Name der Kampagne",
        "Nom de la campagne",
        "Nombre de la campaña",
        "Kampanya Adı",
      ],
      { column: "required" },
    ),
    field("campaign_id", "text", [
      "Campaign ID",
      "Kampagnen-ID",
      "ID de campagne",
      "Identificador de la campaña",
      "Kampanya Kodu",
    ]),
    field("account_id", "text", ["Account ID", "Konto-ID", "ID du compte", "Identificador de la cuenta", "Hesap Kodu"]),
    field("account_name", "text", ["Account name", "Kontoname", "Nom du compte", "Nombre de la cuenta", "Hesap Adı"]),
    field("adset_name", "text", [
      "Ad set name",
      "Anzeigengruppenname",
      "Name der Anzeigengruppe",
      "Nom de l'ensemble de publicités",
      "Nombre del conjunto de anuncios",
      "Reklam Seti Adı",
    ]),
    field("adset_id", "text", ["Ad set ID", "Anzeigengruppen-ID", "ID de l'ensemble de publicités"]),
    field("ad_name", "text", [
      "Ad name",
      "Anzeigenname",
      "Name der Anzeige",
      "Nom de la publicité",
      "Nombre del anuncio",
      "Reklam Adı",
    ]),
    field("ad_id", "text", ["Ad ID", "Anzeigen-ID", "ID de la publicité", "Identificador del anuncio"]),
    field("currency", "currency", ["Currency", "Währung", "Devise", "Divisa", "Para Birimi"]),
    field(
      "spend",
      "amount",
      ["Amount spent", "Ausgegebener Betrag", "Montant dépensé", "Importe gastado", "Harcanan Tutar"],
      { column: "required" },
    ),
    field("impressions", "count", ["Impressions", "Impressionen", "Impresiones", "Gösterim", "Gösterimler"]),
    field("clicks", "count", ["Clicks (all)", "Klicks (alle)", "Clics (tous)", "Clics (todos)", "Tıklamalar (Tümü)"]),
    field("link_clicks", "count", [
      "Link clicks",
      "Link-Klicks",
      "Clics sur le lien",
      "Clics en el enlace",
      "Bağlantı Tıklamaları",
    ]),
    field("results", "number", ["Results", "Ergebnisse", "Résultats", "Resultados", "Sonuçlar"]),
    field("result_indicator", "text", [
      "Result indicator",
      "Result type",
      "Ergebnisindikator",
      "Ergebnisanzeige",
      "Indicateur de résultats",
      "Indicador de resultado",
      "Sonuç Göstergesi",
    ]),
    field("purchases", "number", [
      "Purchases",
      "Käufe",
      "Achats",
      "Compras",
      "Alışverişler",
      "Satın almalar",
      "Website purchases",
      "Website-Käufe",
      "Achats sur le site web",
      "Compras en el sitio web",
    ]),
    field("purchase_value", "amount", [
      "Purchases conversion value",
      "Conversion-Wert für Käufe",
      "Conversion-Wert von Käufen",
      "Valeur de conversion des achats",
      "Valor de conversión de compras",
      "Alışveriş dönüşüm değeri",
      "Website purchases conversion value",
    ]),
    field("purchase_roas", "number", [
      "Purchase ROAS (return on ad spend)",
      "ROAS (Return on Ad Spend) für Käufe",
      "ROAS (Käufe)",
      "ROAS des achats (retour sur les dépenses publicitaires)",
      "ROAS des achats",
      "ROAS (retorno de la inversión publicitaria) de compras",
      "ROAS de las compras",
    ]),
  ],
  key: ["spend_date", "account_id", "campaign_id", "campaign_name"],
  wholeKey: false,
  oncePerKey: [],
  exclude: [
    { field: "campaign_name", empty: true },
    { field: "day", startsWith: ["all", "alle", "tous", "todos", "tümü"] },
  ],
  dayField: "spend_date",
  currencyInHeaders: true,
};

/**
 * Google Ads report editor and campaign table. Two lines stand above the header: title and date range, the latter quoted or not.
 * "Excel CSV" is UTF-16 with tabs. `--` means empty; the last rows are totals.
 */
export const GOOGLE_ADS: FileShape = {
  stream: "google_ads",
  title: "Google Ads report",
  signature: ["campaign_name", "spend", "clicks"],
  fields: [
    field("day", "day", ["Day", "Tag", "Jour", "Día", "Gün", "Date", "Datum", "Fecha", "Tarih"]),
    field("campaign_name", "text", ["Campaign", "Kampagne", "Campagne", "Campaña", "Kampanya"], { column: "required" }),
    field("campaign_id", "text", [
      "Campaign ID",
      "Kampagnen-ID",
      "ID de campagne",
      "ID de la campaña",
      "ID de campaña",
      "Kampanya kimliği",
    ]),
    field("campaign_type", "text", [
      "Campaign type",
      "Kampagnentyp",
      "Type de campagne",
      "Tipo de campaña",
      "Kampanya türü",
    ]),
    field("campaign_status", "text", [
      "Campaign status",
      "Campaign state",
      "Kampagnenstatus",
      "État de la campagne",
      "Estado de la campaña",
      "Kampanya durumu",
    ]),
    field("account_id", "text", ["Customer ID", "Kundennummer", "Numéro client", "ID de cliente", "Müşteri kimliği"]),
    field("account_name", "text", ["Account name", "Account", "Konto", "Kontoname", "Compte", "Cuenta", "Hesap"]),
    field("adset_name", "text", [
      "Ad group",
      "Anzeigengruppe",
      "Groupe d'annonces",
      "Grupo de anuncios",
      "Reklam grubu",
    ]),
    field("currency", "currency", [
      "Currency code",
      "Currency",
      "Währungscode",
      "Code de la devise",
      "Code de devise",
      "Código de moneda",
      "Código de la moneda",
      "Para birimi kodu",
    ]),
    field("spend", "amount", ["Cost", "Kosten", "Coût", "Coste", "Costo", "Maliyet"], { column: "required" }),
    field("clicks", "count", ["Clicks", "Klicks", "Clics", "Tıklamalar", "Tıklama"]),
    field("impressions", "count", ["Impr.", "Impressions", "Impressionen", "Impresiones", "Göstr.", "Gösterim"]),
    field("conversions", "number", ["Conversions", "Conversiones", "Dönüşümler", "Dönüşüm"]),
    field("conversion_value", "amount", [
      "Conv. value",
      "Conversion value",
      "Conv.-Wert",
      "Conversion-Wert",
      "Valeur de conv.",
      "Valor conv.",
      "Valor de conv.",
      "Dönüş. değeri",
      "Dönüşüm değeri",
    ]),
  ],
  key: ["spend_date", "account_id", "campaign_id", "campaign_name"],
  wholeKey: false,
  oncePerKey: [],
  exclude: [{ field: "*first", startsWith: ["total", "gesamt", "totale", "toplam"] }],
  dayField: "spend_date",
  currencyInHeaders: true,
};
