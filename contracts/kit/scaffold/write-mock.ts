/** The vendor, played from its own examples: mock.ts, its answers, and the test that both hold. */
import type { Auth } from "./auth.ts";
import { camel } from "./names.ts";
import type { Answer, Plan } from "./plan.ts";
import { keyName, secretNames } from "./write-protocol.ts";

const text = (value: unknown): string => JSON.stringify(value);

export function answersFile({ endpoints, server }: Plan): string {
  const base = server.pathname.replace(/\/$/, "");
  const rows = endpoints
    .toSorted((a, b) => literalSteps(b.path) - literalSteps(a.path))
    .map(({ operation, method, path, success, unauthorised, refused: no }) => {
      const refused = unauthorised === undefined ? "" : `unauthorised: ${answer(unauthorised)},`;
      return `{ operation: ${text(operation)}, method: ${text(method)}, path: ${pathPattern(base, path)}, answer: ${answer(success)}, ${refused} ${refusal(no)} },`;
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

export function mockFile(plan: Plan): string {
  const { auth, name, title, server } = plan;
  const secrets = secretNames(auth);
  const made = secrets.map((each) => `${each}: randomBytes(16).toString("hex"),`).join(" ");
  const base = server.pathname.replace(/\/$/, "");
  const origin = base === "" ? "context.origin" : `\`\${context.origin}${base}\``;
  const tokenUrl = auth.kind === "oauth2" ? ` tokenUrl: ${below(plan) ? origin : "context.origin"},` : "";
  const spread = secrets.length === 0 ? "" : " ...keys,";
  return `${secrets.length === 0 ? "" : `import { randomBytes } from "node:crypto";\n`}import { defineMock } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { endpoints } from "./mock/answers.ts";

/** ${title}, played from its own examples: stateless, but nobody gets past it with a wrong credential. */
export default defineMock({
  adapter: ${text(name)},
  title: ${text(title)},
  spec: new URL("./vendor.openapi.yaml", import.meta.url),

  async create(context) {
    ${secrets.length === 0 ? "" : `const keys = await context.keep("keys", () => ({ ${made} }));`}
    ${auth.kind === "oauth2" ? `const tokens = context.table<true>("tokens");` : ""}
    return {
      credentials: {${spread} },
      config: { baseUrl: ${origin},${tokenUrl}${spread} },
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
${plan.codeAt.length === 0 ? "" : refusalOf(plan.codeAt)}`.replace(
    /async create\(context\) \{/,
    secrets.length === 0 ? "create(context) {" : "async create(context) {",
  );
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

/** Whether the token endpoint stands below the API's own base. */
function below({ auth, document, server }: Plan): boolean {
  if (auth.kind !== "oauth2") return false;
  const full = auth.tokenUrl.pathname;
  const base = server.pathname.replace(/\/$/, "");
  return (
    base !== "" && auth.tokenUrl.origin === server.origin && full.slice(base.length) in (document["paths"] as object)
  );
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

/** The test that comes with the folder: the first call, whole, and what a wrong credential gets. */
export function testFile(plan: Plan): string {
  const { auth, first } = plan;
  const call = camel(first.operation);
  const wrong = secretNames(auth).at(-1);
  const input = text(first.input);
  const good =
    auth.kind === "other"
      ? `  it("sends nothing until its signing is written", async () => {
    await expect(ask(mock.config)).rejects.toMatchObject({ code: "internal_error", outcome: "not_sent" });
    expect(mock.exchanges).toEqual([]);
  });`
      : `  it("answers in its own shape", async () => {
    await expect(ask(mock.config)).resolves.not.toThrow();
    expect(mock.exchanges.at(-1)).toMatchObject({ operation: ${text(first.operation)} });
    expect(mock.violations).toEqual([]);
  });`;
  const bad =
    wrong === undefined
      ? ""
      : `

  it("refuses a wrong credential", async () => {
    await expect(ask({ ...mock.config, ${wrong}: "not-the-right-one" })).rejects.toBeInstanceOf(Fault);
    expect(mock.violations).toEqual([]);
  });`;
  return `import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ${wrong === undefined ? "" : "Fault"} } from "#capability";
import { startMock } from "#mocks";
import type { RunningMock } from "#mocks";
import { ${call} } from "./calls.ts";
import { withVendor } from "./road.fixture.ts";
import definition from "./mock.ts";

let mock: RunningMock;

beforeAll(async () => {
  mock = await startMock(definition);
});
afterAll(() => mock.stop());

const ask = (config: Record<string, unknown>) => withVendor(config, (vendor) => ${call}(vendor, ${input}));

describe(${text(plan.title)}, () => {
${good}${bad}
});
`.replace(/import \{ {2}\} from "#capability";\n/, "");
}

export const roadFile = `import type { VendorClient } from "#capability";
import { createOutbound, loadVendorSpec, startBudget } from "#outbound";
import adapter from "./index.ts";
import type { operations } from "./vendor.d.ts";

const deadlineMs = 5_000;

/** Runs \`work\` with the real way to the vendor: deadline, retries, signing, the check of every answer. */
export async function withVendor<T>(
  input: Record<string, unknown>,
  work: (vendor: VendorClient<operations>) => Promise<T>,
): Promise<T> {
  const config = adapter.config.parse(input);
  const spec = await loadVendorSpec(adapter.spec);
  const loaded = { manifest: adapter, config, spec, hosts: new Set(adapter.hosts(config)), errors: adapter.errors };
  const outbound = createOutbound({
    observe: () => undefined,
    onBreaker: () => undefined,
    now: () => new Date(),
    random: () => 0,
  });
  const budget = startBudget(deadlineMs);
  const origin = { requestId: "req_test", traceparent: \`00-\${"1".repeat(32)}-\${"2".repeat(16)}-01\`, operationId: "test" };
  try {
    return await work(outbound.client({ adapter: loaded as never, reference: "0".repeat(32), origin, budget }) as never);
  } finally {
    budget.stop();
    await outbound.close();
  }
}
`;
