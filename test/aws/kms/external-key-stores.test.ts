import type { CreateCustomKeyStoreCommandInput, KMS } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authority } from '../../support/authority.ts';
import { hsmPeople } from '../../support/hsm-user.ts';
import { type Lab, newKey, OTHER_ID, REGION, refusal, startLab, text, utf8 } from '../../support/kms-lab.ts';
import { proxyError, startXksProxy, type XksProxy } from '../../support/xks-proxy.ts';

let lab: Lab;
let root: KMS;
let proxy: XksProxy;

beforeAll(async () => {
  lab = await startLab();
  root = lab.root;
  proxy = await startXksProxy({ now: () => lab.clock.now() });
});
afterAll(async () => {
  await lab.dispose();
  await proxy.close();
});
beforeEach(() => {
  proxy.script = undefined;
  proxy.lie = undefined;
  proxy.metadata = undefined;
  proxy.ivBytes = 12;
});

let stores = 0;
const wanted = (more: Partial<CreateCustomKeyStoreCommandInput> = {}): CreateCustomKeyStoreCommandInput => ({
  CustomKeyStoreName: `store ${++stores}`,
  CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
  XksProxyConnectivity: 'PUBLIC_ENDPOINT',
  XksProxyUriEndpoint: proxy.endpoint,
  XksProxyUriPath: proxy.path,
  XksProxyAuthenticationCredential: proxy.credential,
  ...more,
});

async function describeStore(id: string) {
  const { CustomKeyStores = [] } = await root.describeCustomKeyStores({ CustomKeyStoreId: id });
  return CustomKeyStores[0];
}

