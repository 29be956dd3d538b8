import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type KeyName = 'blue' | 'red' | 'yubikey';

/** `approve`: touched as soon as it asks. `wait`: touched by `press` alone. `hold`: another program has it open. */
export interface KeyCommand {
  key: KeyName;
  act: 'plug' | 'unplug' | 'hold' | 'release' | 'approve' | 'wait' | 'press' | 'look';
}

export interface KeyReply {
  awaitsTouch: boolean;
}

/** The program to start in place of the daemon's own. */
export const DAEMON_WITH_KEYS = fileURLToPath(new URL('./daemon-with-keys.ts', import.meta.url));

/** The security keys of a daemon that was started so. */
export class EmulatedKeys {
  readonly #process: ChildProcess;
  #next = 1;

  constructor(process: ChildProcess) {
    this.#process = process;
  }

  act(key: KeyName, act: KeyCommand['act']): Promise<KeyReply> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const hear = (message: { id: number; reply: KeyReply }): void => {
        if (message.id !== id) return;
        this.#process.off('message', hear);
        resolve(message.reply);
      };
      this.#process.on('message', hear);
      this.#process.send({ id, command: { key, act } }, (error) => {
        if (error !== null) reject(error);
      });
    });
  }
}
