import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportAccount, importAccount } from '../../support/account-file.ts';
import { type Authenticator, type IamLab, newAuthenticator, startIamLab, withCodes } from '../../support/iam-lab.ts';
import { refusal } from '../../support/kms-lab.ts';

let lab: IamLab;
let folder: string;
let phone: Authenticator;
let spare: Authenticator;
beforeAll(async () => {
  lab = await startIamLab();
  folder = mkdtempSync(join(tmpdir(), 'kh-iam-'));
  await lab.root.createUser({ UserName: 'ada', Path: '/staff/', Tags: [{ Key: 'team', Value: 'blue' }] });
  phone = await newAuthenticator(lab.root, lab.clock, 'phone');
  spare = await newAuthenticator(lab.root, lab.clock, 'spare');
  await lab.root.enableMFADevice(withCodes('ada', phone));
});
afterAll(async () => {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test('users and devices move with their account, and used codes stay used', async () => {
  const path = join(folder, 'lab.keyhold-account');
  const all = async (iam: IamLab['root']) => [
    (await iam.getUser({ UserName: 'ada' })).User,
    (await iam.listVirtualMFADevices({})).VirtualMFADevices,
  ];
  const before = await all(lab.root);
  const codes = withCodes('ada', phone);
  await exportAccount(lab.core.client, path);
  await lab.core.client.call('account.remove', { name: 'lab', cascade: true });
  await lab.core.client.call('account.remove', { name: 'other', cascade: true });
  expect(lab.core.running.core.session().vault.ids('object')).toEqual([]);
  await importAccount(lab.core.client, path);
  // An HSM that remembers nothing of them.
  await lab.relock();
  const home = await lab.connect('home');
  expect(await all(home)).toEqual(before);
  expect(await refusal(home.resyncMFADevice(codes))).toMatchObject({ name: 'InvalidAuthenticationCodeException' });
  await home.resyncMFADevice(withCodes('ada', phone, 2));
  await home.enableMFADevice(withCodes('ada', spare));
  expect((await lab.core.client.call('vault.check', {})).ok).toBe(true);
});
