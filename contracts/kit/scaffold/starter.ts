/** A small vendor to begin with where none was given: one question, one look at its answer, an API key. */
import type { Node } from "./read-spec.ts";

const error = (code: string): Node => ({
  description: "Refused.",
  content: {
    "application/json": {
      schema: { $ref: "#/components/schemas/Error" },
      example: { code, message: "In the vendor's words." },
    },
  },
});

/** A valid OpenAPI 3.1 document in the vendor's name, to be replaced by what its documents say. */
export function starter(title: string): Node {
  const result = (status: string): Node => ({
    description: "The request as it stands.",
    content: {
      "application/json": {
        schema: { $ref: "#/components/schemas/Result" },
        example: { reference: "0123456789abcdef0123456789abcdef", status },
      },
    },
  });
  return {
    openapi: "3.1.0",
    info: {
      title,
      version: "0.1.0",
      description: "A start, not the vendor's word: replace it with what its documents say.",
    },
    servers: [{ url: "https://api.vendor.example" }],
    security: [{ apiKey: [] }],
    "x-error-codes": {
      INVALID_REQUEST: "A field is missing or wrong.",
      INVALID_KEY: "The key is wrong or was withdrawn.",
      NOT_FOUND: "There is no such request.",
      INTERNAL_ERROR: "The vendor failed; what became of the request is not said.",
    },
    paths: {
      "/requests": {
        post: {
          operationId: "createRequest",
          summary: "Asks the vendor for something, once per reference",
          "x-effect": "once",
          "x-group": "requests",
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  additionalProperties: false,
                  required: ["reference"],
                  properties: { reference: { $ref: "#/components/schemas/Reference" } },
                },
              },
            },
          },
          responses: {
            "201": result("accepted"),
            "400": error("INVALID_REQUEST"),
            "401": error("INVALID_KEY"),
            "500": error("INTERNAL_ERROR"),
          },
        },
      },
      "/requests/{reference}": {
        get: {
          operationId: "getRequest",
          summary: "What became of a request",
          "x-effect": "read",
          "x-group": "requests",
          parameters: [
            { name: "reference", in: "path", required: true, schema: { $ref: "#/components/schemas/Reference" } },
          ],
          responses: {
            "200": result("done"),
            "401": error("INVALID_KEY"),
            "404": error("NOT_FOUND"),
            "500": error("INTERNAL_ERROR"),
          },
        },
      },
    },
    components: {
      securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "X-Api-Key" } },
      schemas: {
        Reference: {
          type: "string",
          pattern: "^[0-9a-f]{32}$",
          description: "Our reference: the vendor's idempotency key.",
        },
        Result: {
          type: "object",
          required: ["reference", "status"],
          properties: {
            reference: { $ref: "#/components/schemas/Reference" },
            status: { type: "string", enum: ["accepted", "done", "failed"] },
          },
        },
        Error: {
          type: "object",
          required: ["code"],
          properties: { code: { type: "string", minLength: 1 }, message: { type: "string" } },
        },
      },
    },
  };
}
