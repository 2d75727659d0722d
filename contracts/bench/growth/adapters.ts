/** Copies of the bench's adapter under names of their own, in a folder that a gateway can be configured with. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const original = new URL("../adapters/bench-vendor/", import.meta.url);
const name = "bench-vendor";
const files = ["index.ts", "vendor.openapi.yaml"] as const;

/** Writes the copies `<prefix>-1` … into `dir`; returns their names. */
export async function copyAdapters(dir: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, original), "utf8")));
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "package.json"), '{ "type": "module" }\n');
  await Promise.all(
    names.map(async (copy) => {
      await mkdir(join(dir, copy), { recursive: true });
      await Promise.all(
        files.map((file, at) =>
          writeFile(join(dir, copy, file), (texts[at] ?? "").replaceAll(name, copy).replaceAll(specifier, absolute)),
        ),
      );
    }),
  );
  return names;
}

const specifier = /(?<= from ")[^"]+(?=")/g;

/** The folder lies outside the project, where its names and relative paths lead nowhere. */
function absolute(specified: string): string {
  return specified.startsWith(".") ? new URL(specified, original).href : import.meta.resolve(specified);
}
