/**
 * PostgreSQL's catalog as clients of its protocol ask for it. DuckDB has one of its own, with type ids of its own and without much of what
 * psql and JDBC name; these views and macros stand before it in the search path, and know the one database that is served.
 */
import { quoteName, quoteText } from "../base/ids.js";

/** Schema of the in-memory database in which they stand. */
export const CATALOG_SCHEMA = "memory.pg";
/** Of every schema and relation: any name is let in. */
const OWNER = "growthos";

interface TypeRow {
  readonly oid: number;
  /** In `pg_type`. */
  readonly name: string;
  /** As `format_type` tells it. */
  readonly told: string;
  readonly size: number;
  readonly category: string;
  /** DuckDB's names of it, as a pattern of `regexp_full_match`. */
  readonly duck: string;
}

const TYPE_ROWS: readonly TypeRow[] = [
  { oid: 16, name: "bool", told: "boolean", size: 1, category: "B", duck: "BOOLEAN" },
  { oid: 17, name: "bytea", told: "bytea", size: -1, category: "U", duck: "BLOB" },
  { oid: 20, name: "int8", told: "bigint", size: 8, category: "N", duck: "BIGINT|UINTEGER" },
  { oid: 21, name: "int2", told: "smallint", size: 2, category: "N", duck: "U?TINYINT|SMALLINT" },
  { oid: 23, name: "int4", told: "integer", size: 4, category: "N", duck: "INTEGER|USMALLINT" },
  { oid: 25, name: "text", told: "text", size: -1, category: "S", duck: "VARCHAR" },
  { oid: 114, name: "json", told: "json", size: -1, category: "U", duck: "JSON|(STRUCT|MAP|UNION).*|.*\\[\\d*\\]" },
  { oid: 700, name: "float4", told: "real", size: 4, category: "N", duck: "FLOAT" },
  { oid: 701, name: "float8", told: "double precision", size: 8, category: "N", duck: "DOUBLE" },
  { oid: 1043, name: "varchar", told: "character varying", size: -1, category: "S", duck: "-" },
  { oid: 1082, name: "date", told: "date", size: 4, category: "D", duck: "DATE" },
  { oid: 1083, name: "time", told: "time without time zone", size: 8, category: "D", duck: "TIME" },
  {
    oid: 1114,
    name: "timestamp",
    told: "timestamp without time zone",
    size: 8,
    category: "D",
    duck: "TIMESTAMP(_.*)?",
  },
  {
    oid: 1184,
    name: "timestamptz",
    told: "timestamp with time zone",
    size: 8,
    category: "D",
    duck: "TIMESTAMP WITH.*",
  },
  { oid: 1700, name: "numeric", told: "numeric", size: -1, category: "N", duck: "DECIMAL.*|U?HUGEINT|UBIGINT|BIGNUM" },
];

/** Catalog relations of which a build has no row, with the columns that are asked for. */
const EMPTY: Readonly<Record<string, string>> = {
  pg_auth_members: "roleid member grantor admin_option",
  pg_policy: "oid polname polrelid polcmd polpermissive polroles polqual polwithcheck",
  pg_inherits: "inhrelid inhparent inhseqno inhdetachpending",
  pg_statistic_ext: "oid stxrelid stxname stxnamespace stxkeys stxkind stxstattarget",
  pg_publication: "oid pubname puballtables",
  pg_publication_rel: "oid prpubid prrelid prqual prattrs",
  pg_publication_namespace: "oid pnpubid pnnspid",
  pg_trigger: "oid tgrelid tgname tgenabled tgisinternal tgparentid tgconstraint tgtype",
  pg_rewrite: "oid ev_class rulename ev_type ev_enabled is_instead",
  pg_language: "oid lanname",
  pg_extension: "oid extname extversion extnamespace",
  pg_foreign_table: "ftrelid ftserver ftoptions",
  pg_foreign_server: "oid srvname srvoptions",
  pg_partitioned_table: "partrelid partstrat partnatts",
  pg_matviews: "schemaname matviewname matviewowner definition",
  pg_shdescription: "objoid classoid description",
  pg_stat_activity: "pid datname usename state query",
  pg_index: `indexrelid indrelid indnatts indisunique indisprimary indisclustered indisvalid indisreplident indkey
    indimmediate indnkeyatts indclass indoption indexprs indpred`,
  pg_constraint: `oid conname connamespace contype condeferrable condeferred convalidated conrelid conindid
    confrelid confupdtype confdeltype conkey confkey conparentid conbin`,
  pg_description: "objoid classoid objsubid description",
  pg_attrdef: "oid adrelid adnum adbin",
  pg_enum: "oid enumtypid enumlabel enumsortorder",
  pg_depend: "classid objid objsubid refclassid refobjid refobjsubid deptype",
};

