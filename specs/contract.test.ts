/** What the contract must keep and Redocly cannot say: asserted over the bundle that partners get. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { eventTypes, operations, personalFields, problems, readBundle, resources } from "#specs";
import type { EventType, OperationId, OperationSpec } from "#specs";
import { nameOf, operationsOf } from "./generate/document.ts";
import type { Bundle, Parameter, Schema } from "./generate/document.ts";
import type { Catalogue } from "./generate/problems.ts";

const bundle = readBundle() as unknown as Bundle;
const { schemas, responses } = bundle.components;
const catalogue = parse(readFileSync(new URL("problems.yaml", import.meta.url), "utf8")) as Catalogue;
const declared = operationsOf(bundle);
const rows = Object.entries(operations) as [OperationId, OperationSpec][];

const follow = (schema: Schema | undefined): Schema =>
  schema?.$ref ? follow(schemas[nameOf(schema.$ref)]) : (schema ?? {});
const bodySchema = (id: OperationId): Schema =>
  follow(
    declared.find((each) => each.operation.operationId === id)?.operation.requestBody?.content["application/json"]
      ?.schema,
  );
const branches = (schema: Schema): Schema[] => schema.oneOf?.map(follow) ?? [schema];
const parametersOf = (id: OperationId): Parameter[] =>
  (declared.find((each) => each.operation.operationId === id)?.operation.parameters ?? []).map((parameter) =>
    parameter.$ref ? (bundle.components.parameters[nameOf(parameter.$ref)] as Parameter) : parameter,
  );

/** Every JSON Schema in the bundle with its place, wherever it stands. */
function* schemasIn(node: unknown, place = "#"): Generator<[string, Schema]> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === "examples" || key === "example" || key === "x-states") continue;
    const at = `${place}/${key}`;
    if (
      typeof value === "object" &&
      value !== null &&
      "type" in value &&
      typeof value.type === "string" &&
      key !== "properties"
    ) {
      yield [at, value as Schema];
    }
    yield* schemasIn(value, at);
  }
}
const all = [...schemasIn(bundle)].filter(([place]) => !place.includes("securitySchemes"));

describe("schemas", () => {
  it.each([
    ["a string has a maxLength", "string", ["maxLength"]],
    ["an array has maxItems and items", "array", ["maxItems", "items"]],
  ])("%s", (_title, type, keywords) => {
    const some = all.filter(([, schema]) => schema.type === type);
    expect(some.length).toBeGreaterThan(5);
    expect(some.filter(([, schema]) => keywords.some((keyword) => schema[keyword] === undefined))).toEqual([]);
  });

  it("an integer has bounds or an enum", () => {
    const open = ([, schema]: [string, Schema]) =>
      schema.type === "integer" &&
      schema.enum === undefined &&
      (schema.minimum === undefined || schema.maximum === undefined);
    expect(all.filter(open)).toEqual([]);
  });

  it("an object is closed, unless its branches are", () => {
    const objects = all.filter(([, schema]) => schema.type === "object");
    expect(objects.length).toBeGreaterThan(40);
    expect(objects.filter(([, schema]) => !schema.oneOf && schema.additionalProperties !== false)).toEqual([]);
    const unions = objects.filter(([, schema]) => schema.oneOf);
    for (const [place, { oneOf = [], discriminator }] of unions) {
      const { propertyName, mapping } = discriminator as { propertyName: string; mapping: Record<string, string> };
      expect(Object.values(mapping), place).toEqual(oneOf.map(({ $ref }) => $ref));
      for (const [tag, $ref] of Object.entries(mapping)) {
        expect(follow({ $ref }).properties?.[propertyName]?.enum, `${place} ${tag}`).toEqual([tag]);
      }
    }
  });

  it("nothing is null, composed or optional by type", () => {
    const types = new Set(all.map(([, schema]) => schema.type));
    expect([...types].toSorted()).toEqual(["array", "boolean", "integer", "object", "string"]);
    expect(all.filter(([, schema]) => "allOf" in schema || "anyOf" in schema || "nullable" in schema)).toEqual([]);
  });

  it("a pattern is anchored and linear: bounded quantifiers, none around a quantified group", () => {
    const patterns = all.filter(([, schema]) => schema.pattern !== undefined);
    expect(patterns.length).toBeGreaterThan(20);
    for (const [place, schema] of patterns) {
      const pattern = String(schema.pattern);
      expect(() => new RegExp(pattern, "u"), place).not.toThrow();
      const bare = pattern.replaceAll(/\[(?:\\.|[^\]\\])*\]/gu, "C").replaceAll(/\\./gu, "E");
      expect(bare, place).toMatch(/^\^.*\$$/u);
      expect(bare, place).not.toMatch(/[*+]|\{\d+,\}|\)\{|\(\?[!=<]/u);
    }
  });

  it("names say what they hold: instants end in At, dates in Date", () => {
    for (const [schema, { properties = {} }] of Object.entries(schemas)) {
      for (const [field, value] of Object.entries(properties)) {
        const format = follow(value).format;
        if (format === "date-time" && field !== "serverTime") expect(field, schema).toMatch(/At$/u);
        if (format === "date" && field !== "dateOfBirth") expect(field, schema).toMatch(/Date$/u);
        expect(field, schema).not.toMatch(/_|ID$|Url[A-Z]/u);
      }
    }
  });
});