/** Resolves when an attempt to connect has ended. */
async function connect(id: string) {
  await root.connectCustomKeyStore({ CustomKeyStoreId: id });
  return until(async () => {
    const store = await describeStore(id);
    return store?.ConnectionState === 'CONNECTING' ? undefined : store;
  });
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function dropStore(id: string): Promise<void> {
  const state = (await describeStore(id))?.ConnectionState;
  if (state !== 'DISCONNECTED') await root.disconnectCustomKeyStore({ CustomKeyStoreId: id });
  await root.deleteCustomKeyStore({ CustomKeyStoreId: id });
}

async function createStore(more: Partial<CreateCustomKeyStoreCommandInput> = {}): Promise<string> {
  const { CustomKeyStoreId = '' } = await root.createCustomKeyStore(wanted(more));
  return CustomKeyStoreId;
}

let externals = 0;
async function keyIn(store: string) {
  const XksKeyId = `external-${++externals}`;
  proxy.addKey(XksKeyId);
  const key = await newKey(root, { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store, XksKeyId });
  return { ...key, XksKeyId };
}

describe('an external key store', () => {
  afterEach(() => lab.core.client.call('account.reset', { name: 'lab' }));

  test('is made after its proxy has answered, described, connected, disconnected and deleted', async () => {
    const before = proxy.seen.length;
    const id = await createStore({ CustomKeyStoreName: 'escrow' });
    expect(id).toMatch(/^cks-[0-9a-f]{17}$/);
    expect(proxy.seen.slice(before)).toMatchObject([
      {
        api: 'health',
        region: REGION,
        signedHeaders: ['host', 'x-amz-date'],
        body: { requestMetadata: { kmsOperation: 'CreateCustomKeyStore', kmsRequestId: expect.any(String) } },
      },
    ]);
    expect(await describeStore(id)).toEqual({
      CustomKeyStoreId: id,
      CustomKeyStoreName: 'escrow',
      CustomKeyStoreType: 'EXTERNAL_KEY_STORE',
      ConnectionState: 'DISCONNECTED',
      CreationDate: new Date(lab.clock.now()),
      XksProxyConfiguration: {
        Connectivity: 'PUBLIC_ENDPOINT',
        AccessKeyId: proxy.credential.AccessKeyId,
        UriEndpoint: proxy.endpoint,
        UriPath: proxy.path,
      },
    });
    const named = await root.describeCustomKeyStores({ CustomKeyStoreName: 'escrow' });
    expect(named.CustomKeyStores).toHaveLength(1);
    expect(await connect(id)).toMatchObject({ ConnectionState: 'CONNECTED' });
    // Once more changes nothing.
    await root.connectCustomKeyStore({ CustomKeyStoreId: id });
    await lab.relock();
    expect(await describeStore(id)).toMatchObject({ ConnectionState: 'CONNECTED' });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: id });
    expect(await describeStore(id)).toMatchObject({ ConnectionState: 'DISCONNECTED' });
    await root.deleteCustomKeyStore({ CustomKeyStoreId: id });
    expect(await refusal(root.describeCustomKeyStores({ CustomKeyStoreId: id }))).toMatchObject({
      name: 'CustomKeyStoreNotFoundException',
    });
    // The credential went with it.
    const { objects } = await lab.core.client.call('hsm.objects', { spec: 'AWS_SECRET_ACCESS_KEY', limit: 100 });
    expect(objects).toEqual([]);
  });

  test('keeps the credential’s secret as an HSM object that signs for proxies in its Region alone', async () => {
    const id = await createStore();
    const { objects } = await lab.core.client.call('hsm.objects', { spec: 'AWS_SECRET_ACCESS_KEY', limit: 100 });
    expect(objects).toMatchObject([{ extractable: false, usage: ['sigv4'] }]);
    const session = lab.core.running.core.session();
    const key = session.objectRef(objects[0]?.id ?? '');
    for (const [region, service] of [
      [REGION, 'sts'],
      ['eu-west-1', 'kms-xks-proxy'],
    ] as const) {
      const scope = { date: '20261123', region, service };
      await expect(session.hsm.call('sigv4Sign', { key, scope, stringToSign: 'x' })).rejects.toMatchObject({
        code: 'HsmRefused',
      });
    }
    const said = JSON.stringify([await lab.core.client.call('audit.list', {}), lab.core.events, lab.core.logged]);
    expect(said).not.toContain(proxy.credential.RawSecretAccessKey);
    await dropStore(id);
  });

  const wrongInputs: [Partial<CreateCustomKeyStoreCommandInput>, string, RegExp][] = [
    [{ XksProxyUriEndpoint: undefined }, 'ValidationException', /^XksProxyUriEndpoint is required/],
    [{ XksProxyUriPath: undefined }, 'ValidationException', /^XksProxyUriPath is required/],
    [{ XksProxyConnectivity: undefined }, 'ValidationException', /^XksProxyConnectivity is required/],
    [
      { XksProxyAuthenticationCredential: undefined },
      'ValidationException',
      /^XksProxyAuthenticationCredential is req/,
    ],
    [{ CloudHsmClusterId: 'cluster-abcdefghijk' }, 'ValidationException', /^CloudHsmClusterId is not valid for/],
    [{ KeyStorePassword: 'password' }, 'ValidationException', /^KeyStorePassword is not valid for/],
    [{ XksProxyUriPath: '/kms/xks/v1/' }, 'ValidationException', /at 'xksProxyUriPath' failed to satisfy/],
    [{ XksProxyUriEndpoint: 'http://xks.example.com' }, 'ValidationException', /at 'xksProxyUriEndpoint' failed/],
    [{ XksProxyUriEndpoint: 'https://a@xks.example.com' }, 'ValidationException', /at 'xksProxyUriEndpoint' failed/],
    [{ XksProxyUriEndpoint: 'http://localhost.example.com' }, 'ValidationException', /at 'xksProxyUriEndpoint' failed/],
    [{ XksProxyConnectivity: 'VPC_ENDPOINT_SERVICE' }, 'ValidationException', /^XksProxyVpcEndpointServiceName is req/],
    [
      {
        XksProxyConnectivity: 'VPC_ENDPOINT_SERVICE',
        XksProxyVpcEndpointServiceName: 'com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0',
      },
      'XksProxyVpcEndpointServiceNotFoundException',
      /^The VPC endpoint service com\.amazonaws/,
    ],
    [{ XksProxyVpcEndpointServiceOwner: OTHER_ID }, 'ValidationException', /^A VPC endpoint service is not valid/],
    [
      { XksProxyUriPath: '/other/kms/xks/v1' },
      'XksProxyInvalidConfigurationException',
      /because of an invalid URI path/,
    ],
    [{ XksProxyUriEndpoint: 'http://127.0.0.1:9' }, 'XksProxyUriUnreachableException', /cannot communicate/],
  ];
  test.each(wrongInputs)('is not made with %j', async (more, name, message) => {
    const { CustomKeyStores: before } = await root.describeCustomKeyStores({});
    expect(await refusal(root.createCustomKeyStore(wanted(more)))).toMatchObject({
      name,
      message: expect.stringMatching(message),
      status: 400,
    });
    expect((await root.describeCustomKeyStores({})).CustomKeyStores).toEqual(before);
  });

  test('is not made with a wrong credential, and the secret is in no error', async () => {
    const secret = 'x'.repeat(43);
    const credential = { ...proxy.credential, RawSecretAccessKey: secret };
    const refused = await refusal(root.createCustomKeyStore(wanted({ XksProxyAuthenticationCredential: credential })));
    expect(refused).toMatchObject({
      name: 'XksProxyIncorrectAuthenticationCredentialException',
      message: expect.stringContaining('could not authenticate AWS KMS'),
    });
    const tooShort = { ...credential, RawSecretAccessKey: 'short' };
    const constraint = await refusal(root.createCustomKeyStore(wanted({ XksProxyAuthenticationCredential: tooShort })));
    expect(constraint.name).toBe('ValidationException');
    expect(constraint.message).not.toContain('short');
  });

  test('names and proxies are taken once in an account and Region, and there are at most ten', async () => {
    const first = await createStore({ CustomKeyStoreName: 'one' });
    expect(await refusal(createStore({ CustomKeyStoreName: 'one' }))).toMatchObject({
      name: 'CustomKeyStoreNameInUseException',
    });
    expect(await refusal(createStore())).toMatchObject({ name: 'XksProxyUriInUseException' });
    const elsewhere = await lab.rootIn(REGION, 'other');
    const { CustomKeyStoreId } = await elsewhere.createCustomKeyStore(wanted({ CustomKeyStoreName: 'one' }));
    expect(await refusal(root.describeCustomKeyStores({ CustomKeyStoreId }))).toMatchObject({
      name: 'CustomKeyStoreNotFoundException',
    });
    expect(await refusal(root.deleteCustomKeyStore({ CustomKeyStoreId }))).toMatchObject({
      name: 'CustomKeyStoreNotFoundException',
    });
    const proxies: XksProxy[] = [];
    const ids = [first];
    for (let index = 0; index < 9; index++) {
      const other = await startXksProxy({ now: () => lab.clock.now() });
      proxies.push(other);
      ids.push(
        await createStore({
          XksProxyUriEndpoint: other.endpoint,
          XksProxyAuthenticationCredential: other.credential,
        }),
      );
    }
    expect(await refusal(createStore())).toMatchObject({ name: 'LimitExceededException' });
    const pages: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await root.describeCustomKeyStores({ Limit: 4, Marker });
      pages.push(...(page.CustomKeyStores ?? []).map((one) => one.CustomKeyStoreId));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(pages).toEqual([...ids].sort());
    expect(await refusal(root.describeCustomKeyStores({ Marker: 'x' }))).toMatchObject({
      name: 'InvalidMarkerException',
    });
    for (const id of ids) await dropStore(id);
    for (const other of proxies) await other.close();
    await lab.core.client.call('account.reset', { name: 'other' });
  });

  test('may be asked for by whom a policy allows it', async () => {
    const id = await createStore();
    const { kms } = await lab.user('looker', [
      { Effect: 'Allow', Action: 'kms:DescribeCustomKeyStores', Resource: '*' },
    ]);
    expect((await kms.describeCustomKeyStores({})).CustomKeyStores).toHaveLength(1);
    for (const call of [
      kms.createCustomKeyStore(wanted()),
      kms.connectCustomKeyStore({ CustomKeyStoreId: id }),
      kms.disconnectCustomKeyStore({ CustomKeyStoreId: id }),
      kms.updateCustomKeyStore({ CustomKeyStoreId: id, NewCustomKeyStoreName: 'mine' }),
      // There is no such store, which is none of its business.
      kms.deleteCustomKeyStore({ CustomKeyStoreId: 'cks-0' }),
    ]) {
      expect(await refusal(call)).toMatchObject({ name: 'AccessDeniedException' });
    }
    await dropStore(id);
  });

  const failures: [string, string, RegExp, string][] = [
    ['ValidationException', 'XksProxyInvalidResponseException', /cannot interpret/, 'XKS_PROXY_INVALID_RESPONSE'],
    ['InvalidUriPathException', 'XksProxyInvalidConfigurationException', /URI path/, 'XKS_PROXY_INVALID_CONFIGURATION'],
    ['AccessDeniedException', 'XksProxyInvalidConfigurationException', /denied access/, 'XKS_PROXY_ACCESS_DENIED'],
    ['ThrottlingException', 'XksProxyUriUnreachableException', /very high request rate/, 'XKS_PROXY_NOT_REACHABLE'],
    ['DependencyTimeoutException', 'XksProxyUriUnreachableException', /time allotted/, 'XKS_PROXY_TIMED_OUT'],
    ['InternalException', 'XksProxyInvalidResponseException', /external key manager/, 'XKS_PROXY_NOT_REACHABLE'],
    [
      'AuthenticationFailedException',
      'XksProxyIncorrectAuthenticationCredentialException',
      /auth/,
      'INVALID_CREDENTIALS',
    ],
    ['NeverHeardOfException', 'XksProxyInvalidResponseException', /cannot interpret/, 'XKS_PROXY_INVALID_RESPONSE'],
  ];
  test.each(failures)(
    'is neither made nor connected with a proxy that answers %s',
    async (error, name, message, code) => {
      proxy.script = () => proxyError(error);
      expect(await refusal(root.createCustomKeyStore(wanted()))).toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
      proxy.script = undefined;
      const id = await createStore();
      proxy.script = () => proxyError(error);
      expect(await connect(id)).toMatchObject({ ConnectionState: 'FAILED', ConnectionErrorCode: code });
      expect(await refusal(root.connectCustomKeyStore({ CustomKeyStoreId: id }))).toMatchObject({
        name: 'CustomKeyStoreInvalidStateException',
      });
      await dropStore(id);
    },
  );

  test.each<[string, object]>([
    ['no fleet', { xksProxyFleetSize: 0 }],
    ['no vendor', { xksProxyVendor: undefined }],
    ['no managers', { ekmFleetDetails: [] }],
    ['a state of its own', { ekmFleetDetails: [{ id: 'x', model: 'x', healthStatus: 'GREEN' }] }],
  ])('is not made with a proxy whose health is malformed: %s', async (_what, wrong) => {
    proxy.lie = (_api, answer) => ({ ...answer, ...wrong });
    expect(await refusal(root.createCustomKeyStore(wanted()))).toMatchObject({
      name: 'XksProxyInvalidResponseException',
    });
  });

  test('is not made when every key manager is unavailable, and is when one is left', async () => {
    const managers = (...states: string[]) => ({
      ekmFleetDetails: states.map((healthStatus, index) => ({ id: String(index), model: 'x', healthStatus })),
    });
    proxy.lie = (_api, answer) => ({ ...answer, ...managers('UNAVAILABLE', 'UNAVAILABLE') });
    expect(await refusal(root.createCustomKeyStore(wanted()))).toMatchObject({
      name: 'XksProxyUriUnreachableException',
    });
    proxy.lie = (_api, answer) => ({ ...answer, ...managers('UNAVAILABLE', 'DEGRADED') });
    await dropStore(await createStore());
  });

  test('a proxy that is silent has 250 ms, and one that breaks off none', async () => {
    const id = await createStore();
    proxy.script = () => 'silence';
    const asked = proxy.seen.length;
    await root.connectCustomKeyStore({ CustomKeyStoreId: id });
    expect(await describeStore(id)).toMatchObject({ ConnectionState: 'CONNECTING' });
    expect(await refusal(root.deleteCustomKeyStore({ CustomKeyStoreId: id }))).toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    await until(async () => (proxy.seen.length > asked ? true : undefined));
    lab.clock.advance(250);
    const failed = await until(async () => {
      const store = await describeStore(id);
      return store?.ConnectionState === 'CONNECTING' ? undefined : store;
    });
    expect(failed).toMatchObject({ ConnectionState: 'FAILED', ConnectionErrorCode: 'XKS_PROXY_TIMED_OUT' });
    await lab.relock();
    expect(await describeStore(id)).toMatchObject({ ConnectionErrorCode: 'XKS_PROXY_TIMED_OUT' });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: id });
    expect(await describeStore(id)).not.toHaveProperty('ConnectionErrorCode');
    proxy.script = () => 'break';
    expect(await connect(id)).toMatchObject({ ConnectionErrorCode: 'XKS_PROXY_NOT_REACHABLE' });
    await dropStore(id);
  });

  test('an attempt to connect that is given up leaves it disconnected', async () => {
    const id = await createStore();
    proxy.script = () => 'silence';
    await root.connectCustomKeyStore({ CustomKeyStoreId: id });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: id });
    lab.clock.advance(250);
    expect(await describeStore(id)).toMatchObject({ ConnectionState: 'DISCONNECTED' });
    expect(await refusal(root.disconnectCustomKeyStore({ CustomKeyStoreId: id }))).toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    await dropStore(id);
  });

  test('is changed: the name, path and credential while it is connected, the endpoint only when it is not', async () => {
    const id = await createStore();
    await connect(id);
    await root.updateCustomKeyStore({ CustomKeyStoreId: id, NewCustomKeyStoreName: 'renamed' });
    const { credential, endpoint, path } = proxy;
    expect(
      await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id, XksProxyUriEndpoint: endpoint })),
    ).toMatchObject({ name: 'CustomKeyStoreInvalidStateException' });
    expect(
      await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id, XksProxyUriPath: '/gone/kms/xks/v1' })),
    ).toMatchObject({ name: 'XksProxyInvalidConfigurationException' });
    expect(await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id }))).toMatchObject({
      name: 'ValidationException',
    });
    expect(
      await refusal(root.updateCustomKeyStore({ CustomKeyStoreId: id, KeyStorePassword: 'password' })),
    ).toMatchObject({ name: 'ValidationException' });
    proxy.credential = { AccessKeyId: 'TSRQPONMLKJIHGFEDCBA5432', RawSecretAccessKey: 'r'.repeat(43) };
    proxy.path = '/new/kms/xks/v1';
    await root.updateCustomKeyStore({
      CustomKeyStoreId: id,
      XksProxyAuthenticationCredential: proxy.credential,
      XksProxyUriPath: proxy.path,
    });
    expect(await describeStore(id)).toMatchObject({
      CustomKeyStoreName: 'renamed',
      ConnectionState: 'CONNECTED',
      XksProxyConfiguration: { AccessKeyId: 'TSRQPONMLKJIHGFEDCBA5432', UriPath: '/new/kms/xks/v1' },
    });
    const { objects } = await lab.core.client.call('hsm.objects', { spec: 'AWS_SECRET_ACCESS_KEY', limit: 100 });
    expect(objects).toHaveLength(1);
    Object.assign(proxy, { credential, path });
    await dropStore(id);
  });
});

