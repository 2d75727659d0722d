/**
 * A TCP proxy that spoils exchanges. It knows no HTTP: an exchange begins with the first bytes from the client after bytes
 * from the server, which is exact for a client that does not pipeline.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Choices } from "./random.ts";
import type { Tally } from "./tally.ts";
import { calm } from "./weather.ts";
import type { Weather, WireFaultKind } from "./weather.ts";

/** A held request is delivered within this, also when its sender is dead by then; so no effect can come later. */
const maxHeldMs = 1_000;
const sliceEveryMs = 5;
const sliceBytes = 64;
const extraBytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

type Moment = "request" | "answer";

export interface FaultProxy {
  origin: string;
  setWeather(weather: Weather): void;
  /** Calls back once, right before the next request, or the next answer, is passed on: the vendor has not, or has, acted. */
  onNext(moment: Moment, then: () => void): void;
  /** While closed every connection is refused (ECONNREFUSED), and those that stand are cut. */
  close(): Promise<void>;
  open(): Promise<void>;
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes everything on to `target`, an origin, but for what the weather spoils. */
export async function startProxy(target: string, choices: Choices, tally: Tally): Promise<FaultProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  let weather = calm;
  let server: Server | undefined;
  let port = 0;
  const waiting = new Map<Moment, () => void>();
  const reached = (moment: Moment): void => {
    const then = waiting.get(moment);
    waiting.delete(moment);
    then?.();
  };

  const choose = (): WireFaultKind => choices.weighted(weather.wire);
  const noted = (kind: WireFaultKind): WireFaultKind => {
    if (kind !== "pass") tally.add(`vendor link: ${kind}`);
    return kind;
  };
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    return socket.setNoDelay(true);
  };

  function serve(client: Socket): void {
    keep(client);
    const first = choose();
    if (first === "reset_on_accept") {
      noted(first);
      client.resetAndDestroy();
      return;
    }
    const nextFault = (fresh: boolean): WireFaultKind => noted(fresh ? first : withoutAccept(choose()));
    passOn(client, keep(connect({ host: hostname, port: Number(targetPort) })), { choices, nextFault, reached });
  }

  async function open(): Promise<void> {
    if (server !== undefined) return;
    const opened = createServer({ allowHalfOpen: false }, serve);
    opened.listen({ host: "127.0.0.1", port, exclusive: true });
    await once(opened, "listening");
    port = (opened.address() as AddressInfo).port;
    server = opened;
  }

  async function close(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, "close");
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await open();
  return {
    origin: `http://127.0.0.1:${port}`,
    setWeather: (next) => void (weather = next),
    onNext: (moment, then) => void waiting.set(moment, then),
    close,
    open,
    stop: close,
  };
}

const withoutAccept = (kind: WireFaultKind): WireFaultKind => (kind === "reset_on_accept" ? "pass" : kind);

interface Link {
  choices: Choices;
  /** Asked once an exchange, and told whether it is the connection's first. */
  nextFault(fresh: boolean): WireFaultKind;
  reached(moment: Moment): void;
}

/** One connection. */
function passOn(client: Socket, server: Socket, { choices, nextFault, reached }: Link): void {
  let fault: WireFaultKind = "pass";
  let asking = false;
  let fresh = true;
  let requestBytes = 0;
  let cutAtByte = 0;
  /** The request's delivery, in order; a held one goes on when the client is gone. */
  let delivery = Promise.resolve();

  client.on("data", (bytes: Buffer) => {
    if (!asking) {
      asking = true;
      fault = nextFault(fresh);
      fresh = false;
      requestBytes = 0;
      cutAtByte = choices.between(1, 1_200);
      reached("request");
      if (fault === "delay") delivery = delivery.then(() => pause(choices.between(20, maxHeldMs)));
    }
    requestBytes += bytes.length;
    if (fault === "blackhole") return;
    if (fault === "reset_in_request" && requestBytes >= cutAtByte) {
      server.write(bytes.subarray(0, bytes.length - (requestBytes - cutAtByte)));
      server.end();
      client.resetAndDestroy();
      return;
    }
    delivery = delivery.then(() => void server.write(bytes));
  });
  server.on("data", (bytes: Buffer) => {
    if (asking) reached("answer");
    asking = false;
    spoil(fault, bytes, client, server);
  });
  client.on("close", () => void delivery.then(() => server.end()));
  server.on("close", () => client.destroy());
}

/** Hands an answer's bytes to the client, or does to them what the fault says. */
function spoil(fault: WireFaultKind, bytes: Buffer, client: Socket, server: Socket): void {
  switch (fault) {
    case "swallow_answer":
      client.resetAndDestroy();
      break;
    case "hang_answer":
      server.pause();
      break;
    case "truncate_answer":
      client.end(bytes.subarray(0, bytes.length - 20));
      server.pause();
      break;
    case "reset_in_answer":
      client.write(bytes.subarray(0, bytes.length >> 1), () => client.resetAndDestroy());
      server.pause();
      break;
    case "slice_answer":
      void slice(bytes, client);
      break;
    case "extra_bytes":
      client.write(Buffer.concat([bytes, Buffer.from(extraBytes)]));
      break;
    case "corrupt_answer":
      client.write(corrupted(bytes));
      break;
    default:
      client.write(bytes);
  }
}

async function slice(bytes: Buffer, client: Socket): Promise<void> {
  for (let at = 0; at < bytes.length && !client.destroyed; at += sliceBytes) {
    client.write(bytes.subarray(at, at + sliceBytes));
    await pause(sliceEveryMs);
  }
}

/** One bit of the body's middle, which a signature over it must notice. */
function corrupted(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const body = copy.indexOf("\r\n\r\n") + 4;
  const at = body + ((copy.length - body) >> 1);
  if (body > 4 && at < copy.length) copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
