import type { AuditEvent } from '../contract/schemas.ts';
import { touchesOf } from './gates/touch-call.ts';
import type { SealedBlob, SlotRow, StagedUsers } from './hsm/protocol.ts';
import type { Ports } from './ports.ts';
import type { Thing, ThingKind } from './things.ts';
import { instant } from './views.ts';

/** Who asks for a change. */
export type Actor = 'cli' | 'app' | 'web' | 'daemon';

export type DraftItem =
  | { [K in ThingKind]: { put: K; id: string; value: Thing<K> } }[ThingKind]
  | { remove: ThingKind; id: string }
  | { putObject: string; version: number; blob: SealedBlob }
  | { removeObject: string };

/** What one transaction will write: gathered first, then committed as a whole or not at all, audit entries included. */
export class Draft {
  readonly items: DraftItem[] = [];
  readonly audit: AuditEvent[] = [];
  /** The whole new set of slots, where it changes. */
  slots: readonly SlotRow[] | undefined;
  /** The HSM's users as an operation of the HSM has just sealed them; null to remove them. */
  users: StagedUsers['staged'] | undefined;
  /** Objects to be destroyed at some later time: where a quorum guards them, it is asked for now. */
  readonly destroyLater: string[] = [];
  /** Objects that are not to be destroyed any more. */
  readonly keepAfterAll: string[] = [];
  /** Objects that leave the HSM, wrapped, once this is committed: where a quorum guards them, it is asked for now. */
  readonly exporting: string[] = [];
  readonly #ports: Ports;
  readonly #actor: Actor;

  constructor(ports: Ports, actor: Actor) {
    this.#ports = ports;
    this.#actor = actor;
  }

  put<K extends ThingKind>(kind: K, id: string, value: Thing<K>): void {
    // A pair (kind, its own value) is by construction one member of the union, which the compiler cannot see for a free K.
    this.items.push({ put: kind, id, value } as DraftItem);
  }

  remove(kind: ThingKind, id: string): void {
    this.items.push({ remove: kind, id });
  }

  putObject(id: string, version: number, blob: SealedBlob): void {
    this.items.push({ putObject: id, version, blob });
  }

  removeObject(id: string): void {
    this.items.push({ removeObject: id });
  }

  /** Adds the audit entry of this change, e.g. `record('key.import', 'deploy', { account: 'prod' })`. */
  record(
    action: string,
    target?: string,
    more: Partial<
      Pick<
        AuditEvent,
        | 'reason'
        | 'decision'
        | 'account'
        | 'profile'
        | 'client'
        | 'clientKeyId'
        | 'service'
        | 'region'
        | 'upstream'
        | 'method'
        | 'sessionKeyId'
        | 'assumedRole'
        | 'left'
      >
    > = {},
  ): void {
    this.audit.push(
      makeEvent(this.#ports, { action, actor: this.#actor, ...(target === undefined ? {} : { target }), ...more }),
    );
  }
}

/** A complete audit event of a vault change. */
export function makeEvent(
  ports: Ports,
  event: Pick<AuditEvent, 'action' | 'actor'> & Partial<Omit<AuditEvent, 'id' | 'time' | 'kind'>>,
): AuditEvent {
  return {
    id: hexId(ports),
    time: instant(ports.clock.now()),
    kind: 'change',
    decision: 'allowed',
    ...touchesOf(),
    ...event,
  };
}

/** 128 random bits as 32 hex digits. */
export function hexId(ports: Ports): string {
  return Buffer.from(ports.random.bytes(16)).toString('hex');
}
