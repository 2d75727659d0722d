/** The workbench's command line. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { projectAdapters } from "../fixtures/fixture.ts";
import { BenchError } from "./bench.ts";
import type { FireInput } from "./session.ts";

const usage = `npm run adapter:dev -- <name>                 gateway, adapter and mock; restarts when a file of the folder changes
  --fire <operation> [--body '<json>']        fires it, prints the exchange, exits; several run one after another
  --path '<json>' --query '<json>'            path and query parameters of the first one fired
  --wait <ms>                                 after each, waits for callbacks (default 300)
  --record                                    keeps each exchange, scrubbed, in adapters/<name>/fixtures/
  --against <file>                            the adapter's configuration (JSON) for a real sandbox instead of the mock
  --public-origin <origin>                    where the vendor reaches us: a tunnel to --port
  --port <port> --page-port <port>            the gateway's port (any free one), the page's (7070)
  --adapters <dir>                            another folder of adapters`;

const maxWaitMs = 600_000;

export interface Settings {
  name: string;
  adaptersDir: string;
  fire: FireInput[];
  waitMs: number;
  record: boolean;
  against?: unknown;
  publicOrigin?: string;
  port?: number;
  pagePort: number;
}

/** Reads the command line and the file that it names. Throws a `BenchError` that says what is wrong. */
export async function readSettings(argv: readonly string[]): Promise<Settings> {
  const { values, positionals } = parsed(argv);
  const [name, ...more] = positionals;
  if (values.help === true || name === undefined || more.length > 0) throw new BenchError(usage);
  const bodies = values.body ?? [];
  const operations = values.fire ?? [];
  if (bodies.length > operations.length) throw new BenchError("--body belongs to a --fire before it");
  const against = values.against === undefined ? {} : { against: await readConfig(values.against) };
  const publicOrigin = values["public-origin"];
  const port = values.port === undefined ? {} : { port: integer("--port", values.port, 65_535) };
  return {
    name,
    adaptersDir: values.adapters ?? projectAdapters,
    fire: operations.map((operation, at) => ({
      operation,
      ...(bodies[at] === undefined ? {} : { body: json("--body", bodies[at]) }),
      ...(at > 0 || values.path === undefined ? {} : { path: json("--path", values.path) as Record<string, string> }),
      ...(at > 0 || values.query === undefined
        ? {}
        : { query: json("--query", values.query) as Record<string, string> }),
    })),
    waitMs: integer("--wait", values.wait ?? "300", maxWaitMs),
    record: values.record ?? false,
    pagePort: integer("--page-port", values["page-port"] ?? "7070", 65_535),
    ...against,
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    ...port,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: "boolean" },
        fire: { type: "string", multiple: true },
        body: { type: "string", multiple: true },
        path: { type: "string" },
        query: { type: "string" },
        wait: { type: "string" },
        record: { type: "boolean" },
        against: { type: "string" },
        "public-origin": { type: "string" },
        port: { type: "string" },
        "page-port": { type: "string" },
        adapters: { type: "string" },
      },
    });
  } catch (error) {
    throw new BenchError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

async function readConfig(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new BenchError(`--against: cannot read ${file}: ${error.message}`);
  });
  return json(`--against ${file}`, text);
}

export function json(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BenchError(`${what} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

function integer(what: string, text: string, max: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) > max)
    throw new BenchError(`${what} must be a whole number up to ${max}`);
  return Number(text);
}
