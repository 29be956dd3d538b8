import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, type EmulatedDevice } from './emulated-device.ts';
import { sysfsDescription } from './sysfs-description.ts';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '../../node_modules/.cache/keyhold-test-device');
const PRELOAD = 'libumockdev-preload.so.0';
const HEAD = 9;
const LONGEST_RUN = 150_000;

const runs = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Why programs cannot be given emulated hidraw devices here; null when they can. */
export function whyNoHidraw(): string | null {
  if (process.platform !== 'linux') return 'hidraw is Linux’s';
  if (!runs('umockdev-run')) return 'umockdev is not installed (Debian: umockdev)';
  if (!runs('gcc')) return 'there is no C compiler';
  return existsSync('/usr/include/linux/hidraw.h') ? null : 'the headers of C and Linux are not installed (libc6-dev)';
}

/** Compiles a program that these sources have not been compiled to before, and says where it is. */
function compiled(source: string, ...options: readonly string[]): string {
  const path = join(HERE, source);
  const content = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  const program = join(CACHE, `${source}-${content}`);
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  // Another worker may compile the same at the same time.
  const own = `${program}.${process.pid}`;
  execFileSync('gcc', ['-O1', ...options, '-o', own, path], { stdio: 'pipe' });
  renameSync(own, program);
  return program;
}

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Emulators as /dev/hidraw0, 1, … of the programs that are started here: umockdev mocks /sys and udev, hidshim.c what is opened, and
 * hidbridge.c joins both to the emulators in this process.
 */
export class EmulatedHidraw {
  readonly folder: string;
  readonly #devices: readonly EmulatedDevice[];
  readonly #bridge: ChildProcessWithoutNullStreams;
  readonly #acknowledged: (() => void)[] = [];
  readonly #opened: number[];
  #held: Uint8Array = new Uint8Array();

  static async start(...devices: readonly EmulatedDevice[]): Promise<EmulatedHidraw> {
    const hidraw = new EmulatedHidraw(devices);
    for (const number of devices.keys()) await hidraw.plug(number);
    return hidraw;
  }

  private constructor(devices: readonly EmulatedDevice[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'kh-hid-'));
    this.#devices = devices;
    this.#opened = devices.map(() => 0);
    writeFileSync(this.#file('devices.umockdev'), sysfsDescription(devices.map(({ description }) => description)));
    // LD_PRELOAD has no way to write a path with a space in it.
    symlinkSync(compiled('hidshim.c', '-shared', '-fPIC'), this.#file('hidshim.so'));
    this.#bridge = spawn(compiled('hidbridge.c'), [this.folder], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#bridge.stdout.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#bridge.stdin.on('error', () => {});
    for (const [number, device] of devices.entries()) {
      device.onInput((report) => this.#tell('I', number, 0, report));
    }
  }

  /** How many programs hold the device now. */
  holders(number: number): number {
    return this.#opened[number] ?? 0;
  }

  /** Resolves when /dev/hidrawN can be opened. */
  async plug(number: number): Promise<void> {
    this.#devices[number]?.powerOn();
    await this.#told('A', number);
  }

  /** Whoever holds it reads no more; /sys is not changed. */
  async unplug(number: number): Promise<void> {
    this.#devices[number]?.powerOff();
    await this.#told('X', number);
  }

  /** From now on opening the device fails like this; null lets it again. */
  refuse(number: number, why: 'EBUSY' | 'EACCES' | null): void {
    const file = this.#file(`hidraw${number}.errno`);
    if (why === null) rmSync(file, { force: true });
    else writeFileSync(file, String(constants.errno[why]));
  }

  /** The program, its arguments and its environment, to be started where the devices are. */
  command(program: string, args: readonly string[]): { program: string; args: string[] } {
    const preload = `LD_PRELOAD=${this.#file('hidshim.so')} ${PRELOAD}`;
    const within = ['env', `HIDSHIM_DIR=${this.folder}`, preload, program, ...args];
    return { program: 'umockdev-run', args: ['-d', this.#file('devices.umockdev'), '--', ...within] };
  }

  /** Runs a program to its end, with `input` on its standard input. */
  run(program: string, args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Finished> {
    const command = this.command(program, args);
    return new Promise((resolve, reject) => {
      // A session of its own has no terminal, so that a program asks its questions on standard input.
      const child = spawn(command.program, command.args, {
        env: { ...process.env, ...env },
        timeout: LONGEST_RUN,
        detached: true,
      });
      const out = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => {
        out.stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        out.stderr += chunk.toString();
      });
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, ...out }));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }

  dispose(): void {
    this.#bridge.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.folder, name);
  }

  #told(kind: string, number: number): Promise<void> {
    return new Promise((resolve) => {
      this.#acknowledged.push(resolve);
      this.#tell(kind, number, 0, new Uint8Array());
    });
  }

  #tell(kind: string, device: number, connection: number, data: Uint8Array): void {
    const frame = Buffer.alloc(HEAD + data.length);
    frame.writeUInt32LE(HEAD - 4 + data.length, 0);
    frame.write(kind, 4, 'latin1');
    frame.writeUInt16LE(device, 5);
    frame.writeUInt16LE(connection, 7);
    frame.set(data, HEAD);
    this.#bridge.stdin.write(frame);
  }

  #hear(chunk: Uint8Array): void {
    this.#held = concat(this.#held, chunk);
    for (;;) {
      const held = Buffer.from(this.#held.buffer, this.#held.byteOffset, this.#held.length);
      if (held.length < 4) return;
      const end = 4 + held.readUInt32LE(0);
      if (held.length < end) return;
      this.#held = this.#held.slice(end);
      this.#heard(held.toString('latin1', 4, 5), held.readUInt16LE(5), held.readUInt16LE(7), held.subarray(HEAD, end));
    }
  }

  #heard(kind: string, number: number, connection: number, data: Uint8Array): void {
    const device = this.#devices[number];
    if (device === undefined) return;
    if (kind === 'A' || kind === 'X') this.#acknowledged.shift()?.();
    if (kind === 'N') this.#opened[number] = this.holders(number) + 1;
    if (kind === 'G') this.#opened[number] = this.holders(number) - 1;
    if (kind === 'O') device.output(new Uint8Array(data));
    if (kind === 'C') this.#tell('R', number, connection, answerOf(device, data[0] ?? 0, data.subarray(3)));
  }
}

/** An ioctl of hidraw, by its number: its result and what it gives back. */
function answerOf(device: EmulatedDevice, ioctl: number, data: Uint8Array): Uint8Array {
  const { reportDescriptor, vendorId, productId } = device.description;
  const busUsb = 3;
  if (ioctl === 1) return reply(reportDescriptor.length, reportDescriptor);
  if (ioctl === 3) {
    const info = Buffer.alloc(8);
    info.writeUInt32LE(busUsb, 0);
    info.writeUInt16LE(vendorId, 4);
    info.writeUInt16LE(productId, 6);
    return reply(0, info);
  }
  const [reportNumber = 0] = data;
  if (ioctl === 6) {
    device.setFeature(new Uint8Array(data.subarray(1)));
    return reply(data.length, new Uint8Array());
  }
  if (ioctl === 7) {
    const report = concat(Uint8Array.of(reportNumber), device.getFeature(data.length - 1));
    return reply(report.length, report);
  }
  return reply(-constants.errno.EINVAL, new Uint8Array());
}

function reply(result: number, data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeInt32LE(result);
  return concat(head, data);
}
