import { defineAdapter } from "#capability";
import { bankAccounts } from "./bank-accounts.ts";
import { bankPayments } from "./bank-payments.ts";
import { callbacks } from "./callbacks.ts";
import { config, hosts } from "./config.ts";
import { consents } from "./consents.ts";
import { errors } from "./errors.ts";
import { protocol } from "./protocol.ts";

/** A bank of the UK Open Banking standard, Read/Write API 4.0: consents, accounts and payments. */
export default defineAdapter({
  name: "openbanking-uk",
  title: "UK Open Banking (Read/Write API 4.0)",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts,
  protocol,
  errors,
  capabilities: { consents, bankAccounts, bankPayments },
  unsupported: [],
  callbacks,
  proof: { grade: "sdk", by: "openid-client 6.8.9 and jose 6.2.17", verifiedOnDate: "2026-11-22" },
});
