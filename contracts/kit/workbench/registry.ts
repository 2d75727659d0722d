/** What a bench's stand-in folders import: the real adapter, watched by the bench that asked for it. */
import type { Adapter } from "#capability";
import { watchAdapter } from "../fixtures/watch-adapter.ts";
import type { Sink } from "../fixtures/watched.ts";

const benches = new Map<string, { sink: Sink; fresh: boolean }>();

/** Names a bench's sink until the bench stops. */
export function register(bench: string, sink: Sink, fresh: boolean): () => void {
  benches.set(bench, { sink, fresh });
  return () => benches.delete(bench);
}

/** The manifest, telling that bench all that passes through it. */
export function watched(bench: string, manifest: Adapter): Adapter {
  const known = benches.get(bench);
  if (known === undefined) throw new Error(`no bench ${bench}`);
  return watchAdapter(manifest, known.sink, known.fresh);
}
