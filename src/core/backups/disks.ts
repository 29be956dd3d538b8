import type { Ports } from '../ports.ts';
import { BackupDisk } from './disk.ts';

interface OfFolder {
  folder: string;
  disk: BackupDisk;
}

/**
 * Disks by the folder they are asked about. One that hangs keeps nobody from another folder, and is known for as long as its thread is stuck there, so that no second one
 * is sent after it.
 */
export class BackupDisks {
  readonly #ports: Pick<Ports, 'clock' | 'spawnMirror'>;
  #known: OfFolder[] = [];

  constructor(ports: Pick<Ports, 'clock' | 'spawnMirror'>) {
    this.#ports = ports;
  }

  /** For whatever is asked about `folder`, one after another. */
  of(folder: string): BackupDisk {
    return this.#now().find((one) => one.folder === folder)?.disk ?? this.#add(folder);
  }

  /** For work that waits for no other in the same folder: in a thread of its own, which ends with it. */
  async alone<T>(folder: string, work: (disk: BackupDisk) => Promise<T>): Promise<T> {
    const disk = this.#now().find((one) => one.folder === folder && one.disk.hangs)?.disk ?? this.#add(folder);
    try {
      return await work(disk);
    } finally {
      disk.end();
    }
  }

  /** Ends all threads; calls under way reject. */
  end(): void {
    for (const { disk } of this.#known) disk.end();
  }

  /** Without those that nothing is going on with. */
  #now(): readonly OfFolder[] {
    this.#known = this.#known.filter(({ disk }) => disk.inUse);
    return this.#known;
  }

  #add(folder: string): BackupDisk {
    const disk = new BackupDisk(this.#ports);
    this.#known.push({ folder, disk });
    return disk;
  }
}
