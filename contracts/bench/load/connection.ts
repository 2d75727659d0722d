/** One kept-alive connection that sends bytes and counts answers: as little of an HTTP client as a load needs. */
import { connect } from "node:net";
import type { Socket } from "node:net";

const headEnd = Buffer.from("\r\n\r\n");
const idleTimeoutMs = 30_000;

export class Connection {
  readonly #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  #settle: ((status: number) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #isOpen = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(idleTimeoutMs, () => socket.destroy(new Error("no answer")));
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the connection was closed")));
  }

  static open(port: number, host = "127.0.0.1"): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends one request; resolves with the status of its answer. One at a time. */
  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const end = this.#buffered.indexOf(headEnd);
    if (end === -1) return;
    const head = this.#buffered.toString("latin1", 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#buffered.length < end + headEnd.length + length) return;
    this.#buffered = this.#buffered.subarray(end + headEnd.length + length);
    const settle = this.#settle;
    this.#settle = this.#fail = undefined;
    settle?.(Number(head.slice(9, 12)));
  }

  #end(error: Error): void {
    this.#isOpen = false;
    const fail = this.#fail;
    this.#settle = this.#fail = undefined;
    fail?.(error);
  }
}
