/** The words of a question that are no metric, no name and no day: one table per kind. A phrase is looked up longest first. */
import type { Meaning, Output, Rank } from "./types.js";

type Table = readonly (readonly [string, Meaning])[];

const of = (phrases: string, meaning: Meaning): Table => phrases.split("|").map((text) => [text, meaning] as const);
const refusal = (
  phrases: string,
  code: "UNKNOWN_WORDS" | "HYPOTHETICAL" | "FUTURE" | "WHY" | "ADVICE" | "ACTION",
  why: string,
) => of(phrases, { kind: "refusal", code, why });

/** "How do we get CAC down", "how can I increase sales". */
function waysTo(): string {
  const people = ["i", "we", "you", "one"];
  const verbs = "get|improve|increase|lower|reduce|grow|boost|raise|cut|bring|scale|make|decrease|fix|drive|sell|save";
  return people
    .flatMap((who) => [
      ...["can", "could", "should", "might"].map((may) => `how ${may} ${who}`),
      ...verbs.split("|").map((verb) => `how do ${who} ${verb}`),
    ])
    .join("|");
}

/** What is not asked of the past. */
export const REFUSALS: Table = [
  ...refusal(
    "if|what if|would|would have|suppose|supposing|imagine|assuming|hypothetically|had been|could have|should have",
    "HYPOTHETICAL",
    "what might have been is not in the data",
  ),
  ...refusal(
    "will|forecast|forecasts|predict|prediction|projected|projection|expect|expected|going to be|next week|next month|next quarter|next year|tomorrow|in the future|upcoming",
    "FUTURE",
    "the days that are asked for are not in the data yet",
  ),
  ...refusal(
    "why|how come|what caused|what causes|what is causing|what causing|whats causing|what drove|what drives|what is driving|what driving|whats driving|what are the drivers|reason for|reasons for|because of what|what is behind",
    "WHY",
    "a cause is no figure of the catalog",
  ),
  ...refusal(
    `should|should i|should we|recommend|recommendation|advice|advise|how to|what can i do|what can we do|what to do|suggest|optimize|optimise|fix|${waysTo()}`,
    "ADVICE",
    "advice is not in the data",
  ),
  ...refusal(
    "pause|stop|increase|raise|decrease|reduce|cut|delete|remove|create|turn off|turn on|launch|switch off|switch on|scale|set|change the budget|send|email me|drop table|update|insert",
    "ACTION",
    "questions change nothing",
  ),
];

/** Holidays that people name and no rule gives: known only where the shop lists them, or something bears the name. */
export const UNKNOWN_HOLIDAYS: Table =
  "the holidays|the holiday season|holiday season|the festive season|festive season|independence day|memorial day|labor day|cyber week|black week|prime day|prime days|super bowl|ramadan|eid|diwali|hanukkah|chanukah|lunar new year|chinese new year|presidents day|president day|mlk day|juneteenth|veterans day|veteran day|columbus day|st patricks day|st patrick day|saint patricks day|carnival|oktoberfest|kwanzaa|super saturday|green monday|giving tuesday|small business saturday|golden week|bastille day|canada day|republic day|hogmanay|pentecost|whitsun|ascension day|advent"
    .split("|")
    .map((text) => [
      text,
      {
        kind: "refusal",
        code: "UNKNOWN_WORDS",
        why: `the days of ${text} are not known: list them in calendar.holidays.${text.replace(/^the /, "").replaceAll(" ", "_")}, or write the dates`,
      },
    ]);

const level = (by: Extract<Meaning, { kind: "level" }>["by"], singular: string, plural: string): Table => [
  ...of(singular, { kind: "level", by, plural: false }),
  ...of(plural, { kind: "level", by, plural: true }),
];

