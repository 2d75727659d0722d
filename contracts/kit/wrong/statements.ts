/** Wrong in what is said and configured. */
import { z } from "zod";
import { config } from "./correct.ts";
import { wrong } from "./wrong.ts";

export const statements = [
  wrong("claims-an-sdk", "manifest", "says that an SDK stands behind it, and has no such test", () => ({
    proof: { grade: "sdk", by: "a word" },
  })),
  wrong("default-secret", "fail-closed", "its key has a default", () => ({
    config: config.extend({
      key: z.string().min(16).default("0123456789abcdef0123456789abcdef").describe("Signs everything. A secret."),
    }),
  })),
  wrong(
    "hides-its-sandbox",
    "fail-closed",
    "does not name a sandbox host, so that production would start",
    ({ hosts }) => ({
      hosts: (given) => hosts(given).filter((host) => !host.includes("sandbox")),
    }),
  ),
  wrong("unnamed-host", "answers", "calls a host that its configuration does not name", () => ({
    hosts: () => ["api.vendor.example"],
  })),
];