describe('over TLS', () => {
  test('a proxy’s certificate has to be trusted', async () => {
    const { ca, leaf } = await authority();
    const secure = await startXksProxy({ now: () => lab.clock.now(), tls: { key: leaf.key, cert: leaf.pem } });
    const input = wanted({
      XksProxyUriEndpoint: secure.endpoint,
      XksProxyAuthenticationCredential: secure.credential,
    });
    expect(secure.endpoint).toMatch(/^https:/);
    expect(await refusal(root.createCustomKeyStore(input))).toMatchObject({
      name: 'XksProxyUriUnreachableException',
      message: expect.stringContaining('cannot establish a TLS connection'),
    });
    const trusting = await startLab({ ca: ca.pem });
    const { CustomKeyStoreId } = await trusting.root.createCustomKeyStore(input);
    expect(CustomKeyStoreId).toMatch(/^cks-/);
    expect(secure.unsigned).toEqual([]);
    await trusting.dispose();
    await secure.close();
  });

  test('nothing but TLS is spoken to an endpoint that is https', async () => {
    const input = wanted({ XksProxyUriEndpoint: proxy.endpoint.replace('http:', 'https:') });
    expect(await refusal(root.createCustomKeyStore(input))).toMatchObject({
      name: 'XksProxyUriUnreachableException',
      message: expect.stringContaining('cannot establish a TLS connection'),
    });
  });
});