/** What figures are broken down by. */
export const LEVELS: Table = [
  ...level("campaign", "campaign|ad campaign", "campaigns|ad campaigns"),
  ...level("ad_set", "ad set|adset|ad group|adgroup", "ad sets|adsets|ad groups|adgroups"),
  ...level("ad", "ad|creative|advert|advertisement", "ads|creatives|adverts|advertisements"),
  ...level(
    "platform",
    "platform|ad platform|provider|network|ad network",
    "platforms|ad platforms|providers|networks|ad networks",
  ),
  ...level(
    "channel",
    "channel|source|traffic source|marketing channel|acquisition channel",
    "channels|sources|traffic sources|marketing channels|acquisition channels",
  ),
  ...level("account", "account|ad account", "accounts|ad accounts"),
  ...level("product", "product|sku|item sold|article", "products|skus|articles"),
  ...level("category", "category|product category|product type", "categories|product categories|product types"),
  ...level("country", "country|market|geo", "countries|markets"),
  ...level("region", "region|state|province", "regions|states|provinces"),
  ...level("device", "device|device type", "devices|device types"),
  ...level("location", "location|branch|shop location", "locations|branches"),
  ...level(
    "customer_type",
    "customer type|type of customer|new vs returning|new versus returning|new and returning|customer group|new customers vs returning customers|new vs returning customers|new customers versus returning customers|new versus returning customers|new customers and returning customers|new and returning customers|of new customers vs returning customers|of new vs returning customers|of new customers versus returning customers|of new versus returning customers|of new customers and returning customers|of new and returning customers|from new customers vs returning customers|from new vs returning customers|from new customers versus returning customers|from new versus returning customers|from new customers and returning customers|from new and returning customers|by new customers vs returning customers|by new vs returning customers|by new customers versus returning customers|by new versus returning customers|by new customers and returning customers|by new and returning customers|for new customers vs returning customers|for new vs returning customers|for new customers versus returning customers|for new versus returning customers|for new customers and returning customers|for new and returning customers",
    "customer types|customer groups",
  ),
  ...level("day", "day|date", "days|dates"),
  ...level("week", "week", "weeks"),
  ...level("month", "month", "months"),
  ...level("quarter", "quarter", "quarters"),
];

/** Points of a series. */
export const GRAINS: Table = [
  ...of("hourly|by hour|per hour|hour by hour|by the hour|each hour|every hour", { kind: "grain", grain: "hour" }),
  ...of("daily|by day|per day|day by day|each day|every day|by date|a day", { kind: "grain", grain: "day" }),
  ...of("weekly|by week|per week|week by week|each week|every week", { kind: "grain", grain: "week" }),
  ...of("monthly|by month|per month|month by month|each month|every month", { kind: "grain", grain: "month" }),
  ...of("quarterly|by quarter|per quarter|quarter by quarter|each quarter|every quarter", {
    kind: "grain",
    grain: "quarter",
  }),
  ...of("trend|trends|trending|over time|time series|timeline|development of|evolution|evolve|evolved|course", {
    kind: "series",
  }),
];

const ranks = (phrases: string, rank: Rank): Table => of(phrases, { kind: "rank", rank });

/** Order and number of rows. */
export const RANKS: Table = [
  ...ranks("top", "top"),
  ...ranks("bottom", "bottom"),
  ...ranks(
    "best|best performing|top performing|strongest|most efficient|winning|better|most successful|performed best|performs best|perform best|doing best",
    "best",
  ),
  ...ranks(
    "worst|worst performing|poorest|weakest|least efficient|underperforming|worse|performed worst|performs worst|perform worst|doing worst|losing",
    "worst",
  ),
  ...ranks("highest|most|largest|biggest|greatest|maximum|max|the most|more|most expensive", "highest"),
  ...of("best selling|bestselling|most sold|top selling", { kind: "rank", rank: "highest", metric: "units" }),
  ...of("most profitable", { kind: "rank", rank: "highest", metric: "channel_profit" }),
  ...of("least profitable|most unprofitable", { kind: "rank", rank: "lowest", metric: "channel_profit" }),
  ...of("worst selling|least sold|slowest selling", { kind: "rank", rank: "lowest", metric: "units" }),
  ...ranks("lowest|least|smallest|fewest|minimum|min|the least|fewer|cheapest", "lowest"),
];

const marker = (phrases: string, name: Extract<Meaning, { kind: "marker" }>["marker"]): Table =>
  of(phrases, { kind: "marker", marker: name });

/** What announces rows. */
export const MARKERS: Table = [
  ...marker("which|what are the|which of the|which of my|who are the", "which"),
  ...marker(
    "by|broken down by|break down by|breakdown by|split by|grouped by|group by|sorted by|ordered by|ranked by|per|across|by each|between",
    "by",
  ),
  ...marker("all|all my|all the|all of my|every single", "all"),
  ...marker("list|give me a list of|list of|list all|which are|list my", "list"),
  ...marker("each|every|for each|for every|individual", "each"),
  ...marker("rank|order|sort|ranking", "rank"),
];

const platform = (phrases: string, name: string, said: string): Table =>
  of(phrases, { kind: "platform", platform: name, said });

