/** Events for partners and their delivery. Every method is one atomic, durable unit, like the rest of the Store. */

/** An event to be written in the very commit of the movement that it tells of; not written if the movement is not made. */
export interface NewEvent {
  /** `evt_…`; the `webhook-id` of every attempt. */
  id: string;
  /** As in `instalment.paid`. */
  type: string;
  /** The webhook's `data`: any JSON value; sealed at rest. */
  data: unknown;
}

export interface EventRow extends NewEvent {
  partner: string;
  resourceId: string;
  /** The resource's version that it tells of: the order of events of one resource. */
  version: number;
  createdAtMs: number;
}

export interface NewEndpoint {
  /** `whe_…` */
  id: string;
  partner: string;
  /** Sealed at rest. */
  url: string;
  /** Event types it wants; `*` for all. */
  types: string[];
  description?: string;
  /**
   * Secrets for receivers with Standard Webhooks code (the profile's rule 13), newest first; empty for those who verify our
   * RFC 9421 signature only. Sealed at rest.
   */
  secrets: EndpointSecret[];
  createdAtMs: number;
}

export interface EndpointSecret {
  /** `whsec_` and base64 of 32 random bytes. */
  secret: string;
  createdAtMs: number;
  /** Set when a newer one took its place: it signs along until then. */
  expiresAtMs?: number;
}

export interface EndpointRow extends NewEndpoint {
  status: "active" | "paused" | "disabled";
  /** Why it was disabled: `gone` (410), `given_up`. */
  disabledBecause?: string;
  updatedAtMs: number;
}

/** One event on its way to one endpoint. */
export interface DeliveryRow {
  /** `<event id>:<endpoint id>` */
  id: string;
  eventId: string;
  endpointId: string;
  partner: string;
  status: "pending" | "delivered" | "given_up";
  /** Attempts made so far. */
  attempts: number;
  nextAttemptAtMs: number;
}

export interface AttemptRow {
  deliveryId: string;
  number: number;
  atMs: number;
  durationMs: number;
  /** HTTP status of the endpoint's answer; absent when there was none. */
  status?: number;
  /** A code such as `timeout`, `refused`, `blocked_address`; never the answer's text. */
  error?: string;
}

/** A delivery that is due, leased to the caller, with all that is needed to send it. */
export interface DueDelivery {
  delivery: DeliveryRow;
  event: EventRow;
  endpoint: EndpointRow;
  /** The lease's name, to be given back with `settleDelivery`. */
  leaseUntilMs: number;
}

export interface Settlement {
  /** The delivery's. */
  id: string;
  leaseUntilMs: number;
  attempt: Omit<AttemptRow, "deliveryId" | "number">;
  nowMs: number;
}

/** `gone` gives up and disables the endpoint. */
export type SettledOutcome =
  | { outcome: "retry"; nextAttemptAtMs: number }
  | { outcome: "delivered" | "given_up" | "gone"; nextAttemptAtMs?: never };

export interface WebhookStore {
  addEndpoint(endpoint: NewEndpoint): Promise<void>;
  endpoint(id: string): Promise<EndpointRow | undefined>;
  /** In order of creation. */
  endpoints(partner: string, page: { limit: number; afterId?: string }): Promise<EndpointRow[]>;
  /**
   * False when it is not there. The deliveries of one that is paused or disabled wait; for a disabled one no new ones are
   * made. Any other status than `disabled` clears `disabledBecause`.
   */
  changeEndpoint(
    id: string,
    change: Partial<Pick<EndpointRow, "url" | "types" | "description" | "secrets" | "status" | "disabledBecause">>,
    nowMs: number,
  ): Promise<boolean>;
  /** Its pending deliveries go with it; what was delivered stays readable. */
  removeEndpoint(id: string): Promise<boolean>;

  event(id: string): Promise<EventRow | undefined>;
  /** Newest last, in order of commit. */
  events(
    partner: string,
    filter: { type?: string; resourceId?: string },
    page: { limit: number; afterId?: string },
  ): Promise<EventRow[]>;
  deliveries(eventId: string): Promise<DeliveryRow[]>;
  attempts(deliveryId: string): Promise<AttemptRow[]>;
  /**
   * Makes the event due again at once under the same event id: for one endpoint of its partner, whether it wants the type
   * or not, or for all that are active or paused and want it. False: no such event, or the partner has no such endpoint.
   */
  resend(eventId: string, endpointId: string | undefined, nowMs: number): Promise<boolean>;

  /**
   * Leases due deliveries of active endpoints to the caller until `leaseUntilMs`, oldest first. Of one resource and
   * endpoint only the earliest undelivered event is due, so order per resource holds. No two callers, in one process or
   * several, get the same one while its lease lasts. Endpoints in `exceptEndpoints` are passed over (the caller's own
   * bound per host is reached).
   */
  dueDeliveries(input: {
    nowMs: number;
    leaseUntilMs: number;
    limit: number;
    exceptEndpoints?: string[];
  }): Promise<DueDelivery[]>;
  /**
   * Records an attempt and what follows, and ends the lease. When the lease ran out and another has it, or the delivery
   * was settled, the attempt is recorded all the same, and of the outcome only that it was `delivered` counts.
   * A delivery that is gone with its endpoint is not there to be settled: nothing happens.
   */
  settleDelivery(input: Settlement & SettledOutcome): Promise<void>;
  /** For metrics: deliveries pending, and since when the oldest is due that an active endpoint may get. */
  backlog(nowMs: number): Promise<{ pending: number; oldestDueAtMs?: number }>;
}
