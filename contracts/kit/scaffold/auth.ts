/** How the vendor wants to be convinced of who calls, as its document says. */
import { camel } from "./names.ts";
import { deref, isNode, listOf } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";

export type Auth =
  | { kind: "apiKey"; where: "header" | "query"; name: string }
  | { kind: "bearer" }
  | { kind: "basic" }
  | { kind: "oauth2"; tokenUrl: URL; tokenOperation: string; scopes: string[] }
  /** Nothing that can be written for the developer: a signature scheme, mutual TLS, an interactive login, or nothing said. */
  | { kind: "other"; said: string };

/** The first requirement of the document that can be written; `other` if it has none such: a signature, or schemes to be joined. */
export function authOf(document: Node): Auth {
  const schemes = (isNode(document["components"]) ? document["components"]["securitySchemes"] : undefined) ?? {};
  const operations = Object.values(document["paths"] as Node).flatMap((item) =>
    Object.values(item as Node).filter(isNode),
  );
  const required = [document, ...operations]
    .flatMap(({ security }) => listOf(security).filter(isNode).map(Object.keys))
    .filter((names) => names.length > 0);
  const asked = required.length > 0 ? required : Object.keys(schemes).map((name) => [name]);
  const found = asked.map((names) =>
    together(names.map((name) => readScheme(document, deref(document, (schemes as Node)[name])))),
  );
  return (
    found.find(({ kind }) => kind !== "other") ??
    found[0] ?? { kind: "other", said: "The document names no security scheme." }
  );
}

/** The schemes that one request has to satisfy all at once. */
function together(schemes: readonly Auth[]): Auth {
  const unwritten = schemes.find(({ kind }) => kind === "other");
  const [only, ...more] = schemes;
  if (unwritten !== undefined) return unwritten;
  if (only !== undefined && more.length === 0) return only;
  const names = schemes.map((each) => (each.kind === "apiKey" ? each.name : each.kind)).join(" and ");
  return other(`${names} in one request`);
}

/** A header of such a name holds no key: what belongs there is made anew for every request. */
const signature = /sign|hmac|digest/i;

function readScheme(document: Node, scheme: Node | undefined): Auth {
  const { type, in: where, name, scheme: http } = scheme ?? {};
  if (type === "apiKey" && signature.test(String(name))) return other(`a signature in ${String(name)}`);
  if (type === "apiKey" && (where === "header" || where === "query"))
    return { kind: "apiKey", where, name: String(name) };
  if (type === "http" && String(http).toLowerCase() === "bearer") return { kind: "bearer" };
  if (type === "http" && String(http).toLowerCase() === "basic") return { kind: "basic" };
  const flow = isNode(scheme?.["flows"]) ? scheme["flows"]["clientCredentials"] : undefined;
  const tokenUrl = isNode(flow) ? String(flow["tokenUrl"]) : "";
  const base = serverOf(document).href;
  if (type === "oauth2" && isNode(flow) && URL.canParse(tokenUrl, base)) {
    const scopes = isNode(flow["scopes"]) ? Object.keys(flow["scopes"]) : [];
    return { kind: "oauth2", tokenUrl: new URL(tokenUrl, base), tokenOperation: "clientCredentialsToken", scopes };
  }
  return other(type === "http" ? `HTTP ${String(http)}` : String(type));
}

function other(what: string): Auth {
  return { kind: "other", said: `The document names ${what}, which has to be written by hand.` };
}

/** The first server's address; a stand-in where it is missing or relative. */
export function serverOf(document: Node): URL {
  const first = listOf(document["servers"])[0];
  const text = isNode(first) ? filled(first) : "";
  return URL.canParse(text) ? new URL(text) : new URL(text.startsWith("/") ? text : "/", "https://api.vendor.example");
}

function filled(server: Node): string {
  const variables = (isNode(server["variables"]) ? server["variables"] : {}) as Record<string, Node>;
  return String(server["url"]).replace(/\{([^}]+)\}/g, (_all, name: string) =>
    String(variables[name]?.["default"] ?? camel(name)),
  );
}

/** Whether the token endpoint stands below the API's own base URL. */
export function tokenIsBelow({ auth, server }: { auth: Auth; server: URL }): boolean {
  const base = server.pathname.replace(/\/$/, "");
  return (
    auth.kind === "oauth2" && auth.tokenUrl.origin === server.origin && auth.tokenUrl.pathname.startsWith(`${base}/`)
  );
}

/** Adds the token endpoint as an operation, if the document has none at that path: a token too walks the whole road. */
export function withTokenOperation(document: Node, auth: Auth): { document: Node; auth: Auth } {
  if (auth.kind !== "oauth2") return { document, auth };
  const paths = document["paths"] as Node;
  const base = serverOf(document);
  const below = tokenIsBelow({ auth, server: base });
  const path = below ? auth.tokenUrl.pathname.slice(base.pathname.replace(/\/$/, "").length) : auth.tokenUrl.pathname;
  const present = isNode(paths[path]) && isNode(paths[path]["post"]) ? paths[path]["post"] : undefined;
  if (present !== undefined) {
    const named = { ...present, "x-effect": "read", "x-group": "token" };
    return {
      document: { ...document, paths: { ...paths, [path]: { ...(paths[path] as Node), post: named } } },
      auth: { ...auth, tokenOperation: String(present["operationId"]) },
    };
  }
  const item = isNode(paths[path]) ? paths[path] : {};
  return {
    document: { ...document, paths: { ...paths, [path]: { ...item, post: tokenOperation(auth.tokenOperation) } } },
    auth,
  };
}

/** RFC 6749 4.4, with the client's Basic authentication (2.3.1). */
function tokenOperation(operationId: string): Node {
  const content = (schema: Node, example: Node): Node => ({ content: { "application/json": { schema, example } } });
  const refused = {
    type: "object",
    required: ["error"],
    properties: { error: { type: "string", enum: ["invalid_client", "invalid_request", "invalid_scope"] } },
  };
  const token = {
    type: "object",
    required: ["access_token", "token_type", "expires_in"],
    properties: {
      access_token: { type: "string", minLength: 1 },
      token_type: { type: "string" },
      expires_in: { type: "integer", minimum: 1 },
    },
  };
  const grant = {
    type: "object",
    required: ["grant_type"],
    properties: { grant_type: { type: "string", enum: ["client_credentials"] }, scope: { type: "string" } },
  };
  return {
    operationId,
    summary: "An access token for the client's own credentials (RFC 6749 4.4)",
    "x-effect": "read",
    "x-group": "token",
    security: [],
    requestBody: { required: true, content: { "application/x-www-form-urlencoded": { schema: grant } } },
    responses: {
      "200": {
        description: "The token.",
        ...content(token, { access_token: "example-token", token_type: "Bearer", expires_in: 3600 }),
      },
      "400": { description: "The request is wrong.", ...content(refused, { error: "invalid_request" }) },
      "401": { description: "The client is not known.", ...content(refused, { error: "invalid_client" }) },
    },
  };
}
