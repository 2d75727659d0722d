/** The ways of tampering with a signed request, each with the refusal that it must earn. */
import type { Tampering } from "./tamper.fixture.ts";
import { flips, keys } from "./tampering-bytes.fixture.ts";
import { coverage, digests, duplicates, params, shape, signatures } from "./tampering-forms.fixture.ts";

export const tamperings: [group: string, rows: Tampering[]][] = [
  ["what was signed is changed", flips],
  ["keys", keys],
  ["coverage", coverage],
  ["parameters", params],
  ["signatures", signatures],
  ["digest", digests],
  ["duplicate headers", duplicates],
  ["shape", shape],
];
