import { defineAdapter } from "#capability";
import { adapterName } from "./answers.ts";
import { configSchema, type Config } from "./config.ts";
import { errors } from "./errors.ts";
import { faceVerifications } from "./face-verifications.ts";
import { identityChecks } from "./identity-checks.ts";
import { protocol } from "./protocol.ts";
import type { operations } from "./vendor.d.ts";

export default defineAdapter<Config, operations>({
  name: adapterName,
  title: "Tencent Cloud faceid (慧眼人脸核身)",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config: configSchema,
  hosts: (config) => [new URL(config.baseUrl).host],
  protocol,
  errors,
  capabilities: { identityChecks, faceVerifications },
  unsupported: [],
  proof: { grade: "sdk", by: "tencentcloud-sdk-nodejs-common 4.1.220", verifiedOnDate: "2026-11-22" },
});
