import { randomBytes } from "node:crypto";
import { defineMock } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { PlaidError, refusal } from "./mock/answers.ts";
import { orderOf } from "./mock/kit.ts";
import { createReports } from "./mock/reports.ts";
import { createUsers } from "./mock/users.ts";
import { createWebhooks } from "./mock/webhooks.ts";

type Body = Record<string, unknown>;
type Field = "required" | "optional";

interface Endpoint {
  operation: string;
  fields: Record<string, Field>;
}

const ofUser: Record<string, Field> = { user_id: "required" };

/** Path → operation and the fields that Plaid knows there; another field is `UNKNOWN_FIELDS`. */
const endpoints: Record<string, Endpoint> = {
  "/user/create": {
    operation: "userCreate",
    fields: { client_user_id: "required", identity: "optional" },
  },
  "/cra/check_report/create": {
    operation: "craCheckReportCreate",
    fields: {
      ...ofUser,
      webhook: "required",
      days_requested: "required",
      consumer_report_permissible_purpose: "required",
      client_report_id: "optional",
      products: "optional",
      lend_score: "optional",
    },
  },
  "/cra/check_report/base_report/get": { operation: "craCheckReportBaseReportGet", fields: ofUser },
  "/cra/check_report/lend_score/get": { operation: "craCheckReportLendScoreGet", fields: ofUser },
  "/webhook_verification_key/get": {
    operation: "webhookVerificationKeyGet",
    fields: { key_id: "required" },
  },
};

/** Plaid Check, played: users, reports, scores and signed webhooks. Scenarios by family name stand in the README. */
export default defineMock({
  adapter: "plaid-check",
  title: "Plaid Check",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),

  async create(context) {
    const keys = await context.keep("keys", () => ({
      clientId: randomBytes(12).toString("hex"),
      secret: randomBytes(15).toString("hex"),
    }));
    const users = createUsers(context);
    const webhooks = createWebhooks(context);
    const reports = createReports(context, users, webhooks);
    const handlers: Record<string, (body: Body) => WireAnswer> = {
      userCreate: users.create,
      craCheckReportCreate: reports.create,
      craCheckReportBaseReportGet: reports.base,
      craCheckReportLendScoreGet: reports.lendScore,
      webhookVerificationKeyGet: (body) => webhooks.publicKey(body["key_id"]),
    };

    function handle(request: WireRequest, operation: string): WireAnswer {
      try {
        if (request.headers["plaid-client-id"] !== keys.clientId || request.headers["plaid-secret"] !== keys.secret) {
          throw new PlaidError("INVALID_API_KEYS");
        }
        const handler = handlers[operation];
        if (handler === undefined) throw new PlaidError("NOT_FOUND");
        return handler(fieldsOf(request));
      } catch (error) {
        if (error instanceof PlaidError) return refusal(error);
        throw error;
      }
    }

    return {
      credentials: {
        basePath: context.origin,
        baseOptions: {
          headers: {
            "PLAID-CLIENT-ID": keys.clientId,
            "PLAID-SECRET": keys.secret,
            "Plaid-Version": "2020-09-14",
          },
        },
      },
      config: { baseUrl: context.origin, environment: "sandbox", ...keys },
      operationOf: (request) => (request.method === "POST" ? endpoints[request.path]?.operation : undefined),
      handle,
      notFound: () => refusal(new PlaidError("NOT_FOUND")),
      kit: {
        samples: { "creditReports.get": { on: orderOf("Silent") } },
        lies: { "creditReports.create": { id: orderOf("Stranger") } },
        refusal: (_request, _operation, { code, message }) => refusal(new PlaidError(code, message)),
        effects: () => context.table("reports").entries().length,
        callbacks: { maxAgeSeconds: 5 * 60 },
        rotate: webhooks.rotate,
      },
    };
  },
});

/** The JSON body, checked as Plaid does before anything else. */
function fieldsOf(request: WireRequest): Body {
  const fields = endpoints[request.path]?.fields ?? {};
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) throw new PlaidError("INVALID_BODY");
  const body = parsed(request.body);
  const missing = Object.keys(fields).filter((name) => fields[name] === "required" && body[name] === undefined);
  if (missing.length > 0) {
    throw new PlaidError("MISSING_FIELDS", `the following required fields are missing: ${missing.join(", ")}`);
  }
  const unknown = Object.keys(body).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) {
    throw new PlaidError(
      "UNKNOWN_FIELDS",
      `the following fields are not recognized by this endpoint: ${unknown.join(", ")}`,
    );
  }
  return body;
}

function parsed(bytes: Buffer): Body {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // answered below, like any other body that is no object
  }
  throw new PlaidError("INVALID_BODY");
}
