/** The command `npm run contract`. */
import { parseArgs, styleText } from "node:util";
import { SandboxUnusable } from "../../../mocks/partner/sandbox.ts";
import { readExpectations, UnusableFile } from "./format.ts";
import { runExpectations } from "./run.ts";
import type { Outcome } from "./run.ts";
import { gatewayAt, ownSandbox, runningSandbox } from "./target.ts";
import type { Target } from "./target.ts";

const usage = `Usage: npm run contract -- FILE... [options]

  FILE              YAML or JSON; its form: contracts/promise/README.md
  (no option)       starts a sandbox of this build with every vendor, and stops it afterwards
  --sandbox DIR     a sandbox that runs, by its folder (npm start keeps .sandbox)
  --origin URL      any gateway that knows the key in --key FILE (private JWK with its kid)
  --json            for programs

Exit code: 0 all kept · 1 some not · 2 usage, or not reached
`;

class UsageError extends Error {}

/** Where a command writes. */
export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

/** Runs the command; returns its exit code. Throws only what is a defect. */
export async function command(args: string[], streams: Streams): Promise<number> {
  return run(args, streams).catch((error: unknown) => explained(error, streams));
}

async function run(args: string[], { out }: Streams): Promise<number> {
  const { values, positionals } = parsed(args);
  if (values.help === true) {
    out(usage);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError("FILE is expected");
  const files = positionals.map(readExpectations);
  const target = await targetOf(values);
  try {
    const outcomes: Outcome[] = [];
    for (const file of files) outcomes.push(...(await runExpectations(file, (name) => target.caller(name))));
    const broken = outcomes.filter(({ kept }) => !kept).length;
    const partners = files.map(({ partner }) => partner).join(", ");
    const summary = `${outcomes.length - broken} of ${outcomes.length} expectations of ${partners} are kept by ${target.name}.`;
    const text =
      values.json === true ? JSON.stringify(outcomes, undefined, 2) : [...outcomes.map(shown), summary].join("\n");
    out(`${text}\n`);
    return broken === 0 ? 0 : 1;
  } finally {
    await target.close();
  }
}

const options = {
  sandbox: { type: "string" },
  origin: { type: "string" },
  key: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function targetOf({
  sandbox,
  origin,
  key,
}: {
  sandbox?: string;
  origin?: string;
  key?: string;
}): Promise<Target> {
  if (sandbox !== undefined && origin !== undefined) throw new UsageError("--sandbox or --origin, not both");
  if ((origin === undefined) !== (key === undefined)) throw new UsageError("--origin and --key go together");
  if (sandbox !== undefined) return runningSandbox(sandbox);
  return origin === undefined || key === undefined ? ownSandbox() : gatewayAt(origin, key);
}

function shown({ name, kept, differences, requestId, durationMs }: Outcome): string {
  const mark = styleText(kept ? "green" : "red", kept ? "kept  " : "broken", { stream: process.stdout });
  const id = requestId === undefined ? "" : ` ${requestId}`;
  return [`${mark} ${name} (${durationMs} ms)`, ...differences.map((each) => `         ${each}${id}`)].join("\n");
}

/** Says what to do; returns the exit code. Defects go on up. */
function explained(error: unknown, { error: say }: Streams): number {
  const { message, name, code } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError) say(`${message}\n\n${usage}`);
  else if (error instanceof UnusableFile || error instanceof SandboxUnusable) say(`${message}\n`);
  else if (code !== undefined || name === "TypeError") say(`the gateway was not reached: ${message}\n`);
  else throw error;
  return 2;
}
