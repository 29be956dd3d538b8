import { describe, expect, test } from 'vitest';
import type { Origin } from '../../../../src/contract/origins.ts';
import type { Profile } from '../../../../src/contract/schemas.ts';
import { chainLinks } from '../../../../src/renderer/features/profiles/chain-links.ts';
import {
  accountOf,
  checksOf,
  kindOf,
  sessionInput,
  signerInput,
  valuesOf,
} from '../../../../src/renderer/features/profiles/profile-draft.ts';
import { signers } from '../../../../src/renderer/features/profiles/signers.ts';
import { sampleVault } from '../../../support/fake-contract.ts';

const vault = sampleVault(8, Date.parse('2026-11-23T12:00:00.000Z'));
const [base] = vault.profiles;
if (base === undefined) throw new Error('no profile in the sample');
const { key: _key, accessKeyId: _id, ...rest } = base;
const ROLE = { arn: 'arn:aws:iam::481520937264:role/deploy', durationSeconds: 3600 };
const ANYWHERE = 'arn:aws:rolesanywhere:eu-central-1:481520937264';
const CASES: { origin: Origin; role?: Profile['role']; kind: string | null; call: string }[] = [
  { origin: { kind: 'sso', signIn: 'work', roleName: 'Read' }, kind: null, call: 'GetRoleCredentials, Read' },
  {
    origin: { kind: 'saml', signIn: 'idp', principalArn: 'arn:aws:iam::481520937264:saml-provider/corp' },
    role: ROLE,
    kind: 'saml',
    call: 'AssumeRoleWithSAML',
  },
  {
    origin: { kind: 'webIdentity', signIn: 'oidc' },
    role: ROLE,
    kind: 'web-identity',
    call: 'AssumeRoleWithWebIdentity',
  },
  {
    origin: { kind: 'webIdentity', tokenFile: '/run/token' },
    role: ROLE,
    kind: 'web-identity',
    call: 'AssumeRoleWithWebIdentity',
  },
  {
    origin: {
      kind: 'rolesAnywhere',
      certificate: 'build',
      trustAnchorArn: `${ANYWHERE}:trust-anchor/1b2c`,
      profileArn: `${ANYWHERE}:profile/3d4e`,
    },
    role: ROLE,
    kind: 'roles-anywhere',
    call: 'CreateSession of IAM Roles Anywhere',
  },
  {
    origin: { kind: 'process', command: ['/bin/get', '--profile', 'my ops'] },
    kind: null,
    call: 'runs when there is need of new ones',
  },
];

describe.each(CASES)('credentials of $origin.kind', ({ origin, role, kind, call }) => {
  const profile: Profile = {
    ...rest,
    origin,
    ...(role === undefined ? {} : { role }),
    session: { kind: 'sso' },
  };
  const values = valuesOf(profile, { name: '', signer: '' });

  test('go out as they came in, and want nothing more', () => {
    // What is run or read on this machine is the command line's to name, and stays as it is.
    const ofMachine = origin.kind === 'process' || (origin.kind === 'webIdentity' && origin.tokenFile !== undefined);
    expect(signerInput(values)).toEqual(ofMachine ? {} : { origin });
    expect(sessionInput(values, vault.profiles, profile.role)).toEqual(role === undefined ? {} : { role });
    expect(kindOf(values, vault.profiles)).toBe(kind);
    expect(accountOf(values, vault)).toBe(profile.account);
    for (const [field, check] of Object.entries(checksOf(vault, profile.account))) {
      const value = Object.entries(values).find(([name]) => name === field)?.[1] ?? '';
      expect(`${field}: ${check(value, values)}`).toBe(`${field}: null`);
    }
  });

  test('stand at the beginning of the chain, with what AWS is asked', () => {
    const chain = chainLinks(profile, { ...vault, devices: [] });
    expect(chain.origin).toEqual(origin);
    expect(chain.links[0]?.call).toBe(call);
  });
});

test('programs and files of the machine are not offered', () => {
  const origins = { signIns: vault.signIns.list, certificates: [] };
  const ids = (profile?: Profile) =>
    signers(vault, origins, profile)
      .map(({ id }) => id)
      .filter((id) => id.startsWith('origin/'));
  expect(ids()).toEqual(['origin/sso/work', 'origin/sso/customer-north', 'origin/sso/sandbox']);
  // One that has it keeps it.
  expect(ids({ ...rest, origin: { kind: 'process', command: ['/bin/get'] } })).toContain('origin/process/');
});
