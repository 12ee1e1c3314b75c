import type { z } from "zod";
import { GrowthosError, messageOf } from "../base/errors.js";
import { nearest } from "../base/ids.js";
import { ROUTES } from "./routes.js";
import type { ApiError, ApiSources } from "./types.js";

/** A parameter given twice is refused, not the last one taken. */
type Given = Readonly<Record<string, string>>;

/** Answers a question to the API. Never throws: what goes wrong is an answer with a code. */
export async function answerApi(
  sources: ApiSources,
  path: string,
  query: URLSearchParams,
): Promise<{ readonly status: number; readonly body: object }> {
  try {
    if (path === "/") return { status: 200, body: { schema_version: 1, routes: ROUTES.map(listed) } };
    const route = ROUTES.find((candidate) => candidate.path === path);
    if (route === undefined) return told(unknownRoute(path));
    const params = route.params.safeParse(givenOf(query));
    if (!params.success) return told(badParams(params.error));
    const answer = await route.answer(sources, params.data as never);
    return { status: 200, body: { schema_version: 1, ...answer } };
  } catch (thrown) {
    return told(errorOf(thrown));
  }
}

function listed({ path, about, params }: (typeof ROUTES)[number]) {
  return { path: `/api${path}`, about, params: Object.keys((params as z.ZodObject).shape) };
}

function told({ status, error }: ApiError) {
  return { status, body: { schema_version: 1, error } };
}

function givenOf(query: URLSearchParams): Given {
  const twice = [...new Set(query.keys())].find((name) => query.getAll(name).length > 1);
  if (twice === undefined) return Object.fromEntries(query);
  throw new GrowthosError({
    code: "BAD_PARAMS",
    what: `${twice.slice(0, 40)} was given more than once`,
    hint: "give each parameter once",
    exit: "usage",
  });
}

function unknownRoute(path: string): ApiError {
  const near = nearest(
    path,
    ROUTES.map((route) => route.path),
  );
  const hint = near === undefined ? "GET /api/ lists the routes" : `did you mean /api${near}?`;
  return { status: 404, error: { code: "ROUTE_UNKNOWN", what: `there is no route ${path.slice(0, 80)}`, hint } };
}

function badParams({ issues }: z.ZodError): ApiError {
  const why = issues.map(({ path, message }) => `${path.join(".") || "the query"}: ${message}`).join("; ");
  const error = { code: "BAD_PARAMS", what: "a parameter cannot be used", why, hint: "GET /api/ lists them" };
  return { status: 400, error };
}

/** A failure as the API tells it; of our own bugs no more than that there is one. */
export function errorOf(thrown: unknown): ApiError {
  if (!(thrown instanceof GrowthosError) || thrown.parts.exit === "bug")
    return {
      status: 500,
      error: { code: "BUG", what: "growthos made a mistake", why: messageOf(thrown).slice(0, 200) },
    };
  const { code, what, why, hint, exit } = thrown.parts;
  const status = code === "NO_BUILD" ? 503 : exit === "usage" ? 400 : 500;
  return {
    status,
    error: { code, what, ...(why === undefined ? {} : { why }), ...(hint === undefined ? {} : { hint }) },
  };
}
