import { createReplyKey } from '../../src/client/seal.ts';
import type { Credential } from '../../src/contract/credentials.ts';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { Params } from '../../src/contract/methods.ts';
import type { Rotation } from '../../src/contract/rotation.ts';
import { PASSWORD } from './hsm.ts';
import { openRotationLab, type Patient, type RotationLab } from './rotation-lab.ts';
import type { StrictAws } from './strict-aws/start-strict-aws.ts';
import type { StrictCredential } from './strict-aws/state.ts';

export type Kind = 'service' | 'sshKey';

export interface CredentialLab extends RotationLab {
  /** A user with an access key, which is in the vault as `NAME key`, and a credential of the user's own, called NAME. */
  admitWith(kind: Kind, name: string, options?: { aws?: StrictAws; mfa?: boolean }): Promise<Patient>;
  add(kind: Kind, name: string, more?: { reset?: string }): Promise<Credential>;
  /** What a tool would be given. */
  reveal(name: string, password?: string): Promise<string>;
  rotate(name: string, more?: Partial<Params<'rotation.start'>>): Promise<Rotation>;
  /** Of the user, as IAM has them. */
  upstream(patient: Patient): StrictCredential[];
  /** Throws unless what the vault has is active in IAM, and opens it; tells what else is there. */
  checkHeld(patient: Patient): Promise<{ present: string; surplus: string[] }>;
}

const utf8 = new TextEncoder();

export async function openCredentialLab(): Promise<CredentialLab> {
  const lab = await openRotationLab();
  const { client } = lab.core;
  const self: CredentialLab = {
    ...lab,
    async admitWith(kind, name, { aws: given, mfa = false } = {}) {
      const aws = given ?? (await lab.server());
      aws.addUser(name, { mfa: false });
      const first = aws.addKey(name);
      await lab.adopt(`${name} key`, aws, first);
      // On a machine that is busy, the short patience of the lab can end here too: then as a person would.
      await self.add(kind, name).catch((error: unknown) => {
        if (!(error instanceof KeyholdError) || error.code !== 'Unreachable') throw error;
        const [made] = [...aws.credentials.values()].filter(({ userName }) => userName === name);
        return self.add(kind, name, made === undefined || kind === 'sshKey' ? {} : { reset: made.id });
      });
      const user = aws.users.get(name);
      if (mfa && user !== undefined) {
        user.mfa = true;
        const device = aws.addDevice(name);
        await client.callSealed('totp.add', async (seal) => ({
          name: `${name} mfa`,
          mfaSerial: device.serialNumber,
          seed: await seal('otp-seed', Uint8Array.from(device.seed)),
        }));
      }
      return { aws, name, first };
    },
    add: (kind, name, more = {}) =>
      client.call(
        'credential.add',
        kind === 'service'
          ? { type: kind, name, key: `${name} key`, service: 'codecommit.amazonaws.com', ...more }
          : { type: kind, name, key: `${name} key` },
      ),
    async reveal(name, password = PASSWORD) {
      const reply = await createReplyKey();
      const { secret } = await client.callSealed('credential.reveal', async (seal) => ({
        name,
        authorize: { factor: 'password', sealed: await seal('password', utf8.encode(password)) },
        replyKey: reply.publicKey,
      }));
      return new TextDecoder().decode(await reply.open(secret, 'credential'));
    },
    async rotate(name, more = {}) {
      await client.call('rotation.start', { key: name, quarantineSeconds: 0, ...more });
      return lab.settled(name);
    },
    upstream: ({ aws, name }) =>
      [...aws.credentials.values()].filter(({ userName, deleted }) => userName === name && !deleted),
    async checkHeld(patient) {
      const { name, aws } = patient;
      const { credentialId = '', publicKey } = await client.call('credential.get', { name });
      const held = aws.credentials.get(credentialId);
      if (held?.deleted !== false || held.status !== 'Active') {
        throw new Error(`the vault's credential ${name} is ${held?.status ?? 'gone'} upstream`);
      }
      if (held.service === undefined) {
        if (held.body !== publicKey) throw new Error(`IAM has another public key for ${name}`);
      } else if ((await self.reveal(name)) !== held.secret) {
        throw new Error(`the vault's password of ${name} is another one`);
      }
      const others = self.upstream(patient).filter(({ id }) => id !== credentialId);
      return { present: credentialId, surplus: others.map(({ id }) => id) };
    },
  };
  return self;
}
