/** Two sandboxes, one after the other, two equal calls to each: prints how many validators each call had compiled. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partner } from "../../../mocks/partner/client.ts";
import { sandboxPartner } from "../../../mocks/partner/sandbox.ts";
import { startSandbox } from "../../../mocks/sandbox/start.ts";
import { compiledCount } from "./count.ts";

const anyPort = { gatewayPort: 0, adminPort: 0, vendorPort: 0 };
const counts: number[] = [];
for (let start = 0; start < 2; start++) {
  const dir = await mkdtemp(join(tmpdir(), "qiao-twice-"));
  const sandbox = await startSandbox({ dir, ...anyPort, adapters: ["account-centre"], logLevel: "silent" });
  const caller = partner(sandboxPartner(dir, "a"));
  for (let call = 0; call < 2; call++) {
    const before = compiledCount();
    const { status } = await caller.request("GET", "/v1/customer-accounts");
    if (status !== 200) throw new Error(`answered ${status}`);
    counts.push(compiledCount() - before);
  }
  caller.close();
  await sandbox.stop();
  await rm(dir, { recursive: true });
}
process.stdout.write(JSON.stringify(counts));
