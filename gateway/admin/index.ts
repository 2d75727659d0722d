/** The operators' door: metrics, probes, and what happened to one request. Never reachable from outside. */
import express from "express";
import type { Express, RequestHandler, Router } from "express";
import type { Registry } from "prom-client";
import type { Outbound } from "#outbound";
import type { Store } from "#store";

export interface Probes {
  livez: RequestHandler;
  readyz: RequestHandler;
}

/** `/livez`: the process turns; `/readyz`: it takes work, which needs the store and no drain under way. */
export function probes(store: Pick<Store, "health">, draining: () => boolean): Probes {
  return {
    livez: (_request, response) => {
      response.json({ status: "ok" });
    },
    readyz: async (_request, response) => {
      const reason = draining() ? "draining" : await store.health().then(noReason, () => "store unavailable");
      response
        .status(reason === undefined ? 200 : 503)
        .json(reason === undefined ? { status: "ready" } : { status: "not ready", reason });
    },
  };
}

function noReason(): undefined {
  return undefined;
}

export function adminApp(options: {
  registry: Registry;
  probes: Probes;
  outbound: Outbound;
  recovery: Router;
}): Express {
  const app = express();
  app.set("x-powered-by", false);
  app.get("/livez", options.probes.livez);
  app.get("/readyz", options.probes.readyz);
  app.get("/metrics", async (_request, response) => {
    response.set("Content-Type", options.registry.contentType);
    response.end(await options.registry.metrics());
  });
  // For the primary of several workers, which adds them up.
  app.get("/metrics.json", async (_request, response) => {
    response.json(await options.registry.getMetricsAsJSON());
  });
  app.get("/breakers", (_request, response) => {
    response.json({ data: options.outbound.breakers() });
  });
  app.get("/transcripts/:requestId", (request, response) => {
    response.json({ data: options.outbound.transcripts(request.params.requestId) });
  });
  app.use("/recovery", options.recovery);
  return app;
}
