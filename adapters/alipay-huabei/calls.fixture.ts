import { randomBytes } from "node:crypto";
import { Fault } from "#capability";
import type { Call, Done, Input, Outcome, Output, ResourceView } from "#capability";
import type { Config } from "./config.ts";

export type Order = Input<"instalments.create">["body"];
export type Instalment = Output<"instalments.get">;
export type Refund = Output<"refunds.get">;

export const referenceOf = (): string => randomBytes(16).toString("hex");

/** An order of 1,000 yuan in three instalments by an ordinary buyer. */
export function orderOf(changes: Partial<Order> = {}): Order {
  return {
    amount: { amount: "1000.00", currency: "CNY" },
    periods: 3,
    feeBearer: "customer",
    subject: "手机一部",
    payer: { type: "account", accountId: "2088102146225135" },
    reference: "ORDER-1",
    expiresInMinutes: 30,
    ...changes,
  };
}

export const byAccount = (digits: string): Order =>
  orderOf({ payer: { type: "account", accountId: `208800000000${digits}` } });
export const byCode = (code: string): Order => orderOf({ payer: { type: "code", code } });

// The contract's types have no value for the body of an operation without one.
const nothing = undefined as never;

interface Surroundings {
  config: Config;
  callbackUrl: string;
}

/** The creation of an instalment credit, as the core calls it. */
export function creation(reference: string, body: Order, around: Surroundings): Call<"instalments.create", Config> {
  return {
    operationId: "instalments.create",
    id: "ins_1",
    reference,
    input: { path: {}, query: {}, body },
    resource: undefined,
    parents: {},
    partner: { id: "p" },
    now: new Date(),
    ...around,
  };
}

/** What the core keeps of a credit: as `made` if the creation was answered, else unknown. */
export function kept(reference: string, order: Order, made?: Done<Instalment>, ageMs = 0): ResourceView<Instalment> {
  const createdAt = new Date(Date.now() - ageMs);
  const { amount, periods, feeBearer, reference: partnersOwn } = order;
  const unknown: Instalment = {
    id: "ins_1",
    status: "unknown",
    amount,
    periods,
    feeBearer,
    reference: partnersOwn,
    createdAt: createdAt.toISOString(),
  };
  const body = made?.body ?? unknown;
  return { id: "ins_1", reference, status: body.status, body, state: made?.state, createdAt, request: order };
}

/** A later call about a credit. */
export function about<Id extends "instalments.get" | "instalments.cancel">(
  operationId: Id,
  resource: ResourceView<Instalment>,
  around: Surroundings,
): Call<Id, Config> {
  const call: Call<"instalments.get" | "instalments.cancel", Config> = {
    operationId,
    id: resource.id,
    reference: referenceOf(),
    input: { path: { instalmentId: resource.id }, query: {}, body: nothing },
    resource,
    parents: {},
    partner: { id: "p" },
    now: new Date(),
    ...around,
  };
  return call as Call<Id, Config>;
}

/** The refund of a credit, as the core calls it. */
export function refundCall(
  reference: string,
  amount: string,
  parent: ResourceView<Instalment>,
  around: Surroundings,
): Call<"refunds.create", Config> {
  return {
    operationId: "refunds.create",
    id: "rfd_1",
    reference,
    input: {
      path: {},
      query: {},
      body: { instalmentId: "ins_1", amount: { amount, currency: "CNY" }, reason: "退货", reference: "REFUND-1" },
    },
    resource: undefined,
    parents: { instalments: parent },
    partner: { id: "p" },
    now: new Date(),
    ...around,
  };
}

/** A later call about that refund: `made` as the creation answered, else unknown. */
export function aboutRefund(
  creating: Call<"refunds.create", Config>,
  made?: Done<Refund>,
  ageMs = 0,
): Call<"refunds.get", Config> {
  const createdAt = new Date(Date.now() - ageMs);
  const { amount, instalmentId, reference } = creating.input.body;
  const unknown: Refund = {
    id: "rfd_1",
    status: "unknown",
    instalmentId,
    amount,
    reference,
    createdAt: createdAt.toISOString(),
  };
  const body = made?.body ?? unknown;
  const resource: ResourceView<Refund> = {
    id: "rfd_1",
    reference: creating.reference,
    status: body.status,
    body,
    state: made?.state,
    createdAt,
    request: creating.input.body,
  };
  return {
    ...creating,
    operationId: "refunds.get",
    reference: creating.reference,
    input: { path: { refundId: "rfd_1" }, query: {}, body: nothing },
    resource,
    now: new Date(),
  };
}

/** Awaits a success. */
export async function doneOf<Body>(
  outcome: Promise<Done<Body> | Exclude<Outcome<never>, Done<never>>>,
): Promise<Done<Body>> {
  const settled = await outcome;
  if (settled.outcome !== "done") throw settled.fault;
  return settled;
}

/** Awaits a `Fault`, and tells its parts. */
export async function faultOf(outcome: Promise<unknown>): Promise<Pick<Fault, "code" | "outcome" | "vendor">> {
  try {
    await outcome;
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, outcome: error.outcome, vendor: error.vendor };
    throw error;
  }
  throw new Error("no fault where one was due");
}
