import type { AttemptRow, DeliveryRow, EndpointRow } from "./store-webhooks.ts";

/** Units of events and their delivery; meanings as in store-webhooks.ts. */
export interface WebhookUnits {
  addEndpoint: { input: NewSealedEndpoint; output: undefined };
  endpoint: { input: { id: string }; output: SealedEndpoint | undefined };
  endpoints: { input: EndpointPageUnit; output: SealedEndpoint[] };
  changeEndpoint: { input: ChangeEndpointUnit; output: boolean };
  removeEndpoint: { input: { id: string }; output: boolean };
  event: { input: { id: string }; output: SealedEvent | undefined };
  events: { input: EventPageUnit; output: SealedEvent[] };
  deliveries: { input: { eventId: string }; output: DeliveryRow[] };
  attempts: { input: { deliveryId: string }; output: AttemptUnitRow[] };
  resend: { input: { eventId: string; endpointId: string | undefined; nowMs: number }; output: boolean };
  dueDeliveries: { input: DueDeliveriesUnit; output: SealedDueDelivery[] };
  settleDelivery: { input: SettleDeliveryUnit; output: undefined };
  backlog: { input: { nowMs: number }; output: { pending: number; oldestDueAtMs: number | null } };
  pruneEvents: { input: PruneEventsUnit; output: PrunedEvents };
}

/** Written with the movement that it tells of: partner, resource, version and time are the movement's. */
export interface NewSealedEvent {
  id: string;
  type: string;
  data: Uint8Array;
}

export interface SealedEvent extends NewSealedEvent {
  partner: string;
  resourceId: string;
  version: number;
  createdAtMs: number;
}

export interface NewSealedEndpoint {
  id: string;
  partner: string;
  url: Uint8Array;
  types: string[];
  description: Uint8Array | null;
  secrets: Uint8Array;
  createdAtMs: number;
}

/** Born `active`. */
export interface SealedEndpoint extends NewSealedEndpoint {
  status: EndpointRow["status"];
  disabledBecause: string | null;
  updatedAtMs: number;
}

export interface EndpointPageUnit {
  partner: string;
  limit: number;
  afterId: string | undefined;
}

/** What is undefined stays. A status other than `disabled` clears `disabledBecause`. */
export interface ChangeEndpointUnit {
  id: string;
  url: Uint8Array | undefined;
  types: string[] | undefined;
  description: Uint8Array | undefined;
  secrets: Uint8Array | undefined;
  status: EndpointRow["status"] | undefined;
  disabledBecause: string | undefined;
  nowMs: number;
}

export interface EventPageUnit {
  partner: string;
  type: string | undefined;
  resourceId: string | undefined;
  limit: number;
  afterId: string | undefined;
}

export interface AttemptUnitRow {
  deliveryId: string;
  number: number;
  atMs: number;
  durationMs: number;
  status: number | null;
  error: string | null;
}

export interface DueDeliveriesUnit {
  nowMs: number;
  leaseUntilMs: number;
  limit: number;
  exceptEndpoints: string[];
}

export interface SealedDueDelivery {
  delivery: DeliveryRow;
  event: SealedEvent;
  endpoint: SealedEndpoint;
}

export interface SettleDeliveryUnit {
  id: string;
  /** The lease under which the attempt was made. */
  leaseUntilMs: number;
  attempt: Omit<AttemptRow, "deliveryId" | "number">;
  outcome: "delivered" | "retry" | "given_up" | "gone";
  /** With `retry` only. */
  nextAttemptAtMs: number | null;
  nowMs: number;
}

/** Looks at `maxRows` events after `afterSeq` (0: from the first), in order of commit, until one is younger. */
export interface PruneEventsUnit {
  beforeMs: number;
  afterSeq: number;
  maxRows: number;
}

/** `lastSeq` is null when the end, or one that is younger, was reached. */
export interface PrunedEvents {
  events: number;
  lastSeq: number | null;
}
