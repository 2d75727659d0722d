import type { z } from "zod";
import type { Call } from "./call.ts";
import type { Callbacks } from "./callback.ts";
import type { CapabilityName, OperationId, VerbOf } from "./contract.ts";
import type { ErrorTable } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import type { Protocol } from "./protocol.ts";
import type { VendorClient, VendorOperations } from "./vendor.ts";

/** One operation of the contract, mapped to one vendor: pure but for the calls it makes through `vendor`. */
export type Handler<Id extends OperationId, V extends VendorOperations, Config> = (
  call: Call<Id, Config>,
  vendor: VendorClient<V>,
) => Promise<Outcome<Id>>;

/**
 * All verbs of one capability. A verb may be left out only if the manifest lists it under `unsupported`. `"stored"` for
 * `get` says that the vendor's answer to the creation is final, so the core answers from its own store.
 */
export type Capability<C extends CapabilityName, V extends VendorOperations = VendorOperations, Config = unknown> = {
  [Verb in VerbOf<C>]: Verb extends "get"
    ? Handler<`${C}.${Verb}` & OperationId, V, Config> | "stored"
    : Handler<`${C}.${Verb}` & OperationId, V, Config>;
};

/** An operation of a claimed capability that this vendor cannot do; shown to partners in the capability matrix. */
export interface Unsupported {
  operation: OperationId;
  why: string;
}

/** How far an adapter's claims were proven: `sdk` = the vendor's own SDK accepts the mock that the tests run against. */
export interface Proof {
  grade: "declared" | "conforms" | "sdk" | "live";
  /** The SDK and version, or the sandbox, that stands behind the grade. */
  by?: string;
  verifiedOnDate?: string;
}

/** The manifest of one vendor or platform: data only. */
export interface Adapter<Config = unknown, V extends VendorOperations = VendorOperations> {
  /** The folder's name. */
  name: string;
  title: string;
  /** `vendor`: another company's; `platform`: a middle or back platform of the company's own. */
  kind: "vendor" | "platform";
  /** `new URL("./vendor.openapi.yaml", import.meta.url)`: what the vendor promised us. */
  spec: URL;
  config: z.ZodType<Config>;
  /** The hosts (`host[:port]`) that this configuration names; the core lets the adapter reach no other. */
  hosts(config: Config): string[];
  protocol: Protocol<Config, V>;
  errors: ErrorTable;
  capabilities: { [C in CapabilityName]?: Partial<Capability<C, V, Config>> };
  unsupported: readonly Unsupported[];
  callbacks?: Callbacks<Config, V>;
  proof: Proof;
}

/** Types a manifest. The core checks at boot that every verb of a claimed capability is mapped or listed as unsupported. */
export function defineAdapter<Config, V extends VendorOperations>(adapter: Adapter<Config, V>): Adapter<Config, V> {
  return adapter;
}
