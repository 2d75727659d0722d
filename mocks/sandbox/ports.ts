import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { SandboxError } from "./failure.ts";

/** A port that the sandbox wants, and how to ask for another one. */
export interface WantedPort {
  port: number;
  what: string;
  variable: string;
}

/** Throws a `SandboxError` that names the variable to set if one of them is taken or wanted twice. 0 is always free. */
export async function assertFree(host: string, wanted: readonly WantedPort[]): Promise<void> {
  const fixed = wanted.filter(({ port }) => port !== 0);
  for (const [index, one] of fixed.entries()) {
    const other = fixed.slice(0, index).find(({ port }) => port === one.port);
    if (other !== undefined) {
      throw new SandboxError(
        `port ${one.port} is wanted by ${other.what} and by ${one.what}: set ${other.variable} or ${one.variable}`,
      );
    }
  }
  await Promise.all(fixed.map((one) => assertOneFree(host, one)));
}

/** A port that was free a moment ago. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0, exclusive: true });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function assertOneFree(host: string, { port, what, variable }: WantedPort): Promise<void> {
  const server = createServer().listen({ host, port, exclusive: true });
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is taken" : `cannot be used (${code ?? "unknown reason"})`;
    throw new SandboxError(
      `port ${port} on ${host}, for ${what}, ${why}: set ${variable} to another one, or to 0 for any free one`,
      { cause: error },
    );
  }
  await new Promise((resolve) => server.close(resolve));
}
