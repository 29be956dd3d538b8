import { join } from 'node:path';
import {
  callService,
  createAwsConsole,
  createAwsIam,
  createAwsMfa,
  createAwsRevoke,
  createAwsSso,
  createAwsSts,
  createOidcProviders,
  createRolesAnywhere,
  createUpstreamAgents,
  LOCAL_SERVICES,
  readSamlResponse,
} from '../aws/index.ts';
import { KeyholdError } from '../contract/errors.ts';
import { methods } from '../contract/methods.ts';
import { createCore, type RunningCore } from '../core/app.ts';
import type { Shell } from '../core/core.ts';
import type { Hid, Logger, Ports, SpawnHsm, SpawnToken } from '../core/ports.ts';
import { exportCa, issueTls, rotateCa } from './authority-host.ts';
import { openBrowsers } from './browsers/browsers.ts';
import { DEFAULT_PORT, openConfig } from './config.ts';
import { ContainerEndpoint } from './container-endpoint.ts';
import { type Contract, type ControlSocket, startControlSocket } from './control-socket.ts';
import { DoorHost } from './door-host.ts';
import { FileJobs } from './file-jobs.ts';
import { openFileLogger } from './file-logger.ts';
import { createNodeHid } from './hid/node-hid.ts';
import { chooseSocketPath, prepareHome } from './home.ts';
import { spawnHsmProcess } from './hsm-fork.ts';
import { MemoryMode } from './memory-mode.ts';
import { leaveMirrorThreads, spawnMirrorThread } from './mirror-thread.ts';
import { openRedirect } from './redirect-listener.ts';
import { rendererFolder } from './renderer-folder.ts';
import { programs } from './run-program.ts';
import { spareMemory, spendMemory, sweepMemory } from './spare-memory.ts';
import { systemClock, systemRandom } from './system-ports.ts';
import { spawnTokenProcess } from './token-fork.ts';
import { readVersion } from './version.ts';
import { type PageLink, startWebShell, type WebShell } from './web-shell.ts';
import { yieldToWakers } from './yield-to-wakers.ts';

export interface DaemonOptions {
  home: string;
  shell: 'electron' | 'serve';
  /** Default: a forked Node process. */
  spawnHsm?: SpawnHsm;
  /** Default: a forked Node process. */
  spawnToken?: SpawnToken;
  /** Default: the machine's own devices. */
  hid?: Hid;
  /** The front door's port: this one or none. Default: the remembered one, or 4587, or the next free one. */
  port?: number;
  /** Serve the page to the system's browser. */
  web: boolean;
  /** Gets each log line as text. */
  echo?: (line: string) => void;
  /** Default `calibrated`; `floor` (tests) is the least the HSM accepts. */
  kdf?: 'calibrated' | 'floor';
  /** Somebody asked the daemon to stop (contract `daemon.stop`); the answer has been sent. */
  onStopRequest?: (reason: string) => void;
}

export interface Daemon {
  readonly contract: Contract;
  readonly core: RunningCore;
  /** The files that a page has encrypted or decrypted. */
  readonly files: FileJobs;
  readonly log: Logger;
  /** `http://127.0.0.1:4587`; null while it could not be opened. */
  readonly endpoint: string | null;
  /** The page's address with a fresh one-time token, and a local page that leads there; null without a web shell. */
  openUi(): PageLink | null;
  readonly ui: string | null;
  /** Closes the door, locks the vault (audit log and anchor written, HSM process ended) and removes the socket. */
  stop(): Promise<void>;
}

/** Time for the answer of `daemon.stop` to leave. */
const STOP_GRACE_MS = 50;

