/** A partner that asks with the contract's own examples and holds every answer against it. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { OperationId } from "#specs";
import type { Answered, Partner } from "../../mocks/partner/client.ts";
import { differences, examplesOf, operationOf } from "./contract.fixture.ts";
import { until } from "./setup.fixture.ts";

export type Body = Record<string, unknown> & { id: string; status: string };

export interface Asker {
  /** Calls, and fails the test if the answer is not what the contract says. */
  call(method: "GET" | "POST", target: string, body?: unknown): Promise<Answered & { body: Body }>;
  /** Reads a resource until it has the status. */
  reaches(target: string, status: string): Promise<Body>;
  /** The operations that answered a call with success. */
  called: ReadonlySet<OperationId>;
}

export function askAs(partner: Partner): Asker {
  const called = new Set<OperationId>();
  const call: Asker["call"] = async (method, target, body) => {
    const answer = await partner.request(method, target, body === undefined ? {} : { body });
    expect(differences(method, target, answer)).toEqual([]);
    const operationId = operationOf(method, target);
    if (operationId !== undefined && answer.status < 300) called.add(operationId);
    return answer as Answered & { body: Body };
  };
  return {
    call,
    async reaches(target, status) {
      let body: Body | undefined;
      await until(`${target} ${status}`, async () => {
        ({ body } = await call("GET", target));
        return body.status === status;
      });
      return body as Body;
    },
    called,
  };
}

/** One of the contract's own example requests, under a reference of its own. */
export function example(
  operationId: OperationId,
  name: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const value = examplesOf(operationId)[name];
  if (value === undefined) throw new Error(`${operationId} has no example ${name}`);
  return { ...value, reference: randomUUID(), ...more };
}

const dayMs = 86_400_000;

/** A moment that many days from now, RFC 3339. */
export const inDays = (days: number): string => new Date(Date.now() + days * dayMs).toISOString();
