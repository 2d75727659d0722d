import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MockDefinition, WireAnswer, WireFault, WireRequest } from "../types.ts";

/** A tiny vendor that exists nowhere: JSON, a form with JSON in a field, two operations on one URL. */
const yaml = `
openapi: 3.1.0
info: { title: Fictitious, version: "1" }
paths:
  /orders/{orderId}:
    get:
      operationId: OrderQuery
      parameters:
        - { name: orderId, in: path, required: true, schema: { type: string, pattern: "^[a-z0-9]{4}$" } }
        - { name: page, in: query, schema: { type: integer, minimum: 1 } }
        - { name: tag, in: query, schema: { type: array, items: { type: string, maxLength: 3 } } }
        - { $ref: "#/components/parameters/Trace" }
      responses:
        "200":
          description: found
          headers: { x-stamp: { required: true, schema: { type: string, minLength: 2 } } }
          content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
        4XX: { $ref: "#/components/responses/Refused" }
    delete:
      operationId: OrderClose
      parameters:
        - { name: orderId, in: path, required: true, schema: { type: string } }
      responses:
        "204": { description: closed }
  /gateway#order.create:
    post:
      operationId: order.create
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [method, biz]
              properties:
                method: { const: order.create }
                count: { type: integer }
                biz: { $ref: "#/components/schemas/Order" }
            encoding: { biz: { contentType: application/json } }
      responses:
        "200": { description: made, content: { text/html: { schema: { $ref: "#/components/schemas/Order" } } } }
  /gateway#order.pay:
    post:
      operationId: order.pay
      requestBody:
        content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
      responses:
        default: { description: any, content: { text/plain: { schema: { type: string, const: OK } } } }
components:
  parameters:
    Trace: { name: X-Trace, in: header, required: true, schema: { type: string } }
  responses:
    Refused:
      description: refused
      content: { application/json: { schema: { type: object, required: [code], properties: { code: { type: string } } } } }
  schemas:
    Order:
      type: object
      required: [id, amount]
      additionalProperties: false
      properties:
        id: { type: string }
        amount: { type: string, pattern: "^[0-9]+[.][0-9]{2}$" }
        parts: { type: array, items: { $ref: "#/components/schemas/Order" } }
`;

/** The spec in a temporary file, as an adapter folder would hold it. */
export function specFile(text: string = yaml): URL {
  const file = join(mkdtempSync(join(tmpdir(), "qiao-harness-")), "vendor.openapi.yaml");
  writeFileSync(file, text);
  return pathToFileURL(file);
}

export const order: WireAnswer = {
  status: 200,
  headers: { "content-type": "application/json", "x-stamp": "s1" },
  body: JSON.stringify({ id: "a1b2", amount: "12.00" }),
};

/** The vendor, answering every operation with `answer`; `/page` is a page, and a POST there fires a fault of that name. */
export function fictitious(
  answer: (request: WireRequest, operation: string) => WireAnswer | Promise<WireAnswer>,
  extra: Partial<MockDefinition> = {},
): MockDefinition {
  return {
    adapter: "fictitious",
    title: "Fictitious",
    spec: specFile(),
    create: () => ({
      credentials: {},
      config: {},
      operationOf: (request) => {
        if (request.path.startsWith("/orders/")) return request.method === "DELETE" ? "OrderClose" : "OrderQuery";
        return request.path === "/gateway" ? (request.query.get("op") ?? undefined) : undefined;
      },
      handle: answer,
      notFound: () => ({ status: 404, headers: { "content-type": "text/plain" }, body: "no such thing" }),
      page: (request) => (request.path === "/page" ? { status: 200, body: "a page" } : undefined),
    }),
    ...extra,
  };
}

/** An order's answer with a fault. */
export function spoilt(fault: WireFault): WireAnswer {
  return { ...order, fault };
}