/** Where ads run. The second name is what people say, where it is a part of the first. */
export const PLATFORMS: Table = [
  ...platform("meta|meta ads|facebook|facebook ads|fb|fb ads|meta platforms", "meta", "Meta"),
  ...platform("instagram|instagram ads|ig", "meta", "Instagram"),
  ...platform("google|google ads|adwords|google adwords|gads|google shopping|google search", "google", "Google"),
  ...platform("youtube|youtube ads", "google", "YouTube"),
  ...platform("tiktok|tiktok ads|tik tok|tt", "tiktok", "TikTok"),
  ...platform("pinterest|pinterest ads", "pinterest", "Pinterest"),
  ...platform("snapchat|snapchat ads|snap ads", "snapchat", "Snapchat"),
  ...platform("bing|bing ads|microsoft ads", "bing", "Microsoft Ads"),
  ...platform("linkedin|linkedin ads", "linkedin", "LinkedIn"),
  ...platform("twitter|twitter ads|x ads", "twitter", "X"),
  ...platform("amazon|amazon ads", "amazon", "Amazon"),
];

/** Properties of campaigns and customers. */
export const STATUSES: Table = [
  ...of("active|live|running|enabled|currently active|currently running|currently live", {
    kind: "status",
    value: "active",
  }),
  ...of("paused|inactive|stopped|disabled|turned off", { kind: "status", value: "paused" }),
  ...of(
    "from new customers|by new customers|for new customers|of new customers|new customers only|among new customers|from first time buyers|from first time customers|with new customers",
    { kind: "customers", value: "new" },
  ),
  ...of(
    "from returning customers|by returning customers|for returning customers|of returning customers|from existing customers|from repeat customers|by repeat customers|for repeat customers|from loyal customers|by existing customers|among returning customers",
    { kind: "customers", value: "returning" },
  ),
];

/** What is held against what. */
export const COMPARISONS: Table = [
  ...of(
    "vs|versus|compared to|compares to|compares with|compared with|comparing to|against|relative to|than|in comparison to|v",
    {
      kind: "versus",
    },
  ),
  ...of("compare|compares|comparison|comparing|compared", { kind: "compare" }),
  ...of(
    "change|changed|changes|changing|improve|improved|improving|declining|declined|decline|growth|grow|grew|growing|up or down|going up|going down|up|down|rising|falling|increased|decreased|dropped|drop|risen|fell|difference|delta|better or worse|getting better|getting worse|gotten better|gotten worse|got better|got worse|become better|become worse",
    { kind: "change" },
  ),
  ...of("previous period|prior period|period before|the period before|last period|period over period|pop", {
    kind: "previous",
    with: "period",
  }),
  ...of(
    "the week before|the month before|the quarter before|the year before|the day before|day before|week before|month before|quarter before|the week before that|the month before that",
    { kind: "previous", with: "period" },
  ),
  ...of(
    "same day last week|the same day last week|same weekday last week|same days last week|the same days last week|same time last week|the same time last week|this time last week|a week ago|a week earlier|one week ago|a week before|the same day a week ago",
    { kind: "previous", with: "week_ago" },
  ),
  ...of(
    "same day last month|the same day last month|same days last month|same time last month|the same time last month|this time last month|a month ago|a month earlier|one month ago",
    { kind: "previous", with: "month_ago" },
  ),
  ...of("week over week|wow|week on week", { kind: "previous", with: "week" }),
  ...of("month over month|mom|month on month", { kind: "previous", with: "month" }),
  ...of(
    "year over year|the same period last year|the same time last year|the same week last year|the same month last year|the same quarter last year|the same days last year|yoy|year on year|same day last year|the same day last year|same period last year|same time last year|this time last year|a year ago|a year earlier|same week last year|same month last year|same quarter last year|same days last year|one year ago|year before|prior year",
    { kind: "previous", with: "year" },
  ),
];

const condition = (phrases: string, operator: Extract<Meaning, { kind: "condition" }>["operator"]): Table =>
  of(phrases, { kind: "condition", operator });

/** Conditions on rows. */
export const CONDITIONS: Table = [
  ...condition(
    "above|over|more than|greater than|higher than|bigger than|larger than|exceeding|exceeds|beyond|better than|>",
    ">",
  ),
  ...condition("at least|no less than|not less than|minimum of|or more|>=", ">="),
  ...condition("below|under|less than|lower than|smaller than|fewer than|beneath|cheaper than|worse than|<", "<"),
  ...condition("at most|no more than|not more than|maximum of|up to|<=", "<="),
  ...condition("exactly|equal to|equals|=", "="),
  ...of("between", { kind: "between" }),
];

const output = (phrases: string, value: Output): Table => of(phrases, { kind: "output", output: value });

