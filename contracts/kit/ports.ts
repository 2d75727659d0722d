/** Ports for gateways that die and come back on the same one. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that systems give to connections (RFC 6335; Linux from 32768 on): else one might take it in between. */
const lowestPort = 10_240;
const highestPort = 32_000;
const attempts = 50;

/** A port on which nobody listens and that no connection will be given. */
export async function steadyPort(host: string): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(lowestPort, highestPort);
    if (await isFree(host, port)) return port;
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort}`);
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen({ host, port, exclusive: true });
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
