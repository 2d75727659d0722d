/**
 * Imported ahead of a build: its gateway finds a contract with every operation so many times, the copies under paths and names
 * of their own, as if we had promised them. `?times=10&bundle=/path/of/the/enlarged/document.json`.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const asked = new URL(import.meta.url).searchParams;
const times = Number(asked.get("times"));
const bundle = pathToFileURL(asked.get("bundle") ?? "").href;

const specs = new URL("../../../specs/", import.meta.url).href;
const bundleUrl = 'new URL("generated/bundle.json", import.meta.url)';

/** The source of a module of the contract's with the copies in it; undefined for any other. */
function enlarged(url: string, source: string): string | undefined {
  if (url === `${specs}generated/operations.ts`) {
    const from = JSON.stringify(new URL("./copies.ts", import.meta.url).href);
    return `${source}\nimport { moreOperations } from ${from};\nmoreOperations(operations as never, ${times});\n`;
  }
  if (url !== `${specs}index.ts`) return undefined;
  const parts = source.split(bundleUrl);
  if (parts.length !== 2) throw new Error(`${url} does not read its document where the bench thinks it does`);
  return parts.join(`new URL(${JSON.stringify(bundle)})`);
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const source = enlarged(url, String(loaded.source));
    return source === undefined ? loaded : { ...loaded, source };
  },
});
