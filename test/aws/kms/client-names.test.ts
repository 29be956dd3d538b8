import { KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { kms } from '../../../src/aws/kms/index.ts';
import { createReplyKey } from '../../../src/client/seal.ts';
import { newKey, refusal, utf8 } from '../../support/kms-lab.ts';
import { LAB_ID, OTHER_ID, REGION, type ServiceLab, startServiceLab } from '../../support/service-lab.ts';

/** What policies and grants call a client stays what it is, whatever becomes of its name and its key. */

let lab: ServiceLab;
let root: KMS;
const made: KMS[] = [];
let names = 0;
let name: string;
let client: KMS;
let keyId: string;

const connect = (credentials: { accessKeyId: string; secretAccessKey: string }): KMS => {
  const sdk = new KMS({ endpoint: lab.endpoint, region: REGION, credentials, maxAttempts: 1 });
  made.push(sdk);
  return sdk;
};
const arnOf = (user: string, account = LAB_ID) => `arn:aws:iam::${account}:user/keyhold/${user}`;
const use = (sdk: KMS) => sdk.encrypt({ KeyId: keyId, Plaintext: utf8('x') });
const denied = { name: 'AccessDeniedException' };
const findClient = (wanted: string) => {
  const found = lab.core.running.core.session().things.findByName('client', wanted);
  if (found === undefined) throw new Error(`no client ${wanted}`);
  return found;
};

async function rotate(overlapSeconds: number) {
  const reply = await createReplyKey();
  const issued = await lab.core.client.call('client.rotate', { name, overlapSeconds, replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  const secretAccessKey = new TextDecoder().decode(secret);
  return { sdk: connect({ accessKeyId: issued.accessKeyId, secretAccessKey }), previous: issued.previous };
}

beforeAll(async () => {
  lab = await startServiceLab({ kms: async () => kms });
  root = connect(await lab.issue('root', undefined));
});
afterAll(async () => {
  for (const sdk of made) sdk.destroy();
  await lab.dispose();
});

beforeEach(async () => {
  names += 1;
  name = `my ci ${names}`;
  client = connect(await lab.issue(name, []));
  ({ id: keyId } = await newKey(root));
  const GranteePrincipal = arnOf(`my=20ci=20${names}`);
  await root.createGrant({ KeyId: keyId, GranteePrincipal, Operations: ['Encrypt'] });
  await use(client);
});

test('both keys of a client have its permissions while one replaces the other', async () => {
  const { sdk, previous } = await rotate(3600);
  expect(previous?.name).not.toBe(name);
  await use(sdk);
  await use(client);
  const again = await rotate(3600);
  for (const one of [client, sdk, again.sdk]) await use(one);
});

test('and the only one when it replaces it at once', async () => {
  await use((await rotate(0)).sdk);
});

test('a client that is renamed keeps its permissions', async () => {
  const rename = `deployer ${names}`;
  const renamed = await lab.core.client.call('client.update', { name, rename });
  expect(renamed).toMatchObject({ name: rename, principal: 'policy', userName: `my=20ci=20${names}` });
  await use(client);
  await lab.relock();
  await use(client);
});

test('a new client of an old name is refused as long as there is who had it', async () => {
  await lab.core.client.call('client.update', { name, rename: `deployer ${names}` });
  await expect(lab.issue(name, [])).rejects.toMatchObject({
    code: 'AlreadyExists',
    message: `The client deployer ${names} is the user keyhold/my=20ci=20${names} of its account to policies and grants, also when it is renamed. Choose another name, or remove that client first.`,
  });
  await expect(lab.issue(name.toUpperCase(), [])).rejects.toMatchObject({ code: 'AlreadyExists' });
  // The root has no name, and another account other users.
  await lab.issue(name, undefined);
  await lab.core.client.call('client.remove', { name });
  await lab.issue(name, [], 'other');
  const { accessKeyId } = findClient(name).value;
  expect(await lab.core.running.doorBackend.resolveClient(accessKeyId)).toMatchObject({
    account: { accountId: OTHER_ID },
    principal: { userName: `my=20ci=20${names}` },
  });
  await lab.core.client.call('client.remove', { name });
  await lab.core.client.call('client.remove', { name: `deployer ${names}` });
  await use(connect(await lab.issue(name, [])));
});

test('one from before there were user names is that of its name, and stays it', async () => {
  const { id, value } = findClient(name);
  const { userName: _, ...before } = value;
  const session = lab.core.running.core.session();
  await session.write('cli', (draft) => {
    draft.put('client', id, before);
    return () => undefined;
  });
  await lab.relock();
  await use(client);
  const rename = `deployer ${names}`;
  await lab.core.client.call('client.update', { name, rename });
  await use(client);
  await expect(lab.issue(name, [])).rejects.toMatchObject({ code: 'AlreadyExists' });
});

test('another user of the account is not let in by any of this', async () => {
  await lab.core.client.call('client.update', { name, rename: `deployer ${names}` });
  const other = connect(await lab.issue(`deployer of ${names}`, []));
  expect(await refusal(use(other))).toMatchObject(denied);
});
