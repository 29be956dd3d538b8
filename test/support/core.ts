import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSamlResponse } from '../../src/aws/saml/read-saml-response.ts';
import { createKeyholdClient, type KeyholdClient } from '../../src/client/client.ts';
import { createReplyKey } from '../../src/client/seal.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import type { Params, Result } from '../../src/contract/methods.ts';
import { createCore, type RunningCore } from '../../src/core/app.ts';
import type { Config } from '../../src/core/config.ts';
import type { AwsConsole, Browsers } from '../../src/core/console/aws-console.ts';
import type { AwsMfa, DoorState, Shell } from '../../src/core/core.ts';
import type { Actor } from '../../src/core/draft.ts';
import type { AwsRevoke } from '../../src/core/panic/aws-revoke.ts';
import type { HsmChannel, Logger, Ports } from '../../src/core/ports.ts';
import type { AwsIam } from '../../src/core/rotation/aws-iam.ts';
import type { AwsSts } from '../../src/core/sessions/aws-sts.ts';
import type { Programs } from '../../src/core/sessions/programs.ts';
import type { RolesAnywhere } from '../../src/core/sessions/roles-anywhere.ts';
import type { SignInPorts } from '../../src/core/sign-ins/driver.ts';
import type { AwsSso } from '../../src/core/sign-ins/sso/aws-sso.ts';
import { systemClock, systemRandom } from '../../src/daemon/system-ports.ts';
import { spawnTokenProcess } from '../../src/daemon/token-fork.ts';
import { createFakeHid } from '../device/fake-hid.ts';
import { inProcessHsm, PASSWORD, testTokenPorts } from './hsm.ts';
import { inThreadMirror } from './mirror.ts';

export const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const ACCESS_KEY_ID = 'AKIAIOSFODNN7EXAMPLE';

