import { type Caller, invalidToken } from './authenticate.ts';
import { authorize, decide } from './decide.ts';
import { CREDENTIAL_OPERATIONS } from './iam-credentials.ts';
import {
  isPending,
  newKey,
  pending,
  type StrictKey,
  type StrictRole,
  type StrictState,
  type StrictUser,
} from './state.ts';
import { isPolicy } from './sts.ts';
import { answer, type Element, isoSeconds, members, Refusal, type Reply } from './xml.ts';

const KEYS_PER_USER = 2;

interface Call {
  form: URLSearchParams;
  caller: Caller;
  state: StrictState;
  /** Of UserName, or the caller. */
  user: StrictUser;
}

type Operation = (call: Call) => Element | Promise<Element>;

/** Of roles, which are named by RoleName. */
const ROLE_OPERATIONS: Readonly<Record<string, (form: URLSearchParams, role: StrictRole) => Element>> = {
  PutRolePolicy(form, role) {
    role.policies.set(policyName(form), documentOf(form));
    return undefined;
  },

  DeleteRolePolicy(form, role) {
    if (!role.policies.delete(policyName(form))) {
      throw new Refusal(404, 'NoSuchEntity', `The role policy with name ${policyName(form)} cannot be found.`);
    }
    return undefined;
  },
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...CREDENTIAL_OPERATIONS,

  GetUser: ({ user }) => ({
    User: {
      Path: '/',
      UserName: user.name,
      UserId: user.id,
      Arn: user.arn,
      CreateDate: isoSeconds(user.createdAt),
    },
  }),

  CreateAccessKey({ state, user }) {
    const live = keysOf(user, state);
    if (live.length >= KEYS_PER_USER) {
      throw new Refusal(409, 'LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`);
    }
    const key = newKey(state, user.name);
    key.unusable = pending(state.lag.newKeys, state.now());
    key.unlisted = pending(state.lag.listing, state.now());
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: key.accessKeyId,
        Status: key.status,
        SecretAccessKey: key.secretAccessKey,
        CreateDate: isoSeconds(key.createdAt),
      },
    };
  },

  ListAccessKeys: ({ state, user }) => ({
    IsTruncated: false,
    AccessKeyMetadata: keysOf(user, state)
      .filter((key) => !isPending(key.unlisted, state.now()))
      .map(({ accessKeyId, status, createdAt }) => ({
        UserName: user.name,
        AccessKeyId: accessKeyId,
        Status: status,
        CreateDate: isoSeconds(createdAt),
      })),
  }),

  GetAccessKeyLastUsed({ form, state }) {
    const { lastUsed, userName } = keyOf(form, state, undefined);
    return {
      UserName: userName,
      AccessKeyLastUsed: {
        LastUsedDate: lastUsed === undefined ? undefined : isoSeconds(lastUsed.at),
        ServiceName: lastUsed?.service ?? 'N/A',
        Region: lastUsed?.region ?? 'N/A',
      },
    };
  },

  UpdateAccessKey({ form, state, user }) {
    const key = keyOf(form, state, user);
    const status = form.get('Status');
    if (status !== 'Active' && status !== 'Inactive') {
      throw new Refusal(
        400,
        'ValidationError',
        `1 validation error detected: Value '${status}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]`,
      );
    }
    lagBehind(key, state);
    key.status = status;
    return undefined;
  },

  DeleteAccessKey({ form, state, user }) {
    const key = keyOf(form, state, user);
    lagBehind(key, state);
    key.deleted = true;
    return undefined;
  },

  ListMFADevices: ({ state, user }) => ({
    IsTruncated: false,
    MFADevices: [...state.devices.values()]
      .filter(({ userName }) => userName === user.name)
      .map(({ serialNumber, enabledAt }) => ({
        UserName: user.name,
        SerialNumber: serialNumber,
        EnableDate: isoSeconds(enabledAt),
      })),
  }),

  PutUserPolicy({ form, user }) {
    user.policies.set(policyName(form), documentOf(form));
    return undefined;
  },

  GetUserPolicy: ({ form, user }) => ({
    UserName: user.name,
    PolicyName: policyName(form),
    // As AWS does: percent-encoded inside the XML.
    PolicyDocument: encodeURIComponent(policyOf(form, user)),
  }),

  DeleteUserPolicy({ form, user }) {
    policyOf(form, user);
    user.policies.delete(policyName(form));
    return undefined;
  },

  ListUserPolicies: ({ user }) => ({ IsTruncated: false, PolicyNames: [...user.policies.keys()].sort() }),

  async SimulatePrincipalPolicy({ form, state }) {
    const source = form.get('PolicySourceArn') ?? '';
    const user = [...state.users.values()].find(({ arn }) => arn === source);
    if (user === undefined) throw new Refusal(404, 'NoSuchEntity', `The user with name ${source} cannot be found.`);
    const mfa = hasMfa(form);
    const resources = members(form, 'ResourceArns');
    const results: Element[] = [];
    for (const action of members(form, 'ActionNames')) {
      for (const resource of resources.length === 0 ? ['*'] : resources) {
        const decision = await decide(
          {
            principal: user,
            action,
            resource: resource === '*' ? user.arn : resource,
            mfaAt: mfa ? state.now() : undefined,
          },
          state,
        );
        results.push({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: decision,
          MatchedStatements: [],
          MissingContextValues: user.mfa && !mfa ? ['aws:MultiFactorAuthPresent'] : [],
        });
      }
    }
    return { IsTruncated: false, EvaluationResults: results };
  },
};

