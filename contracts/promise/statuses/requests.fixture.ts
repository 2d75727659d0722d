/** A good request for any operation, read off the contract: its own examples, and resources that were made for it. */
import { randomUUID } from "node:crypto";
import { operations, readBundle, resources } from "#specs";
import type { OperationId, ResourceName } from "#specs";
import { nameOf } from "../../../specs/generate/document.ts";
import type { Bundle, Operation, Parameter, Schema } from "../../../specs/generate/document.ts";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";
import type { ScriptedVendor } from "./vendor.fixture.ts";

const bundle = readBundle() as unknown as Bundle;
const rows = Object.entries(operations) as [OperationId, (typeof operations)[OperationId]][];

/** What a good request has besides its signature. */
export interface Good {
  method: "GET" | "POST";
  target: string;
  body?: unknown;
}

export function declared(id: OperationId): Operation {
  const { method, path } = operations[id];
  const operation = bundle.paths[path]?.[method === "GET" ? "get" : "post"];
  if (operation === undefined) throw new Error(`the bundle has no ${id}`);
  return operation;
}

export function parametersOf(id: OperationId): Parameter[] {
  return (declared(id).parameters ?? []).map((each) =>
    each.$ref === undefined ? each : (bundle.components.parameters[nameOf(each.$ref)] as Parameter),
  );
}

export function follow(schema: Schema | undefined): Schema {
  return schema?.$ref === undefined ? (schema ?? {}) : follow(bundle.components.schemas[nameOf(schema.$ref)]);
}

/** Makes good requests; each resource in a status is made once. */
export class Requests {
  readonly #made = new Map<string, Promise<string>>();
  readonly #good = new Map<string, Promise<Good>>();
  readonly #partner: Partner;
  readonly #script: ScriptedVendor["script"];

  constructor(partner: Partner, script: ScriptedVendor["script"]) {
    this.#partner = partner;
    this.#script = script;
  }

  /** `purpose` sets one of the gateway's own things apart, for a use that others would notice. */
  async good(id: OperationId, purpose = ""): Promise<Good> {
    const key = `${id} ${purpose}`;
    const made = this.#good.get(key) ?? this.#make(id, purpose);
    this.#good.set(key, made);
    const good = structuredClone(await made);
    const body = good.body as Record<string, unknown> | undefined;
    if (body?.["reference"] !== undefined) body["reference"] = randomUUID();
    return good;
  }

