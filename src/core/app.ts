import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import {
  isMethodName,
  type MethodName,
  methods,
  PASSIVE_METHODS,
  REPEATED_METHODS,
  type Result,
} from '../contract/methods.ts';
import type { Status } from '../contract/schemas.ts';
import { describeCall } from './api/describe-call.ts';
import type { Handler } from './api/handler.ts';
import { handlers } from './api/index.ts';
import { DISK_FULL } from './api/note-or-queue.ts';
import { removeEndedClients } from './api/remove-ended-clients.ts';
import { suspectVault } from './api/suspect-vault.ts';
import { Backups } from './backups/backups.ts';
import { ClockDrift } from './clock-drift.ts';
import type { ConfigStore } from './config.ts';
import type { Core, Shell } from './core.ts';
import { isDiskFull } from './disk-full.ts';
import type { DoorBackend } from './door.ts';
import { createDoorBackend } from './door-backend.ts';
import type { Actor } from './draft.ts';
import { TouchBroker } from './gates/touch-broker.ts';
import { onBehalfOf } from './gates/touch-call.ts';
import { Leases } from './leases.ts';
import { ContainerLeases } from './leave/container-leases.ts';
import { Lifecycle } from './lifecycle.ts';
import { Mirrors } from './mirrors/mirrors.ts';
import { parseInput } from './parse-input.ts';
import type { Ports } from './ports.ts';
import { KeyRotations } from './rekey/key-rotation.ts';
import { Rotations } from './rotation/rotations.ts';
import { createSecurityKeys } from './security-keys/security-keys.ts';
import { createTouchSource } from './security-keys/touch-source.ts';
import { SigV4Error } from './sigv4/errors.ts';
import type { Holder } from './vault/holder.ts';
import { instant } from './views.ts';

/** Who asks, as a prompt for a touch names them. */
const ACTORS: Readonly<Record<Actor, string>> = {
  cli: 'the command line',
  app: 'the window',
  web: 'the page in the browser',
  daemon: 'Keyhold',
};

export interface CoreOptions {
  /** `<home>/vault.keyhold`; need not exist yet. */
  vaultPath: string;
  config: ConfigStore;
  shell: Shell;
  /** Default `calibrated`; `floor` is for tests and never goes below the floor. */
  kdf?: 'calibrated' | 'floor';
  /** Check every answer against the contract (tests). */
  validateOutput?: boolean;
}

export interface RunningCore {
  /** One call of the contract. Rejects with a KeyholdError; anything else is a defect and is logged here. `connection` aborts when the caller's connection ends. */
  call(method: string, params: unknown, actor: Actor, connection?: AbortSignal): Promise<unknown>;
  /** Answers how to stop listening. */
  subscribe(listener: (event: DaemonEvent) => void): () => void;
  readonly doorBackend: DoorBackend;
  readonly core: Core;
  status(): Status;
  /** Locks, writes what is pending, ends the HSM process and lets go of the vault. */
  stop(): Promise<void>;
}

