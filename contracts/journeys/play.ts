import { setTimeout as sleep } from "node:timers/promises";
import { visit } from "./browser.ts";
import { misfits } from "./expect.ts";
import { fill, isBody, type Known } from "./fill.ts";
import type { Body, Step } from "./step.ts";
import { vendorSideOf } from "./vendor-side.ts";

const pollEveryMs = 250;

/** An answer of the gateway's, and whether its signature was good. */
export interface Answer {
  status: number;
  body: unknown;
  verified: boolean;
}

/** The partner, as the stories need one. */
export interface Caller {
  request(method: string, path: string, options?: { body?: unknown; idempotencyKey?: string | false }): Promise<Answer>;
}

/** The partner's webhook receiver, as the stories need it. */
export interface Hook {
  next(fits: (event: HookEvent) => boolean, withinMs: number): Promise<HookEvent>;
}

interface HookEvent {
  id: string;
  type: string;
  data: Body;
}

export interface Played {
  /** Empty if all is as it should be. */
  faults: string[];
  status: string;
  /** The id that the partner sees. */
  partnerSide: string;
  /** What the gateway's answer shows of the vendor's side. */
  vendorSide: string;
}

/** Plays one step and remembers what it brought. Never throws: what goes wrong is a fault of the step. */
export async function play(step: Step, caller: Caller, known: Known, key: string, hook?: Hook): Promise<Played> {
  try {
    if (step.kind === "told") return await listen(step, known, hook);
    if (step.kind === "customer") {
      const endedAt = await visit(fill(step.page, known), step.press);
      return { faults: [], status: "", partnerSide: `→ ${endedAt}`, vendorSide: "" };
    }
    const answer = step.kind === "call" ? await call(step, caller, known, key) : await wait(step, caller, known);
    const body = isBody(answer.body) ? answer.body : {};
    const faults = faultsOf(step, answer, body);
    if (step.saveAs !== undefined) known[step.saveAs] = body;
    return { faults, status: state(answer.status, body), partnerSide: idOf(body), vendorSide: vendorSideOf(body) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { faults: [text], status: "", partnerSide: "", vendorSide: "" };
  }
}

function call(step: Step & { kind: "call" }, caller: Caller, known: Known, key: string): Promise<Answer> {
  const path = fill(step.path, known);
  if (step.method === "GET") return caller.request("GET", path);
  return caller.request("POST", path, { body: fill(step.body, known), idempotencyKey: creates(step) && key });
}

async function listen(step: Step & { kind: "told" }, known: Known, hook: Hook | undefined): Promise<Played> {
  if (hook === undefined) throw new Error("the partner has no webhook receiver");
  const about = fill(step.about, known);
  const fits = ({ type, data }: HookEvent): boolean => type === step.type && data["id"] === about;
  const { id, type, data } = await hook.next(fits, step.withinSeconds * 1_000);
  return { faults: misfits(step.expect, data), status: type, partnerSide: id, vendorSide: "" };
}

async function wait(step: Step & { kind: "wait" }, caller: Caller, known: Known): Promise<Answer> {
  const deadline = performance.now() + step.withinSeconds * 1_000;
  const path = fill(step.path, known);
  if (step.callback !== undefined) await sleep(step.callback.pauseMs);
  for (;;) {
    const answer = await caller.request("GET", path);
    const status = isBody(answer.body) ? answer.body["status"] : undefined;
    const goOn = answer.status === 200 && typeof status === "string" && step.while.includes(status);
    if (!goOn || performance.now() + pollEveryMs > deadline) return answer;
    await sleep(pollEveryMs);
  }
}

function faultsOf(step: Step & { kind: "call" | "wait" }, answer: Answer, body: Body): string[] {
  const wanted = step.kind === "call" ? step.status : 200;
  if (answer.status !== wanted) {
    const words = [body["code"], body["detail"], body["errors"], body["vendor"]].filter((word) => word !== undefined);
    return [`${answer.status} instead of ${wanted}: ${words.map((word) => JSON.stringify(word)).join(" ")}`];
  }
  const faults = answer.verified ? [] : ["the answer's signature was not verified"];
  faults.push(...misfits(step.expect, body));
  const off = faults.length === 0 ? step.check?.(body) : undefined;
  if (off !== undefined) faults.push(off);
  return faults;
}

/** A quote creates nothing, so the contract wants no Idempotency-Key for it. */
function creates(step: Step & { kind: "call" }): boolean {
  return step.method === "POST" && step.status !== 200;
}

function state(status: number, body: Body): string {
  return typeof body["status"] === "string" ? `${status} ${body["status"]}` : `${status}`;
}

function idOf(body: Body): string {
  if (typeof body["id"] === "string") return body["id"];
  const first: unknown = Array.isArray(body["data"]) ? body["data"][0] : undefined;
  return isBody(first) && typeof first["id"] === "string" ? first["id"] : "";
}