/** How the answer should look. */
export const OUTPUTS: Table = [
  ...output(
    "graph|chart|plot|draw|visualize|visualise|as a chart|in a chart|as a graph|in a graph|line chart|bar chart|a graph of|a chart of|diagram",
    "chart",
  ),
  ...output("table|in a table|as a table|tabular|table of", "table"),
  ...output(
    "just tell me|text only|only text|in words|just the number|no chart|without a chart|in one sentence|briefly",
    "text",
  ),
];

/** What leans on the question before. */
export const REFERENCES: Table = [
  ...of("that campaign|this campaign|the same campaign|said campaign", { kind: "that", level: "campaign" }),
  ...of("those campaigns|these campaigns|the same campaigns", { kind: "that", level: "campaign" }),
  ...of(
    "that ad set|that adset|this adset|this ad set|that ad group|those adsets|those ad sets|these adsets|these ad sets",
    { kind: "that", level: "ad_set" },
  ),
  ...of("that ad|this ad|those ads|these ads|that creative|those creatives", { kind: "that", level: "ad" }),
  ...of("that platform|this platform|those platforms", { kind: "that", level: "platform" }),
  ...of("that channel|this channel|those channels", { kind: "that", level: "channel" }),
  ...of("that product|this product|those products|these products", { kind: "that", level: "product" }),
  ...of("that category|this category|those categories", { kind: "that", level: "category" }),
  ...of("that country|this country|those countries", { kind: "that", level: "country" }),
  ...of("that one|those|them|of them|that same|it", { kind: "that", level: null }),
  ...of(
    "what about|how about|and what about|and how about|same for|the same for|same but|and for|and by|and now|now by|now for|instead|the same|again|same question|and only|now only|now show|now|what of",
    { kind: "again" },
  ),
];

/** Figures of their own without a metric. */
export const PERFORMANCE: Table = of(
  "how did|how does|how do|how is|how are|how was|how were|hows|how|performance|perform|performs|performing|performed|doing|results|did we do|did i do|overview|summary|numbers|kpis|stats|figures|metrics",
  { kind: "performance" },
);

/** Joins and negations. */
export const JOINS: Table = [
  ...of("and|,|or|plus|as well as|along with|together with|/", { kind: "and" }),
  ...of(
    "not|outside|outside of|excluding|except|except for|without|other than|besides|but not|apart from|exclude|non|ignoring|minus",
    {
      kind: "not",
    },
  ),
  ...of("average|avg|mean|median|on average", { kind: "average" }),
  ...of(
    "share|shares|proportion|fraction|portion|mix|distribution|share of|proportion of|fraction of|portion of|part of",
    {
      kind: "share",
    },
  ),
  ...of(
    "%|percentage|percentages|percent|pct|% of|percentage of|percent of|as a percentage|in percent|what percentage of|what percent of",
    {
      kind: "share",
      isUnit: true,
    },
  ),
];

const FILLERS =
  "dear|greetings|cheers|thx|ty|lot|lots|i like|we like|like to|would like|would love|would like to|gotten|become|how many|how much|gain|gained|a|an|the|do|my|our|me|i|we|us|you|your|is|are|was|were|be|been|am|does|did|has|have|had|get|got|gets|getting|give|gave|show|shows|tell|see|display|find|fetch|pull|report|want|need|like|know|can|could|please|pls|hey|hi|hello|thanks|thank|ok|okay|so|just|only|these|pay|paid|what|whats|how|much|many|for|of|on|in|at|to|from|with|that|this|there|their|its|any|some|it|total|totals|overall|whole|entire|sum|number|amount|value|count|generate|generated|generates|generating|deliver|delivered|delivers|drive|drove|driving|driven|drives|bring|brought|brings|produce|produced|receive|received|came|come|comes|coming|through|via|during|within|over|into|out|back|wise|level|breakdown|break|broken|split|money|dollars|dollar|cash|business|company|shop|store|website|site|online|advertised|marketing|exactly|currently|current|right|then|also|too|really|actually|quick|quickly|quickly|look|looking|check|let|lets|go|goes|going|went|gone|called|named|titled|name|names|data|info|information|question|rate|period|each|who|when|where|whose|ones|one|them|they|terms|regarding|about|per|as|off|yet|ever|had|having|which|view|sort|order|ordered|sorted|descending|ascending|cost|run|ran|rows|across|between|using|use|used|based|according|both|respectively|do|far";

/** Their words are those of names as well. */
export const GREETINGS: Table = of("good morning|good afternoon|good evening|good day|thank you|thanks a lot", {
  kind: "filler",
});

/** Words that change nothing. A word that is neither here nor in any other table is not ignored: the question is refused. */
export const FILLER: Table = of(FILLERS, { kind: "filler" });