/**
 * Wires core, front door, control socket and web shell, once. Rejects with `VaultBusy` when another daemon serves this folder and with `PortInUse` when the port that was asked
 * for is taken; then nothing is left running.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { home } = options;
  prepareHome(home);
  const logPath = join(home, 'daemon.log');
  const log = openFileLogger(logPath, options.echo);
  const config = openConfig(home);
  if (config.warning !== undefined) log.warn(config.warning);
  const ports: Ports = {
    clock: systemClock,
    random: systemRandom,
    log,
    spawnHsm: options.spawnHsm ?? spawnHsmProcess,
    spawnMirror: spawnMirrorThread,
    spawnToken: options.spawnToken ?? spawnTokenProcess,
    hid: options.hid ?? createNodeHid(),
  };
  /** For local services that are called without the door. */
  const agents = createUpstreamAgents();
  let web: WebShell | undefined;
  let door: DoorHost | undefined;
  let core: RunningCore | undefined;
  const opened = (): RunningCore => {
    if (core !== undefined) return core;
    throw new KeyholdError('Unreachable', 'Keyhold is starting. Try again in a moment.');
  };
  const files = new FileJobs({
    clock: systemClock,
    random: systemRandom,
    async askKms({ account, actor }, region, operation, input) {
      const answer = await opened().call('service.call', { account, region, service: 'kms', operation, input }, actor);
      return methods['service.call'].output.parse(answer).output;
    },
    onPart: () => opened().core.lifecycle.touch(),
  });
  // Electron shares its process with the shell, whose V8 is not ours to set up.
  const memory =
    options.shell === 'serve'
      ? new MemoryMode(systemClock, { spend: spendMemory, spare: spareMemory, sweep: sweepMemory }, (busy) => {
          const pid = core?.core.lifecycle.keeper.pid;
          if (pid !== undefined) yieldToWakers(pid, busy);
        })
      : null;
  const remote = { clock: systemClock, agents, onDate: (date: string | undefined) => core?.core.drift.note(date) };
  const containers = new ContainerEndpoint({
    fetch: (id, token, caller) => opened().core.containers.fetch(id, token, caller),
    clock: systemClock,
    log,
  });
  const browsers = openBrowsers({ home, clock: systemClock, random: systemRandom });
  const shell: Shell = {
    kind: options.shell,
    version: readVersion(),
    home,
    pid: process.pid,
    startedAt: Date.now(),
    defaultPort: DEFAULT_PORT,
    door: () => door?.state() ?? { endpoint: null, httpsEndpoint: null },
    ui: () => web?.url ?? null,
    openUi(byFile) {
      if (web !== undefined) return byFile ? web.openByFile() : { url: web.open() };
      throw new KeyholdError('Unsupported', 'Keyhold shows its own window here; there is no page for the browser.');
    },
    async applyDoor({ port, https }) {
      await door?.move(port, https);
    },
    async unlocked() {
      memory?.readingBegins();
      // HTTPS needs the CA's key, which only an unlocked vault has; without it the vault is of use all the same.
      await door?.openHttps().catch((error: unknown) => log.error('HTTPS could not be opened', { error }));
    },
    recordsRead() {
      memory?.readingEnds();
    },
    doorSettled: async () => door?.settled(),
    containerEndpoint: () => containers.open(),
    exportCa: (actor) => exportCa(opened().core, actor),
    rotateCa: (actor) => rotateCa(opened().core, actor),
    callService: (call) => callService(call, { ...ports, agents }, LOCAL_SERVICES),
    awsMfa: createAwsMfa(remote),
    awsSts: createAwsSts(remote),
    awsIam: createAwsIam(remote),
    signIns: { sso: createAwsSso(remote), oidc: createOidcProviders(remote), readSamlResponse, openRedirect },
    awsConsole: createAwsConsole(remote),
    browsers,
    awsRevoke: createAwsRevoke(remote),
    programs,
    rolesAnywhere: createRolesAnywhere(remote),
    files,
    timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    stop(reason) {
      setTimeout(() => options.onStopRequest?.(reason), STOP_GRACE_MS);
    },
  };

  const started: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of started.reverse()) {
      // One part that fails to stop must not keep the others running.
      await stop().catch((error: unknown) => log.error('while stopping', { error }));
    }
    started.length = 0;
  };
  try {
    // The socket comes first: it is what tells a second daemon that this folder is served, vault or not.
    const contract: Contract = {
      call: async (method, params, actor, connection) => opened().call(method, params, actor, connection),
      subscribe: (listener) => core?.subscribe(listener) ?? (() => undefined),
    };
    const socket: ControlSocket = await startControlSocket({ path: chooseSocketPath(home), contract, log });
    started.push(() => socket.stop());
    const running = createCore(ports, {
      vaultPath: join(home, 'vault.keyhold'),
      config,
      shell,
      kdf: options.kdf ?? 'calibrated',
    });
    core = running;
    started.push(() => running.stop());
    started.push(async () => agents.destroy());
    running.core.containers.onEmpty = () => void containers.close();
    started.push(() => containers.close());
    started.push(async () => browsers.stop());
    running.subscribe((event) => {
      if (event.type === 'status' && event.status.state !== 'unlocked') files.clear();
    });
    started.push(async () => memory?.stop());
    const { doorBackend } = running;
    const host = new DoorHost({
      backend: {
        ...doorBackend,
        touch() {
          memory?.request();
          doorBackend.touch();
        },
      },
      ...(memory === null ? {} : { passed: (bytes: number) => memory.passed(bytes) }),
      clock: systemClock,
      log,
      config,
      port: options.port,
      issueTls: () => issueTls(running.core),
    });
    door = host;
    await host.open();
    started.push(() => host.close());
    if (options.web) {
      const page = await startWebShell({
        contract,
        files,
        clock: systemClock,
        random: systemRandom,
        log,
        folder: rendererFolder(),
        linkFolder: join(home, 'open'),
      });
      web = page;
      started.push(() => page.stop());
    }
    if (options.kdf === 'floor') {
      log.warn(
        'KEYHOLD_KDF=floor is for tests: passwords and recovery codes made now are the cheapest to guess that are allowed',
      );
    }
    log.info('started', { version: shell.version, pid: shell.pid, endpoint: host.state().endpoint });
    return {
      contract,
      core: running,
      files,
      log,
      endpoint: host.state().endpoint,
      ui: web?.url ?? null,
      openUi: () => web?.openByFile() ?? null,
      async stop() {
        await stopAll();
        if (await leaveMirrorThreads()) log.warn('a disk hangs: the process ends without waiting for it');
        log.info('stopped');
      },
    };
  } catch (error) {
    await stopAll();
    // Without an echo: whoever started this tells the person.
    const why = error instanceof KeyholdError ? { code: error.code, reason: error.message } : { error };
    openFileLogger(logPath).error('the daemon could not start', { pid: process.pid, ...why });
    throw error;
  }
}
