/** Renders the tables of operations, resources and personal fields. */
import type { Bundle, Operation, Schema } from "./document.ts";
import { nameOf, operationsOf } from "./document.ts";
import { constant, union } from "./source.ts";

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 };

/** Source of `generated/operations.ts`. Throws when an operation declares something that cannot be read. */
export function renderOperations(bundle: Bundle): string {
  const rows = operationsOf(bundle);
  const operations = Object.fromEntries(
    rows.map(({ method, path, operation }) => [operation.operationId, row(bundle, method, path, operation)]),
  );
  const resources = resourceRows(bundle);
  return [
    'import type { OperationSpec, PersonalField, ResourceSpec } from "../contract.ts";',
    union("OperationId", "The name of an operation of the public contract.", Object.keys(operations)),
    union("ResourceName", "A capability whose operations create and act on resources.", Object.keys(resources)),
    constant("operations", "What each operation declares.", "Readonly<Record<OperationId, OperationSpec>>", operations),
    constant(
      "resources",
      "What each kind of resource declares.",
      "Readonly<Record<ResourceName, ResourceSpec>>",
      resources,
    ),
    constant(
      "personalFields",
      "The fields that carry personal data.",
      "readonly PersonalField[]",
      personalFields(bundle),
    ),
  ].join("\n\n");
}

function row(bundle: Bundle, method: "GET" | "POST", path: string, operation: Operation): Record<string, unknown> {
  const statuses = Object.keys(operation.responses).map(Number);
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.$ref ? bundle.components.parameters[nameOf(parameter.$ref)] : parameter,
  );
  return {
    method,
    path,
    effect: operation["x-effect"],
    resolve: operation["x-resolve"],
    deadlineMs: milliseconds(operation["x-deadline"], operation.operationId),
    failover: operation["x-failover"] ?? [],
    scope: operation["x-scope"],
    resource: operation["x-resource"],
    creates: operation["x-creates"] ?? false,
    resourceParam: operation["x-resource-param"],
    parents: operation["x-parents"] ?? [],
    successStatuses: statuses.filter((status) => status < 400),
    problemStatuses: statuses.filter((status) => status >= 400),
    idempotent: parameters.some((parameter) => parameter?.name === "Idempotency-Key" && parameter.required),
    signed: operation.security === undefined || operation.security.length > 0,
    sandbox: operation["x-sandbox"] ?? false,
    answeredBy: operation["x-answered-by"] ?? "adapter",
  };
}

function milliseconds(text: string | undefined, operationId: string): number {
  const [, count, unit] = /^([0-9]{1,4})(ms|s|m)$/.exec(text ?? "") ?? [];
  const factor = unitMs[unit ?? ""];
  if (count === undefined || factor === undefined) throw new Error(`${operationId}: x-deadline must look like 5s`);
  return Number(count) * factor;
}

function resourceRows(bundle: Bundle): Record<string, unknown> {
  const created = operationsOf(bundle).filter(({ operation }) => operation["x-creates"]);
  return Object.fromEntries(
    created.map(({ operation }) => {
      const ref = operation.responses["201"]?.content?.["application/json"]?.schema?.$ref;
      const schema = ref && bundle.components.schemas[nameOf(ref)];
      const resource = operation["x-resource"];
      if (!ref || !schema || !resource) throw new Error(`${operation.operationId}: creates, but 201 names no resource`);
      const states = schema["x-states"] ?? {};
      const finalStates = Object.keys(states).filter((state) => states[state]?.length === 0);
      const {
        "x-id-prefix": idPrefix,
        "x-failed-state": failedState,
        "x-resting": resting = [],
        "x-echo": echo = [],
      } = schema;
      return [resource, { schema: nameOf(ref), idPrefix, states, finalStates, resting, failedState, echo }];
    }),
  );
}

function personalFields(bundle: Bundle): { schema: string; field: string; pii: string }[] {
  const { schemas } = bundle.components;
  const classOf = (schema: Schema): string | undefined =>
    schema["x-pii"] ??
    (schema.$ref && schemas[nameOf(schema.$ref)]?.["x-pii"]) ??
    (schema.items ? classOf(schema.items) : undefined);
  return Object.entries(schemas)
    .flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).flatMap(([field, value]) => {
        const pii = classOf(value);
        return pii ? [{ schema, field, pii }] : [];
      }),
    )
    .toSorted((a, b) => compare(`${a.schema}/${a.field}`, `${b.schema}/${b.field}`));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
