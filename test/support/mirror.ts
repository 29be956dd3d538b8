import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mirror } from '../../src/core/mirrors/mirror.ts';
import type { MirrorFile } from '../../src/core/mirrors/mirror-file.ts';
import { Mirrors } from '../../src/core/mirrors/mirrors.ts';
import type { MirrorAnswer, MirrorRequest } from '../../src/core/mirrors/protocol.ts';
import { answerBackupRequest, createMirrorService, isBackupRequest } from '../../src/core/mirrors/service.ts';
import type { Clock, MirrorChannel, SpawnMirror } from '../../src/core/ports.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { silentLogger } from './silent-logger.ts';
import { reopen, type TestVaultFile, testFolder } from './vault.ts';

/** The service of a mirror in this thread, with the same cloning and order as the real one. Fits `Ports.spawnMirror`. */
export function inThreadMirror(
  options: { file?: MirrorFile; before?: (request: MirrorRequest) => void } = {},
): MirrorChannel {
  const service = createMirrorService(options.file);
  const listeners: ((answer: MirrorAnswer) => void)[] = [];
  const exits: (() => void)[] = [];
  let ended = false;
  return {
    send(request) {
      options.before?.(request);
      // At once: a clock that a test moves by days leaves no time for an answer.
      if (isBackupRequest(request)) {
        const answer = structuredClone(answerBackupRequest(structuredClone(request)));
        for (const listener of listeners) listener(answer);
        return;
      }
      void service(structuredClone(request)).then((answer) => {
        setImmediate(() => {
          if (!ended) for (const listener of listeners) listener(structuredClone(answer));
        });
      });
    },
    onAnswer: (listener) => void listeners.push(listener),
    onExit: (listener) => void exits.push(listener),
    end() {
      ended = true;
      // As a thread that ends lets go of its file.
      void service({ id: 0, op: 'close', input: {} });
      setImmediate(() => {
        for (const listener of exits.splice(0)) listener();
      });
    },
  };
}

export interface TestMirrors {
  mirrors: Mirrors;
  notices: string[];
  /** `mirror-N/vault.keyhold` in a fresh folder. */
  place(): string;
  one(path: string): Mirror;
  channel: typeof inThreadMirror;
}

/** Mirrors of a test vault that is unlocked. */
export function testMirrors(
  file: Pick<TestVaultFile, 'path'>,
  options: { clock?: Clock; spawnMirror?: SpawnMirror } = {},
): TestMirrors {
  const notices: string[] = [];
  const mirrors = new Mirrors({
    ports: {
      clock: options.clock ?? systemClock,
      log: silentLogger,
      spawnMirror: options.spawnMirror ?? (() => inThreadMirror()),
    },
    vaultPath: file.path,
    holder: () => ({ pid: process.pid, startedAt: new Date().toISOString(), shell: 'serve', endpoint: null }),
    onChange: () => undefined,
    notice: (_level, message) => void notices.push(message),
  });
  return {
    mirrors,
    notices,
    channel: inThreadMirror,
    place() {
      const folder = join(testFolder(), 'stick');
      mkdirSync(folder);
      return join(folder, 'vault.keyhold');
    },
    one(path) {
      const found = mirrors.list().find((mirror) => mirror.path === path);
      if (found === undefined) throw new Error(`no mirror ${path}`);
      return found;
    },
  };
}

/** What a copy holds when it is opened on its own, as after the loss of all others: generation, accounts' names, last audit number. */
export async function contentOf(
  file: Pick<TestVaultFile, 'made'>,
  path: string,
): Promise<{ generation: number; names: string[]; audit: number }> {
  const { vault } = await reopen({ path, made: file.made });
  try {
    const items = await vault.read('account');
    const names = items.map(({ data }) =>
      typeof data === 'object' && data !== null && 'name' in data ? String(data.name) : '',
    );
    return { generation: vault.generation, names: names.sort(), audit: vault.auditEnd.seq };
  } finally {
    await vault.close();
  }
}
