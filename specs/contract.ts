/**
 * The shapes of the generated tables: what each operation, resource and problem of the contract declares about its behaviour.
 */
import type { OperationId, ResourceName } from "./generated/operations.ts";

/** `read` is free to repeat, `charged` costs a fee, `once` has an effect that must not happen twice. */
export type Effect = "read" | "charged" | "once";

/** An outcome of a vendor call after which the next adapter on the route may be tried. */
export type FailoverOutcome = "not_sent" | "unknown" | "rejected";

/** Another resource that an operation needs, and the states in which it must be. */
export interface ParentSpec {
  /** Where its id stands: `body.<field>`, `query.<name>` or `path.<name>`. */
  readonly from: string;
  readonly resource: ResourceName;
  /** Any state will do when absent. */
  readonly states?: readonly string[];
}

/** One operation, as its path file declares it. */
export interface OperationSpec {
  readonly method: "GET" | "POST";
  /** OpenAPI template, e.g. `/v1/refunds/{refundId}`. */
  readonly path: string;
  readonly effect: Effect;
  /** The operation that tells what became of this one. */
  readonly resolve?: OperationId;
  readonly deadlineMs: number;
  readonly failover: readonly FailoverOutcome[];
  /** The scope a partner needs; absent where none is needed. */
  readonly scope?: string;
  /** The kind of resource that it creates or acts on. */
  readonly resource?: ResourceName;
  readonly creates: boolean;
  /** The path parameter that carries the id of the resource. */
  readonly resourceParam?: string;
  readonly parents: readonly ParentSpec[];
  readonly successStatuses: readonly number[];
  readonly problemStatuses: readonly number[];
  /** Whether it requires an Idempotency-Key. */
  readonly idempotent: boolean;
  /** Whether the caller must sign. */
  readonly signed: boolean;
  /** Whether it exists in the sandbox only. */
  readonly sandbox: boolean;
  /** Who answers: an adapter on the route, or the gateway itself. */
  readonly answeredBy: "adapter" | "gateway";
}

/** One kind of resource, as its schema declares it. */
export interface ResourceSpec {
  /** Name of its schema in `components.schemas`. */
  readonly schema: string;
  readonly idPrefix: string;
  /** State to the states that may follow; states only move forward. */
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly finalStates: readonly string[];
  /** States that are not final but where nothing is under way: nobody asks the vendor about them by itself. */
  readonly resting: readonly string[];
  /** The state of a creation of which it turned out that it never took effect. */
  readonly failedState: string;
  /** Fields that the resource repeats from the request that created it. */
  readonly echo: readonly string[];
}

/** One type of event: the kind of resource that it tells of, and the status that the resource entered. */
export interface EventTypeSpec {
  readonly resource: ResourceName;
  readonly status: string;
  readonly final: boolean;
}

/** A field that carries personal data. */
export interface PersonalField {
  /** Name of the schema in `components.schemas`. */
  readonly schema: string;
  readonly field: string;
  readonly pii: PersonalClass;
}

/** The classes of personal data (`x-pii`). `credential` is a secret of a person: a payment code, a session's URL. */
export type PersonalClass =
  | "name"
  | "national_id"
  | "phone"
  | "account"
  | "email"
  | "address"
  | "birth_date"
  | "biometric"
  | "ip"
  | "financial"
  | "credential"
  | "free_text";

/** One row of the catalogue of problems. */
export interface ProblemSpec {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  /** What to do next. */
  readonly detail: string;
  readonly retry: "never" | "later" | "after";
  /** Whose turn it usually is. */
  readonly origin: "partner" | "gateway" | "vendor";
}
