/** Which answers of a vendor are still under way: a gateway that gave up must have let go of the connection. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";

export interface SocketWatch {
  /** Answers that were begun, or awaited, and neither ended nor cut off. */
  underWay(): number;
  stop(): void;
}

const channel = "http.server.request.start";

/** Watches the server at this origin, in this process. */
export function watchSockets(origin: string): SocketWatch {
  const port = Number(new URL(origin).port);
  const open = new Set<ServerResponse>();
  const watch = (message: unknown): void => {
    const { response } = message as { response: ServerResponse };
    if (response.socket?.localPort !== port) return;
    open.add(response);
    response.once("close", () => open.delete(response));
  };
  subscribe(channel, watch);
  return { underWay: () => open.size, stop: () => void unsubscribe(channel, watch) };
}
