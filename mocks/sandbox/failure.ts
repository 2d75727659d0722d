/** A sandbox that cannot start, said so that the reader knows what to do. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}
