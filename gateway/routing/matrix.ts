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

/**
 * What is supported, by which adapters, with which proof: read off the manifests, in the contract's order. `proof` is the
 * manifest's claim; the proofs see to it that its evidence exists.
 */
export function capabilityMatrix(routing: Pick<Routing, "all" | "refused">): CapabilityEntry[] {
  return (Object.keys(operations) as OperationId[]).flatMap((operation) =>
    routing.all().flatMap((adapter) => entryOf(operation, adapter, routing.refused?.(adapter))),
  );
}

function entryOf(
  operation: OperationId,
  { manifest }: LoadedAdapter,
  refusedBecause: string | undefined,
): CapabilityEntry[] {
  const mapped = supports(manifest, operation);
  const why = mapped ? refusedBecause : manifest.unsupported.find((line) => line.operation === operation)?.why;
  if (!mapped && why === undefined) return [];
  const { grade, verifiedOnDate } = manifest.proof;
  return [
    {
      operation,
      adapter: manifest.name,
      title: manifest.title,
      support: why === undefined ? "supported" : "unsupported",
      ...(why === undefined ? {} : { why }),
      proof: mapped ? grade : "declared",
      ...(verifiedOnDate === undefined ? {} : { verifiedDate: verifiedOnDate }),
      effect: operations[operation].effect,
    },
  ];
}