/** Functions of which nothing is known here, by their parameters. */
const MACROS: Readonly<Record<string, string>> = {
  pg_get_userbyid: `(role) as '${OWNER}'`,
  pg_encoding_to_char: "(encoding) as 'UTF8'",
  pg_get_indexdef: "(a) as null::varchar, (a, b, c) as null::varchar",
  pg_get_constraintdef: "(a) as null::varchar, (a, b) as null::varchar",
  pg_get_expr: "(a, b) as null::varchar, (a, b, c) as null::varchar",
  pg_get_partkeydef: "(a) as null::varchar",
  pg_get_serial_sequence: "(a, b) as null::varchar",
  pg_get_function_result: "(a) as null::varchar",
  pg_get_function_arguments: "(a) as null::varchar",
  pg_get_function_identity_arguments: "(a) as null::varchar",
  pg_get_statisticsobjdef_columns: "(a) as null::varchar",
  pg_relation_is_publishable: "(a) as false",
  pg_relation_size: "(a) as null::bigint",
  pg_total_relation_size: "(a) as null::bigint",
  pg_table_size: "(a) as null::bigint",
  pg_is_in_recovery: "() as false",
  pg_backend_pid: "() as 0",
  pg_table_is_visible: "(a) as true",
  pg_type_is_visible: "(a) as true",
  obj_description: "(a) as null::varchar, (a, b) as null::varchar",
  col_description: "(a, b) as null::varchar",
  shobj_description: "(a, b) as null::varchar",
  version: "() as 'PostgreSQL 15.0, answered by growthos'",
  current_setting: `(name) as case lower(name) when 'server_version_num' then '150000' when 'server_version' then '15.0'
    when 'search_path' then 'main' when 'timezone' then 'UTC' when 'transaction_read_only' then 'on' end, (name, missing) as null::varchar`,
  // What it would set it does not: the answer is what is asked for, as clients want to see it.
  set_config: "(name, value, local) as value",
  array_upper: "(list, dimension) as len(list)",
  array_lower: "(list, dimension) as case when len(list) > 0 then 1 end",
  _pg_expandarray: "(list) as null::struct(x bigint, n bigint)",
  has_any_column_privilege: "(a, b) as true, (a, b, c) as true",
  quote_ident: `(name) as case when regexp_full_match(name, '[a-z_][a-z0-9_]*') then name
    else '"' || replace(name, '"', '""') || '"' end`,
};

/** The statements that make it, for a database of this name; run before the lock-down. */
export function catalogStatements(database: string): readonly string[] {
  const views = Object.entries({ ...catalogViews(database), ...emptyViews() });
  return [
    `create schema ${CATALOG_SCHEMA}`,
    // First: a view is bound when it is made.
    ...Object.entries({ ...MACROS, ...typeMacros() }).map(
      ([name, body]) => `create macro ${CATALOG_SCHEMA}.${quoteName(name)}${body}`,
    ),
    ...views.map(([name, sql]) => `create view ${CATALOG_SCHEMA}.${quoteName(name)} as ${sql}`),
  ];
}

function emptyViews(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(EMPTY).map(([name, columns]) => {
      const list = columns.split(/\s+/).map((column) => `${nullOf(column)} as ${quoteName(column)}`);
      return [name, `select ${list.join(", ")} where false`];
    }),
  );
}

function nullOf(column: string): string {
  if (column === "prattrs") return "null::bigint[]";
  if (
    /key$|class$|option$|oid|id$|num$|natts$|atts$|parent|^ev_class$|namespace$|target$|^pid$|member$|^stx|^pr|^pn/.test(
      column,
    )
  )
    return "null::bigint";
  return /is|able|validated|condef|deferr|alltables|permissive/.test(column) ? "null::boolean" : "null::varchar";
}

function typeMacros(): Readonly<Record<string, string>> {
  const told = TYPE_ROWS.map(({ oid, told }) => `when ${oid} then ${quoteText(told)}`);
  const oids = TYPE_ROWS.map(({ oid, duck }) => `when regexp_full_match(name, ${quoteText(duck)}) then ${oid}`);
  return {
    format_type: `(oid, modifier) as case oid ${told.join(" ")} else 'text' end`,
    oid_of: `(name) as case ${oids.join(" ")} else 25 end`,
  };
}

