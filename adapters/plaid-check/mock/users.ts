import { randomBytes } from "node:crypto";
import type { MockContext, WireAnswer } from "#mocks";
import { answer, PlaidError } from "./answers.ts";
import { scenarioOf } from "./scenarios.ts";

interface Contact {
  data: string;
  primary: boolean;
}

interface Identity {
  name?: { given_name: string; family_name: string };
  date_of_birth?: string;
  emails?: Contact[];
  phone_numbers?: Contact[];
  addresses?: ({ country: string; primary: boolean } & Record<string, unknown>)[];
  id_numbers?: { value: string; type: string }[];
}

export interface User {
  userId: string;
  identity: Identity | undefined;
}

export interface Users {
  create(body: Record<string, unknown>): WireAnswer;
  /** Throws a `PlaidError` if the body names no user. */
  of(body: Record<string, unknown>): User;
}

/** Plaid's users: `client_user_id` is idempotent, a repeat answers 200 with the same user and changes nothing. */
export function createUsers(context: MockContext): Users {
  const users = context.table<User>("users");
  const byClientUserId = context.table<string>("client-user-ids");
  return {
    create(body) {
      const clientUserId = body["client_user_id"];
      if (typeof clientUserId !== "string" || clientUserId === "" || clientUserId.length > 128) {
        throw new PlaidError("INVALID_FIELD", "client_user_id must be a string of 1 to 128 characters");
      }
      const known = byClientUserId.get(clientUserId);
      if (known !== undefined) return answer(200, { user_id: known });
      const identity = body["identity"] as Identity | undefined;
      const refusal = scenarioOf(identity?.name?.family_name).userRefusal;
      if (refusal !== undefined) throw new PlaidError(refusal);
      checkContacts(identity);
      const userId = `usr_${randomBytes(9).toString("hex").slice(0, 14)}`;
      users.set(userId, { userId, identity });
      byClientUserId.set(clientUserId, userId);
      return answer(201, { user_id: userId });
    },
    of(body) {
      const userId = body["user_id"];
      if (typeof userId !== "string" || !userId.startsWith("usr_")) throw new PlaidError("INVALID_USER_ID");
      const user = users.get(userId);
      if (user === undefined) throw new PlaidError("USER_NOT_FOUND");
      return user;
    },
  };
}

/** Plaid checks numbers against real numbering plans; here a +1 number must be one of the North American plan. */
function checkContacts(identity: Identity | undefined): void {
  for (const { data } of identity?.phone_numbers ?? []) {
    if (!/^\+([2-9]\d{6,14}|1[2-9]\d{2}[2-9]\d{6})$/.test(data)) {
      throw new PlaidError("INVALID_USER_IDENTITY_DATA", "Invalid phone number.");
    }
  }
  for (const { data } of identity?.emails ?? []) {
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(data)) {
      throw new PlaidError("INVALID_USER_IDENTITY_DATA", "Invalid email format.");
    }
  }
}
