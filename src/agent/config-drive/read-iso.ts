// Reads the files of an ISO 9660 file system without mounting it, so that neither a kernel module nor root is needed.

const sector = 2048;

/** The volume label, or undefined when the bytes are no ISO 9660 file system. */
export function isoLabel(image: Buffer): string | undefined {
  if (image.length < 17 * sector || image.toString('latin1', 16 * sector + 1, 16 * sector + 6) !== 'CD001')
    return undefined;
  return image.toString('latin1', 16 * sector + 40, 16 * sector + 72).trimEnd();
}

/** Every file by its path in lower case; Rock Ridge names are used where there are any. Empty when this is no ISO 9660 file system. */
export function readIso(image: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  if (isoLabel(image) === undefined) return files;
  const seen = new Set<number>();
  const walk = (at: number, length: number, prefix: string): void => {
    if (seen.has(at)) return;
    seen.add(at);
    for (let place = at * sector; place < at * sector + length && place < image.length; ) {
      const size = image.readUInt8(place);
      if (size === 0) {
        place = (Math.floor(place / sector) + 1) * sector;
        continue;
      }
      const record = image.subarray(place, place + size);
      place += size;
      const name = nameOf(record);
      if (name === undefined) continue;
      const start = record.readUInt32LE(2);
      const bytes = record.readUInt32LE(10);
      if (record.readUInt8(25) & 2) walk(start, bytes, `${prefix}${name}/`);
      else files.set(prefix + name, Buffer.from(image.subarray(start * sector, start * sector + bytes)));
    }
  };
  const root = image.subarray(16 * sector + 156, 16 * sector + 190);
  walk(root.readUInt32LE(2), root.readUInt32LE(10), '');
  return files;
}

/** A record's name, or undefined for the entries of the folder itself and its parent. */
function nameOf(record: Buffer): string | undefined {
  const length = record.readUInt8(32);
  if (length === 1 && record.readUInt8(33) <= 1) return undefined;
  const plain = record
    .toString('latin1', 33, 33 + length)
    .replace(/;\d+$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  let rock = '';
  // System use entries: signature, length, version, then for NM a flag byte with the name behind it.
  for (let at = 33 + length + (length % 2 === 0 ? 1 : 0); at + 4 <= record.length; ) {
    const size = record.readUInt8(at + 2);
    if (size < 4) break;
    if (record.toString('latin1', at, at + 2) === 'NM') rock += record.toString('utf8', at + 5, at + size);
    at += size;
  }
  return rock === '' ? plain : rock.toLowerCase();
}
