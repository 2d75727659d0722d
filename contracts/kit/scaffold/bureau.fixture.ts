/** A score bureau that nobody has: the document that a vendor of this kind would publish, in OpenAPI 3.0. */

type Json = Record<string, unknown>;

const error = (description: string, code?: string): Json => ({
  description,
  content: {
    "application/json": {
      schema: { $ref: "#/components/schemas/Error" },
      ...(code === undefined ? {} : { example: { error: { code, message: "In its own words." } } }),
    },
  },
});
const order = {
  description: "As it stands.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } },
};

/** The ways in which it may ask who calls. */
export const schemes = {
  header: { type: "apiKey", in: "header", name: "X-Lantern-Key" },
  query: { type: "apiKey", in: "query", name: "api_key" },
  bearer: { type: "http", scheme: "bearer" },
  basic: { type: "http", scheme: "basic" },
  oauth: {
    type: "oauth2",
    flows: {
      clientCredentials: { tokenUrl: "https://auth.lantern.example/oauth/token", scopes: { scores: "Scores." } },
    },
  },
  below: {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "https://api.lantern.example/bureau/v2/token", scopes: {} } },
  },
  mutual: { type: "mutualTLS" },
  signed: { type: "apiKey", in: "header", name: "X-Lantern-Signature" },
} satisfies Record<string, Json>;

export function bureau(scheme: keyof typeof schemes): Json {
  return {
    openapi: "3.0.3",
    info: { title: "Lantern Score Bureau", version: "2.4.0" },
    servers: [{ url: "https://api.lantern.example/bureau/v2" }],
    security: [{ lantern: [] }],
    paths: {
      "/scores": {
        post: {
          tags: ["Scores"],
          operationId: "orderScore",
          summary: "Orders a score for a person",
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["clientReference", "person", "purpose"],
                  properties: {
                    clientReference: { type: "string", maxLength: 40, description: "Idempotent by this for 24 hours." },
                    purpose: { type: "string", enum: ["LENDING", "REVIEW", "COLLECTION"] },
                    person: { $ref: "#/components/schemas/Person" },
                  },
                },
              },
            },
          },
          responses: {
            "202": order,
            "400": error("The request is wrong.", "PERSON_UNKNOWN"),
            "401": error("The key is wrong.", "KEY_REVOKED"),
            "429": error("Too many requests.", "RATE_LIMITED"),
            "500": error("Failed.", "INTERNAL"),
          },
        },
      },
      "/scores/{orderId}": {
        get: {
          tags: ["Scores"],
          operationId: "readScore",
          summary: "A score, once it is there",
          parameters: [
            { name: "orderId", in: "path", required: true, schema: { type: "string", pattern: "^LSB-[0-9]{8}$" } },
            { name: "session", in: "cookie", schema: { type: "string" } },
          ],
          responses: {
            "200": order,
            "401": error("The key is wrong.", "KEY_REVOKED"),
            "404": error("No such order.", "ORDER_UNKNOWN"),
          },
        },
      },
      "/files": {
        post: {
          operationId: "uploadFile",
          requestBody: { content: { "multipart/form-data": { schema: { type: "object" } } } },
          responses: { "201": { description: "Stored." } },
        },
      },
    },
    components: {
      securitySchemes: { lantern: schemes[scheme] },
      schemas: {
        Person: {
          type: "object",
          required: ["firstName", "lastName", "birthDate"],
          properties: {
            firstName: { type: "string", minLength: 1 },
            lastName: { type: "string", minLength: 1 },
            birthDate: { type: "string", format: "date" },
            middleName: { type: "string", nullable: true },
          },
        },
        Order: {
          type: "object",
          required: ["orderId", "clientReference", "state"],
          properties: {
            orderId: { type: "string", pattern: "^LSB-[0-9]{8}$" },
            clientReference: { type: "string" },
            state: { type: "string", enum: ["PENDING", "READY", "FAILED"] },
            score: { type: "integer", minimum: 300, maximum: 850, nullable: true },
          },
        },
        Error: {
          type: "object",
          required: ["error"],
          properties: {
            error: {
              type: "object",
              required: ["code"],
              properties: { code: { type: "string", enum: codes }, message: { type: "string" } },
            },
          },
        },
        Unused: { type: "string" },
      },
    },
  };
}

const codes = ["PERSON_UNKNOWN", "DUPLICATE_REFERENCE", "KEY_REVOKED", "RATE_LIMITED", "INTERNAL", "ORDER_UNKNOWN"];
