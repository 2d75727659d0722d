/** The contract as a partner reads it: is an answer what the bundle says? By Ajv over the published document alone. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { operations, readBundle } from "#specs";
import type { OperationId } from "#specs";
import type { Answered } from "../../mocks/partner/client.ts";

type Named = { $ref?: string };
interface Response extends Named {
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}
interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, Response>; requestBody?: { content: Record<string, Content> } }>
  >;
  components: { responses: Record<string, Response> };
}
interface Content {
  examples?: Record<string, { value: unknown }>;
}

const bundle = readBundle() as unknown as Document;
const compiled = new Map<string, ValidateFunction>();
const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
// The package is CommonJS: what TypeScript calls its default export is the module, which is callable itself.
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema(bundle, "contract");

/** Headers that an answer may lack although its row lists them. */
const occasional = ["Idempotency-Replayed", "RateLimit", "RateLimit-Policy"];

/** The operation that answers a method and target, by the contract's path templates. */
export function operationOf(method: string, target: string): OperationId | undefined {
  const [path = ""] = target.split("?");
  const matches = ([, spec]: [string, { method: string; path: string }]): boolean =>
    spec.method === method && new RegExp(`^${spec.path.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path);
  return Object.entries(operations).find(matches)?.[0] as OperationId | undefined;
}

/** Everything in which an answer differs from what the contract says of it. */
export function differences(
  method: string,
  target: string,
  answer: Pick<Answered, "status" | "headers" | "body">,
): string[] {
  const operationId = operationOf(method, target);
  if (operationId === undefined) return [`no operation ${method} ${target}`];
  const { path, signed } = operations[operationId];
  const place = `#/paths/${escaped(path)}/${method.toLowerCase()}/responses/${answer.status}`;
  const documented = bundle.paths[path]?.[method.toLowerCase()]?.responses[String(answer.status)];
  if (documented === undefined) return [`${operationId} documents no ${answer.status}`];
  const response = documented.$ref === undefined ? documented : (at(documented.$ref) as Response);
  const base = documented.$ref ?? place;
  const media = answer.headers["content-type"] ?? "";
  if (response.content?.[media] === undefined) return [`${operationId} ${answer.status} documents no ${media}`];
  const check = schemaAt(`contract${base}/content/${escaped(media)}/schema`);
  check(answer.body);
  const wrong = (check.errors ?? []).map(({ instancePath, message }) => `${operationId} ${instancePath} ${message}`);
  const lacking = Object.keys(response.headers ?? {})
    .filter((name) => !occasional.includes(name) || (signed && answer.status < 400 && name.startsWith("RateLimit")))
    .filter((name) => answer.headers[name.toLowerCase()] === undefined);
  return [...wrong, ...lacking.map((name) => `${operationId} ${answer.status} lacks the header ${name}`)];
}

/** The example requests that the bundle shows of an operation, by name. */
export function examplesOf(operationId: OperationId): Record<string, Record<string, unknown>> {
  const { method, path } = operations[operationId];
  const content = bundle.paths[path]?.[method.toLowerCase()]?.requestBody?.content["application/json"];
  const examples = Object.entries(content?.examples ?? {});
  return Object.fromEntries(examples.map(([name, { value }]) => [name, value as Record<string, unknown>]));
}

/** What is wrong with a problem's body, whatever answered it. */
export function problemFaults(body: unknown): string[] {
  const check = schemaAt("contract#/components/schemas/Problem");
  check(body);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Compiled once: Ajv keeps no schema that is only a reference. */
function schemaAt($ref: string): ValidateFunction {
  const check = compiled.get($ref) ?? ajv.compile({ $ref });
  compiled.set($ref, check);
  return check;
}

function at(pointer: string): unknown {
  const steps = pointer
    .slice(2)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return steps.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], bundle);
}

function escaped(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
}
