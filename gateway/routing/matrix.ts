import { operations } from "#specs";
import type { OperationId } from "#capability";
import type { LoadedAdapter } from "#outbound";
import type { Routing } from "./index.ts";
import { supports } from "./index.ts";

/** One operation by one adapter, after `specs/schemas/CapabilityEntry.yaml`. */
export interface CapabilityEntry {
  operation: OperationId;
  adapter: string;
  title: string;
  support: "supported" | "unsupported";
  why?: string;
  proof: "declared" | "conforms" | "sdk" | "live";
  verifiedDate?: string;
  effect: "read" | "charged" | "once";
}

/** What is supported, by which adapters, with which proof: read off the manifests, in the contract's order. */
export function capabilityMatrix(routing: Routing): CapabilityEntry[] {
  return (Object.keys(operations) as OperationId[]).flatMap((operation) =>
    routing.all().flatMap((adapter) => entryOf(operation, adapter)),
  );
}

function entryOf(operation: OperationId, { manifest }: LoadedAdapter): CapabilityEntry[] {
  const why = manifest.unsupported.find((line) => line.operation === operation)?.why;
  const supported = supports(manifest, operation);
  if (!supported && why === undefined) return [];
  const { grade, verifiedOnDate } = manifest.proof;
  return [
    {
      operation,
      adapter: manifest.name,
      title: manifest.title,
      support: supported ? "supported" : "unsupported",
      ...(supported || why === undefined ? {} : { why }),
      proof: supported ? grade : "declared",
      ...(verifiedOnDate === undefined ? {} : { verifiedDate: verifiedOnDate }),
      effect: operations[operation].effect,
    },
  ];
}
