/** The parts of the bundled OpenAPI document that the generator and the contract's tests read. */

export interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  enum?: (string | number)[];
  "x-pii"?: string;
  "x-id-prefix"?: string;
  "x-states"?: Record<string, string[]>;
  "x-failed-state"?: string;
  "x-resting"?: string[];
  "x-echo"?: string[];
  [keyword: string]: unknown;
}

export interface Media {
  schema?: Schema;
  examples?: Record<string, { summary?: string; value: unknown }>;
}

interface Response {
  $ref?: string;
  description?: string;
  headers?: Record<string, { $ref?: string }>;
  content?: Record<string, Media>;
  "x-problems"?: string[];
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}

export interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, Response>;
  security?: Record<string, string[]>[];
  "x-effect"?: string;
  "x-resolve"?: string;
  "x-deadline"?: string;
  "x-failover"?: string[];
  "x-scope"?: string;
  "x-resource"?: string;
  "x-creates"?: boolean;
  "x-resource-param"?: string;
  "x-parents"?: { from: string; resource: string; states?: string[] }[];
  "x-sandbox"?: boolean;
  "x-answered-by"?: string;
}

export interface Bundle {
  paths: Record<string, Partial<Record<"get" | "post", Operation>>>;
  webhooks: Record<string, { post: Operation }>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
    headers: Record<string, unknown>;
    securitySchemes: Record<string, unknown>;
  };
}

/** Every operation of the document with its method and path, in the order of the document. */
export function operationsOf(bundle: Bundle): { method: "GET" | "POST"; path: string; operation: Operation }[] {
  return Object.entries(bundle.paths).flatMap(([path, item]) =>
    (["get", "post"] as const).flatMap((verb) => {
      const operation = item[verb];
      return operation ? [{ method: verb === "get" ? ("GET" as const) : ("POST" as const), path, operation }] : [];
    }),
  );
}

/** The last part of a reference: the name of the component. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}
