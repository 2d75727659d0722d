import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { Router } from "express";
import { readBundle } from "#specs";

const redocFile = createRequire(import.meta.url).resolve("redoc/bundles/redoc.standalone.js");
const assetMaxAgeSeconds = 3_600;

const page = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
</head>
<body>
<redoc spec-url="/docs/openapi.json" hide-download-button expand-responses="200,201,202" json-sample-expand-level="3"></redoc>
<script src="/docs/redoc.standalone.js"></script>
</body>
</html>
`;

interface Asset {
  type: string;
  body: Buffer;
}

/**
 * The API reference: Redoc, served from its npm package, over the bundle as this gateway enforces it. No CDN. Each file is made
 * when it is first asked for. Throws if the package is not there.
 */
export async function docs(publicOrigin: string): Promise<Router> {
  await access(redocFile);
  const bundle = () => ({ ...readBundle(), servers: [{ url: publicOrigin, description: "This gateway" }] });
  const title = () => (bundle() as unknown as { info: { title: string } }).info.title;
  const files: Record<string, () => Asset> = {
    "/": () => ({ type: "text/html; charset=utf-8", body: Buffer.from(page(title())) }),
    "/openapi.json": () => ({ type: "application/json", body: Buffer.from(JSON.stringify(bundle())) }),
    "/redoc.standalone.js": () => ({ type: "text/javascript; charset=utf-8", body: readFileSync(redocFile) }),
  };
  const router = Router({ caseSensitive: true });
  for (const [path, make] of Object.entries(files)) {
    let made: Asset | undefined;
    router.get(path, (_request, response) => {
      const { type, body } = (made ??= make());
      response.set({
        "Content-Type": type,
        "Cache-Control": `public, max-age=${assetMaxAgeSeconds}`,
        "X-Content-Type-Options": "nosniff",
        // Redoc renders with inline styles and searches in a worker made from a blob.
        "Content-Security-Policy":
          "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'",
      });
      response.end(body);
    });
  }
  return router;
}
