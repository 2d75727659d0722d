/** The vendor, played: mock.ts. What it answers stands in mock/answers.ts (write-answers.ts). */
import { tokenIsBelow } from "./auth.ts";
import type { Auth } from "./auth.ts";
import type { Plan } from "./plan.ts";
import { keyName, secretNames } from "./write-protocol.ts";

const text = (value: unknown): string => JSON.stringify(value);

export function mockFile(plan: Plan): string {
  const { auth, name, title, server } = plan;
  const made = secretNames(auth)
    .map((each) => `${each}: randomBytes(16).toString("hex"),`)
    .join(" ");
  const base = server.pathname.replace(/\/$/, "");
  const origin = base === "" ? "context.origin" : `\`\${context.origin}${base}\``;
  const tokenUrl = auth.kind === "oauth2" ? ` tokenUrl: ${tokenIsBelow(plan) ? origin : "context.origin"},` : "";
  return `import { randomBytes } from "node:crypto";
import { defineMock } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { endpoints } from "./mock/answers.ts";

/** ${title}, played from its own examples: stateless${auth.kind === "other" ? ", and it checks no signature yet" : ", but nobody gets past it with a wrong credential"}. */
export default defineMock({
  adapter: ${text(name)},
  title: ${text(title)},
  spec: new URL("./vendor.openapi.yaml", import.meta.url),

  async create(context) {
    const keys = await context.keep("keys", () => ({ ${made} }));
    ${auth.kind === "oauth2" ? `const tokens = context.table<true>("tokens");` : ""}
    return {
      credentials: { ...keys },
      config: { baseUrl: ${origin},${tokenUrl} ...keys },
      operationOf: (request) => endpointOf(request)?.operation,
      handle(request, operation): WireAnswer {
        const endpoint = endpoints.find((each) => each.operation === operation);
        if (endpoint === undefined) return notFound;
        ${auth.kind === "other" ? "" : `if (!admitted(request${auth.kind === "oauth2" ? ", operation" : ""})) return endpoint.unauthorised ?? { status: 401, offSpec: true };`}
        ${auth.kind === "oauth2" ? issueToken(auth) : ""}
        return repeated(endpoint.answer, { ...said(request), ...endpoint.path.exec(request.path)?.groups });
      },
      notFound: () => notFound,
      ${plan.codeAt.length === 0 ? "" : "kit: { refusal: (_request, operation, { code }) => refusalOf(operation, code) },"}
    };

${admitted(auth)}
  },
});

const notFound: WireAnswer = { status: 404 };

function endpointOf({ method, path }: WireRequest) {
  return endpoints.find((each) => each.method === method && each.path.test(path));
}

/** What the request says, by name. */
function said({ headers, body, query }: WireRequest): Record<string, unknown> {
  const text = body.toString("utf8");
  const isForm = (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const members: unknown = isForm ? Object.fromEntries(new URLSearchParams(text)) : text === "" ? {} : JSON.parse(text);
  return { ...Object.fromEntries(query), ...(typeof members === "object" ? members : {}) };
}

/** The example, with what the request itself named: our reference, the id of a path. */
function repeated(answer: WireAnswer, named: Readonly<Record<string, unknown>>): WireAnswer {
  const body: unknown = answer.body === undefined ? undefined : JSON.parse(String(answer.body));
  if (typeof body !== "object" || body === null || Array.isArray(body)) return answer;
  const members = Object.entries(body).map(([name, value]) => {
    const own = named[name];
    return [name, typeof own === typeof value ? own : (value as unknown)] as const;
  });
  return { ...answer, body: JSON.stringify(Object.fromEntries(members)) };
}
${plan.codeAt.length === 0 ? "" : refusalOf(plan.codeAt)}`;
}

function refusalOf(codeAt: readonly string[]): string {
  return `
/** The vendor's refusal with this code, in the shape of its document. */
function refusalOf(operation: string, code: string): WireAnswer {
  const known = endpoints.find((each) => each.operation === operation)?.refused;
  const body = JSON.stringify(put(known?.body, ${text(codeAt)}, code));
  const refused = { status: known?.status ?? 400, headers: { "content-type": "application/json" }, body };
  return known === undefined ? { ...refused, offSpec: true } : refused;
}

/** A copy with the text at that place. */
function put(value: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text;
  const known = typeof value === "object" && value !== null ? value : {};
  return { ...known, [name]: put(Reflect.get(known, name), rest, text) };
}
`;
}

function issueToken({ tokenOperation }: Extract<Auth, { kind: "oauth2" }>): string {
  return `if (operation === ${text(tokenOperation)}) {
          const token = randomBytes(24).toString("base64url");
          tokens.set(token, true);
          const body = { access_token: token, token_type: "Bearer", expires_in: 3_600 };
          return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
        }`;
}

function admitted(auth: Auth): string {
  switch (auth.kind) {
    case "apiKey": {
      const sent =
        auth.where === "header"
          ? `request.headers[${text(auth.name.toLowerCase())}]`
          : `request.query.get(${text(auth.name)})`;
      return `    function admitted(request: WireRequest): boolean {\n      return ${sent} === keys.${keyName(auth)};\n    }`;
    }
    case "bearer":
      return `    function admitted(request: WireRequest): boolean {\n      return request.headers["authorization"] === \`Bearer \${keys.token}\`;\n    }`;
    case "basic":
      return `    function admitted(request: WireRequest): boolean {
      const [scheme, pair = ""] = (request.headers["authorization"] ?? "").split(" ");
      const sent = Buffer.from(pair, "base64").toString("utf8");
      return scheme === "Basic" && sent === \`\${keys.username}:\${keys.password}\`;
    }`;
    case "oauth2":
      return `    /** The client itself at the token endpoint, a token of ours everywhere else. */
    function admitted(request: WireRequest, operation: string): boolean {
      const [scheme, value = ""] = (request.headers["authorization"] ?? "").split(" ");
      if (operation !== ${text(auth.tokenOperation)}) return scheme === "Bearer" && tokens.get(value) === true;
      const sent = Buffer.from(value, "base64").toString("utf8");
      return scheme === "Basic" && sent === \`\${keys.clientId}:\${keys.clientSecret}\`;
    }`;
    default:
      return "";
  }
}
