import { createHash, randomBytes } from 'node:crypto';
import { awsId, isPending, pending, type StrictCredential, type StrictState, type StrictUser } from './state.ts';
import { type Element, isoSeconds, Refusal } from './xml.ts';

const PER_SERVICE = 2;
const SSH_KEYS_PER_USER = 5;
const SERVICES = ['codecommit.amazonaws.com', 'cassandra.amazonaws.com', 'bedrock.amazonaws.com'];
const LEAST_RSA_BYTES = 256;

interface Call {
  form: URLSearchParams;
  state: StrictState;
  user: StrictUser;
}

type Operation = (call: Call) => Element | undefined;

/** Service-specific credentials and SSH public keys: what is shown once, what has a quota, and what is refused. */
export const CREDENTIAL_OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateServiceSpecificCredential({ form, state, user }) {
    const service = serviceOf(form);
    const live = ofUser({ state, user }).filter((one) => one.service === service);
    if (live.length >= PER_SERVICE) throw quota('ServiceSpecificCredentialsPerUser', PER_SERVICE);
    const made = keep(state, user, { id: awsId('ACCA'), service });
    renew(state, made);
    return { ServiceSpecificCredential: viewWithSecret(made) };
  },

  ListServiceSpecificCredentials({ form, state, user }) {
    const service = form.get('ServiceName');
    const listed = ofUser({ state, user }).filter(
      (one) => one.service !== undefined && (service === null || one.service === service) && isSeen(one, state),
    );
    return { ServiceSpecificCredentials: listed.map(viewService) };
  },

  UpdateServiceSpecificCredential({ form, state, user }) {
    oneOf({ form, state, user }, 'ServiceSpecificCredentialId').status = statusOf(form);
    return undefined;
  },

  ResetServiceSpecificCredential({ form, state, user }) {
    const found = oneOf({ form, state, user }, 'ServiceSpecificCredentialId');
    renew(state, found);
    return { ServiceSpecificCredential: viewWithSecret(found) };
  },

  DeleteServiceSpecificCredential({ form, state, user }) {
    oneOf({ form, state, user }, 'ServiceSpecificCredentialId').deleted = true;
    return undefined;
  },

  UploadSSHPublicKey({ form, state, user }) {
    const body = (form.get('SSHPublicKeyBody') ?? '').trim();
    const live = ofUser({ state, user }).filter((one) => one.body !== undefined);
    requireRsa(body);
    if (live.some((one) => one.body === body)) {
      throw new Refusal(
        400,
        'DuplicateSSHPublicKey',
        'The SSH public key is already associated with the specified user.',
      );
    }
    if (live.length >= SSH_KEYS_PER_USER) throw quota('SSHPublicKeysPerUser', SSH_KEYS_PER_USER);
    return { SSHPublicKey: viewSsh(keep(state, user, { id: awsId('APKA'), body })) };
  },

  ListSSHPublicKeys: ({ state, user }) => ({
    IsTruncated: false,
    SSHPublicKeys: ofUser({ state, user })
      .filter((one) => one.body !== undefined && isSeen(one, state))
      .map(({ id, userName, status, createdAt }) => ({
        UserName: userName,
        SSHPublicKeyId: id,
        Status: status,
        UploadDate: isoSeconds(createdAt),
      })),
  }),

  GetSSHPublicKey: (call) => ({ SSHPublicKey: viewSsh(oneOf(call, 'SSHPublicKeyId')) }),

  UpdateSSHPublicKey(call) {
    oneOf(call, 'SSHPublicKeyId').status = statusOf(call.form);
    return undefined;
  },

  DeleteSSHPublicKey(call) {
    oneOf(call, 'SSHPublicKeyId').deleted = true;
    return undefined;
  },
};

function keep(
  state: StrictState,
  user: StrictUser,
  { id, service, body }: { id: string; service?: string; body?: string },
): StrictCredential {
  const made: StrictCredential = {
    ...{ id, service, body, userName: user.name, status: 'Active', createdAt: state.now(), deleted: false },
    ...{ secret: undefined, shown: undefined, unlisted: pending(state.lag.listing, state.now()) },
  };
  state.credentials.set(id, made);
  return made;
}

