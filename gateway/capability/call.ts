import type { CapabilityName, Input, OperationId, Output } from "./contract.ts";

/** A resource as the core stored it, given back to the adapter that made it. */
export interface ResourceView<Body = unknown> {
  id: string;
  /** What the vendor knows this resource by: its idempotency key or order number. */
  reference: string;
  status: string;
  /** The body that partners last saw. */
  body: Body;
  /** What the adapter returned as `state`, or undefined if the creating call's outcome was never learned. */
  state: unknown;
  createdAt: Date;
  /** What the partner asked for when it was created (the request body). */
  request: unknown;
}

/** One call of a partner's, on its way to an adapter. */
export interface Call<Id extends OperationId, Config = unknown> {
  operationId: Id;
  /** The resource's id: made by the core before anything is sent for a create, else of the addressed resource. */
  id: string;
  /**
   * 32 lower-case hex digits: what the vendor gets as its idempotency key or order number. The same on every retry and
   * after a restart, different for every operation.
   */
  reference: string;
  input: Input<Id>;
  /** The addressed resource; present for every operation with `x-resource` that does not create. */
  resource: ResourceView<ResourceBody<Id>> | undefined;
  /** The other resources that the operation names (`x-parents`), by capability. */
  parents: Readonly<Partial<Record<CapabilityName, ResourceView>>>;
  partner: { id: string };
  config: Config;
  /** Where the vendor may call us back: `<public origin>/callbacks/<adapter>`. */
  callbackUrl: string;
  now: Date;
}

/** The resource body that a capability's `get` answers with. */
export type ResourceBody<Id extends OperationId> = Id extends `${infer C}.${string}`
  ? `${C}.get` extends OperationId
    ? Output<`${C}.get` & OperationId>
    : unknown
  : unknown;
