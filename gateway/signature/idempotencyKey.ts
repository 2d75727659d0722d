/** Rule 7: the IETF draft's `Idempotency-Key` is a quoted string, Stripe's is bare; both mean one key. */
import { maxIdempotencyKeyChars } from "./limits.ts";

const bare = new RegExp(`^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,${maxIdempotencyKeyChars}}$`);

/**
 * The key in a field as sent, unquoted; undefined when it is neither form: 1 to 255 visible ASCII characters without
 * quote and backslash, so that a quoted key has no second spelling.
 */
export function readIdempotencyKey(field: string): string | undefined {
  const key = field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1) : field;
  return bare.test(key) ? key : undefined;
}
