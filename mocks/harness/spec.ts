import { readVendorDocument } from "#specs";
import { isNode, openDocument, type Node, type Place, type SchemaCheck, type SpecDocument } from "./document.ts";

/** A parameter or a header that the spec declares. */
export interface SpecParameter {
  in: "path" | "query" | "header";
  name: string;
  required: boolean;
  schema: Node;
  /** Declared by `content: application/json` instead of a schema. */
  json: boolean;
  explode: boolean;
  check: SchemaCheck;
}

/** A body under one media type. */
export interface SpecContent {
  /** After its `$ref`s. */
  schema: Node;
  /** Schema of a form's field. */
  field(name: string): Node | undefined;
  /** Form fields that hold JSON (`encoding.<field>.contentType: application/json`). */
  jsonFields: ReadonlySet<string>;
  check: SchemaCheck | undefined;
}

export interface SpecAnswer {
  headers: readonly SpecParameter[];
  /** By media type without parameters, lower case. */
  content: ReadonlyMap<string, SpecContent>;
}

export interface SpecOperation {
  id: string;
  method: string;
  /** The wire path: without the fragment that only tells operations apart. */
  path: string;
  parameters: readonly SpecParameter[];
  body: { required: boolean; content: ReadonlyMap<string, SpecContent> } | undefined;
  /** By status as the spec writes it: `200`, `4XX`, `default`. */
  answers: ReadonlyMap<string, SpecAnswer>;
}

/** By operationId. */
export type VendorSpec = ReadonlyMap<string, SpecOperation>;

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const loaded = new Map<string, { digest: string; spec: VendorSpec }>();

/**
 * Reads a `vendor.openapi.yaml`, once while it stays the same. Throws if it, or any schema that it uses, cannot be used.
 */
export function loadSpec(file: URL): VendorSpec {
  const { digest, document, checked } = readVendorDocument(file);
  const known = loaded.get(file.href);
  if (known?.digest === digest) return known.spec;
  const spec = read(openDocument(file, document, checked));
  loaded.set(file.href, { digest, spec });
  return spec;
}

function read(document: SpecDocument): VendorSpec {
  const spec = new Map<string, SpecOperation>();
  for (const path of keys(document.place(["paths"])).filter((key) => key.startsWith("/"))) {
    const item = document.place(["paths", path]);
    for (const method of keys(item).filter((key) => methods.includes(key))) {
      const operation = document.place(item?.at ?? [], method);
      const id = operation?.node["operationId"];
      if (operation === undefined || typeof id !== "string") throw new Error(`${method} ${path} has no operationId`);
      if (spec.has(id)) throw new Error(`operationId ${id} stands twice`);
      spec.set(id, readOperation(document, operation, { id, method, path, shared: item }));
    }
  }
  return spec;
}

function readOperation(
  document: SpecDocument,
  operation: Place,
  { id, method, path, shared }: { id: string; method: string; path: string; shared: Place | undefined },
): SpecOperation {
  const body = document.place(operation.at, "requestBody");
  const answers = document.place(operation.at, "responses");
  const parameters = new Map<string, SpecParameter>();
  for (const owner of [shared, operation]) {
    for (const index of list(owner?.node["parameters"]).keys()) {
      const place = document.place(owner?.at ?? [], "parameters", `${index}`);
      const where = place?.node["in"];
      if (place === undefined || (where !== "path" && where !== "query" && where !== "header")) continue;
      const parameter = readParameter(document, place, where, String(place.node["name"]));
      parameters.set(`${where} ${parameter.name.toLowerCase()}`, parameter);
    }
  }
  return {
    id,
    method: method.toUpperCase(),
    path: path.split("#", 1)[0] ?? path,
    parameters: [...parameters.values()],
    body: body && {
      required: body.node["required"] === true,
      content: readContent(document, body),
    },
    answers: new Map(
      keys(answers)
        .filter((status) => /^[1-5](\d\d|XX)$|^default$/i.test(status))
        .map((status) => {
          const answer = document.place(answers?.at ?? [], status);
          const headers = document.place(answer?.at ?? [], "headers");
          return [
            status.toUpperCase() === "DEFAULT" ? "default" : status.toUpperCase(),
            {
              headers: keys(headers).flatMap((name) => {
                const place = document.place(headers?.at ?? [], name);
                return place === undefined ? [] : [readParameter(document, place, "header", name)];
              }),
              content: answer === undefined ? new Map() : readContent(document, answer),
            },
          ];
        }),
    ),
  };
}

function readParameter(document: SpecDocument, place: Place, where: SpecParameter["in"], name: string): SpecParameter {
  const { style } = place.node;
  if (style !== undefined && style !== "form" && style !== "simple") {
    throw new Error(`${where} parameter ${name}: only the styles form and simple are supported`);
  }
  const json = document.place(place.at, "content", "application/json", "schema");
  const schema = json ?? document.place(place.at, "schema");
  if (schema === undefined) throw new Error(`${where} parameter ${name} has no schema`);
  return {
    in: where,
    name,
    required: place.node["required"] === true || where === "path",
    schema: schema.node,
    json: json !== undefined,
    explode: place.node["explode"] !== false,
    check: document.check(schema),
  };
}

function readContent(document: SpecDocument, owner: Place): Map<string, SpecContent> {
  const content = document.place(owner.at, "content");
  return new Map(
    keys(content).map((mediaType) => {
      const at = [...(content?.at ?? []), mediaType];
      const schema = document.place(at, "schema");
      const encoding = document.place(at, "encoding");
      const jsonFields = keys(encoding).filter(
        (field) => document.place(encoding?.at ?? [], field)?.node["contentType"] === "application/json",
      );
      return [
        mediaTypeOf(mediaType),
        {
          schema: schema?.node ?? {},
          field: (name) => (schema === undefined ? undefined : document.place(schema.at, "properties", name)?.node),
          jsonFields: new Set(jsonFields),
          check: schema && document.check(schema),
        },
      ];
    }),
  );
}

/** `Application/JSON; charset=utf-8` → `application/json`. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

function keys(place: Place | undefined): string[] {
  return place === undefined ? [] : Object.keys(place.node);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function typesOf(schema: Node | undefined): string[] {
  if (schema === undefined) return [];
  const own = schema["type"];
  if (typeof own === "string") return [own];
  if (Array.isArray(own)) return own.map(String);
  return list(schema["allOf"]).flatMap((part) => (isNode(part) ? typesOf(part) : []));
}
