/** Vendors that can stand side by side, and one call to each that really reaches it: read off the folders of adapters. */
import { randomUUID } from "node:crypto";
import { operations } from "#specs";
import type { OperationId } from "#specs";
import type { Answered, Partner } from "../../../mocks/partner/client.ts";
import { plant } from "../../kit/canaries.ts";
import { mappedOperations } from "../../kit/conformance.ts";
import { exampleSamples } from "../../kit/samples.ts";
import { readAdapters } from "../../promise/adapters.ts";

/** Where two adapters map one capability, calls go to the one by configuration: this one is in the tests. */
const preferred = ["tencent-faceid"];

const folders = (await readAdapters()).map(({ manifest }) => manifest);
const inOrder = folders.toSorted((a, b) => Number(preferred.includes(b.name)) - Number(preferred.includes(a.name)));
const served = new Set<string>();
const calls = new Map<string, OperationId>();
for (const manifest of inOrder) {
  const operation = mappedOperations(manifest).find(standsAlone);
  const capabilities = Object.keys(manifest.capabilities);
  if (operation === undefined || capabilities.some((capability) => served.has(capability))) continue;
  for (const capability of capabilities) served.add(capability);
  calls.set(manifest.name, operation);
}

/** A creation that needs nothing made before. */
function standsAlone(operationId: OperationId): boolean {
  const { creates, parents } = operations[operationId];
  return creates && parents.length === 0 && exampleSamples(operationId).length > 0;
}

/** In name order. */
export const vendorNames: readonly string[] = [...calls.keys()].toSorted();

/** Asks a vendor for what the contract's first example asks for, about a person and under a reference of its own. */
export function callVendor(caller: Partner, name: string): Promise<Answered> {
  const operationId = calls.get(name);
  if (operationId === undefined) throw new Error(`no call to ${name}`);
  const { method, path } = operations[operationId];
  const { body } = plant(operationId, exampleSamples(operationId)[0]?.body ?? {});
  return caller.request(method, path, { body: "reference" in body ? { ...body, reference: reference() } : body });
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const reference = (): string => randomUUID();

/** An order of 1000.00 by one of the simulated buyers. */
export function instalment(accountId: string): Record<string, unknown> {
  return {
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "A phone",
    payer: { type: "account", accountId },
    reference: reference(),
  };
}

/** An order for the report of somebody of that family name. */
export function creditReport(lastName: string): Record<string, unknown> {
  return {
    subject: {
      firstName: "Jane",
      lastName,
      dateOfBirth: "1990-05-12",
      phone: "+14155552671",
      email: "jane.doe@example.com",
      address: {
        street: "100 Market Street",
        city: "San Francisco",
        region: "CA",
        postalCode: "94105",
        country: "US",
      },
    },
    purpose: "credit_extension",
    authorisation: {
      method: "electronic_signature",
      evidenceId: reference(),
      authorisedAt: inDays(-1),
      expiresAt: inDays(90),
      documentDigest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
    daysRequested: 365,
    reference: reference(),
  };
}
