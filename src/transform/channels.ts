import type { Files } from "../base/files.js";
import { openDatabase } from "../warehouse/duckdb.js";
import type { Row } from "../warehouse/types.js";
import { createMacros } from "./macros.js";
import { readProject } from "./project.js";
import { loadSeeds } from "./seeds.js";

/** What is known of a visit; everything optional. */
export interface Visit {
  readonly landingSite: string | null;
  readonly referringSite: string | null;
  readonly utmSource: string | null;
  readonly utmMedium: string | null;
}

/** The rule that decided, and what else the visit told. */
export interface ChannelAnswer {
  readonly channelId: string;
  readonly rule: {
    readonly priority: number;
    readonly kind: string;
    readonly value: string;
    readonly qualifier: string | null;
  };
  /** What the rules were compared with. */
  readonly evidence: readonly { readonly kind: string; readonly value: string }[];
}

/** The channel of one visit, by the same model and the same rules as an order's. */
export async function channelOf(
  visit: Visit,
  place: { readonly files: Files; readonly sqlFolder: string },
): Promise<ChannelAnswer> {
  const db = await openDatabase({});
  try {
    const project = await readProject(db, place.files, place.sqlFolder);
    await createMacros(db, project.macros);
    await loadSeeds(db, place);
    await db.run(
      `create table stg_orders as select 'visit' as order_id, $1::varchar as landing_site, $2::varchar as referring_site,
        null::varchar as visit_source, null::varchar as visit_source_type, null::varchar as source_name,
        coalesce($3::varchar, url_parameter($1::varchar, 'utm_source')) as utm_source,
        coalesce($4::varchar, url_parameter($1::varchar, 'utm_medium')) as utm_medium`,
      [visit.landingSite, visit.referringSite, visit.utmSource, visit.utmMedium],
    );
    const model = project.models.find(({ relation }) => relation === "stg_order_evidence");
    await db.run(`create table evidence as ${model?.sql ?? ""}`);
    const rule = await db.one(
      `select r.priority, r.kind, r.value, r.qualifier, r.channel_id
       from evidence as e inner join seeds.channel_rules as r
         on r.kind = e.kind and r.value = e.value and (r.qualifier is null or r.qualifier = e.qualifier)
       order by r.priority limit 1`,
    );
    const evidence = await db.all("select kind, value from evidence order by kind, value");
    return { channelId: String(rule["channel_id"]), rule: ruleOf(rule), evidence: evidence.map(evidenceOf) };
  } finally {
    await db.close();
  }
}

function ruleOf(row: Row): ChannelAnswer["rule"] {
  const qualifier = row["qualifier"];
  return {
    priority: Number(row["priority"]),
    kind: String(row["kind"]),
    value: String(row["value"]),
    qualifier: qualifier === null || qualifier === undefined ? null : String(qualifier),
  };
}

function evidenceOf(row: Row): ChannelAnswer["evidence"][number] {
  return { kind: String(row["kind"]), value: String(row["value"]) };
}
