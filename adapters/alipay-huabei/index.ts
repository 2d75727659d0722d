import { defineAdapter } from "#capability";
import { callbacks } from "./callbacks.ts";
import { configSchema } from "./config.ts";
import { errors } from "./errors.ts";
import { instalments } from "./instalments.ts";
import { protocol } from "./protocol.ts";
import { refunds } from "./refunds.ts";

/** Alipay Huabei instalments (花呗分期) over gateway.do. */
export default defineAdapter({
  name: "alipay-huabei",
  title: "Alipay Huabei instalments (花呗分期)",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config: configSchema,
  hosts: (config) => [new URL(config.baseUrl).host],
  protocol,
  errors,
  capabilities: { instalments, refunds },
  unsupported: [],
  callbacks,
  proof: { grade: "sdk", by: "alipay-sdk 4.14.0", verifiedOnDate: "2026-11-22" },
});
