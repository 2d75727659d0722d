import { defineAdapter, sameContract } from "#capability";
import { config } from "./config.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";

export default defineAdapter({
  name: "account-centre",
  title: "Account centre",
  kind: "platform",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ baseUrl }) => [new URL(baseUrl).host],
  protocol,
  errors,
  capabilities: { customerAccounts: sameContract("customerAccounts") },
  unsupported: [],
  proof: {
    grade: "sdk",
    by: "the partner profile in mocks/partner, extended by the platform's header fields",
    verifiedOnDate: "2026-11-22",
  },
});