/** The composition root: one vault, one HSM process, the contract over them. Throws `VaultBusy` when another process holds the vault. */
export function createCore(ports: Ports, options: CoreOptions): RunningCore {
  const listeners = new Set<(event: DaemonEvent) => void>();
  const emit = (event: DaemonEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        ports.log.error('a listener failed', { error });
      }
    }
  };
  const { shell } = options;
  const holder = (): Holder => ({
    pid: shell.pid,
    startedAt: instant(shell.startedAt),
    shell: shell.kind,
    endpoint: shell.door().endpoint,
  });
  const mirrors = new Mirrors({
    ports,
    vaultPath: options.vaultPath,
    holder,
    onChange: () => emit({ type: 'changed', what: ['hsm'] }),
    notice: (level, message) => emit({ type: 'notice', level, message }),
  });
  const lifecycle = new Lifecycle({
    ports,
    vaultPath: options.vaultPath,
    kdf: options.kdf ?? 'calibrated',
    holder,
    mirrors,
    emit,
    onTampered: () => suspectVault(core),
    onState: () => emit({ type: 'status', status: status() }),
    beforeLock: () => door.settle(),
  });
  const drift = new ClockDrift(ports.clock);
  const door = createDoorBackend(ports, lifecycle, emit, drift);
  const status = (): Status => readStatus(shell, lifecycle, mirrors.rebuilt?.message);
  const securityKeys = createSecurityKeys(ports, emit);
  const core: Core = {
    ports,
    config: options.config,
    shell,
    lifecycle,
    leases: new Leases(),
    containers: new ContainerLeases(() => core),
    drift,
    mirrors,
    backups: new Backups({
      ports,
      config: options.config,
      vaultPath: options.vaultPath,
      notice: (level, message) => emit({ type: 'notice', level, message }),
    }),
    rekey: new KeyRotations(ports, emit),
    touch: new TouchBroker(ports, createTouchSource(securityKeys)),
    securityKeys,
    rotations: new Rotations(() => core),
    session: () => lifecycle.session(),
    emit,
    status,
  };

  core.leases.onEnd = () => {
    removeEndedClients(core).catch((error: unknown) => ports.log.error('an ended client', { error }));
  };

  async function run<M extends MethodName>(
    method: M,
    params: unknown,
    actor: Actor,
    connection: AbortSignal | undefined,
  ): Promise<Result<M>> {
    const input = parseInput(method, params);
    if (!PASSIVE_METHODS.has(method) && !REPEATED_METHODS.has(method)) lifecycle.touch();
    const handler: Handler<M> = handlers[method];
    const call = connection === undefined ? { core, actor } : { core, actor, connection };
    const result = await handler(call, input);
    if (options.validateOutput === true) methods[method].output.parse(result);
    return result;
  }

  mirrors.use(options.config.get().mirrors ?? []);
  lifecycle.start();
  return {
    async call(method, params, actor, connection) {
      if (!isMethodName(method)) throw new KeyholdError('Unsupported', `There is no method ${method.slice(0, 64)}.`);
      try {
        const behalf = {
          what: () => `let ${ACTORS[actor]} ${describeCall(method, params)}`,
          signal: connection,
          touches: [],
        };
        return await onBehalfOf(behalf, () => run(method, params, actor, connection));
      } catch (error) {
        if (error instanceof SigV4Error)
          throw new KeyholdError('InvalidInput', error.message, undefined, { cause: error });
        if (!(error instanceof KeyholdError)) ports.log.error(`${method} failed`, { error });
        throw error;
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    doorBackend: door.backend,
    core,
    status,
    async stop() {
      core.securityKeys.prompts.cancel();
      core.securityKeys.devices.stop();
      door.settle();
      await lifecycle.stop();
      core.backups.stop();
    },
  };
}

function readStatus(shell: Shell, lifecycle: Lifecycle, notice: string | undefined): Status {
  const door = shell.door();
  const reason = lifecycle.lockReason();
  const lockDetail = lifecycle.lockDetail();
  const unlockedAt = lifecycle.unlockedAt();
  const locksAt = lifecycle.locksAt();
  const retryAfterSeconds = lifecycle.retryAfterSeconds();
  const full = lifecycle.state() === 'unlocked' && isDiskFull(lifecycle.audit()?.failure);
  return {
    state: lifecycle.state(),
    ...(reason === undefined ? {} : { lockReason: reason }),
    ...(lockDetail === undefined ? {} : { lockDetail }),
    version: shell.version,
    home: shell.home,
    pid: shell.pid,
    endpoint: door.endpoint,
    httpsEndpoint: door.httpsEndpoint,
    ...(door.error === undefined ? {} : { doorError: door.error }),
    ui: shell.ui(),
    startedAt: instant(shell.startedAt),
    ...(unlockedAt === undefined ? {} : { unlockedAt: instant(unlockedAt) }),
    ...(locksAt === undefined ? {} : { locksAt: instant(Math.round(locksAt)) }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    ...(full ? { warning: DISK_FULL } : {}),
    shell: shell.kind,
    ...(notice === undefined ? {} : { notice }),
  };
}
