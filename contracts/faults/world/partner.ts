import { createHash } from "node:crypto";
import type { OperationId } from "#capability";
import { operations } from "#specs";
import type { CallSeen } from "../invariants/index.ts";
import type { OperationAnswer } from "../../../gateway/operations/index.ts";
import type { Fleet } from "./fleet.ts";
import type { World } from "./place.ts";

/** What a partner wants done once, under one key. */
export interface Wish {
  operationId: OperationId;
  key: string;
  /** What it calls it; empty for an act. */
  memo: string;
  body?: unknown;
  target?: { id: string; owner: string };
}

const patienceMs = 30_000;
const legMs = 2;
const waitsMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** A partner goes on for about ten minutes. */
const maxTries = 60;

/** A partner's own program: sends, waits, repeats under the same key until it knows; writes down everything that it saw. */
export class Partner {
  readonly name: string;
  readonly #world: World;
  readonly #fleet: () => Fleet;
  readonly #calls: CallSeen[];
  /** Whether an answer is lost on its way. */
  readonly #lost: () => boolean;

  constructor(name: string, world: World, fleet: () => Fleet, calls: CallSeen[], lost: () => boolean = () => false) {
    this.name = name;
    this.#world = world;
    this.#fleet = fleet;
    this.#calls = calls;
    this.#lost = lost;
  }

  /** Repeats under the same key until there is a success or a definite no; the last call otherwise. */
  async insist(wish: Wish): Promise<CallSeen> {
    let seen = await this.send(wish);
    for (let tries = 0; tries < maxTries && !isDefinite(seen); tries += 1) {
      await this.#world.time.pause(waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 0);
      seen = await this.send(wish);
    }
    return seen;
  }

  /** Sends it once. */
  send({ operationId, key, memo, body, target }: Wish): Promise<CallSeen> {
    return this.#call({ partner: this.name, operationId, key, memo, ...(target && { target }) }, body);
  }

  /** Reads a resource once. */
  read(id: string, owner: string): Promise<CallSeen> {
    const operationId = id.startsWith("rfd_") ? "refunds.get" : "instalments.get";
    return this.#call({ partner: this.name, operationId, memo: "", target: { id, owner } }, undefined);
  }

  async #call(call: Omit<CallSeen, "startedMs">, body: unknown): Promise<CallSeen> {
    const { time } = this.#world;
    const seen: CallSeen = { ...call, startedMs: time.nowMs };
    this.#calls.push(seen);
    const answer = await this.#answerTo(seen, body);
    seen.endedMs = time.nowMs;
    if (answer !== undefined) readInto(seen, answer);
    const outcome = `${seen.status ?? "silence"} ${seen.problem?.code ?? seen.resource?.status ?? ""}`;
    this.#world.chronicle.note(`${this.name} ${seen.operationId} ${seen.memo} → ${outcome}`);
    return seen;
  }

  /** The answer, or undefined when there is none in time. */
  #answerTo({ operationId, key, target }: CallSeen, body: unknown): Promise<OperationAnswer | undefined> {
    const { time } = this.#world;
    const { path, resourceParam } = operations[operationId];
    const fingerprint = createHash("sha256")
      .update(`POST ${path} ${target?.id ?? ""}\n${JSON.stringify(body)}`)
      .digest("hex");
    const parameters = resourceParam === undefined || target === undefined ? {} : { [resourceParam]: target.id };
    return new Promise((resolve) => {
      const patience = time.after(patienceMs, undefined, () => resolve(undefined));
      const end = (answer: OperationAnswer | undefined): void => {
        patience.cancel();
        time.after(legMs, undefined, () => resolve(answer));
      };
      time.after(legMs, undefined, () => {
        const gateway = this.#fleet().any();
        if (gateway === undefined) return end(undefined);
        const request = { partner: this.name, operationId, path: parameters, body, fingerprint };
        const answered = async (): Promise<void> => {
          const answer = await gateway.call(key === undefined ? request : { ...request, key });
          // The connection of a process that died in this very moment is cut.
          const lost = !gateway.alive() || this.#lost();
          if (lost) this.#world.chronicle.count("answer lost");
          end(lost ? undefined : answer);
        };
        void answered();
      });
    });
  }
}

/** Whether a partner has to ask no more. */
export function isDefinite({ status, problem }: CallSeen): boolean {
  return status !== undefined && (problem === undefined || problem.retry === "never");
}

function readInto(seen: CallSeen, { status, contentType, body }: OperationAnswer): void {
  const said = JSON.parse(Buffer.from(body).toString()) as Record<string, string> & { amount: { amount: string } };
  seen.status = status;
  if (contentType.includes("problem")) seen.problem = { code: said["code"] ?? "", retry: said["retry"] ?? "" };
  else seen.resource = { id: said["id"] ?? "", status: said["status"] ?? "", amount: said.amount.amount };
}
