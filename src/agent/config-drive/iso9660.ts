// Writes and reads small ISO 9660 file systems (ECMA-119), the form of a config drive that every guest can mount.

const sector = 2048;

export interface IsoFile {
  /** Slash separated, lower case; stored in capitals, which Linux shows in lower case again. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Folder {
  readonly name: string;
  readonly parent: Folder | undefined;
  readonly folders: Folder[];
  readonly files: { readonly name: string; readonly bytes: Uint8Array; at: number }[];
  at: number;
}

/** An ISO 9660 level 2 image with volume label `label`: same files, same bytes. */
export function writeIso(label: string, files: readonly IsoFile[]): Buffer {
  const root = tree(files);
  const folders = breadthFirst(root);
  const tableBytes = folders.reduce((sum, folder) => sum + pathRecord(folder, folders, 'LE').length, 0);
  const tableSectors = Math.ceil(tableBytes / sector);
  let next = 18 + 2 * tableSectors;
  for (const folder of folders) {
    folder.at = next;
    next += folderSectors(folder);
  }
  for (const folder of folders) {
    for (const file of folder.files) {
      file.at = next;
      next += Math.ceil(file.bytes.length / sector);
    }
  }
  const image = Buffer.alloc(next * sector);
  image.set(volumeDescriptor(label, next, tableBytes, tableSectors, root), 16 * sector);
  image.set([255, ...Buffer.from('CD001'), 1], 17 * sector);
  image.set(Buffer.concat(folders.map((folder) => pathRecord(folder, folders, 'LE'))), 18 * sector);
  image.set(Buffer.concat(folders.map((folder) => pathRecord(folder, folders, 'BE'))), (18 + tableSectors) * sector);
  for (const folder of folders) {
    image.set(folderBytes(folder), folder.at * sector);
    for (const file of folder.files) image.set(file.bytes, file.at * sector);
  }
  return image;
}

function tree(files: readonly IsoFile[]): Folder {
  const folder = (name: string, parent: Folder | undefined): Folder => ({
    name,
    parent,
    folders: [],
    files: [],
    at: 0,
  });
  const root = folder('', undefined);
  for (const { path, bytes } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const names = path.toUpperCase().split('/');
    const last = names.pop() ?? '';
    let place = root;
    for (const name of names) {
      let inner = place.folders.find((known) => known.name === name);
      if (!inner) {
        inner = folder(name, place);
        place.folders.push(inner);
      }
      place = inner;
    }
    place.files.push({ name: `${last.includes('.') ? last : `${last}.`};1`, bytes, at: 0 });
  }
  return root;
}

function breadthFirst(root: Folder): Folder[] {
  const all = [root];
  for (const folder of all) all.push(...folder.folders);
  return all;
}

/** Directory records of one folder; a record never crosses a sector's end. */
function records(folder: Folder): Buffer[] {
  const own = directoryRecord(Buffer.of(0), folder.at, folderSectors(folder) * sector, true);
  const above = folder.parent ?? folder;
  const up = directoryRecord(Buffer.of(1), above.at, folderSectors(above) * sector, true);
  const inner = [
    ...folder.folders.map((child) => ({
      name: child.name,
      record: directoryRecord(Buffer.from(child.name), child.at, folderSectors(child) * sector, true),
    })),
    ...folder.files.map((file) => ({
      name: file.name,
      record: directoryRecord(Buffer.from(file.name), file.at, file.bytes.length, false),
    })),
  ];
  inner.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [own, up, ...inner.map((entry) => entry.record)];
}

function folderBytes(folder: Folder): Buffer {
  const image = Buffer.alloc(folderSectors(folder) * sector);
  let at = 0;
  for (const record of records(folder)) {
    if ((at % sector) + record.length > sector) at = Math.ceil(at / sector) * sector;
    image.set(record, at);
    at += record.length;
  }
  return image;
}

function folderSectors(folder: Folder): number {
  const lengths = [
    1,
    1,
    ...folder.folders.map((child) => child.name.length),
    ...folder.files.map((file) => file.name.length),
  ];
  let at = 0;
  for (const length of lengths.map(recordLength)) {
    if ((at % sector) + length > sector) at = Math.ceil(at / sector) * sector;
    at += length;
  }
  return Math.max(1, Math.ceil(at / sector));
}

const recordLength = (nameLength: number) => 33 + nameLength + (nameLength % 2 === 0 ? 1 : 0);

function directoryRecord(name: Buffer, at: number, length: number, folder: boolean): Buffer {
  const record = Buffer.alloc(recordLength(name.length));
  record[0] = record.length;
  both32(record, 2, at);
  both32(record, 10, length);
  // 1970-01-01: the same contents must give the same bytes.
  record.set([70, 1, 1, 0, 0, 0, 0], 18);
  record[25] = folder ? 2 : 0;
  both16(record, 28, 1);
  record[32] = name.length;
  record.set(name, 33);
  return record;
}

function pathRecord(folder: Folder, folders: readonly Folder[], order: 'LE' | 'BE'): Buffer {
  const name = folder.parent ? Buffer.from(folder.name) : Buffer.of(0);
  const record = Buffer.alloc(8 + name.length + (name.length % 2));
  const parent = folders.indexOf(folder.parent ?? folder) + 1;
  record[0] = name.length;
  record[`writeUInt32${order}`](folder.at, 2);
  record[`writeUInt16${order}`](parent, 6);
  record.set(name, 8);
  return record;
}

function volumeDescriptor(
  label: string,
  sectors: number,
  tableBytes: number,
  tableSectors: number,
  root: Folder,
): Buffer {
  const block = Buffer.alloc(sector);
  const padded = (text: string, at: number, length: number) =>
    block.write(text.padEnd(length, ' ').slice(0, length), at, 'latin1');
  block[0] = 1;
  block.write('CD001', 1, 'latin1');
  block[6] = 1;
  padded('LINUX', 8, 32);
  padded(label, 40, 32);
  both32(block, 80, sectors);
  both16(block, 120, 1);
  both16(block, 124, 1);
  both16(block, 128, sector);
  both32(block, 132, tableBytes);
  block.writeUInt32LE(18, 140);
  block.writeUInt32BE(18 + tableSectors, 148);
  block.set(directoryRecord(Buffer.of(0), root.at, folderSectors(root) * sector, true), 156);
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const)
    padded('', at, length);
  for (const at of [813, 830, 847, 864]) block.write('0000000000000000', at, 'latin1');
  block[881] = 1;
  return block;
}

function both32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value, at);
  bytes.writeUInt32BE(value, at + 4);
}

function both16(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt16LE(value, at);
  bytes.writeUInt16BE(value, at + 2);
}
