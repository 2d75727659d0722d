import { defineAdapter } from "#capability";
import { config } from "./config.ts";
import { creditReports } from "./credit-reports.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";
import { callbacks } from "./webhook.ts";

export default defineAdapter({
  name: "plaid-check",
  title: "Plaid Check",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ baseUrl }) => [new URL(baseUrl).host],
  protocol,
  errors,
  capabilities: { creditReports },
  unsupported: [],
  callbacks,
  proof: { grade: "sdk", by: "plaid 47.0.0", verifiedOnDate: "2026-11-22" },
});
