import { IAM } from '@aws-sdk/client-iam';
import { iam } from '../../src/aws/iam/index.ts';
import { fromBase32 } from '../../src/contract/base32.ts';
import { codeOf } from '../../src/core/hsm/otp/codes.ts';
import type { FakeClock } from './fake-clock.ts';
import { type LabAccount, REGION, type ServiceLab, startServiceLab } from './service-lab.ts';

export interface IamLab extends ServiceLab {
  /** The SDK's client of the account's root. */
  root: IAM;
  /** Further clients: of the root, or with a policy of these statements. */
  connect(name: string, options?: ConnectOptions): Promise<IAM>;
}

export interface ConnectOptions {
  statements?: readonly object[];
  account?: LabAccount;
  region?: string;
}

/** The IAM of two local accounts. */
export async function startIamLab(): Promise<IamLab> {
  const lab = await startServiceLab({ iam: async () => iam });
  const made: IAM[] = [];
  const connect: IamLab['connect'] = async (name, { statements, account = 'lab', region = REGION } = {}) => {
    const credentials = await lab.issue(name, statements, account);
    const client = new IAM({ endpoint: lab.endpoint, region, credentials, maxAttempts: 1 });
    made.push(client);
    return client;
  };
  return {
    ...lab,
    root: await connect('root'),
    connect,
    async dispose() {
      for (const client of made) client.destroy();
      await lab.dispose();
    },
  };
}

/** Somebody's authenticator: makes codes of the seed that it was given. */
export interface Authenticator {
  serial: string;
  seed: Uint8Array;
  /** The code of the current step, or of one so many steps from it. */
  code(offset?: number): string;
}

/** Makes a virtual MFA device and takes its seed. */
export async function newAuthenticator(client: IAM, clock: FakeClock, name: string): Promise<Authenticator> {
  const { VirtualMFADevice } = await client.createVirtualMFADevice({ VirtualMFADeviceName: name });
  const { SerialNumber: serial, Base32StringSeed } = VirtualMFADevice ?? {};
  if (serial === undefined || Base32StringSeed === undefined) throw new Error('no device');
  const seed = fromBase32(Base32StringSeed);
  if (seed === null) throw new Error('no base32');
  const parameters = { type: 'totp', algorithm: 'SHA1', digits: 6, period: 30, next: 0 } as const;
  return {
    serial,
    seed,
    code: (offset = 0) => codeOf(seed, parameters, Math.floor(clock.now() / 30_000) + offset).code,
  };
}

/** The request of EnableMFADevice and ResyncMFADevice with the codes of two steps. */
export function withCodes(
  UserName: string,
  device: Authenticator,
  first = 0,
  second = first + 1,
): { UserName: string; SerialNumber: string; AuthenticationCode1: string; AuthenticationCode2: string } {
  return {
    UserName,
    SerialNumber: device.serial,
    AuthenticationCode1: device.code(first),
    AuthenticationCode2: device.code(second),
  };
}