describe("operations", () => {
  it.each(rows)("%s declares a behaviour that holds together", (id, operation) => {
    if (operation.method === "GET") expect(operation.effect).toBe("read");
    expect(operation.idempotent).toBe(operation.effect !== "read");
    expect(operation.path).toMatch(/^\/(?:v1\/[a-z-]+(?:\/\{[a-zA-Z]+\}(?:\/[a-z]+)?)?|\.well-known\/jwks\.json)$/u);
    if (operation.effect !== "read") {
      const resolver = operation.resolve && operations[operation.resolve];
      expect(resolver).toMatchObject({ effect: "read" });
      expect(resolver && resolver.resource).toBe(operation.resource);
      if (operation.answeredBy === "gateway") {
        // The gateway knows what became of its own doing: one success, and no vendor to fail.
        expect(operation.successStatuses.length).toBe(1);
        expect(operation.problemStatuses).toEqual(expect.arrayContaining([400, 403, 409, 422, 500, 503]));
        expect(operation.problemStatuses.filter((status) => status > 503)).toEqual([]);
      } else {
        expect(operation.successStatuses).toEqual(operation.creates ? [201, 202] : [200, 202]);
        expect(operation.problemStatuses).toEqual(expect.arrayContaining([400, 409, 422, 502, 503, 504]));
      }
    }
    if (operation.effect === "once") expect(operation.failover.every((outcome) => outcome === "not_sent")).toBe(true);
    if (operation.resource) expect(Object.keys(resources)).toContain(operation.resource);
    if (operation.resource && !operation.creates) expect(operation.path).toContain(`{${operation.resourceParam}}`);
    if (operation.creates) expect(operation.resourceParam).toBeUndefined();
    if (operation.answeredBy === "adapter") expect(operation.scope).toBe(id.split(".")[0]);
    expect(operation.problemStatuses.includes(401)).toBe(operation.signed);
  });

  it.each(rows.filter(([, { parents }]) => parents.length > 0))("%s names parents that exist", (id, { parents }) => {
    for (const { from, resource, states = [] } of parents) {
      const [where, field = ""] = from.split(".");
      if (where === "body")
        expect(branches(bodySchema(id)).every(({ required }) => required?.includes(field))).toBe(true);
      else expect(parametersOf(id)).toContainEqual(expect.objectContaining({ in: where, name: field, required: true }));
      expect(Object.keys(resources[resource].states)).toEqual(expect.arrayContaining([...states]));
    }
  });
});

describe("resources", () => {
  it.each(Object.entries(resources))(
    "%s: a forward-only state machine, complete, from unknown to every end",
    (_name, resource) => {
      const { states, finalStates, failedState, schema } = resource;
      expect(Object.keys(states).toSorted()).toEqual([...(schemas[schema]?.properties?.status?.enum ?? [])].toSorted());
      const reachable = (state: string, before: string[] = []): string[] => {
        expect(before, `${state} comes back`).not.toContain(state);
        return [state, ...(states[state] ?? []).flatMap((next) => reachable(next, [...before, state]))];
      };
      expect(new Set(reachable("unknown"))).toEqual(new Set(Object.keys(states)));
      expect(finalStates.length).toBeGreaterThan(0);
      expect(finalStates).toContain(failedState);
      for (const state of resource.resting)
        expect(states[state]?.length, `${state} rests and is not final`).toBeGreaterThan(0);
      expect(states.unknown).toEqual(expect.arrayContaining([...finalStates]));
    },
  );

  it.each(Object.entries(resources))("%s can be told of before the vendor has said anything", (name, resource) => {
    const { required = [], properties = {} } = schemas[resource.schema] ?? {};
    expect(required.filter((field) => !["id", "status", "createdAt", ...resource.echo].includes(field))).toEqual([]);
    const [creator] = rows.find(([, row]) => row.creates && row.resource === name) ?? [];
    if (creator === undefined) throw new Error(`nothing creates ${name}`);
    for (const field of resource.echo) {
      expect(Object.keys(properties)).toContain(field);
      expect(personalFields.filter((each) => each.schema === resource.schema && each.field === field)).toEqual([]);
      for (const request of branches(bodySchema(creator))) {
        expect(Object.keys(request.properties ?? {})).toContain(field);
        if (required.includes(field)) expect(request.required).toContain(field);
      }
    }
    expect(follow(properties.id).pattern).toBe(`^${resource.idPrefix}_[0-9A-Za-z]{20,32}$`);
  });
});