export interface TestCore {
  running: RunningCore;
  client: KeyholdClient;
  /** A client that speaks for another front end. */
  as(actor: Actor): KeyholdClient;
  events: DaemonEvent[];
  logged: string[];
  home: string;
  door: DoorState;
  applied: { port: number | undefined; https: boolean }[];
  stops: string[];
  /** The HSM that runs now. */
  hsm(): HsmChannel;
  spawned(): number;
  crashHsm(): void;
  /** Makes a vault; answers the recovery code. */
  create(password?: string): Promise<string>;
  unlock(password?: string): Promise<Result<'vault.unlock'>>;
  /** The same with `acceptRollback`. */
  unlockAccepting(): Promise<Result<'vault.unlock'>>;
  restoreFrom(path: string): Promise<Result<'vault.restore'>>;
  /** What `config.json` says; with a patch, after it was edited. */
  config(patch?: Config): Config;
  importKey(
    params: Omit<Params<'key.import'>, 'secretAccessKey' | 'sessionToken' | 'source'>,
    secret?: string,
    token?: string,
  ): Promise<Result<'key.import'>>;
  /** account `prod`, key `deploy`, profile `prod` */
  populate(): Promise<void>;
  addClient(params: Omit<Params<'client.add'>, 'replyKey'>): Promise<Issued>;
  issue(params: Omit<Params<'client.issue'>, 'replyKey'>): Promise<Issued>;
  /** Stops and starts the core on the same folder. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

export interface Issued extends Result<'client.add'> {
  secret: string;
}

const utf8 = new TextEncoder();
const noAws = (): never => {
  throw new Error('this test has no AWS');
};
const noAwsSts: AwsSts = {
  assumeRole: noAws,
  assumeRoleWithSaml: noAws,
  assumeRoleWithWebIdentity: noAws,
  getSessionToken: noAws,
  callerIdentity: noAws,
};
const noAwsConsole: AwsConsole = { site: () => null, federationToken: noAws, signinToken: noAws };
const noAwsMfa: AwsMfa = { userName: noAws, create: noAws, enable: noAws, isEnabled: noAws, remove: noAws };
export const noAwsIam: AwsIam = {
  whoAmI: noAws,
  listAccessKeys: noAws,
  lastUsed: noAws,
  simulate: noAws,
  createAccessKey: noAws,
  setActive: noAws,
  deleteAccessKey: noAws,
  sessionWithMfa: noAws,
  listCredentials: noAws,
  listAllCredentials: noAws,
  createCredential: noAws,
  resetCredential: noAws,
  setCredentialActive: noAws,
  deleteCredential: noAws,
  listSshKeys: noAws,
  sshKeyBody: noAws,
  uploadSshKey: noAws,
  setSshKeyActive: noAws,
  deleteSshKey: noAws,
};

const noAwsSso: AwsSso = {
  registerClient: noAws,
  authorizeUrl: noAws,
  startDeviceAuthorization: noAws,
  createToken: noAws,
  listAccounts: noAws,
  listAccountRoles: noAws,
  roleCredentials: noAws,
  logout: noAws,
};

/** A whole core with the real vault on disk and the real HSM token in this process. Every answer is checked against the contract. */
export function startTestCore(
  options: {
    clock?: Ports['clock'];
    spawnHsm?: Ports['spawnHsm'];
    spawnMirror?: Ports['spawnMirror'];
    spawnToken?: Ports['spawnToken'];
    /** Default: no device is plugged in. */
    hid?: Ports['hid'];
    /** Default: a fresh folder. */
    home?: string;
    config?: Config;
    awsMfa?: AwsMfa;
    awsSts?: AwsSts;
    programs?: Programs;
    rolesAnywhere?: RolesAnywhere;
    awsIam?: AwsIam;
    signIns?: Partial<SignInPorts>;
    awsConsole?: AwsConsole;
    browsers?: Browsers;
    timeZone?: string;
    awsRevoke?: AwsRevoke;
    callService?: Shell['callService'];
  } = {},
): TestCore {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'kh-core-'));
  const clock = options.clock ?? systemClock;
  const events: DaemonEvent[] = [];
  const logged: string[] = [];
  const door: DoorState = { endpoint: 'http://127.0.0.1:4587', httpsEndpoint: null };
  const applied: TestCore['applied'] = [];
  const stops: string[] = [];
  let config: Config = options.config ?? {};
  let channel: (HsmChannel & { crash?: () => void }) | undefined;
  let spawned = 0;
  const log: Logger = {
    info: (message) => void logged.push(`info ${message}`),
    warn: (message) => void logged.push(`warn ${message}`),
    error: (message, fields) => void logged.push(`error ${message} ${String(fields?.['error'] ?? '')}`),
  };
  const shell: Shell = {
    kind: 'serve',
    version: '0.0.0-test',
    home,
    pid: process.pid,
    startedAt: clock.now(),
    defaultPort: 4587,
    door: () => door,
    ui: () => null,
    openUi: () => ({ url: 'http://127.0.0.1:1/#token=x' }),
    async applyDoor(next) {
      applied.push(next);
    },
    async unlocked() {},
    recordsRead() {},
    async doorSettled() {},
    containerEndpoint: async () => 'http://127.0.0.1:1/v1/credentials',
    async exportCa() {
      return { pem: 'PEM', notAfter: new Date(clock.now()).toISOString() };
    },
    async rotateCa() {
      return { pem: 'NEW', notAfter: new Date(clock.now()).toISOString(), previous: null };
    },
    callService: options.callService ?? (async ({ operation, input }) => ({ operation, input })),
    awsMfa: options.awsMfa ?? noAwsMfa,
    programs: options.programs ?? { run: () => Promise.reject(new Error('no programs here')) },
    rolesAnywhere: options.rolesAnywhere ?? { createSession: noAws },
    awsSts: options.awsSts ?? noAwsSts,
    awsIam: options.awsIam ?? noAwsIam,
    signIns: {
      sso: noAwsSso,
      oidc: { discover: noAws, token: noAws, revoke: noAws },
      readSamlResponse,
      openRedirect: noAws,
      ...options.signIns,
    },
    awsConsole: options.awsConsole ?? noAwsConsole,
    browsers: options.browsers ?? { open: async () => null, forget: () => false, keepOnly: () => undefined },
    awsRevoke: options.awsRevoke ?? { putPolicy: noAws, deletePolicy: noAws },
    files: {
      async begin() {
        return { id: '0'.repeat(32), keys: [] };
      },
      cancel() {},
    },
    timeZone: () => options.timeZone ?? 'UTC',
    stop: (reason) => void stops.push(reason),
  };
  const ports: Ports = {
    clock,
    random: systemRandom,
    log,
    spawnToken: options.spawnToken ?? spawnTokenProcess,
    hid: options.hid ?? createFakeHid(),
    spawnMirror: options.spawnMirror ?? (() => inThreadMirror()),
    spawnHsm() {
      spawned += 1;
      channel = options.spawnHsm?.() ?? inProcessHsm(testTokenPorts({ clock }), { stops: true });
      return channel;
    },
  };
  const start = (): RunningCore => {
    shell.startedAt = clock.now();
    const running = createCore(ports, {
      vaultPath: join(home, 'vault.keyhold'),
      config: {
        get: () => config,
        update(patch) {
          config = { ...config, ...patch };
        },
      },
      shell,
      kdf: 'floor',
      validateOutput: true,
    });
    running.subscribe((event) => events.push(event));
    return running;
  };
  const self: TestCore = {
    running: start(),
    client: undefined as never,
    as: (actor) => createKeyholdClient((method, params) => self.running.call(method, params, actor)),
    events,
    logged,
    home,
    door,
    applied,
    stops,
    hsm() {
      if (channel === undefined) throw new Error('no HSM was started');
      return channel;
    },
    spawned: () => spawned,
    crashHsm() {
      if (channel?.crash === undefined) throw new Error('this HSM cannot crash');
      channel.crash();
    },
    async create(password = PASSWORD) {
      const reply = await createReplyKey();
      const { recoveryCode } = await self.client.callSealed('vault.create', async (seal) => ({
        password: await seal('password', utf8.encode(password)),
        replyKey: reply.publicKey,
      }));
      return new TextDecoder().decode(await reply.open(recoveryCode, 'recovery-code'));
    },
    unlock: (password = PASSWORD) =>
      self.client.callSealed('vault.unlock', async (seal) => ({
        secret: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
      })),
    unlockAccepting: () =>
      self.client.callSealed('vault.unlock', async (seal) => ({
        secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
        acceptRollback: true,
      })),
    restoreFrom: (path) =>
      self.client.callSealed('vault.restore', async (seal) => ({
        path,
        secret: { factor: 'password', sealed: await seal('password', utf8.encode(PASSWORD)) },
      })),
    config(patch = {}) {
      config = { ...config, ...patch };
      return config;
    },
    importKey: (params, secret = SECRET_KEY, token) =>
      self.client.callSealed('key.import', async (seal) => ({
        ...params,
        source: 'form',
        secretAccessKey: await seal('secret-access-key', utf8.encode(secret)),
        ...(token === undefined ? {} : { sessionToken: await seal('session-token', utf8.encode(token)) }),
      })),
    async populate() {
      await self.client.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
      await self.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID });
      await self.client.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
    },
    async addClient(params) {
      const reply = await createReplyKey();
      return opened(await self.client.call('client.add', { ...params, replyKey: reply.publicKey }), reply);
    },
    async issue(params) {
      const reply = await createReplyKey();
      return opened(await self.client.call('client.issue', { ...params, replyKey: reply.publicKey }), reply);
    },
    async restart() {
      await self.running.stop();
      self.running = start();
    },
    async dispose() {
      await self.running.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
  self.client = self.as('cli');
  return self;
}

async function opened(
  issued: Result<'client.add'>,
  reply: Awaited<ReturnType<typeof createReplyKey>>,
): Promise<Issued> {
  const secret = new TextDecoder().decode(await reply.open(issued.secretAccessKey, 'client-secret'));
  return { ...issued, secret };
}