describe('a key in an external key store', () => {
  let store: string;
  beforeAll(async () => {
    store = await createStore({ CustomKeyStoreName: 'keys' });
    await connect(store);
  });

  test('is made on an external key that has been looked at, and says so', async () => {
    const before = proxy.seen.length;
    const { id, arn, XksKeyId } = await keyIn(store);
    expect(proxy.seen.slice(before)).toMatchObject([
      {
        api: 'metadata',
        key: XksKeyId,
        body: {
          requestMetadata: { awsPrincipalArn: 'arn:aws:iam::123456789012:root', kmsOperation: 'CreateKey' },
        },
      },
    ]);
    const { KeyMetadata } = await root.describeKey({ KeyId: id });
    expect(KeyMetadata).toMatchObject({
      Arn: arn,
      Origin: 'EXTERNAL_KEY_STORE',
      CustomKeyStoreId: store,
      XksKeyConfiguration: { Id: XksKeyId },
      KeyState: 'Enabled',
      KeySpec: 'SYMMETRIC_DEFAULT',
    });
    expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId');
    expect(
      await refusal(newKey(root, { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store, XksKeyId })),
    ).toMatchObject({ name: 'XksKeyAlreadyInUseException' });
    expect(await refusal(root.deleteCustomKeyStore({ CustomKeyStoreId: store }))).toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
  });

  test('is not made on an external key that will not do', async () => {
    const make = (XksKeyId: string, more: object = {}) =>
      refusal(newKey(root, { Origin: 'EXTERNAL_KEY_STORE', CustomKeyStoreId: store, XksKeyId, ...more }));
    expect(await make('nowhere')).toMatchObject({
      name: 'XksKeyNotFoundException',
      message: expect.stringContaining('was not found in its external key manager'),
    });
    proxy.addKey('small', { keySpec: 'AES_128' });
    proxy.addKey('off', { keyStatus: 'DISABLED' });
    proxy.addKey('one-way', { keyUsage: ['ENCRYPT'] });
    for (const id of ['small', 'off', 'one-way']) {
      expect(await make(id)).toMatchObject({ name: 'XksKeyInvalidConfigurationException' });
    }
    proxy.addKey('fine');
    expect(await make('fine', { MultiRegion: true })).toMatchObject({ name: 'UnsupportedOperationException' });
    expect(await make('fine', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })).toMatchObject({
      name: 'UnsupportedOperationException',
    });
    for (const [error, name] of [
      ['InvalidStateException', 'XksKeyInvalidConfigurationException'],
      ['InvalidKeyUsageException', 'XksKeyInvalidConfigurationException'],
      ['AccessDeniedException', 'KMSInvalidStateException'],
      ['AuthenticationFailedException', 'CustomKeyStoreInvalidStateException'],
      ['ThrottlingException', 'CustomKeyStoreInvalidStateException'],
    ] as const) {
      proxy.script = () => proxyError(error);
      expect(await make('fine')).toMatchObject({ name });
    }
    proxy.script = undefined;
    const other = await startXksProxy({ now: () => lab.clock.now() });
    other.addKey('fine');
    const unconnected = await createStore({
      XksProxyUriEndpoint: other.endpoint,
      XksProxyAuthenticationCredential: other.credential,
    });
    expect(await make('fine', { CustomKeyStoreId: unconnected })).toMatchObject({
      name: 'CustomKeyStoreInvalidStateException',
    });
    expect(await refusal(newKey(root, { Origin: 'AWS_CLOUDHSM', CustomKeyStoreId: store }))).toMatchObject({
      name: 'ValidationException',
    });
    await dropStore(unconnected);
    await other.close();
  });

  test('asks nothing of the proxy while no crypto user is logged in, where the officers want one', async () => {
    const { id: KeyId } = await keyIn(store);
    const { CiphertextBlob } = await root.encrypt({ KeyId, Plaintext: utf8('x') });
    const people = hsmPeople(lab.core.client);
    await people.init('alice');
    await people.add('carol', 'crypto-user');
    await people.keyUse(true);
    const before = proxy.seen.length;
    const denied = { name: 'AccessDeniedException', message: expect.stringContaining('keyhold hsm login') };
    expect(await refusal(root.encrypt({ KeyId, Plaintext: utf8('x') }))).toMatchObject(denied);
    expect(await refusal(root.decrypt({ CiphertextBlob }))).toMatchObject(denied);
    expect(proxy.seen.slice(before)).toEqual([]);
    await people.login('carol');
    expect(text((await root.decrypt({ CiphertextBlob })).Plaintext)).toBe('x');
    await people.login('alice');
    await people.keyUse(false);
  });

  test('encrypts twice: what the proxy sees is neither the plaintext nor the context', async () => {
    const { id, arn, XksKeyId } = await keyIn(store);
    const EncryptionContext = { tenant: 'secret-tenant' };
    const before = proxy.seen.length;
    const { CiphertextBlob, KeyId } = await root.encrypt({ KeyId: id, Plaintext: utf8('hello'), EncryptionContext });
    expect(KeyId).toBe(arn);
    const [call] = proxy.seen.slice(before);
    expect(call).toMatchObject({
      api: 'encrypt',
      key: XksKeyId,
      body: {
        requestMetadata: { kmsKeyArn: arn, kmsOperation: 'Encrypt' },
        encryptionAlgorithm: 'AES_GCM',
        ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
      },
    });
    const seen = Object.values(call?.body ?? {}).map((one) => Buffer.from(String(one), 'base64').toString('latin1'));
    expect(seen.join()).not.toMatch(/hello|secret-tenant/);
    expect(Buffer.from(String(call?.body['additionalAuthenticatedData']), 'base64')).toHaveLength(32);
    const opened = await root.decrypt({ CiphertextBlob, EncryptionContext });
    expect(text(opened.Plaintext)).toBe('hello');
    expect(opened).not.toHaveProperty('KeyMaterialId');
    await lab.relock();
    expect(text((await root.decrypt({ CiphertextBlob, EncryptionContext, KeyId: id })).Plaintext)).toBe('hello');
  });

  test('makes data keys, re-encrypts from and to ordinary keys, and takes the longest plaintext', async () => {
    const { id } = await keyIn(store);
    const ordinary = await newKey(root);
    const key = await root.generateDataKey({ KeyId: id, KeySpec: 'AES_256' });
    expect((await root.decrypt({ CiphertextBlob: key.CiphertextBlob })).Plaintext).toEqual(key.Plaintext);
    const hidden = await root.generateDataKeyWithoutPlaintext({ KeyId: id, NumberOfBytes: 1024 });
    expect((await root.decrypt({ CiphertextBlob: hidden.CiphertextBlob })).Plaintext).toHaveLength(1024);
    const out = await root.reEncrypt({ CiphertextBlob: key.CiphertextBlob, DestinationKeyId: ordinary.id });
    expect(out).toMatchObject({ DestinationKeyMaterialId: expect.any(String) });
    expect(out).not.toHaveProperty('SourceKeyMaterialId');
    const back = await root.reEncrypt({
      CiphertextBlob: out.CiphertextBlob,
      DestinationKeyId: id,
      DestinationEncryptionContext: { a: 'b' },
    });
    const opened = await root.decrypt({ CiphertextBlob: back.CiphertextBlob, EncryptionContext: { a: 'b' } });
    expect(opened.Plaintext).toEqual(key.Plaintext);
    const Plaintext = new Uint8Array(4096).fill(7);
    const EncryptionContext = { k: 'v'.repeat(8000) };
    const large = await root.encrypt({ KeyId: id, Plaintext, EncryptionContext });
    expect((await root.decrypt({ CiphertextBlob: large.CiphertextBlob, EncryptionContext })).Plaintext).toEqual(
      Plaintext,
    );
  });

  test.each([
    [12, undefined],
    [16, Buffer.from('key_version=1')],
    [12, Buffer.alloc(20, 9)],
  ] as const)(
    'a ciphertext with any byte changed is refused (IV of %i bytes, metadata %s)',
    async (ivBytes, metadata) => {
      const { id } = await keyIn(store);
      Object.assign(proxy, { ivBytes, metadata });
      const EncryptionContext = { a: 'b' };
      const { CiphertextBlob = new Uint8Array() } = await root.encrypt({
        KeyId: id,
        Plaintext: utf8('x'),
        EncryptionContext,
      });
      for (let index = 0; index < CiphertextBlob.length; index++) {
        const edited = CiphertextBlob.slice();
        edited[index] = (edited[index] ?? 0) ^ 1;
        const { name } = await refusal(root.decrypt({ CiphertextBlob: edited, EncryptionContext }));
        expect(['InvalidCiphertextException', 'KMSInvalidStateException'], `byte ${index}`).toContain(name);
      }
      expect(text((await root.decrypt({ CiphertextBlob, EncryptionContext })).Plaintext)).toBe('x');
    },
  );

  test('another context, key, account or Region does not decrypt', async () => {
    const [one, two] = [await keyIn(store), await keyIn(store)];
    const { CiphertextBlob } = await root.encrypt({
      KeyId: one.id,
      Plaintext: utf8('x'),
      EncryptionContext: { a: 'b' },
    });
    expect(await refusal(root.decrypt({ CiphertextBlob, EncryptionContext: { a: 'c' } }))).toMatchObject({
      name: 'KMSInvalidStateException',
      message:
        'The external key store proxy rejected the request because the specified ciphertext or encryption context is corrupted, missing, or otherwise invalid.',
    });
    expect(await refusal(root.decrypt({ CiphertextBlob, KeyId: two.id, EncryptionContext: { a: 'b' } }))).toMatchObject(
      { name: 'IncorrectKeyException' },
    );
    const other = await lab.rootIn(REGION, 'other');
    expect(await refusal(other.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' } }))).toMatchObject({
      name: 'AccessDeniedException',
    });
    const elsewhere = await lab.rootIn('eu-west-1');
    expect(await refusal(elsewhere.decrypt({ CiphertextBlob, EncryptionContext: { a: 'b' } }))).toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('a ciphertext of an ordinary key is none of it, whatever its header says', async () => {
    const { id } = await keyIn(store);
    const ordinary = await newKey(root);
    const { CiphertextBlob = new Uint8Array() } = await root.encrypt({
      KeyId: ordinary.id,
      Plaintext: new Uint8Array(60),
    });
    for (const format of [2, 3]) {
      const edited = CiphertextBlob.slice();
      edited[0] = format;
      expect(await refusal(root.decrypt({ CiphertextBlob: edited }))).toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
    expect(await refusal(root.decrypt({ CiphertextBlob, KeyId: id }))).toMatchObject({ name: 'IncorrectKeyException' });
  });

  const lies: [string, 'encrypt' | 'decrypt', (answer: Record<string, unknown>) => object, RegExp][] = [
    [
      'another ciphertext than it sums up',
      'encrypt',
      (a) => ({ ciphertext: flip(a['ciphertext']) }),
      /cannot interpret/,
    ],
    ['no sum', 'encrypt', () => ({ ciphertextDataIntegrityValue: undefined }), /cannot interpret/],
    ['a short tag', 'encrypt', () => ({ authenticationTag: 'AAAA' }), /cannot interpret/],
    ['a long IV', 'encrypt', () => ({ initializationVector: Buffer.alloc(13).toString('base64') }), /cannot interpret/],
    ['too much metadata', 'encrypt', () => ({ ciphertextMetadata: Buffer.alloc(21).toString('base64') }), /interpret/],
    ['text that is no base64', 'encrypt', () => ({ ciphertext: '%' }), /cannot interpret/],
    ['another plaintext', 'decrypt', (a) => ({ plaintext: flip(a['plaintext']) }), /proxy submitted for decryption/],
    ['a shorter plaintext', 'decrypt', () => ({ plaintext: 'AAAA' }), /cannot interpret/],
    ['no plaintext', 'decrypt', () => ({ plaintext: undefined }), /cannot interpret/],
  ];
  test.each(lies)('a proxy that answers %s is not believed', async (_what, api, lie, message) => {
    const { id } = await keyIn(store);
    const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('x') });
    proxy.lie = (asked, answer) => (asked === api ? { ...answer, ...lie(answer) } : answer);
    const call =
      api === 'encrypt' ? root.encrypt({ KeyId: id, Plaintext: utf8('x') }) : root.decrypt({ CiphertextBlob });
    expect(await refusal(call)).toMatchObject({
      name: 'KMSInvalidStateException',
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, { status: number; body: string } | 'break']>([
    ['HTML', { status: 200, body: '<html>' }],
    ['a list', { status: 200, body: '[]' }],
    ['an error without a name', { status: 500, body: '{}' }],
    ['a redirect', { status: 302, body: '{}' }],
    ['far too much', { status: 200, body: JSON.stringify({ plaintext: 'A'.repeat(70_000) }) }],
  ])('a proxy that answers %s is not understood', async (_what, scripted) => {
    const { id } = await keyIn(store);
    proxy.script = () => scripted;
    expect(await refusal(root.encrypt({ KeyId: id, Plaintext: utf8('x') }))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: expect.stringContaining('cannot interpret the response'),
      status: 400,
    });
  });

  const proxyErrors: [string, RegExp][] = [
    ['ValidationException', /cannot interpret the response/],
    ['InvalidStateException', /is not enabled in the external key manager/],
    ['InvalidCiphertextException', /ciphertext or encryption context is corrupted/],
    ['InvalidKeyUsageException', /does not support the requested operation/],
    ['AuthenticationFailedException', /could not authenticate AWS KMS/],
    ['AccessDeniedException', /denied access to the operation/],
    ['KeyNotFoundException', /was not found in its external key manager/],
    ['InvalidUriPathException', /because of an invalid URI path/],
    ['ThrottlingException', /due to a very high request rate/],
    ['UnsupportedOperationException', /does not support the requested operation/],
    ['DependencyTimeoutException', /in the time allotted/],
    ['InternalException', /cannot communicate with the external key manager/],
  ];
  test.each(proxyErrors)('%s of the proxy is told in AWS’s words', async (error, message) => {
    const { id } = await keyIn(store);
    proxy.script = () => proxyError(error);
    for (const call of [
      root.encrypt({ KeyId: id, Plaintext: utf8('x') }),
      root.generateDataKey({ KeyId: id, KeySpec: 'AES_128' }),
    ]) {
      const refused = await refusal(call);
      expect(refused).toMatchObject({ name: 'KMSInvalidStateException', message: expect.stringMatching(message) });
      expect(refused.message).not.toContain('said the proxy');
    }
  });

  test('a slow proxy is given up after 250 ms, and a fast one later is used', async () => {
    const { id } = await keyIn(store);
    proxy.script = () => 'silence';
    const asked = proxy.seen.length;
    const call = refusal(root.encrypt({ KeyId: id, Plaintext: utf8('x') }));
    await until(async () => (proxy.seen.length > asked ? true : undefined));
    lab.clock.advance(249);
    lab.clock.advance(1);
    expect(await call).toMatchObject({
      name: 'KMSInvalidStateException',
      message: expect.stringContaining('did not respond in time'),
    });
    proxy.script = undefined;
    expect(await root.encrypt({ KeyId: id, Plaintext: utf8('x') })).toHaveProperty('CiphertextBlob');
  });

  test('a kept connection that the proxy has closed is replaced', async () => {
    const { id } = await keyIn(store);
    await root.encrypt({ KeyId: id, Plaintext: utf8('x') });
    let broken = false;
    proxy.script = () => {
      if (broken) return undefined;
      broken = true;
      return 'break';
    };
    expect(await root.encrypt({ KeyId: id, Plaintext: utf8('x') })).toHaveProperty('CiphertextBlob');
  });

  test('cannot rotate, take imported material, move to other Regions or make data key pairs', async () => {
    const { id } = await keyIn(store);
    for (const call of [
      root.enableKeyRotation({ KeyId: id }),
      root.getKeyRotationStatus({ KeyId: id }),
      root.rotateKeyOnDemand({ KeyId: id }),
      root.listKeyRotations({ KeyId: id }),
      root.getParametersForImport({
        KeyId: id,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
      root.deleteImportedKeyMaterial({ KeyId: id }),
      root.replicateKey({ KeyId: id, ReplicaRegion: 'eu-west-1' }),
      root.generateDataKeyPair({ KeyId: id, KeyPairSpec: 'ECC_NIST_P256' }),
      root.getPublicKey({ KeyId: id }),
      root.generateRandom({ NumberOfBytes: 8, CustomKeyStoreId: store }),
    ]) {
      expect(await refusal(call)).toMatchObject({ name: 'UnsupportedOperationException' });
    }
  });

  test('is unavailable while the store is disconnected, but can be managed, and of use again after that', async () => {
    const { id, arn } = await keyIn(store);
    const { CiphertextBlob } = await root.encrypt({ KeyId: id, Plaintext: utf8('kept') });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
    expect((await root.describeKey({ KeyId: id })).KeyMetadata).toMatchObject({
      KeyState: 'Unavailable',
      Enabled: false,
    });
    const before = proxy.seen.length;
    expect(await refusal(root.decrypt({ CiphertextBlob }))).toMatchObject({
      name: 'KMSInvalidStateException',
      message:
        'This KMS key is in a custom key store that is not connected to its external key store proxy. Connect the external key store and try the request again.',
    });
    expect(proxy.seen.slice(before)).toEqual([]);
    await root.disableKey({ KeyId: id });
    await root.enableKey({ KeyId: id });
    await root.updateKeyDescription({ KeyId: id, Description: 'managed' });
    expect(await connect(store)).toMatchObject({ ConnectionState: 'CONNECTED' });
    expect(await root.decrypt({ CiphertextBlob })).toMatchObject({ KeyId: arn });
    await root.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays: 7 });
    await root.disconnectCustomKeyStore({ CustomKeyStoreId: store });
    expect((await root.describeKey({ KeyId: id })).KeyMetadata).toMatchObject({ KeyState: 'PendingDeletion' });
    expect(await refusal(root.deleteCustomKeyStore({ CustomKeyStoreId: store }))).toMatchObject({
      name: 'CustomKeyStoreHasCMKsException',
    });
    await connect(store);
    // No call has come unsigned; the one with a wrong secret was meant to.
    expect(proxy.unsigned).toEqual(['SignatureDoesNotMatch']);
  });

  test('an emptied account has no key stores', async () => {
    await lab.core.client.call('account.reset', { name: 'lab' });
    expect((await root.describeCustomKeyStores({})).CustomKeyStores).toEqual([]);
    const { objects } = await lab.core.client.call('hsm.objects', { spec: 'AWS_SECRET_ACCESS_KEY', limit: 100 });
    expect(objects).toEqual([]);
  });
});

function flip(base64: unknown): string {
  const bytes = Buffer.from(String(base64), 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
}