/** CodeCommit’s are numbered from the second on; Bedrock’s are API keys. */
function renew(state: StrictState, one: StrictCredential): void {
  const others = [...state.credentials.values()].filter(
    ({ userName, service }) => userName === one.userName && service === one.service,
  );
  const number = others.indexOf(one);
  one.shown = `${one.userName}${number === 0 ? '' : `+${number}`}-at-${state.account}`;
  one.secret = randomBytes(32).toString('base64');
}

function viewService({ id, service, shown, userName, status, createdAt }: StrictCredential): Record<string, Element> {
  return {
    CreateDate: isoSeconds(createdAt),
    ServiceName: service,
    ...(service === 'bedrock.amazonaws.com' ? { ServiceCredentialAlias: shown } : { ServiceUserName: shown }),
    ServiceSpecificCredentialId: id,
    UserName: userName,
    Status: status,
  };
}

function viewWithSecret(one: StrictCredential): Element {
  const name = one.service === 'bedrock.amazonaws.com' ? 'ServiceCredentialSecret' : 'ServicePassword';
  return { ...viewService(one), [name]: one.secret };
}

function viewSsh({ id, userName, status, createdAt, body = '' }: StrictCredential): Element {
  const blob = Buffer.from(body.split(' ')[1] ?? '', 'base64');
  return {
    UserName: userName,
    SSHPublicKeyId: id,
    Fingerprint: createHash('md5')
      .update(blob)
      .digest('hex')
      .replace(/..(?!$)/g, '$&:'),
    SSHPublicKeyBody: body,
    Status: status,
    UploadDate: isoSeconds(createdAt),
  };
}

function ofUser({ state, user }: Pick<Call, 'state' | 'user'>): StrictCredential[] {
  return [...state.credentials.values()].filter(({ userName, deleted }) => userName === user.name && !deleted);
}

function isSeen(one: StrictCredential, state: StrictState): boolean {
  return !isPending(one.unlisted, state.now());
}

function oneOf({ form, state, user }: Call, parameter: string): StrictCredential {
  const id = form.get(parameter) ?? '';
  const isSsh = parameter === 'SSHPublicKeyId';
  const found = ofUser({ state, user }).find((one) => one.id === id && (one.body !== undefined) === isSsh);
  if (found !== undefined) return found;
  const what = isSsh ? 'Public Key' : 'service specific credential';
  throw new Refusal(404, 'NoSuchEntity', `The ${what} with id ${id} cannot be found.`);
}

function statusOf(form: URLSearchParams): 'Active' | 'Inactive' {
  const status = form.get('Status');
  if (status === 'Active' || status === 'Inactive') return status;
  throw new Refusal(400, 'ValidationError', `1 validation error detected: Value '${status}' at 'status'`);
}

function serviceOf(form: URLSearchParams): string {
  const service = form.get('ServiceName') ?? '';
  if (SERVICES.includes(service)) return service;
  throw new Refusal(
    404,
    'NotSupportedService',
    `The specified service ${service} does not support service-specific credentials.`,
  );
}

/** `ssh-rsa`, and of 2,048 bits at least. */
function requireRsa(body: string): void {
  const [type, blob = ''] = body.split(' ');
  const bytes = Buffer.from(blob, 'base64');
  if (type !== 'ssh-rsa' || bytes.length < 4 || bytes.subarray(4, 11).toString('latin1') !== 'ssh-rsa') {
    throw new Refusal(400, 'InvalidPublicKey', 'The public key is malformed or otherwise invalid.');
  }
  if (bytes.length < LEAST_RSA_BYTES) throw new Refusal(400, 'InvalidPublicKey', 'The public key is too short.');
}

function quota(name: string, most: number): Refusal {
  return new Refusal(409, 'LimitExceeded', `Cannot exceed quota for ${name}: ${most}`);
}
