/** A refusal in the standard's words: status and code, with the field in question. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly path: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, code?: string, message?: string, path?: string, headers: Record<string, string> = {}) {
    super(message ?? `${status}`);
    this.status = status;
    this.code = code;
    this.path = path;
    this.headers = headers;
  }
}

/** A refusal of the authorisation server (RFC 6749 5.2). */
export class OAuthRefusal extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}