export async function answerIam(
  action: string,
  form: URLSearchParams,
  caller: Caller,
  state: StrictState,
): Promise<Reply> {
  const operation = OPERATIONS[action];
  const onRole = ROLE_OPERATIONS[action];
  if (operation === undefined && onRole === undefined) {
    throw new Refusal(400, 'InvalidAction', `Could not find operation ${action} for version 2010-05-08`);
  }
  const { session } = caller;
  // What GetSessionToken gave without MFA, IAM does not take at all.
  if (session?.userName !== undefined && session.mfaAt === undefined) throw invalidToken();
  if (onRole !== undefined) return answer('iam', action, onRole(form, await roleOf(action, form, caller, state)));
  if (operation === undefined) throw new Error('an operation is of users or of roles');
  const named = form.get('UserName');
  const owner = action === 'GetAccessKeyLastUsed' ? state.keys.get(form.get('AccessKeyId') ?? '')?.userName : undefined;
  const name = named ?? owner ?? caller.user?.name;
  if (name === undefined && action !== 'SimulatePrincipalPolicy') {
    throw new Refusal(400, 'ValidationError', 'Must specify userName when calling with non-User credentials');
  }
  const source = /:user\/([^/]+)$/.exec(form.get('PolicySourceArn') ?? '')?.[1];
  const subject = source ?? name ?? '';
  await authorize(caller, `iam:${action}`, `arn:aws:iam::${state.account}:user/${subject}`, state);
  const user = state.users.get(subject);
  if (user === undefined) {
    throw new Refusal(404, 'NoSuchEntity', `The user with name ${subject} cannot be found.`);
  }
  return answer('iam', action, await operation({ form, caller, state, user }));
}

async function roleOf(action: string, form: URLSearchParams, caller: Caller, state: StrictState): Promise<StrictRole> {
  const name = form.get('RoleName') ?? '';
  const arn = `arn:aws:iam::${caller.account}:role/${name}`;
  await authorize(caller, `iam:${action}`, arn, state);
  const role = state.roles.get(arn);
  if (role !== undefined) return role;
  throw new Refusal(404, 'NoSuchEntity', `The role with name ${name} cannot be found.`);
}

function documentOf(form: URLSearchParams): string {
  const document = form.get('PolicyDocument') ?? '';
  if (isPolicy(document)) return document;
  throw new Refusal(400, 'MalformedPolicyDocument', 'Syntax errors in policy.');
}

function keysOf(user: StrictUser, state: StrictState): StrictKey[] {
  return [...state.keys.values()].filter(({ userName, deleted }) => userName === user.name && !deleted);
}

function keyOf(form: URLSearchParams, state: StrictState, user: StrictUser | undefined): StrictKey {
  const id = form.get('AccessKeyId') ?? '';
  const key = state.keys.get(id);
  if (key === undefined || key.deleted || (user !== undefined && key.userName !== user.name)) {
    throw new Refusal(404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
  }
  return key;
}

function lagBehind(key: StrictKey, state: StrictState): void {
  const until = pending(state.lag.changes, state.now());
  if (until !== undefined) key.before = { status: key.status, until };
}

function policyName(form: URLSearchParams): string {
  const name = form.get('PolicyName') ?? '';
  if (/^[\w+=,.@-]{1,128}$/.test(name)) return name;
  throw new Refusal(
    400,
    'ValidationError',
    'The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
  );
}

function policyOf(form: URLSearchParams, user: StrictUser): string {
  const document = user.policies.get(policyName(form));
  if (document !== undefined) return document;
  throw new Refusal(404, 'NoSuchEntity', `The user policy with name ${policyName(form)} cannot be found.`);
}

function hasMfa(form: URLSearchParams): boolean {
  for (let index = 1; ; index++) {
    const name = form.get(`ContextEntries.member.${index}.ContextKeyName`);
    if (name === null) return false;
    if (name.toLowerCase() !== 'aws:multifactorauthpresent') continue;
    return form.get(`ContextEntries.member.${index}.ContextKeyValues.member.1`) === 'true';
  }
}
