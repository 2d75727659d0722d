/** How the vendor is spoken to: config fields and protocol.ts, by the kind of authentication. */
import type { Auth } from "./auth.ts";
import { camel } from "./names.ts";
import type { Plan } from "./plan.ts";

export interface ConfigField {
  name: string;
  schema: string;
  describe: string;
}

/** Longer than the words that people leave in a configuration they mean to fill in later. */
const secretLength = 12;
const secret = `z.string().min(${secretLength})`;

/** The name that the API key has in the configuration: `X-Api-Key` → `apiKey`. */
export function keyName(auth: Extract<Auth, { kind: "apiKey" }>): string {
  const name = camel(auth.name.replace(/^x-/i, ""));
  return name === "baseUrl" ? "apiKey" : name;
}

/** The secrets that the mock makes up and checks, by their names in the configuration. */
export function secretNames(auth: Auth): string[] {
  switch (auth.kind) {
    case "apiKey":
      return [keyName(auth)];
    case "bearer":
      return ["token"];
    case "basic":
      return ["username", "password"];
    case "oauth2":
      return ["clientId", "clientSecret"];
    default:
      return ["secret"];
  }
}

export function configFields({ auth, server }: Plan): ConfigField[] {
  const base = { name: "baseUrl", schema: "address", describe: `Base URL of the API, e.g. ${server.href}` };
  const described: Record<string, string> = {
    token: "Bearer token. A secret.",
    username: "User name for HTTP Basic. A secret.",
    password: "Password for HTTP Basic. A secret.",
    clientId: "OAuth client id.",
    clientSecret: "OAuth client secret. A secret.",
    ...(auth.kind === "other" ? { secret: "For the signing, once it is written. A secret." } : {}),
  };
  const secrets = secretNames(auth).map((name) => ({
    name,
    schema: secret,
    describe: described[name] ?? `Sent as ${auth.kind === "apiKey" ? auth.name : name}. A secret.`,
  }));
  if (auth.kind !== "oauth2") return [base, ...secrets];
  return [
    base,
    { name: "tokenUrl", schema: "address", describe: `Base URL of the token endpoint, e.g. ${auth.tokenUrl.origin}` },
    ...secrets,
  ];
}

export function protocolFile(plan: Plan): string {
  const { auth, title } = plan;
  const fault = auth.kind === "other" ? `import { Fault } from "#capability";\n` : "";
  const baseUrl =
    auth.kind === "oauth2"
      ? `baseUrl: (config, operation) => (operation === ${JSON.stringify(auth.tokenOperation)} ? config.tokenUrl : config.baseUrl),`
      : "baseUrl: (config) => config.baseUrl,";
  return `${fault}import type { Protocol${auth.kind === "oauth2" ? ", SigningContext" : ""} } from "#capability";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

/** ${title}'s wire. */
export const protocol: Protocol<Config, operations> = {
  ${baseUrl}

${authorize(auth)}

  verify: { unsigned: "The vendor's document names no signature over its answers; they rest on TLS alone." },

${failure(plan)}
};
${auth.kind === "oauth2" ? tokenFunction(auth) : ""}${plan.codeAt.length === 0 ? "" : textAt}`;
}

function authorize(auth: Auth): string {
  switch (auth.kind) {
    case "apiKey": {
      const name = JSON.stringify(auth.where === "header" ? auth.name.toLowerCase() : auth.name);
      const place =
        auth.where === "header"
          ? `request.headers[${name}] = config.${keyName(auth)};`
          : `request.url.searchParams.set(${name}, config.${keyName(auth)});`;
      return `  authorize(request, { config }) {\n    ${place}\n  },`;
    }
    case "bearer":
      return '  authorize(request, { config }) {\n    request.headers["authorization"] = `Bearer ${config.token}`;\n  },';
    case "basic":
      return `  authorize(request, { config: { username, password } }) {
    const pair = Buffer.from(\`\${username}:\${password}\`).toString("base64");
    request.headers["authorization"] = \`Basic \${pair}\`;
  },`;
    case "oauth2":
      return `  async authorize(request, context) {
    const { clientId, clientSecret } = context.config;
    const pair = Buffer.from(\`\${encodeURIComponent(clientId)}:\${encodeURIComponent(clientSecret)}\`).toString("base64");
    request.headers["authorization"] =
      request.operation === ${JSON.stringify(auth.tokenOperation)} ? \`Basic \${pair}\` : \`Bearer \${await accessToken(context)}\`;
  },`;
    default:
      return `  /** ${auth.said} */
  authorize() {
    throw new Fault("internal_error", { outcome: "not_sent", detail: "the signing of this vendor is not written yet" });
  },`;
  }
}

function tokenFunction(auth: Extract<Auth, { kind: "oauth2" }>): string {
  const scope = auth.scopes.length === 0 ? "" : `, scope: ${JSON.stringify(auth.scopes.join(" "))}`;
  return `
/** The client's token, from the core's cache: one for all calls, renewed before it ends. */
function accessToken({ vendor, now }: SigningContext<Config, operations>): Promise<string> {
  return vendor.credential("access_token", async () => {
    const { body } = await vendor.call(${JSON.stringify(auth.tokenOperation)}, { body: { grant_type: "client_credentials"${scope} } });
    return { value: body.access_token, expiresAt: new Date(now.getTime() + body.expires_in * 1_000) };
  });
}
`;
}

function failure({ codeAt }: Plan): string {
  if (codeAt.length === 0) {
    return `  /** No error code was recognised in the document: until one is read here, the HTTP status alone decides. */
  failure: () => undefined,`;
  }
  return `  failure({ status, body }) {
    const code = status < 400 ? undefined : textAt(body, ${JSON.stringify(codeAt)});
    return code === undefined ? undefined : { code };
  },`;
}

const textAt = `
/** The text or number that stands there, as text. */
function textAt(value: unknown, names: readonly string[]): string | undefined {
  let at = value;
  for (const name of names) at = typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined;
  return typeof at === "string" || typeof at === "number" ? String(at) : undefined;
}
`;
