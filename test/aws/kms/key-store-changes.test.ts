import type { UpdateCustomKeyStoreCommandInput } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, refusal, startLab } from '../../support/kms-lab.ts';
import { startXksProxy, type XksProxy } from '../../support/xks-proxy.ts';

/** An external key store that two requests change at once, and one whose secret has gone. */

let lab: Lab;
let proxy: XksProxy;
let id: string;
beforeAll(async () => {
  lab = await startLab();
  proxy = await startXksProxy({ now: () => lab.clock.now() });
});
afterAll(async () => {
  await lab.dispose();
  await proxy.close();
});
beforeEach(async () => {
  proxy.script = undefined;
  const { CustomKeyStoreId = '' } = await lab.root.createCustomKeyStore({
    CustomKeyStoreName: 'escrow',
    CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
    XksProxyConnectivity: 'PUBLIC_ENDPOINT',
    XksProxyUriEndpoint: proxy.endpoint,
    XksProxyUriPath: proxy.path,
    XksProxyAuthenticationCredential: proxy.credential,
  });
  id = CustomKeyStoreId;
});
afterEach(async () => {
  await lab.core.client.call('account.reset', { name: 'lab' });
  expect(await secrets()).toEqual([]);
});

const update = (change: Omit<UpdateCustomKeyStoreCommandInput, 'CustomKeyStoreId'>) =>
  lab.root.updateCustomKeyStore({ CustomKeyStoreId: id, ...change });
const secrets = async () =>
  (await lab.core.client.call('hsm.objects', { spec: 'AWS_SECRET_ACCESS_KEY', limit: 100 })).objects.map(
    (object) => object.id,
  );
const configuration = async () =>
  (await lab.root.describeCustomKeyStores({ CustomKeyStoreId: id })).CustomKeyStores?.[0]?.XksProxyConfiguration;
const session = () => lab.core.running.core.session();

/** The record of the one key store. */
async function record() {
  const [store] = (await session().need('kmsKeyStore')).all('kmsKeyStore');
  if (store?.value.backing.type !== 'EXTERNAL_KEY_STORE') throw new Error('no external key store');
  return { id: store.id, value: store.value, backing: store.value.backing };
}

/** Does this at the moment when the proxy is asked about a change, and lets it answer after that. */
function meanwhile(act: () => Promise<unknown>): void {
  proxy.script = async () => {
    proxy.script = undefined;
    await act();
    return undefined;
  };
}

const NEW_PATH = '/new/kms/xks/v1';
const NEW_CREDENTIAL = { AccessKeyId: 'TSRQPONMLKJIHGFEDCBA5432', RawSecretAccessKey: 'r'.repeat(43) };

test('a path and a credential that are changed at once do not take each other’s place', async () => {
  const { path, credential } = proxy;
  meanwhile(async () => {
    Object.assign(proxy, { path, credential: NEW_CREDENTIAL });
    await update({ XksProxyAuthenticationCredential: NEW_CREDENTIAL });
    proxy.path = NEW_PATH;
  });
  proxy.path = NEW_PATH;
  // A client tries this again by itself; the lab's does not.
  expect(await refusal(update({ XksProxyUriPath: NEW_PATH }))).toEqual({
    name: 'KMSInternalException',
    message: expect.stringContaining('Try again.'),
    status: 500,
  });
  expect(await configuration()).toMatchObject({ UriPath: path, AccessKeyId: NEW_CREDENTIAL.AccessKeyId });
  await update({ XksProxyUriPath: NEW_PATH });
  expect(await configuration()).toMatchObject({ UriPath: NEW_PATH, AccessKeyId: NEW_CREDENTIAL.AccessKeyId });
  expect(await secrets()).toEqual([(await record()).backing.secret.id]);
  expect(await lab.core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
  Object.assign(proxy, { path, credential });
});

test('of two credentials that are changed at once one is kept, and its secret alone', async () => {
  const { credential } = proxy;
  meanwhile(async () => {
    proxy.credential = NEW_CREDENTIAL;
    await update({ XksProxyAuthenticationCredential: NEW_CREDENTIAL });
  });
  expect(await refusal(update({ XksProxyAuthenticationCredential: credential }))).toMatchObject({
    name: 'KMSInternalException',
  });
  expect(await configuration()).toMatchObject({ AccessKeyId: NEW_CREDENTIAL.AccessKeyId });
  expect(await secrets()).toEqual([(await record()).backing.secret.id]);
  proxy.credential = credential;
});

test('a name may be changed meanwhile', async () => {
  const { path } = proxy;
  meanwhile(() => update({ NewCustomKeyStoreName: 'renamed' }));
  proxy.path = NEW_PATH;
  await update({ XksProxyUriPath: NEW_PATH });
  expect((await record()).value).toMatchObject({ name: 'renamed', backing: { uriPath: NEW_PATH } });
  proxy.path = path;
});

test('a store whose secret has gone is found by a check, and gets another one or is removed', async () => {
  const loseSecret = async () => {
    const { id: store, value, backing } = await record();
    const gone = '0'.repeat(31).concat('9');
    await session().write(
      'daemon',
      (draft) => {
        draft.removeObject(backing.secret.id);
        draft.put('kmsKeyStore', store, { ...value, backing: { ...backing, secret: { id: gone } } });
        return () => undefined;
      },
      ['kmsKeyStore'],
    );
    return store;
  };
  const store = await loseSecret();
  expect(await lab.core.client.call('vault.check', {})).toMatchObject({
    ok: true,
    findings: [
      {
        severity: 'warning',
        where: `record kmsKeyStore ${store.slice(0, 8)}…`,
        what: 'missing',
        message: expect.stringContaining('“escrow”: it refers to the key object 00000000…, which is not there'),
      },
    ],
  });
  await update({ XksProxyAuthenticationCredential: proxy.credential });
  expect(await secrets()).toEqual([(await record()).backing.secret.id]);
  await loseSecret();
  await lab.root.deleteCustomKeyStore({ CustomKeyStoreId: id });
  expect(await lab.core.client.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
});

test('what came of connecting it is in the log, with the account', async () => {
  await lab.root.connectCustomKeyStore({ CustomKeyStoreId: id });
  for (let looks = 0; ; looks++) {
    const { CustomKeyStores } = await lab.root.describeCustomKeyStores({ CustomKeyStoreId: id });
    if (CustomKeyStores?.[0]?.ConnectionState === 'CONNECTED') break;
    if (looks > 1000) throw new Error('the store has not been connected');
  }
  const { entries } = await lab.core.client.call('audit.list', { text: 'CustomKeyStoreConnection' });
  expect(entries.map(({ event }) => event)).toMatchObject([
    { action: 'kms:CustomKeyStoreConnection', target: id, account: 'lab', service: 'kms' },
  ]);
});
