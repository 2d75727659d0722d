/** What the mock answers: mock/answers.ts, each operation with the example of its document. */
import { tokenIsBelow } from "./auth.ts";
import type { Answer, Plan } from "./plan.ts";

const text = (value: unknown): string => JSON.stringify(value);

export function answersFile(plan: Plan): string {
  const { endpoints, server, auth } = plan;
  // A token endpoint that is not below the API's own base stands at its own path.
  const elsewhere = auth.kind === "oauth2" && !tokenIsBelow(plan) ? auth.tokenOperation : undefined;
  const baseOf = (operation: string): string => (operation === elsewhere ? "" : server.pathname.replace(/\/$/, ""));
  const rows = endpoints
    .toSorted((a, b) => literalSteps(b.path) - literalSteps(a.path))
    .map(({ operation, method, path, success, unauthorised, refused: no }) => {
      const refused = unauthorised === undefined ? "" : `unauthorised: ${answer(unauthorised)},`;
      return `{ operation: ${text(operation)}, method: ${text(method)}, path: ${pathPattern(baseOf(operation), path)}, answer: ${answer(success)}, ${refused} ${refusal(no)} },`;
    });
  return `import type { WireAnswer } from "#mocks";

interface Endpoint {
  operation: string;
  method: string;
  path: RegExp;
  answer: WireAnswer;
  /** To a wrong credential, where the vendor's document says what it answers. */
  unauthorised?: WireAnswer;
  /** A refusal in the vendor's own shape, to put a code into. */
  refused?: { status: number; body: unknown };
}

/** Each operation with the example of its document, or what its schema allows. */
export const endpoints: readonly Endpoint[] = [
${rows.join("\n")}
];

function json(status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
`;
}

function refusal(no: Answer | undefined): string {
  return no?.body === undefined ? "" : `refused: { status: ${no.status}, body: ${text(no.body)} },`;
}

/** The base URL's own path, then the literal one; an identifier's step bears its name. */
function pathPattern(base: string, path: string): string {
  const wire = path.split("#")[0] ?? path;
  const parts = wire.split(/(\{[^}]+\})/).map((part) => {
    const name = /^\{([A-Za-z_]\w*)\}$/.exec(part)?.[1];
    if (name !== undefined) return `(?<${name}>[^/]+)`;
    return part.startsWith("{") ? "[^/]+" : escaped(part);
  });
  return `/^${escaped(base)}${parts.join("")}$/`;
}

const escaped = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
const literalSteps = (path: string): number =>
  path.split("/").filter((step) => step !== "" && !step.startsWith("{")).length;

function answer({ status, contentType, body, headers }: Answer): string {
  const extra = {
    ...headers,
    ...(contentType === undefined || contentType === "application/json" ? {} : { "content-type": contentType }),
  };
  const more = Object.keys(extra).length === 0 ? "" : `, ${text(extra)}`;
  if (body === undefined)
    return `{ status: ${status}${Object.keys(headers).length === 0 ? "" : `, headers: ${text(headers)}`} }`;
  return `json(${status}, ${text(body)}${more})`;
}
