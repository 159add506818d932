// The serial line of a machine as ipmi_sim takes it: a TCP port on loopback that shows the console and types on it.
import { type FSWatcher, mkdirSync, statSync, watch } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { MachineFolder } from '../folder.ts';
import { GrowingFile } from '../growing-file.ts';

/** The console is told through its log, which outlives the guest: a restart does not cut the line. */
export class SerialLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(folder: MachineFolder, type: (keys: Buffer) => void): Promise<SerialLine> {
    const line = new SerialLine(createServer((socket) => line.#attend(socket, folder, type)));
    await new Promise<void>((done, failed) => {
      line.#server.once('error', failed);
      line.#server.listen(0, '127.0.0.1', done);
    });
    return line;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  #attend(socket: Socket, folder: MachineFolder, type: (keys: Buffer) => void): void {
    this.#sockets.add(socket);
    mkdirSync(folder.path, { recursive: true });
    const log = new GrowingFile(folder.consoleLog, statSync(folder.consoleLog, { throwIfNoEntry: false })?.size);
    const show = () => log.read((bytes) => socket.write(Buffer.from(bytes)));
    const watcher: FSWatcher = watch(folder.path, show);
    // A folder that goes away takes the line with it.
    watcher.on('error', () => socket.destroy());
    socket.on('data', type);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      watcher.close();
      this.#sockets.delete(socket);
    });
    show();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}
