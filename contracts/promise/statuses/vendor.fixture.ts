/** The scripted adapter's folder and its vendor: what it says next is set operation by operation. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startMock } from "#mocks";
import type { RunningMock, WireAnswer } from "#mocks";
import { operations, readBundle } from "#specs";
import type { OperationId } from "#specs";

const project = fileURLToPath(new URL("../../../", import.meta.url));

/** What the vendor says: `good`, or a status for the resource, or a code; after how long. */
export interface Line {
  status?: string;
  code?: string;
  /** Its number for what it made. */
  handle?: string;
  delayMs?: number;
}

export interface ScriptedVendor {
  root: string;
  adaptersDir: string;
  mock: RunningMock;
  /** By operation; `good` where there is none. */
  script: Map<OperationId, Line>;
  close(): Promise<void>;
}

/** Makes the folder and starts the vendor. */
export async function startScripted(): Promise<ScriptedVendor> {
  const root = await mkdtemp(join(tmpdir(), "qiao-promise-"));
  const adaptersDir = join(root, "adapters");
  const dir = join(adaptersDir, "scripted");
  await mkdir(dir, { recursive: true });
  const imports = { "#capability": "./gateway/capability/index.ts", "#specs": "./specs/index.ts" };
  await writeFile(join(root, "package.json"), JSON.stringify({ type: "module", imports }));
  for (const room of ["gateway", "specs", "node_modules"]) await symlink(join(project, room), join(root, room));
  await cp(fileURLToPath(new URL("scripted.fixture.ts", import.meta.url)), join(dir, "index.ts"));
  await writeFile(join(dir, "vendor.openapi.yaml"), JSON.stringify(document()));
  const script = new Map<OperationId, Line>();
  const mock = await startMock({
    adapter: "scripted",
    title: "Scripted",
    spec: pathToFileURL(join(dir, "vendor.openapi.yaml")),
    create: ({ origin }) => ({
      credentials: {},
      config: { baseUrl: origin },
      operationOf: ({ path }) => (path.slice(1) in operations ? path.slice(1) : undefined),
      notFound: () => ({ status: 404 }),
      handle: (_request, operation) => said(operation as OperationId, script.get(operation as OperationId) ?? {}),
    }),
  });
  const close = async (): Promise<void> => {
    await mock.stop();
    await rm(root, { recursive: true, force: true });
  };
  return { root, adaptersDir, mock, script, close };
}

function said(operation: OperationId, { code, status, handle, delayMs }: Line): WireAnswer {
  const body = code === undefined ? { status, handle, answer: answerOf(operation) } : { code };
  return {
    status: code === undefined ? 200 : 400,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

interface Documented {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { examples?: object }> }> }>
  >;
}
const { paths } = readBundle() as unknown as Documented;

/** The contract's own example of a good answer. */
function answerOf(operation: OperationId): unknown {
  const { method, path, successStatuses } = operations[operation];
  const content = paths[path]?.[method.toLowerCase()]?.responses[String(successStatuses[0])]?.content;
  const [example] = Object.values(content?.["application/json"]?.examples ?? {}) as { value: unknown }[];
  return example?.value;
}

/** What the vendor promised: each operation by its own name, each in a group of its own. */
function document(): object {
  const acts = Object.entries(operations).filter(([, { answeredBy }]) => answeredBy === "adapter");
  const json = (schema: object): object => ({ content: { "application/json": { schema } } });
  const act = (operationId: string, effect: string): object => ({
    operationId,
    "x-effect": effect,
    "x-group": operationId,
    requestBody: json({ type: "object", required: ["reference"], properties: { reference: { type: "string" } } }),
    responses: {
      "200": { description: "done", ...json({ type: "object" }) },
      "400": { description: "refused", ...json({ type: "object" }) },
    },
  });
  return {
    openapi: "3.1.0",
    info: { title: "Scripted", version: "1" },
    paths: Object.fromEntries(acts.map(([id, { effect }]) => [`/${id}`, { post: act(id, effect) }])),
  };
}