function catalogViews(database: string): Readonly<Record<string, string>> {
  const name = quoteText(database);
  const types = TYPE_ROWS.map(
    ({ oid, name, size, category }) => `(${oid}, ${quoteText(name)}, ${size}, ${quoteText(category)})`,
  );
  return {
    pg_type: `select oid, typname, typlen, typcategory, 11 as typnamespace, 10 as typowner, 'b' as typtype,
      false as typbyval, false as typispreferred, true as typisdefined, ',' as typdelim, 0 as typrelid, 0 as typelem,
      0 as typarray, typname || '_in' as typinput, typname || '_recv' as typreceive, false as typnotnull,
      0 as typbasetype, -1 as typtypmod, 0 as typndims, 0 as typcollation, null::varchar as typdefault,
      null::varchar[] as typacl from (values ${types.join(", ")}) as known (oid, typname, typlen, typcategory)`,
    information_schema_tables: `select * from information_schema.tables where table_catalog = ${name}`,
    information_schema_schemata: `select * from information_schema.schemata where catalog_name = ${name}`,
    information_schema_columns: `select columns.* replace (${CATALOG_SCHEMA}.format_type(known.oid, null) as data_type,
      known.typname as udt_name) from information_schema.columns
      join ${CATALOG_SCHEMA}.pg_type as known on known.oid = ${CATALOG_SCHEMA}.oid_of(columns.data_type)
      where table_catalog = ${name}`,
    pg_namespace: `select oid, schema_name as nspname, 10 as nspowner, null::varchar[] as nspacl
      from duckdb_schemas() where database_name = ${name} and schema_name not in ('information_schema', 'pg_catalog')
      union all values (11, 'pg_catalog', 10, null), (12, 'information_schema', 10, null)`,
    pg_class: `select table_oid as oid, table_name as relname, schema_oid as relnamespace, 0 as reltype, 0 as reloftype,
      10 as relowner, 2 as relam, 0 as relfilenode, 0 as reltablespace, 0 as relpages, estimated_size::float as reltuples,
      0 as relallvisible, 0 as reltoastrelid, false as relhasindex, false as relisshared, 'p' as relpersistence,
      'r' as relkind, column_count as relnatts, 0 as relchecks, false as relhasoids, false as relhasrules,
      false as relhastriggers, false as relhassubclass, false as relrowsecurity, false as relforcerowsecurity,
      true as relispopulated, 'd' as relreplident, false as relispartition, null::varchar[] as relacl,
      null::varchar[] as reloptions, null::varchar as relpartbound
      from duckdb_tables() where database_name = ${name}`,
    pg_attribute: `select table_oid as attrelid, column_name as attname, ${CATALOG_SCHEMA}.oid_of(data_type) as atttypid,
      column_index as attnum, -1 as attlen, -1 as atttypmod, not is_nullable as attnotnull, false as atthasdef,
      false as attisdropped, '' as attidentity, '' as attgenerated, 0 as attcollation, '' as attcompression,
      'x' as attstorage, -1 as attstattarget, null::varchar[] as attfdwoptions, null::varchar[] as attoptions,
      0 as attndims, null::varchar[] as attacl, true as attislocal, 0 as attinhcount, false as atthasmissing
      from duckdb_columns() where database_name = ${name} and not internal`,
    pg_database: `select 1 as oid, ${name} as datname, 10 as datdba, 6 as encoding, 'C' as datcollate, 'C' as datctype,
      'c' as datlocprovider, null::varchar as daticulocale, false as datistemplate, true as datallowconn,
      -1 as datconnlimit, 0 as dattablespace, null::varchar[] as datacl`,
    pg_roles: `select 10 as oid, '${OWNER}' as rolname, false as rolsuper, true as rolinherit, false as rolcreaterole,
      false as rolcreatedb, true as rolcanlogin, -1 as rolconnlimit, null::timestamptz as rolvaliduntil,
      false as rolreplication, false as rolbypassrls`,
    pg_user: `select '${OWNER}' as usename, 10 as usesysid, false as usecreatedb, false as usesuper`,
  };
}

/** Words that PostgreSQL has and DuckDB has not, taken out of code (never out of quoted text). */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/\bOPERATOR\s*\(\s*pg_catalog\.([^\s\w()]+)\s*\)/gi, "$1"],
  [/\bCOLLATE\s+(pg_catalog\.)?default\b/gi, ""],
  [/::\s*(pg_catalog\.)?(regclass|regtype|regproc|regprocedure|regnamespace|regrole|name|cstring)\b/gi, "::varchar"],
  [/::\s*(pg_catalog\.)?oid\b/gi, "::bigint"],
  [/\binformation_schema\._pg_expandarray\b/gi, "_pg_expandarray"],
  [/\binformation_schema\.(tables|columns|schemata)\b/gi, "information_schema_$1"],
  [/\bpg_catalog\.(?=[a-z_])/gi, ""],
  [/\bprattrs\[s\]/g, "0"],
  // DuckDB unfolds a list for ANY, and cannot where the list is of the query around it; these columns are of relations without rows.
  [/=\s*any\s*\(\s*(\w+(?:\.\w+)?)\s*\)/gi, "in ($1)"],
];

/** Code of a question about the catalog in DuckDB's words; other code comes back as it is. */
export function catalogCode(code: string): string {
  return REWRITES.reduce((text, [pattern, by]) => text.replace(pattern, by), code);
}
