import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { link } from "./sqlite-link.ts";
import type { FromWorker } from "./sqlite-port.ts";

const limits = { openDeadlineMs: 30, closeDeadlineMs: 30 };

class Thread extends EventEmitter {
  tell(message: FromWorker): void {
    this.emit("message", message);
  }
  async terminate(): Promise<number> {
    this.emit("exit", 1);
    return 1;
  }
}

const linked = (thread: Thread) => link(thread as unknown as Worker, limits);

it("a thread that says nothing is given up at the deadline", async () => {
  await expect(linked(new Thread())).rejects.toMatchObject({ code: "store_unavailable" });
});

it("one that migrates a large file is waited for, and its failure is heard", async () => {
  const [done, broken] = [new Thread(), new Thread()];
  const opened = [linked(done), linked(broken)];
  const failed = expect(opened[1]).rejects.toMatchObject({ code: "schema_mismatch" });
  for (const thread of [done, broken]) thread.tell({ kind: "migrating" });
  await sleep(4 * limits.openDeadlineMs);
  done.tell({ kind: "ready" });
  broken.tell({ kind: "failed", failure: { code: "schema_mismatch", message: "m", effect: "none" } });
  expect(await opened[0]).toMatchObject({ send: expect.any(Function) });
  await failed;
});
