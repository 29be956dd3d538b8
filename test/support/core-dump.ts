import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why memory cannot be inspected here, or null. */
export function whyNoCoreDumps(): string | null {
  return spawnSync('gcore', ['-h'], { stdio: 'ignore' }).error ? 'gcore (Debian package gdb) is not installed' : null;
}

/** A thing to look for, in each form it could have in memory: UTF-8, UTF-16LE (V8 two-byte strings), base64 and hex. */
export function needlesFor(name: string, secret: Uint8Array): { name: string; bytes: Buffer }[] {
  const raw = Buffer.from(secret);
  const needles = [
    { name: `${name} (raw)`, bytes: raw },
    // Without the last characters, which depend on what follows.
    { name: `${name} (base64)`, bytes: Buffer.from(raw.toString('base64').replace(/.{0,4}$/, '')) },
    { name: `${name} (hex)`, bytes: Buffer.from(raw.toString('hex')) },
  ];
  if (raw.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    needles.push({ name: `${name} (UTF-16)`, bytes: Buffer.from(raw.toString('latin1'), 'utf16le') });
  }
  return needles;
}

const ROOM_FOR_DUMPS = 8 * 1024 ** 3;

/** Where dumps of gigabytes are made: in memory where there is room, because a disk takes its time for them. */
function dumpFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= ROOM_FOR_DUMPS ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Dumps the process's whole memory with gcore and answers the names of the needles found in it. */
export function findInMemory(
  pid: number,
  needles: { name: string; bytes: Buffer }[],
): { found: string[]; dumpedBytes: number } {
  const folder = mkdtempSync(join(dumpFolder(), 'keyhold-core-'));
  try {
    const run = spawnSync('gcore', ['-o', join(folder, 'core'), String(pid)], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    const file = readdirSync(folder)[0];
    if (file === undefined) throw new Error(`gcore made no dump of ${pid}: ${run.stderr}`);
    return scan(join(folder, file), needles);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a dump, looked at in one piece: small, because most of a dump is address space that was never written, which need not be searched. */
const WINDOW = 256 << 10;

function scan(path: string, needles: { name: string; bytes: Buffer }[]): { found: string[]; dumpedBytes: number } {
  const overlap = Math.max(...needles.map((needle) => needle.bytes.length));
  const window = Buffer.alloc(WINDOW + overlap);
  const zeros = Buffer.alloc(window.length);
  const found = new Set<string>();
  const fd = openSync(path, 'r');
  let kept = 0;
  let dumpedBytes = 0;
  try {
    for (;;) {
      const count = readSync(fd, window, kept, window.length - kept, null);
      if (count === 0) break;
      dumpedBytes += count;
      const filled = window.subarray(0, kept + count);
      if (filled.compare(zeros, 0, filled.length) !== 0) {
        for (const needle of needles) if (filled.includes(needle.bytes)) found.add(needle.name);
      }
      kept = Math.min(overlap, filled.length);
      filled.copy(window, 0, filled.length - kept);
    }
  } finally {
    closeSync(fd);
  }
  return { found: [...found].sort(), dumpedBytes };
}

const PAGE = 4096;
const PRESENT = 1n << 63n;

/**
 * The same search in the resident pages of a process, straight from /proc (root only). For browsers, whose reserved address space makes
 * a dump of tens of gigabytes.
 */
export function findInResidentMemory(
  pid: number,
  needles: { name: string; bytes: Buffer }[],
): { found: string[]; dumpedBytes: number } {
  const found = new Set<string>();
  let dumpedBytes = 0;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    for (const { start, pages } of residentMappings(pid)) {
      for (const run of presentRuns(pagemap, start, pages)) {
        const bytes = Buffer.alloc(run.pages * PAGE);
        const count = readOrNothing(memory, bytes, run.start);
        dumpedBytes += count;
        for (const needle of needles) if (bytes.subarray(0, count).includes(needle.bytes)) found.add(needle.name);
      }
    }
  } finally {
    closeSync(memory);
    closeSync(pagemap);
  }
  return { found: [...found].sort(), dumpedBytes };
}

/** Readable mappings with at least one resident page. */
function residentMappings(pid: number): { start: number; pages: number }[] {
  const out: { start: number; pages: number }[] = [];
  let current: { start: number; pages: number } | null = null;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'latin1').split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (r?)/.exec(line);
    if (head !== null) {
      const start = Number.parseInt(head[1] ?? '', 16);
      const end = Number.parseInt(head[2] ?? '', 16);
      current = head[3] === 'r' && !line.endsWith('[vvar]') ? { start, pages: (end - start) / PAGE } : null;
    } else if (current !== null && /^Rss:\s+[1-9]/.test(line)) {
      out.push(current);
      current = null;
    }
  }
  return out;
}

/** Runs of present pages, at most 16 MiB each. */
function* presentRuns(pagemap: number, start: number, pages: number): Generator<{ start: number; pages: number }> {
  const BATCH = 1 << 16;
  const entries = Buffer.alloc(BATCH * 8);
  let run: { start: number; pages: number } | null = null;
  for (let first = 0; first < pages; first += BATCH) {
    const count = Math.min(BATCH, pages - first);
    const read = readSync(pagemap, entries, 0, count * 8, (start / PAGE + first) * 8) / 8;
    for (let index = 0; index < read; index++) {
      const present = (entries.readBigUInt64LE(index * 8) & PRESENT) !== 0n;
      if (present && run !== null && run.pages < 4096) run.pages++;
      else {
        if (run !== null) yield run;
        run = present ? { start: start + (first + index) * PAGE, pages: 1 } : null;
      }
    }
  }
  if (run !== null) yield run;
}

function readOrNothing(fd: number, into: Buffer, at: number): number {
  try {
    return readSync(fd, into, 0, into.length, at);
  } catch {
    // The page went away between the map and the read.
    return 0;
  }
}

/** Pids of every process below `root` in the process tree, `root` included. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // The process ended while we looked.
    }
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}
