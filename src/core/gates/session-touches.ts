import type { Draft } from '../draft.ts';
import type { HsmOutput, TouchWanted } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { credentialIdOf, type GateKey } from './enrolled-keys.ts';
import type { UsedTouch } from './touch-call.ts';

/** What the HSM made of a touch. */
type Taken = Pick<HsmOutput<'presentTouch'>, 'renewed' | 'signCount'>;

/** Touches since the unlock: which key opened the window of an object, and the new counters of security keys, which are written now and then. */
export class SessionTouches {
  readonly #windows = new Map<string, UsedTouch>();
  #used = new Map<string, Taken & { record: string; at: number }>();

  note(wanted: TouchWanted, key: GateKey, taken: Taken, at: number): void {
    const touch = { key: key.record.value.name, credentialId: credentialIdOf(key) };
    if (wanted.withinSeconds > 0) this.#windows.set(wanted.object, touch);
    this.noteUse(key, taken, at);
  }

  /** A touch that opened nothing, when the key was tried. */
  noteUse({ record, object }: GateKey, { renewed, signCount }: Taken, at: number): void {
    const before = this.#used.get(object)?.renewed ?? null;
    this.#used.set(object, { record: record.id, at, renewed: renewed ?? before, signCount });
  }

  /** Whether any object's window was opened. */
  get hasWindows(): boolean {
    return this.#windows.size > 0;
  }

  /** Whose touch opened the window of this object; the HSM knows whether it still is. */
  windowOf(object: string): UsedTouch | undefined {
    return this.#windows.get(object);
  }

  /** The gate of this object has changed. */
  forget(object: string): void {
    this.#windows.delete(object);
  }

  get empty(): boolean {
    return this.#used.size === 0;
  }

  /** Writes what has been gathered; put back when that fails. */
  async flush(session: Session): Promise<void> {
    if (this.empty) return;
    const used = this.#used;
    this.#used = new Map();
    const fill = (draft: Draft): (() => void) => {
      for (const [object, { record, at, renewed, signCount }] of used) {
        const value = session.things.get('securityKey', record);
        const version = session.vault.header(object)?.version;
        if (value === undefined || version === undefined) continue;
        draft.put('securityKey', record, { ...value, signCount, lastUsedAt: Math.max(value.lastUsedAt ?? 0, at) });
        if (renewed !== null && renewed.version === version + 1) draft.putObject(object, renewed.version, renewed.blob);
      }
      return () => undefined;
    };
    try {
      await session.write('daemon', fill, ['securityKey']);
    } catch (error) {
      this.#used = new Map([...used, ...this.#used]);
      throw error;
    }
  }
}
