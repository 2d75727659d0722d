import { defineAdapter } from "#capability";
import { adapterName } from "./answers.ts";
import { callbacks } from "./callbacks.ts";
import { configSchema, type Config } from "./config.ts";
import { errors } from "./errors.ts";
import { faceVerifications } from "./face-verifications.ts";
import { identityChecks } from "./identity-checks.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

export default defineAdapter<Config, operations>({
  name: adapterName,
  title: "Alibaba Cloud cloudauth (阿里云实人认证)",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config: configSchema,
  hosts: (config) => [new URL(config.baseUrl).host],
  protocol,
  errors,
  capabilities: { identityChecks, faceVerifications },
  unsupported: [],
  callbacks,
  proof: { grade: "sdk", by: "@alicloud/cloudauth20190307 3.5.0", verifiedOnDate: "2026-11-22" },
});
