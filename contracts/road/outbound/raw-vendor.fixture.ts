/** The fictitious vendor as bytes over bare sockets: what no HTTP server would answer. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { rawFaults } from "./raw-faults.fixture.ts";
import type { Ledger } from "./vendor.fixture.ts";

/** One request, and the socket that it came over. */
export interface RawRequest {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  reference: string;
  socket: Socket;
  /** Which request of its connection, and which of its path: 1 for the first. */
  onSocket: number;
  onPath: number;
  /** Where a redirect leads. */
  elsewhere: string;
}

export interface RawVendor {
  origin: string;
  requests: RawRequest[];
  /** Connections that stand, and those of them whose request was not answered to the end. */
  open(): Socket[];
  busy(): Socket[];
  close(): Promise<void>;
}

/** Listens on a free port. `/<effect>/<fault>` is answered by that fault's bytes; the rest never. */
export async function startRawVendor(ledger: Ledger, elsewhere = ""): Promise<RawVendor> {
  const requests: RawRequest[] = [];
  const sockets = new Map<Socket, { served: number; busy: boolean }>();
  const server = createServer((socket) => {
    const state = { served: 0, busy: false };
    sockets.set(socket, state);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const request = parse(received);
      if (request === undefined) return;
      received = Buffer.alloc(0);
      state.served += 1;
      state.busy = true;
      const onPath = requests.filter(({ path }) => path === request.path).length + 1;
      const whole = { ...request, socket, onSocket: state.served, onPath, elsewhere };
      requests.push(whole);
      if (request.path.startsWith("/once/")) ledger.add(request.reference);
      rawFaults[request.path.split("/")[2] ?? ""]?.(whole, () => (state.busy = false));
    });
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    open: () => [...sockets.keys()],
    busy: () => [...sockets].filter(([, { busy }]) => busy).map(([socket]) => socket),
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that counts who comes and answers nobody: a proxy, or a host where nobody has any business. */
export async function startTrap(): Promise<{ origin: string; visits(): number; close(): Promise<void> }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => void (await new Promise((resolve) => server.close(resolve)));
  return { origin: `http://127.0.0.1:${port}`, visits: () => visits, close };
}

/** An origin where nobody listens. */
export async function deadOrigin(): Promise<string> {
  const trap = await startTrap();
  await trap.close();
  return trap.origin;
}

async function listening(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

/** A whole request with a Content-Length body, or undefined while bytes are missing. */
function parse(received: Buffer): Pick<RawRequest, "path" | "headers" | "body" | "reference"> | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [start = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const body = received.subarray(end + 4);
  if (body.length < Number(headers["content-length"] ?? 0)) return undefined;
  const { reference = "" } = JSON.parse(body.toString()) as { reference?: string };
  return { path: start.split(" ")[1] ?? "", headers, body, reference };
}
