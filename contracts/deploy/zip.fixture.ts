import { inflateRawSync } from "node:zlib";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const deflated = 8;

/** The bytes of one file of a ZIP archive (APPNOTE 6.3, without encryption and ZIP64). @throws Error when it is not in there */
export function fileInZip(zip: Buffer, name: string): Buffer {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error("no ZIP archive");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== entrySignature) throw new Error("a broken ZIP archive");
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    if (zip.toString("utf8", at + 46, at + 46 + nameBytes) === name) {
      const method = zip.readUInt16LE(at + 10);
      const bytes = zip.readUInt32LE(at + 20);
      const local = zip.readUInt32LE(at + 42);
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + bytes);
      return method === deflated ? inflateRawSync(data) : data;
    }
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  throw new Error(`no ${name} in the ZIP archive`);
}