  async #make(id: OperationId, purpose: string): Promise<Good> {
    const { method, parents } = operations[id];
    const parentOf = (where: string, name: string) => parents.find(({ from }) => from === `${where}.${name}`);
    const query = new URLSearchParams();
    for (const parameter of parametersOf(id)) {
      const parent = parentOf("query", parameter.name);
      if (parameter.in !== "query" || parameter.required !== true) continue;
      query.set(
        parameter.name,
        parent === undefined ? sampleOf(parameter) : await this.ready(parent.resource, parent.states),
      );
    }
    const body = example(id);
    for (const { from, resource, states } of parents) {
      const [where, name = ""] = from.split(".");
      if (where === "body" && body !== undefined) body[name] = await this.ready(resource, states);
    }
    const path = await this.#path(id, purpose);
    return {
      method,
      target: query.size === 0 ? path : `${path}?${query.toString()}`,
      ...(body === undefined ? {} : { body }),
    };
  }

  async #path(id: OperationId, purpose: string): Promise<string> {
    const { path, resource, resourceParam } = operations[id];
    let made = path;
    for (const parameter of parametersOf(id).filter((each) => each.in === "path")) {
      const name = parameter.name;
      const value =
        name === resourceParam && resource !== undefined
          ? await this.ready(resource, unfinished(resource))
          : await this.#listed(path.slice(0, path.indexOf(`/{${name}}`)), parameter, `${id} ${purpose}`);
      made = made.replace(`{${name}}`, value);
    }
    return made;
  }

  /** The id of one of the collection that the gateway keeps itself, made or found; of a vendor's collection any. */
  #listed(collection: string, parameter: Parameter, use: string): Promise<string> {
    const inside = rows.filter(([, { path, answeredBy }]) => path === collection && answeredBy === "gateway");
    const [maker] = inside.find(([, { method }]) => method === "POST") ?? [];
    const [list] = inside.find(([, { method }]) => method === "GET") ?? [];
    if (maker === undefined && list === undefined) return Promise.resolve(sampleOf(parameter));
    return this.#once(`${collection} for ${use}`, async () => {
      // Whatever the gateway lists of itself follows from resources.
      const [some] = Object.keys(resources) as ResourceName[];
      if (maker === undefined && some !== undefined) await this.ready(some, resources[some].finalStates);
      const answer = await this.call(maker ?? (list as OperationId));
      const { id, data } = answer.body as { id?: string; data?: { id: string }[] };
      const found = id ?? data?.[0]?.id;
      if (found === undefined) throw new Error(`${collection} holds nothing: ${answer.text}`);
      return found;
    });
  }

  /** The id of a resource in one of these statuses. */
  ready(resource: ResourceName, states: readonly string[] = unfinished(resource)): Promise<string> {
    const status = states[0] ?? "";
    return this.#once(`${resource} ${status}`, async () => {
      const [maker] = rows.find(([, row]) => row.creates && row.resource === resource) ?? [];
      if (maker === undefined) throw new Error(`nothing makes ${resource}`);
      this.#script.set(maker, { status });
      const answer = await this.call(maker);
      this.#script.delete(maker);
      const { id, status: now } = answer.body as { id: string; status?: string };
      if (now !== status) throw new Error(`${maker}: ${status} expected, got ${answer.status} ${answer.text}`);
      return id;
    });
  }

  /** An Idempotency-Key that a finished creation used up. */
  spentKey(): Promise<string> {
    return this.#once("spent key", async () => {
      const [maker] = rows.find(([, { creates, parents }]) => creates && parents.length === 0) ?? [];
      if (maker === undefined) throw new Error("nothing is created");
      const { sent } = await this.call(maker);
      return sent.headers.find(([name]) => name === "Idempotency-Key")?.[1].slice(1, -1) ?? "";
    });
  }

  async call(id: OperationId): Promise<Answered> {
    const { method, target, body } = await this.good(id);
    return this.#partner.request(method, target, body === undefined ? {} : { body });
  }

  #once(key: string, make: () => Promise<string>): Promise<string> {
    const known = this.#made.get(key) ?? make();
    this.#made.set(key, known);
    return known;
  }
}

/** A status in which something can still be done, and that is not a vendor's `unknown`. */
function unfinished(resource: ResourceName): string[] {
  const { states, finalStates } = resources[resource];
  const open = Object.keys(states).filter((state) => state !== "unknown" && !finalStates.includes(state));
  return open.length > 0 ? open.toReversed() : ["unknown"];
}

/** The first example of a request; undefined where nothing has to be sent. */
export function example(id: OperationId): Record<string, unknown> | undefined {
  const { required, content } = declared(id).requestBody ?? {};
  const [first] = Object.values(content?.["application/json"]?.examples ?? {});
  if (required !== true || first === undefined) return undefined;
  return JSON.parse(JSON.stringify(first.value).replaceAll(documentedHost, thisMachine)) as Record<string, unknown>;
}

/** An id that a parameter takes, by its schema's own example or pattern. */
export function sampleOf({ schema }: Parameter): string {
  const { examples, pattern } = follow(schema) as { examples?: string[]; pattern?: string };
  const [, prefix] = /^\^([a-z]{3})_/.exec(pattern ?? "") ?? [];
  return examples?.[0] ?? `${prefix ?? "abc"}_${"0".repeat(20)}`;
}

/** The partner's site in the documentation has no address; the sandbox takes URLs on this machine instead. */
const documentedHost = "https://partner.example";
const thisMachine = "http://127.0.0.1:1024";
