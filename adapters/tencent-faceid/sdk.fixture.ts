import type { Agent } from "node:http";
import { CommonClient } from "tencentcloud-sdk-nodejs-common";
import type { RunningMock } from "#mocks";

export interface Credential {
  secretId: string;
  secretKey: string;
}

export interface ClientOptions {
  credential?: Credential;
  signMethod?: "TC3-HMAC-SHA256" | "HmacSHA256" | "HmacSHA1";
  reqMethod?: "POST" | "GET";
  version?: string;
  token?: string;
  endpoint?: string;
  agent?: Agent;
}

/** The vendor's own client, pointed at the mock as its README says: an endpoint with a port, over http. */
export function sdkClient(mock: RunningMock, options: ClientOptions = {}): CommonClient {
  const credential = options.credential ?? goodKey(mock);
  const endpoint = options.endpoint ?? new URL(mock.origin).host;
  return new CommonClient(endpoint, options.version ?? "2018-03-01", {
    credential: { ...credential, ...(options.token === undefined ? {} : { token: options.token }) },
    region: "ap-guangzhou",
    profile: {
      signMethod: options.signMethod ?? "TC3-HMAC-SHA256",
      httpProfile: {
        protocol: "http://",
        endpoint,
        reqMethod: options.reqMethod ?? "POST",
        reqTimeout: 5,
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
    },
  });
}

export function goodKey(mock: RunningMock): Credential {
  const { secretId, secretKey } = mock.credentials;
  return { secretId: String(secretId), secretKey: String(secretKey) };
}

export function keyNamed(mock: RunningMock, name: "mfaKey" | "deniedKey"): Credential {
  return mock.credentials[name] as Credential;
}

/** The code with which the SDK rejects, or `answered`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

export interface Bill {
  calls: number;
  billed: number;
  entries: { id: string; action: string; result: string; billed: boolean; at: string }[];
}

/** The vendor's own count of what it charges for. */
export async function billOf(mock: RunningMock): Promise<Bill> {
  const answer = await fetch(`${mock.origin}/ledger`);
  return (await answer.json()) as Bill;
}

/** The customer on the H5 page; gives the answer's status and where the browser is sent. */
export async function customer(url: string, outcome: string, code?: number) {
  const body = new URLSearchParams({ outcome, ...(code === undefined ? {} : { code: `${code}` }) });
  const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
  return { status: answer.status, location: answer.headers.get("location") };
}
