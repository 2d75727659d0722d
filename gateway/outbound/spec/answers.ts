import { compileSchema } from "./compile.ts";
import type { schemaCompiler } from "./compile.ts";
import type { OpenApiDocument, SpecOperation } from "./document.ts";
import { resolveRef } from "./document.ts";

/** What is wrong with a parsed answer (place and rule, never the value), or undefined. */
export type AnswerCheck = (status: number, contentType: string | undefined, body: unknown) => string | undefined;

type BodyCheck = (contentType: string | undefined, body: unknown) => string | undefined;

/** Compiles what the vendor's spec says of an operation's answers: which statuses, which media types, which bodies. */
export function answerCheck(
  document: OpenApiDocument,
  compiler: ReturnType<typeof schemaCompiler>,
  responses: SpecOperation["responses"] = {},
): AnswerCheck {
  const checks = new Map<string, BodyCheck>();
  for (const [status, reference] of Object.entries(responses)) {
    const { content = {} } = resolveRef(document, reference);
    const byType = Object.entries(content).flatMap(([type, { schema }]) =>
      schema === undefined ? [] : [[type, compileSchema(compiler, schema)] as const],
    );
    checks.set(status, byType.length === 0 ? emptyOnly : bodyCheck(new Map(byType)));
  }
  return (status, contentType, body) => {
    const check = checks.get(String(status)) ?? checks.get(`${Math.floor(status / 100)}XX`) ?? checks.get("default");
    return check === undefined ? `status ${status} is not in the vendor's spec` : check(contentType, body);
  };
}

/** An answer that names no type is judged by its body alone, against the first type of the spec. */
function bodyCheck(byType: ReadonlyMap<string, (value: unknown) => string | undefined>): BodyCheck {
  const [first = ""] = byType.keys();
  const ofType = (named: string) => byType.get(named) ?? (isJson(named) ? byType.get("application/json") : undefined);
  return (contentType = first, body) => {
    // Nearly always spelt as in the spec.
    const check = byType.get(contentType) ?? ofType(mediaTypeOf(contentType));
    return check === undefined ? "its content type is not in the vendor's spec" : check(body);
  };
}

function emptyOnly(_contentType: string | undefined, body: unknown): string | undefined {
  return body === undefined ? undefined : "the vendor's spec has no body here";
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

/** RFC 6839: a type with the suffix is JSON, whatever else it is. */
function isJson(mediaType: string): boolean {
  return /^application\/[\w.-]+\+json$/.test(mediaType);
}
