import { randomBytes } from "node:crypto";
import { html } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { customerAccounts } from "./accounts.ts";
import { consentStatus } from "./consents.ts";
import type { Bank, Consent, Pushed } from "./bank.ts";

const codeLifetimeMs = 60_000;

/** The bank's page: GET shows what is asked for, POST with `decision=approve` or `deny` sends the customer back. */
export function authorizePage(bank: Bank, request: WireRequest): WireAnswer | undefined {
  if (request.path !== "/authorize") return undefined;
  const uri = request.query.get("request_uri") ?? "";
  const pushed = bank.pushed.get(uri);
  const consent = bank.consents.get(pushed?.consentId ?? "");
  const live = pushed !== undefined && pushed.expiresAtMs > bank.now().getTime();
  if (!live || consent === undefined || request.query.get("client_id") !== bank.client.id) {
    return refuse("This link has run out. Please start again.");
  }
  const status = consentStatus(bank, consent);
  if (status !== "AWAU" && !(status === "AUTH" && consent.api === "accounts")) {
    return refuse("There is nothing left to decide here.");
  }
  if (request.method === "GET") return show(consent);
  if (request.method !== "POST") return refuse("GET or POST.");
  const decision = new URLSearchParams(request.body.toString("utf8")).get("decision");
  if (decision !== "approve" && decision !== "deny") return refuse("Approve or deny.");
  bank.pushed.delete(uri);
  const updatedAt = bank.now().toISOString();
  bank.consents.set(consent.id, { ...consent, status: decision === "approve" ? "AUTH" : "RJCT", updatedAt });
  return back(bank, pushed, decision);
}

function show(consent: Consent): WireAnswer {
  const actions = [
    { label: "Approve", fields: { decision: "approve" } },
    { label: "Deny", fields: { decision: "deny" } },
  ];
  if (consent.api === "accounts") {
    const facts = {
      Access: String(consent.data["Permissions"]),
      Until: String(consent.data["ExpirationDateTime"] ?? "revoked"),
      Accounts: customerAccounts.map((account) => account.Nickname).join(", "),
    };
    return html({ title: "Share your accounts?", facts, actions });
  }
  const { InstructedAmount, CreditorAccount } = consent.data["Initiation"] as {
    InstructedAmount: { Amount: string; Currency: string };
    CreditorAccount: { Name: string; Identification: string };
  };
  const facts = {
    Amount: `${InstructedAmount.Amount} ${InstructedAmount.Currency}`,
    To: `${CreditorAccount.Name} (${CreditorAccount.Identification})`,
    From: customerAccounts[0]?.Nickname ?? "",
  };
  return html({ title: "Approve this payment?", facts, actions });
}

function back(bank: Bank, pushed: Pushed, decision: "approve" | "deny"): WireAnswer {
  const location = new URL(pushed.redirectUri);
  if (decision === "approve") {
    const code = randomBytes(24).toString("base64url");
    bank.codes.set(code, { ...pushed, expiresAtMs: bank.now().getTime() + codeLifetimeMs, used: false });
    location.searchParams.set("code", code);
  } else {
    location.searchParams.set("error", "access_denied");
  }
  location.searchParams.set("state", pushed.state);
  location.searchParams.set("iss", bank.issuer);
  return { status: 303, headers: { location: location.href, "cache-control": "no-store" } };
}

function refuse(text: string): WireAnswer {
  return html({ title: "This cannot be done", text, status: 400 });
}