describe("events", () => {
  const types = Object.keys(eventTypes) as EventType[];
  const sent = Object.values(bundle.webhooks);

  it("there is one for each status of each resource, but for the unknown", () => {
    const expected = Object.entries(resources).flatMap(([resource, { states }]) =>
      Object.keys(states).flatMap((status) => (status === "unknown" ? [] : [`${resource} ${status}`])),
    );
    expect(types.map((type) => `${eventTypes[type].resource} ${eventTypes[type].status}`)).toEqual(expected);
    expect(types.filter((type) => eventTypes[type].final).map((type) => eventTypes[type].status)).toEqual(
      Object.values(resources).flatMap(({ finalStates }) => finalStates),
    );
    for (const type of types) expect(type).toMatch(/^[a-z]{3,16}(?:_[a-z]{3,16})?\.[a-z_]{3,32}$/u);
  });

  it("each is documented as what we send: the event's own id, type and time, and the resource as its get answers", () => {
    expect(sent.map(({ post }) => (post as { summary?: string }).summary)).toEqual(types);
    for (const [index, type] of types.entries()) {
      const schema = follow(sent[index]?.post.requestBody?.content["application/json"]?.schema);
      expect(schema.properties?.type?.enum).toEqual([type]);
      expect(schema.required).toEqual(["id", "type", "createdAt", "data"]);
      expect(schema.properties?.data?.$ref).toBe(`#/components/schemas/${resources[eventTypes[type].resource].schema}`);
    }
    expect(schemas.Event?.discriminator).toMatchObject({ propertyName: "type" });
    expect(schemas.Event?.oneOf?.map((branch) => follow(branch).properties?.type?.enum?.[0])).toEqual(types);
    expect(schemas.EventTypeFilter?.enum).toEqual(["*", ...types]);
  });
});

describe("personal data", () => {
  const suspicious =
    /^(?:.*[nN]ame|.*[pP]hone.*|.*[mM]ail|.*[iI]ban|.*[cC]ard.*|.*accountNumber|.*[bB]irth.*|street|city|.*Id|.*[uU]rl|mask(?:ed)?)$/u;
  const harmless = new Set(["ReportedInstitution/name", "ReportedInstitution/institutionId", "IncomeStream/streamId"]);

  it("a field whose name smells of a person has a class", () => {
    const known = new Set(personalFields.map(({ schema, field }) => `${schema}/${field}`));
    const bare = Object.entries(schemas).flatMap(([schema, { properties = {} }]) =>
      Object.keys(properties)
        .filter(
          (field) =>
            suspicious.test(field) && !/^(?:instalment|evidence|request|key|endpoint)Id$|^returnUrl$/u.test(field),
        )
        .map((field) => `${schema}/${field}`),
    );
    expect(bare.length).toBeGreaterThan(15);
    expect(bare.filter((field) => !known.has(field) && !harmless.has(field))).toEqual([]);
  });

  it("a class is one of the classes that the gateway knows", () => {
    const source = readFileSync(new URL("contract.ts", import.meta.url), "utf8");
    const classes = new Set([...source.matchAll(/^ {2}\| "([a-z_]+)"/gmu)].map(([, name]) => name));
    expect(classes.size).toBeGreaterThan(8);
    const used = all.map(([, schema]) => schema["x-pii"]).filter((name) => name !== undefined);
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !classes.has(name))).toEqual([]);
  });
});

describe("problems", () => {
  const documented = Object.entries(responses).map(([name, response]) => {
    const [status] = new Set(
      declared.flatMap(({ operation }) =>
        Object.entries(operation.responses).flatMap(([code, { $ref = "" }]) =>
          nameOf($ref) === name ? [Number(code)] : [],
        ),
      ),
    );
    return { name, status, codes: response["x-problems"] ?? [], response };
  });

  it.each(documented)("$name names every code that has its status, and no other", ({ status, codes }) => {
    const expected = Object.entries(catalogue).flatMap(([code, row]) => (row.status === status ? [code] : []));
    expect(codes).toEqual(expected);
  });

  it("every code is documented by an operation, or precedes all operations", () => {
    const named = new Set(documented.flatMap(({ codes }) => codes));
    expect(Object.keys(catalogue).filter((code) => !named.has(code) && !catalogue[code]?.outside)).toEqual([]);
  });

  it.each(documented)("$name shows an example that the catalogue would make", ({ response, status }) => {
    const examples = Object.values(response.content?.["application/problem+json"]?.examples ?? {});
    expect(examples.length).toBeGreaterThan(0);
    for (const { value } of examples as { value: { code: keyof typeof problems } }[]) {
      expect(value).toMatchObject({ ...problems[value.code], status });
    }
  });

  it("one says `after` where, and only where, the answer carries Retry-After", () => {
    for (const { codes, response } of documented) {
      const after = codes.some((code) => catalogue[code]?.retry === "after");
      expect(Object.hasOwn(response.headers ?? {}, "Retry-After"), codes.join()).toBe(after);
    }
  });
});
