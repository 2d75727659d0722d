/** A folder of adapters outside the project: all that a new adapter is. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const adapterFile = fileURLToPath(new URL("fictitious.fixture.ts", import.meta.url));

export interface AdapterFolders {
  root: string;
  adaptersDir: string;
  remove(): Promise<void>;
}

/** A fresh `adapters/` with one folder a name, each with the fictitious adapter and its vendor's spec. */
export async function makeAdapters(names: readonly string[], faults: readonly string[]): Promise<AdapterFolders> {
  const root = await mkdtemp(join(tmpdir(), "qiao-adapters-"));
  const adaptersDir = join(root, "adapters");
  const doors = { type: "module", imports: { "#capability": "./gateway/capability/index.ts" } };
  await writeFile(join(root, "package.json"), JSON.stringify(doors));
  await symlink(join(project, "gateway"), join(root, "gateway"));
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  for (const name of names) {
    await mkdir(join(adaptersDir, name), { recursive: true });
    await cp(adapterFile, join(adaptersDir, name, "index.ts"));
    await writeFile(join(adaptersDir, name, "vendor.openapi.yaml"), vendorSpec(faults));
  }
  return { root, adaptersDir, remove: () => rm(root, { recursive: true, force: true }) };
}

/** What the fictitious vendor promised: three operations for each fault, `/read/<fault>` and so on, and two of its own. */
export function vendorSpec(faults: readonly string[]): string {
  const acts = faults.flatMap((fault) => [
    act(`read.${fault}`, `/read/${fault}`, "read"),
    act(`charged.${fault}`, `/charged/${fault}`, "charged"),
    act(`once.${fault}`, `/once/${fault}`, "once"),
  ]);
  const status = {
    operationId: "status",
    "x-effect": "read",
    parameters: [{ name: "reference", in: "path", required: true, schema: { type: "string" } }],
    responses: answers({ reference: { type: "string" }, state: { enum: ["made", "absent"] } }),
  };
  const token = {
    operationId: "token",
    "x-effect": "read",
    requestBody: content({ client: { type: "string" } }),
    responses: answers({ access_token: { type: "string" }, expires_in: { type: "integer" } }),
  };
  const paths = Object.fromEntries([
    ...acts,
    ["/status/{reference}", { get: status }],
    ["/token", { post: token }],
  ]) as object;
  return JSON.stringify({ openapi: "3.1.0", info: { title: "Fictitious", version: "1" }, paths });
}

function act(operationId: string, path: string, effect: string): [string, object] {
  const post = {
    operationId,
    "x-effect": effect,
    "x-group": operationId,
    requestBody: content({ reference: { type: "string" } }),
    responses: answers({ reference: { type: "string" }, note: { type: "string" } }),
  };
  return [path, { post }];
}

/** 200 with exactly these members, or an error of the vendor's. */
function answers(properties: Record<string, object>): object {
  return {
    "200": { description: "done", ...content(properties) },
    "4XX": { description: "refused", content: { "application/json": { schema: { type: "object" } } } },
  };
}

function content(properties: Record<string, object>): object {
  const schema = { type: "object", additionalProperties: false, required: Object.keys(properties), properties };
  return { content: { "application/json": { schema } } };
}
