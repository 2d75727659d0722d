/** Keeps a run beside its program: the figures as JSON, and the picture. */
import { writeFileSync } from "node:fs";
import { format } from "oxfmt";

export async function keep(name: string, results: object, picture: string): Promise<void> {
  const { code } = await format(`${name}.json`, JSON.stringify(results), { printWidth: 120 });
  writeFileSync(new URL(`./${name}.json`, import.meta.url), code);
  writeFileSync(new URL(`./${name}.svg`, import.meta.url), picture);
}
