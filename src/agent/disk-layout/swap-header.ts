// The header of a Linux swap area, version 1.

const pageBytes = 4096;

/** The first page of a swap area of `sizeBytes`; `guid` is its UUID. */
export function swapHeader(sizeBytes: number, label: string, guid: string): Buffer {
  const page = Buffer.alloc(pageBytes);
  page.writeUInt32LE(1, 1024);
  page.writeUInt32LE(Math.floor(sizeBytes / pageBytes) - 1, 1028);
  page.write(guid.replaceAll('-', ''), 1036, 'hex');
  page.write(label.slice(0, 15), 1052, 'latin1');
  page.write('SWAPSPACE2', pageBytes - 10, 'latin1');
  return page;
}
