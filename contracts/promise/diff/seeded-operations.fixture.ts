/** One change of each class to operations, parameters, answers and webhooks. */
import { at, listIn, operation, without } from "./seeded.fixture.ts";
import type { Seeded } from "./seeded.fixture.ts";

export const seededOperations: readonly Seeded[] = [
  [
    "an operation removed",
    "breaking",
    (d) => without(at(d, "paths"), "/v1/refunds"),
    "POST /v1/refunds: refunds.create removed",
  ],
  [
    "an operation added",
    "additive",
    (d) => (at(d, "paths")["/v1/news"] = { get: { operationId: "news.list", responses: {} } }),
    "GET /v1/news: news.list added",
  ],
  [
    "an operation renamed",
    "breaking",
    (d) => (operation(d, "get", "/v1/capabilities")["operationId"] = "x.list"),
    'operationId "capabilities.list" → "x.list"',
  ],
  [
    "an effect changed",
    "breaking",
    (d) => (operation(d, "post", "/v1/instalments")["x-effect"] = "read"),
    'x-effect "once" → "read"',
  ],
  [
    "a deadline lengthened",
    "breaking",
    (d) => (operation(d, "post", "/v1/instalments")["x-deadline"] = "1m"),
    "x-deadline 10s → 1m",
  ],
  [
    "a deadline shortened",
    "additive",
    (d) => (operation(d, "post", "/v1/instalments")["x-deadline"] = "500ms"),
    "x-deadline 10s → 500ms",
  ],
  [
    "a signature demanded",
    "breaking",
    (d) => without(operation(d, "get", "/.well-known/jwks.json"), "security"),
    "security [] →",
  ],
  [
    "a status removed",
    "breaking",
    (d) => without(at(operation(d, "post", "/v1/consents"), "responses"), "409"),
    "POST /v1/consents, answer 409: removed",
  ],
  [
    "a success added",
    "breaking",
    (d) => (at(operation(d, "get", "/v1/events"), "responses")["202"] = { description: "" }),
    "GET /v1/events, answer 202: added",
  ],
  [
    "a problem's status added",
    "additive",
    (d) => (at(operation(d, "get", "/v1/events"), "responses")["418"] = { description: "" }),
    "GET /v1/events, answer 418: added",
  ],
  [
    "a problem's code removed",
    "breaking",
    (d) => listIn(at(d, "components", "responses", "Conflict"), "x-problems").pop(),
    "answer 409: code",
  ],
  [
    "a header removed",
    "breaking",
    (d) => without(at(operation(d, "get", "/v1/events"), "responses", "200", "headers"), "RateLimit"),
    "header RateLimit: removed",
  ],
  [
    "a parameter made required",
    "breaking",
    (d) => (at(d, "components", "parameters", "Limit")["required"] = true),
    "query parameter limit: became required",
  ],
  [
    "a parameter removed",
    "breaking",
    (d) => listIn(operation(d, "get", "/v1/events"), "parameters").pop(),
    "query parameter cursor: removed",
  ],
  [
    "a webhook removed",
    "breaking",
    (d) => without(at(d, "webhooks"), "refund-failed"),
    "webhook refund-failed: webhooks.refundFailed removed",
  ],
  [
    "an example changed",
    "docs",
    (d) => (at(operation(d, "post", "/v1/consents"), "requestBody", "content", "application/json")["examples"] = {}),
    "examples changed",
  ],
];
